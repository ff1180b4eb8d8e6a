"""Distance travelled at a speed: the steady clockwork under every playhead and every orbit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..units import Floats

# A speed: one number, or one per sample.
Rate = float | NDArray[np.floating]

FASTEST = 1000.0


class Travel:
    """A running sum of speed that gives the same values however a stream is cut into blocks.

    At a steady speed the distance is computed from a sample counter, so nothing drifts, even over days. At
    a varying speed (one number per sample) it is summed strictly in order in float64. ``scale`` is the
    distance per second at speed 1; ``sample_rate`` is in Hz.
    """

    def __init__(self, scale: float, sample_rate: float, position: float = 0.0) -> None:
        self._scale = scale
        self._sample_rate = sample_rate
        self._base = position
        self._speed = 0.0
        self._count = 0

    @property
    def position(self) -> float:
        """The distance at the sample that comes next."""
        return self._base + self._count * (self._speed * self._scale) / self._sample_rate

    def reset(self, position: float = 0.0) -> None:
        """Go on from this distance."""
        self._base, self._count = position, 0

    def advance(self, frames: int, speed: Rate) -> Floats:
        """The distance at each of the next samples ``[frames]``; the first is the present ``position``.

        The step from one sample to the next has the speed of the earlier one. Speeds are cleaned as
        ``clean_speed`` does.
        """
        speeds = clean_speed(speed, frames)
        if isinstance(speeds, float):
            if speeds != self._speed:
                self.reset(self.position)
                self._speed = speeds
            counts = np.arange(self._count, self._count + frames, dtype=np.float64)
            self._count += frames
            return self._base + counts * (speeds * self._scale) / self._sample_rate
        strides = np.concatenate(((self.position,), speeds * self._scale / self._sample_rate))
        path = np.add.accumulate(strides)
        self.reset(float(path[-1]))
        return path[:-1]


def clean_speed(speed: ArrayLike, frames: int) -> float | Floats:
    """A speed that can be summed: not finite becomes 0, beyond ±1000 becomes ±1000.

    One number stays one; several become float64 ``[frames]``, the last repeated or the surplus dropped.
    """
    numbers = np.asarray(speed, np.float64).reshape(-1)
    safe = np.clip(np.where(np.isfinite(numbers), numbers, 0.0), -FASTEST, FASTEST)
    if len(safe) < 2:
        return float(safe[0]) if len(safe) else 0.0
    return np.pad(safe, (0, max(frames - len(safe), 0)), mode="edge")[:frames]


def directions(speed: ArrayLike, frames: int, before: float) -> tuple[Floats, float]:
    """Which way each sample was reached, 1 or -1 ``[frames]``, and which way the next one will be.

    ``before`` is the way the first was reached. Standing still keeps the last direction.
    """
    signs = np.empty(frames + 1)
    signs[0] = before
    signs[1:] = np.sign(clean_speed(speed, frames))
    last_move = np.maximum.accumulate(np.where(signs != 0, np.arange(frames + 1), 0))
    ways = signs[last_move]
    return ways[:-1], float(ways[-1])
