"""Whether a process still runs, and what asks one to end."""

import os
import signal


def stop_signals() -> tuple[signal.Signals, ...]:
    """What asks a program to end as it should: Ctrl-C, a polite kill, and a terminal that is closed.

    The last one not where somebody had it ignored (nohup): then the program is to outlive its terminal.
    """
    found = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return tuple(found)


def is_running(process: int) -> bool:
    """Whether there is a process of that number; where that can't be asked without harm, it is taken to be there."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
