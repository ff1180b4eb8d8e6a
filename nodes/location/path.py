"""The way of least cost through a map's moments that sounds like what comes in, known a tenth of a second later.

Source: Viterbi 1967, with a fixed lag. To go on at its own speed costs nothing; to stay, to skip and to be elsewhere in
the same sound little; to be in another sound much.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import HOP_SECONDS, FloatArray, FrameFeatures
from .known import Known

# With half a window: 140 ms until it is known where a sound was.
LAG_FRAMES = 5
STAY, SKIP, WITHIN, ELSEWHERE = np.float32(0.3), np.float32(0.3), np.float32(1.0), np.float32(6.0)
# No moment is more unlike what is heard than this: one odd frame makes no path impossible.
FARTHEST = np.float32(3.0)
# A mean square difference from which on nothing is believed.
UNLIKE = 2.0


@dataclass(frozen=True)
class Spot:
    """Where a sound was. moment: number among those known. confidence: 0 … 1."""

    moment: int
    confidence: float


class PathFinder:
    """Follows one sound frame by frame. Takes no memory after it is made but for the spectrum."""

    def __init__(self, known: Known, sample_rate: float) -> None:
        self.known, self.features = known, FrameFeatures(sample_rate)
        self._directions = known.directions
        self._features = np.ascontiguousarray(known.cepstra @ self._directions)
        count, size = self._features.shape
        self._squares = np.einsum("mc,mc->m", self._features, self._features)
        self._begins = np.flatnonzero(np.r_[True, np.diff(known.line) > 0])
        self._segment = np.cumsum(np.r_[0, (np.diff(known.line) > 0).astype(np.int64)])
        steps = np.diff(known.seconds)[np.diff(known.line) == 0]
        # where moments are thinned out, to stay at one for a while is to go on at its own speed
        self._is_thin = len(steps) > 0 and float(np.median(steps)) > 1.5 * HOP_SECONDS
        self._cepstrum, self._feature = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._unlike = np.zeros(count, np.float32)
        self._costs, self._best = np.zeros(count, np.float32), np.zeros(count, np.float32)
        self._other, self._is_less = np.zeros(count, np.float32), np.zeros(count, np.bool_)
        self._numbers = np.arange(count)
        self._before = np.zeros((LAG_FRAMES, count), np.int64)
        self._errors = np.zeros(LAG_FRAMES + 1, np.float32)
        self._least = np.zeros(len(self._begins), np.float32)
        self._winners = np.zeros(len(self._begins), np.int64)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self.features.reset()
        self._costs.fill(0.0)
        self._frames = self._heard = 0
        self._confidence = 0.0

    def last(self, count: int) -> list[Spot]:
        """Where the sound was in the last so many frames (5 at most), now that it is over or silent, oldest first."""
        frames = self._frames or self._heard
        now, spots = int(self._costs.argmin()), list[Spot]()
        for back in range(count):
            spots.append(Spot(now, self._confidence))
            now = int(self._before[(frames - 1 - back) % LAG_FRAMES, now])
        return spots[::-1]

    def hear(self, samples: FloatArray) -> Spot | None:
        """Where the sound was five frames ago, from the last window of samples ``[window]``; None in silence."""
        if not self.features.hear(samples, self._cepstrum):
            self._heard, self._frames = self._frames, 0
            return None
        if not self._frames:
            self._costs.fill(0.0)
        np.matmul(self._cepstrum, self._directions, out=self._feature)
        unlike = self._unlike
        np.matmul(self._features, self._feature, out=unlike)
        unlike *= np.float32(-2.0)
        unlike += self._squares
        unlike += np.float32(self._feature @ self._feature)
        unlike *= np.float32(1.0 / len(self._feature))
        np.clip(unlike, 0.0, FARTHEST, out=unlike)
        before = self._before[self._frames % LAG_FRAMES]
        self._step(before)
        self._costs += unlike
        self._costs -= self._costs.min()
        self._frames += 1
        return self._traced()

    def _step(self, before: NDArray[np.int64]) -> None:
        """Least cost of being at each moment next, and where one came from."""
        costs, best, other, less = self._costs, self._best, self._other, self._is_less
        np.copyto(before, self._numbers)
        np.add(costs, np.float32(0.0) if self._is_thin else STAY, out=best)
        for steps, cost in ((1, np.float32(0.0)), (2, SKIP)):
            if len(costs) <= steps:
                continue
            other.fill(np.inf)
            np.add(costs[:-steps], cost, out=other[steps:])
            for step in range(steps):
                late = self._begins[self._begins + step < len(other)] + step
                other[late] = np.inf
            np.less(other, best, out=less)
            np.copyto(best, other, where=less)
            np.subtract(self._numbers, steps, out=before, where=less)
        np.minimum.reduceat(costs, self._begins, out=self._least)
        winners = np.flatnonzero(costs == self._least[self._segment])
        self._winners[self._segment[winners]] = winners
        np.take(self._least, self._segment, out=other)
        other += WITHIN
        np.less(other, best, out=less)
        np.copyto(best, other, where=less)
        np.copyto(before, self._winners[self._segment], where=less)
        cheapest = int(costs.argmin())
        np.greater(best, costs[cheapest] + ELSEWHERE, out=less)
        best[less] = costs[cheapest] + ELSEWHERE
        before[less] = cheapest
        np.copyto(costs, best)

    def _traced(self) -> Spot:
        now = int(self._costs.argmin())
        self._errors[self._frames % len(self._errors)] = self._unlike[now]
        heard = min(self._frames, LAG_FRAMES + 1)
        error = float(self._errors.sum()) / len(self._errors) if heard > LAG_FRAMES else float(self._unlike[now])
        for back in range(min(self._frames - 1, LAG_FRAMES)):
            now = int(self._before[(self._frames - 1 - back) % LAG_FRAMES, now])
        self._confidence = max(0.0, 1.0 - error / UNLIKE)
        return Spot(now, self._confidence)
