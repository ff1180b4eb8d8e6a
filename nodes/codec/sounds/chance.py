"""Random numbers that any program makes alike: a hash of a seed and a count (the exported model has the same)."""

import numpy as np
from numpy.typing import NDArray

MASK = 0xFFFFFFFF
# Multipliers of an integer hash of low bias (Wellons, hash-prospector).
FIRST, SECOND = 0x7FEB352D, 0x846CA68B
LARGE = 0x9E3779B9


class Chance:
    """A source of numbers that begins anew with every instance of the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = _hashed(seed & MASK) ^ _hashed((seed >> 32) & MASK ^ LARGE)
        self._count = 0

    def number(self) -> float:
        """The next, 0 to below 1."""
        return _hashed(self._next()) / 2**32

    def numbers(self, count: int) -> NDArray[np.float64]:
        """So many at once, of one turn of the count: float64 ``[count]``, 0 to below 1."""
        x = (np.arange(count, dtype=np.int64) * LARGE + self._next()) & MASK
        x = ((x ^ (x >> 16)) * FIRST) & MASK
        x = ((x ^ (x >> 15)) * SECOND) & MASK
        return (x ^ (x >> 16)) / 2**32

    def _next(self) -> int:
        self._count = (self._count + 1) & MASK
        return _hashed(self._seed ^ _hashed(self._count))


def _hashed(x: int) -> int:
    x = ((x ^ (x >> 16)) * FIRST) & MASK
    x = ((x ^ (x >> 15)) * SECOND) & MASK
    return x ^ (x >> 16)
