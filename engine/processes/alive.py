"""Whether a process still runs, and what asks one to end."""

import signal

from ...graphs.file_write import is_running as is_running


def stop_signals() -> tuple[signal.Signals, ...]:
    """What asks a program to end as it should: Ctrl-C, a polite kill, and a terminal that is closed.

    The last one not where somebody had it ignored (nohup): then the program is to outlive its terminal.
    """
    found = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return tuple(found)
