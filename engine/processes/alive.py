"""Whether a process still runs."""

import os


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
