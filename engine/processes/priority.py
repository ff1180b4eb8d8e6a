"""How urgent a thread is: sound before frames, frames before edits, edits before learning.

Where the system allows it (Linux, with the right to real-time scheduling) a thread is put before all ordinary ones.
Processes started from such a thread begin as ordinary ones.
"""

import os
from contextlib import suppress

# Real-time priorities, 1 … 99; JACK's own callback thread stands at 65.
AUDIO, FRAMES, EDITS = 60, 40, 20


def raise_priority(priority: int) -> bool:
    """Ask that the calling thread runs before ordinary ones; whether it was granted."""
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except (OSError, ValueError):
        return False
    return True


def lower_priority(niceness: int) -> None:
    """Let everything else go first: for learning and pictures. niceness: 0 … 19."""
    with suppress(OSError, AttributeError):
        os.nice(niceness)
