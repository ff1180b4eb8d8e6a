"""Quantising: triggers, and another line or pad, wait for the next beat or bar."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

from ....engine import Events, Moment, Setup, Ticks

Quantise = Literal["off", "beat", "bar"]
BEATS: dict[Quantise, int] = {"off": 0, "beat": 1, "bar": 4}
# Of a beat: a bar from outside that begins so little before it was expected is that bar.
SOON = 0.25


class BeatGrid(NamedTuple):
    """The beats of a block of so many ``samples``.

    now: its first sample, counted from the last bar, or by the engine's clock where there is a clock outside. beats:
    what waits comes at every so many; 0: at once. tempo: beats per minute. outside: the clock outside, if there is one,
    which counts the engine's samples.
    """

    now: int
    samples: int
    beats: int
    tempo: float
    outside: Moment | None = None


class Quantiser:
    """Lets things wait for the next beat: of a clock outside, or of one that counts samples from the beginning."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._waiting: list[tuple[int, float]] = []
        self._ticks = Ticks()
        self._wished: int | None = None

    def quantised(self, events: Events, grid: BeatGrid) -> Events:
        """What is due in this block, of these events and of those that have waited."""
        now, count, outside = grid.now, grid.samples, grid.outside
        if grid.beats <= 0:
            due = [*((max(0, at - now), value) for at, value in self._waiting), *events]
            self._waiting = []
            return due
        if outside is not None:
            return self._kept_to(outside, events, grid)
        self._ticks.forget()
        period = grid.beats * 60.0 / grid.tempo * self._rate
        for offset, value in events:
            # a billionth of a beat is rounding: what falls on a beat does not wait for the next
            at = math.ceil(math.ceil((now + offset) / period - 1e-9) * period)
            self._waiting.append((at, value))
        due = [(max(0, at - now), value) for at, value in self._waiting if at < now + count]
        self._waiting = [(at, value) for at, value in self._waiting if at >= now + count]
        return sorted(due)

    def chosen(self, wished: int, grid: BeatGrid) -> Events:
        """Another choice of a param as an event, once its beat has come; the first choice at once."""
        before, self._wished = self._wished, wished
        if before is None:
            return [(0, float(wished))]
        return self.quantised([(0, float(wished))] if wished != before else [], grid)

    def begin(self, shift: int, near: float) -> None:
        """From now on samples are counted from the ``shift``-th of before. What is due within ``near`` is due now."""
        moved = ((at - shift, value) for at, value in self._waiting)
        self._waiting = [(0 if at < near else at, value) for at, value in moved]

    def _kept_to(self, outside: Moment, events: Events, grid: BeatGrid) -> Events:
        waiting = [*((0, value) for _, value in self._waiting), *events]
        due: Events = []
        for number in self._ticks.due(outside, grid.now, grid.samples, grid.beats):
            offset = self._ticks.offset(outside, grid.now, grid.samples, number * grid.beats)
            due += [(offset, value) for at, value in waiting if at <= offset]
            waiting = [one for one in waiting if one[0] > offset]
        self._waiting = [(0, value) for _, value in waiting]
        return due


class Bars:
    """Counts samples from the last bar that was told of, and tells those who wait when one begins."""

    def __init__(self, setup: Setup, waiting: Sequence[Quantiser]) -> None:
        self._setup, self._waiting = setup, waiting
        self._bar: int | None = None
        self._anchor = 0

    def grid(self, count: int, quantise: Quantise, tempo: float, bar: int) -> BeatGrid:
        """The beats of the next block. bar: another number than before: a bar begins now."""
        shared, now = self._setup.beat.moment, self._setup.clock.sample
        if shared is None:
            now = self._since_bar(bar + self._setup.beat.bars, tempo)
        return BeatGrid(now, count, BEATS[quantise], tempo, shared)

    def _since_bar(self, bar: int, tempo: float) -> int:
        now = self._setup.clock.sample
        if self._bar not in (bar, None):
            for one in self._waiting:
                one.begin(now - self._anchor, SOON * 60.0 / tempo * self._setup.sample_rate)
            self._anchor = now
        self._bar = bar
        return now - self._anchor
