"""How unevenly a device asks for blocks: with a buffer of eight blocks it asks for eight at once, then rests.

A codec's frame is asked for in one block and needed in a later one. Where both lie in one such burst no time passes
between them, so the lookahead must be longer by the burst. No sound system tells its length; it is seen in the calls.
"""

from collections import deque
from math import ceil

WINDOW_SECONDS = 1.0
# So many seconds are looked at, and the calmest taken: a buffer is there in all, a busy machine's stumbles in some.
WINDOWS = 5
# What calls come early or late anyway; the lookahead's margin holds for that.
JITTER_SECONDS = 0.002
STALL_SECONDS = 0.5


class Burst:
    """Measures how far calls run ahead of an even pace. Numbers only: nothing waits, nothing is allocated."""

    def __init__(self, sample_rate: float, block: int) -> None:
        self._block, self._period_ns = block, block / sample_rate * 1e9
        self._blocks = 0
        self._high = self._low = self._now = self._began = 0.0
        self._must_begin = True
        self._ranges: deque[float] = deque(maxlen=WINDOWS)

    def beat(self, now_ns: int) -> None:
        """Audio thread only: another block is asked for at ``now_ns`` of a steady clock."""
        self._blocks += 1
        lead = self._blocks * self._period_ns - now_ns
        if self._must_begin:
            self._must_begin = False
            self._high = self._low = lead
            self._began = now_ns
        elif lead > self._high:
            self._high = lead
        elif lead < self._low:
            self._low = lead
        self._now = now_ns

    def begin_anew(self) -> None:
        """Another device plays from now on."""
        self._ranges.clear()
        self._must_begin = True

    def measured(self) -> int | None:
        """Samples, whole blocks, by which the device asks ahead; None before it is known. For one thread."""
        if not self._must_begin and self._now - self._began >= WINDOW_SECONDS * 1e9:
            spread = (self._high - self._low) * 1e-9
            self._must_begin = True
            if spread < STALL_SECONDS:
                self._ranges.append(spread)
        if len(self._ranges) < WINDOWS:
            return None
        ahead = max(0.0, min(self._ranges) - JITTER_SECONDS)
        return self._block * ceil(ahead / (self._period_ns * 1e-9))
