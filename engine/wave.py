"""Phases as whole numbers, and the sine of them: in plain additions and multiplications, so that numpy and compiled
code give the same bits.
"""

from math import tau
from sys import byteorder

import numpy as np
from numpy.typing import NDArray

from .values import FloatArray

WHOLE = 2.0**64
"""One cycle, in phases of 64 bits."""
FASTEST = 2.0**63 - 2.0**32
"""Just under half a cycle per sample: no frequency above half the sample rate."""
QUARTER = 2**30
"""A quarter of a cycle, in words of 32 bits."""
RADIANS = tau / 2.0**32
"""Of one in 32 bits."""
SINE = (-0.16666656732559204, 0.008333017118275166, -0.00019806614727713168, 2.600054585855105e-06)
"""sin(z) = z + z³ · (s₁ + z² · (s₂ + z² · (s₃ + z² · s₄))) within ±π/2: least error over that range, 4.6e-9; in float32
1.4e-7, and nowhere above 1.
"""

_HIGH = 1 if byteorder == "little" else 0
_RADIANS = np.float32(RADIANS)
_S1, _S2, _S3, _S4 = (np.float32(one) for one in SINE)
_QUARTER = np.int32(QUARTER)


class SineWave:
    """The sine of phases; keeps what it needs for shapes up to the one given, so that it takes no memory meanwhile."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._words, self._square = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
        self._whole = np.zeros(shape, np.int64)

    def of_phases(self, phases: NDArray[np.int64], out: FloatArray) -> None:
        """Write the sines of phases in 64 bits, of a shape that is the given one but for a shorter last axis."""
        self._of_words(phases.view(np.int32)[..., _HIGH::2], out)

    def of_turns(self, turns: NDArray[np.float64], out: FloatArray) -> None:
        """Write the sines of turns within 0 … 1, which are written over."""
        whole = self._whole[..., : turns.shape[-1]]
        np.multiply(turns, 2.0**32, out=turns)
        np.copyto(whole, turns, casting="unsafe")
        self._of_words(whole.view(np.int32)[..., 1 - _HIGH :: 2], out)

    def _of_words(self, high: NDArray[np.int32], out: FloatArray) -> None:
        """From 32 bits of phase: folded to a quarter of a cycle, where the polynomial holds."""
        words, square = self._words[..., : out.shape[-1]], self._square[..., : out.shape[-1]]
        np.subtract(high, _QUARTER, out=words)
        np.absolute(words, out=words)
        np.subtract(_QUARTER, words, out=words)
        np.copyto(out, words, casting="unsafe")
        np.multiply(out, _RADIANS, out=out)
        np.multiply(out, out, out=square)
        power = words.view(np.float32)
        np.multiply(square, _S4, out=power)
        for more in (_S3, _S2, _S1):
            np.add(power, more, out=power)
            np.multiply(power, square, out=power)
        np.multiply(power, out, out=power)
        np.add(out, power, out=out)
