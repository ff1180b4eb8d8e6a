"""Reaching: gliding to places that are kept as pads, and following a hand that may spring back."""

import math

import numpy as np

from ...engine import Events, Moment, Ticks
from .units import Floats


class Glide:
    """A place that glides to others: slowly away, slowly there, from wherever it is when another is asked for."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._from = np.zeros(2)
        self._to = np.zeros(2)
        self._length = 0
        self._gone = 0

    def hold(self, place: Floats) -> None:
        """Be there at once."""
        self._from, self._to, self._length, self._gone = place.copy(), place.copy(), 0, 0

    def go(self, place: Floats, seconds: float) -> None:
        """Glide there from where it is."""
        self._from = self._at(np.full(1, float(self._gone)))[:, 0]
        self._to = np.asarray(place, np.float64)
        self._length, self._gone = max(0, round(seconds * self._rate)), 0

    def process(self, count: int, out: Floats) -> None:
        """The place at each of the next samples, to ``out`` ``[2, count]``."""
        out[:] = self._at(np.arange(count, dtype=np.float64) + (self._gone + 1.0))
        self._gone = min(self._gone + count, self._length)

    @property
    def aim(self) -> Floats:
        """Where it goes."""
        return self._to

    def _at(self, gone: Floats) -> Floats:
        share = np.minimum(gone / self._length, 1.0) if self._length else np.ones(len(gone))
        eased = share * share * (3.0 - 2.0 * share)
        places: Floats = self._from[:, np.newaxis] + (self._to - self._from)[:, np.newaxis] * eased
        return places


class Spring:
    """A hand's place: held when it lets go, or drawn back to the middle."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._away = 1.0

    def process(self, place: Floats, middle: tuple[float, float], pressed: bool, seconds: float, out: Floats) -> None:
        """Let ``out`` ``[2, n]`` be the hand's place. seconds: in which most of the way back is done; 0 holds."""
        out[:] = place
        if pressed or seconds <= 0:
            self._away = 1.0
            return
        count = out.shape[1]
        fall = math.exp(-3.0 / (seconds * self._rate))
        away = self._away * fall ** np.arange(1, count + 1)
        self._away = float(away[-1])
        for axis in (0, 1):
            out[axis] = middle[axis] + (out[axis] - middle[axis]) * away


class Beat:
    """Lets things wait for the next beat: of a clock outside, or of one that counts samples from the beginning."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._waiting: list[tuple[int, float]] = []
        self._ticks = Ticks()

    def quantised(
        self, events: Events, now: int, count: int, beats: int, tempo: float, outside: Moment | None = None
    ) -> Events:
        """Those due in this block. beats: they wait for every so many beats; 0: not at all. now: its first sample.

        outside: the clock outside, if there is one, which counts the engine's samples.
        """
        if beats <= 0:
            due = [*((max(0, at - now), value) for at, value in self._waiting), *events]
            self._waiting = []
            return due
        if outside is not None:
            return self._kept_to(outside, events, now, count, beats)
        self._ticks.forget()
        period = beats * 60.0 / tempo * self._rate
        for offset, value in events:
            at = math.ceil(math.ceil((now + offset) / period - 1e-9) * period)
            self._waiting.append((at, value))
        due = [(max(0, at - now), value) for at, value in self._waiting if at < now + count]
        self._waiting = [(at, value) for at, value in self._waiting if at >= now + count]
        return sorted(due)

    def _kept_to(self, outside: Moment, events: Events, now: int, count: int, beats: int) -> Events:
        waiting = [*((0, value) for _, value in self._waiting), *events]
        due: Events = []
        for number in self._ticks.due(outside, now, count, beats):
            offset = self._ticks.offset(outside, now, count, number * beats)
            due += [(offset, value) for at, value in waiting if at <= offset]
            waiting = [one for one in waiting if one[0] > offset]
        self._waiting = [(0, value) for _, value in waiting]
        return due

    def begin(self, shift: int, near: float) -> None:
        """From now on samples are counted from the ``shift``-th of before. What is due within ``near`` is due now."""
        moved = ((at - shift, value) for at, value in self._waiting)
        self._waiting = [(0 if at < near else at, value) for at, value in moved]

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting = []
        self._ticks.forget()
