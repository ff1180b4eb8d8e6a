"""What both ends of a worker's stream share on the engine's side: frames on their way, and how they come back."""

from collections import deque
from time import perf_counter_ns

import numpy as np

from ..processes.shared import SharedArrays
from .interface import StreamReport
from .words import (
    ANSWERING,
    BEGIN,
    COMPUTING,
    DONE,
    DUE,
    FAULTS,
    POSTED,
    SENT_NS,
    SKIPPED,
    SLOT_WORDS,
    SLOTS,
    STREAM,
    TIMES,
    UNTIL,
)

FEWEST_TIMES = 64


class Worked:
    """A stream whose frames a worker computes. lookahead: samples by which they are heard later."""

    def __init__(self, memory: SharedArrays, lookahead: int, is_realtime: bool) -> None:
        self.memory, self.lookahead, self.is_realtime = memory, lookahead, is_realtime
        self.late = 0
        self.must_begin = True
        self._epoch = 0
        self.posted = 0
        """Frames asked for so far: counted here, as the worker can write what it reads."""
        self._words, self._slots = memory.words("words"), memory.words("slots")
        self._news: deque[str] = deque(maxlen=16)

    def reset(self) -> None:
        """Audio thread only: forget what is in flight; the next frame begins anew."""
        self.must_begin = True

    def report(self) -> StreamReport:
        """How it is doing; not for the audio thread."""
        memory = self.memory
        if "words" not in memory.arrays:
            return StreamReport(lookahead=self.lookahead, late=self.late, is_realtime=self.is_realtime)
        words = memory.arrays["words"]
        return StreamReport(
            lookahead=self.lookahead,
            frames=int(words[DONE]),
            late=self.late,
            skipped=int(words[SKIPPED]),
            faults=int(words[FAULTS]),
            computing_ms=_median_and_most(memory, COMPUTING),
            answering_ms=_median_and_most(memory, ANSWERING),
            is_realtime=self.is_realtime,
        )

    def usual_seconds(self) -> float:
        """The 90th percentile of computing one of the latest frames; 0 before there were enough."""
        times = self.memory.arrays["times"][COMPUTING * TIMES : (COMPUTING + 1) * TIMES]
        times = times[times > 0]
        return float(np.percentile(times, 90)) * 1e-9 if len(times) >= FEWEST_TIMES else 0.0

    def news(self) -> list[str]:
        """Sentences not told before; not for the audio thread."""
        found: list[str] = []
        while self._news:
            found.append(self._news.popleft())
        return found

    def close(self) -> None:
        """Let go of the memory."""
        self._words.release()
        self._slots.release()
        self.memory.close()

    def _send(self, due: int, begin: int, until: int) -> None:
        """Audio thread only: hand the worker the next frame; its data must be in place."""
        posted = self.posted
        place = posted % SLOTS * SLOT_WORDS
        self._slots[place + DUE] = due
        self._slots[place + BEGIN] = begin
        self._slots[place + UNTIL] = until
        self._slots[place + STREAM] = self._epoch
        self._slots[place + SENT_NS] = perf_counter_ns()
        self.posted = self._words[POSTED] = posted + 1

    def mend_words(self) -> None:
        """Write once more what the next worker begins with; not for the audio thread."""
        self._words[POSTED] = self.posted


def _median_and_most(memory: SharedArrays, row: int) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds of the latest times; zeros before the first."""
    times = memory.arrays["times"][row * TIMES : (row + 1) * TIMES]
    times = times[times > 0]
    if not len(times):
        return 0.0, 0.0
    middle, most = np.percentile(times, (50, 99)) / 1e6
    return round(float(middle), 3), round(float(most), 3)
