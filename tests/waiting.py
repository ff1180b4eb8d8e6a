"""Waiting for other processes and threads, with an end."""

import time
from collections.abc import Callable


def eventually(is_true: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for a condition; fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)
