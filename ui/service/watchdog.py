"""The watchdog: an engine whose blocks stand still is ended, so that another takes its place with the same state."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

# So long no block may be made: a device that goes is noticed by the engine within a second, and a clock plays on.
STILL_SECONDS = 2.5
# An engine that has just begun may take so long for its first block.
FIRST_SECONDS = 20.0


class Watchdog:
    """Looks at blocks. end: ends a process at once; tell: takes sentences.

    ``restarts``: how many engines have ended since it began to look, killed here or by themselves.
    """

    def __init__(self, tell: Callable[[str], object], end: Callable[[int], None] | None = None) -> None:
        self._tell, self._end = tell, end or _kill
        self.restarts = 0
        self._process: int | None = None
        self._blocks = -1
        self._moved_at = 0.0
        self._has_moved = False

    def look(self, now: float, process: int | None, status: Mapping[str, Any]) -> bool:
        """Call a few times a second; gives whether another engine is there than before. now: of a steady clock.

        process: the engine's, None while there is none.
        """
        is_another = False
        if process is not None and process != self._process:
            is_another = self._process is not None
            self.restarts += is_another
            self._process, self._blocks, self._moved_at, self._has_moved = process, -1, now, False
        if process is None:
            return is_another
        blocks = int(status.get("blocks", -1)) if status else -1
        if blocks != self._blocks:
            self._has_moved |= self._blocks >= 0
            self._blocks, self._moved_at = blocks, now
        if not status.get("is_on", True):
            self._moved_at = now
        if now - self._moved_at > (STILL_SECONDS if self._has_moved else FIRST_SECONDS):
            self._tell(f"the sound has stood still for {now - self._moved_at:.1f} s: the engine is started again")
            self._moved_at = now + FIRST_SECONDS
            self._end(process)
        return is_another


def _kill(process: int) -> None:
    with suppress(OSError):
        os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
