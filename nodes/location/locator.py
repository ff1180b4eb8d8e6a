"""Finding where a sound is, block by block, at any block size and rate."""

import numpy as np

from .features import FloatArray
from .known import Known
from .path import PathFinder


class SoundLocator:
    """Takes sound as it comes and gives places that glide. It is exact at any split into blocks."""

    def __init__(self, known: Known, sample_rate: float) -> None:
        self.known, self._rate = known, sample_rate
        self._path = PathFinder(known, sample_rate)
        self._past = np.zeros(self._path.features.window, np.float32)
        self._steps = np.arange(1, 1 + round(self._path.features.hop) + 1, dtype=np.float32)
        self._begin, self._aim = np.zeros(2, np.float32), np.zeros(2, np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._path.reset()
        self._past.fill(0.0)
        self._samples, self._frames = 0, 0
        self._place = self.known.places.mean(axis=0)
        self._begin[:] = self._aim[:] = self._place
        self._since, self._glide = 0, 1
        self._confidence, self._line = 0.0, 0

    def go_on_from(self, other: "SoundLocator") -> None:
        """Stand where another stands, with the sound that it has heard."""
        self._past[:] = other._past
        self._samples, self._frames = other._samples, other._frames
        self._begin[:], self._aim[:], self._place = other._begin, other._aim, other._place
        self._since, self._glide = other._since, other._glide

    def rest(self, xy: FloatArray, confidence: FloatArray, line: FloatArray) -> None:
        """Nothing comes in: stay."""
        self._give(0, xy.shape[1], xy)
        confidence.fill(0.0)
        line.fill(0.0)

    def process(
        self,
        audio: FloatArray,
        xy: FloatArray,
        confidence: FloatArray,
        line: FloatArray,
        glide_seconds: float,
        surely: float,
    ) -> None:
        """Sound ``[n]`` to places ``[2, n]``, confidence and line ``[1, n]``."""
        at, count, window = 0, len(audio), len(self._past)
        while at < count:
            due = round((self._frames + 1) * self._path.features.hop)
            take = min(due - self._samples, count - at)
            kept = min(take, window)
            self._past[: window - kept] = self._past[kept:]
            self._past[window - kept :] = audio[at + take - kept : at + take]
            self._give(at, at + take, xy)
            confidence[0, at : at + take] = self._confidence
            line[0, at : at + take] = self._line
            self._samples += take
            at += take
            if self._samples == due:
                self._frames += 1
                self._look(glide_seconds, surely)

    def _look(self, glide_seconds: float, surely: float) -> None:
        spot = self._path.hear(self._past)
        if spot is None:
            self._confidence, self._line = 0.0, 0
            return
        self._confidence, self._line = spot.confidence, int(self.known.line[spot.moment]) + 1
        if spot.confidence >= surely:
            self._begin[:] = self._place
            self._aim[:] = self.known.places[spot.moment]
            self._since, self._glide = 0, max(1, round(glide_seconds * self._rate))

    def _give(self, begin: int, end: int, xy: FloatArray) -> None:
        while begin < end:
            count = min(end - begin, len(self._steps))
            share = np.minimum((self._steps[:count] + self._since) / np.float32(self._glide), np.float32(1.0))
            for axis in range(2):
                xy[axis, begin : begin + count] = self._begin[axis] + (self._aim[axis] - self._begin[axis]) * share
            self._since = min(self._since + count, self._glide)
            self._place = xy[:, begin + count - 1].copy()
            begin += count
