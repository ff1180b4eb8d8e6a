"""How well time is kept: how full the blocks are, how late they come, and how often the sound broke.

Written by the thread that plays, read by any other. Numbers go into bins of equal ratio, twenty to a decade, so
that hours cost no more memory than a second and nothing is allocated while sound plays.
"""

from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.typing import NDArray

BINS_PER_DECADE = 20
LOWEST, DECADES = 1e-6, 8
BINS = BINS_PER_DECADE * DECADES + 1
# How fast the ideal time follows a device whose clock is slower than ours, in seconds per second.
DRIFT = 1e-3
# A call later than this begins a new count of time.
LOST_SECONDS = 0.25


@dataclass(frozen=True)
class Quantiles:
    """A number's middle, its 99th percentile (both within 12 %) and its greatest, exact."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


@dataclass(frozen=True)
class Period:
    """What happened in some time. load: work per block time, 1 is all of it. late_ms: calls against their ideal time.

    underruns: times the device got nothing in time. overflows: times something heard was lost, or not there in time.
    missed: blocks that were never asked for.
    """

    blocks: int = 0
    underruns: int = 0
    overflows: int = 0
    missed: int = 0
    load: Quantiles = Quantiles()
    late_ms: Quantiles = Quantiles()


@dataclass(frozen=True)
class TimingReport:
    """The whole run, and its latest full second. rate_hz: frames asked for per second, 0 before the second call."""

    whole: Period
    recent: Period
    rate_hz: float


class Timing:
    """Counts the blocks of one driver at play."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._whole = _Counts()
        self._filling = _Counts()
        self._full = _Counts()
        self._turn = self._began = self._first = self._ideal = 0.0
        self._frames = self._last_frames = 0
        self._must_begin_anew = True

    @property
    def blocks(self) -> int:
        """Blocks played so far."""
        return self._whole.blocks

    def begin(self, now: float) -> None:
        """Audio thread only: a block was asked for; now: seconds of a steady clock."""
        if self._whole.blocks == 0:
            self._first = self._turn = now
        elif now - self._turn >= 1.0:
            self._full, self._filling = self._filling, self._full
            self._filling.clear()
            self._turn = now
        late = now - self._ideal
        if self._must_begin_anew:
            self._ideal, self._must_begin_anew = now, False
        else:
            self._whole.note_late(late)
            self._filling.note_late(late)
            if late < 0.0 or late > LOST_SECONDS:
                self._ideal = now
        self._began = now
        self._frames += self._last_frames

    def end(self, now: float, frames: int) -> None:
        """Audio thread only: the block is done; now: seconds of the same clock, frames: its samples."""
        seconds = frames / self.sample_rate
        work = (now - self._began) / seconds
        self._whole.note_block(work)
        self._filling.note_block(work)
        self._ideal += seconds * (1.0 + DRIFT)
        self._last_frames = frames

    def underrun(self) -> None:
        """Audio thread only: the device got nothing in time."""
        self._whole.underruns += 1
        self._filling.underruns += 1
        self._must_begin_anew = True

    def overflow(self) -> None:
        """Audio thread only: something heard was lost, or not there in time."""
        self._whole.overflows += 1
        self._filling.overflows += 1

    def miss(self, blocks: int) -> None:
        """Audio thread only: so many blocks were never asked for."""
        self._whole.missed += blocks
        self._filling.missed += blocks
        self._must_begin_anew = True

    def report(self) -> TimingReport:
        """What happened so far; may be asked from any thread at any time."""
        passed = self._began - self._first
        rate = self._frames / passed if passed > 0.0 else 0.0
        return TimingReport(self._whole.period(), self._full.period(), rate)


class _Counts:
    """Bins and counters of one stretch of time."""

    def __init__(self) -> None:
        self._load_bins = np.zeros(BINS, np.int64)
        self._late_bins = np.zeros(BINS, np.int64)
        self._load = self._load_bins.data
        self._late = self._late_bins.data
        self.clear()

    def clear(self) -> None:
        self._load_bins.fill(0)
        self._late_bins.fill(0)
        self.blocks = self.underruns = self.overflows = self.missed = 0
        self._load_max = self._late_max = 0.0

    def note_block(self, load: float) -> None:
        self.blocks += 1
        self._load[_bin(load)] += 1
        if load > self._load_max:
            self._load_max = load

    def note_late(self, seconds: float) -> None:
        self._late[_bin(seconds)] += 1
        if seconds > self._late_max:
            self._late_max = seconds

    def period(self) -> Period:
        load = _spread(self._load_bins.copy(), self._load_max, 1.0)
        late = _spread(self._late_bins.copy(), self._late_max, 1000.0)
        return Period(self.blocks, self.underruns, self.overflows, self.missed, load, late)


def _bin(value: float) -> int:
    """Where a number belongs; the first and last bin take what is beyond."""
    if value <= LOWEST:
        return 0
    return min(int(log10(value / LOWEST) * BINS_PER_DECADE) + 1, BINS - 1)


def _spread(bins: NDArray[np.int64], greatest: float, unit: float) -> Quantiles:
    total = int(bins.sum())
    if total == 0:
        return Quantiles()
    below = np.cumsum(bins)
    middle, high = (int(np.searchsorted(below, share * total)) for share in (0.5, 0.99))
    return Quantiles(_value(middle, greatest) * unit, _value(high, greatest) * unit, greatest * unit)


def _value(index: int, greatest: float) -> float:
    """The upper end of a bin, as far as anything was seen there."""
    return min(float(LOWEST * 10.0 ** (index / BINS_PER_DECADE)), greatest)
