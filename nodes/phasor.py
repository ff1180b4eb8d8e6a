"""Phasor: a ramp that rises from 0 to 1 again and again, the clock inside every oscillator."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Param, Setup, Signal, node

WHOLE = 2.0**64
"""One cycle in the fixed point of ``Cycle``."""

FASTEST = 2.0**63 - 2.0**32
"""Just under half a cycle per sample: no frequency above half the sample rate."""

UNDER_1 = np.float32(1.0 - 2.0**-24)

Frequency = Annotated[
    float,
    Param(0.01, 20_000.0, unit="Hz", curve="log", help="Cycles per second, at most half the sample rate."),
]


class Cycle:
    """Where an oscillator is in its cycle, as whole numbers of 2**-64 cycles.

    Whole numbers add up alike in any grouping, so neither the block size nor hours of playing move a single sample.
    Float64 accumulators were tried on paper and left: they drift apart in the last digits when blocks change.
    """

    def __init__(self, sample_rate: float, block: int) -> None:
        self._scale = WHOLE / sample_rate
        self._steps = np.arange(block, dtype=np.int64)
        self._phases = np.zeros(block, np.int64)
        self._rates = np.zeros(block)
        self._increments = np.zeros(block, np.int64)
        self.now = 0

    def reset(self) -> None:
        """Begin a cycle."""
        self.now = 0

    def advance(self, frequency: float | FloatArray, count: int) -> NDArray[np.int64]:
        """The phases of the next samples, int64 ``[count]`` of -2**63 … 2**63 (-0.5 … 0.5 cycles).

        Valid until the next call. frequency: Hz, a number or float32 ``[1, count]``, not negative.
        """
        phases = self._phases[:count]
        if not isinstance(frequency, np.ndarray):
            step = int(min(frequency * self._scale, FASTEST))
            np.multiply(self._steps[:count], step, out=phases)
            np.add(phases, self.now, out=phases)
            self.now = _wrapped(self.now + step * count)
            return phases
        rates, increments = self._rates[:count], self._increments[:count]
        np.multiply(frequency[0], self._scale, out=rates, dtype=np.float64)
        np.minimum(rates, FASTEST, out=rates)
        np.copyto(increments, rates, casting="unsafe")
        phases[0] = 0
        np.cumsum(increments[:-1], out=phases[1:])
        np.add(phases, self.now, out=phases)
        self.now = _wrapped(int(phases[-1]) + int(increments[-1]))
        return phases


def single(value: float | FloatArray) -> float | FloatArray:
    """A steady number in the precision of a moving one, so that it makes no difference when a glide ends."""
    return value if isinstance(value, np.ndarray) else float(np.float32(value))


def _wrapped(phase: int) -> int:
    return (phase + 2**63) % 2**64 - 2**63


@node
class Phasor:
    """Rise from 0 to just under 1, once per cycle.

    Gives one channel within 0 … 1, beginning at 0. Feed it to a coordinate to cross a terrain at a steady pace.
    """

    def __init__(self, setup: Setup) -> None:
        self._cycle = Cycle(setup.sample_rate, setup.block)

    def process(self, out: Signal, frequency: Frequency = 1.0) -> Signal:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        phases = self._cycle.advance(single(frequency), count).view(np.uint64)
        np.copyto(out[0], phases, casting="unsafe")
        np.multiply(out, np.float32(1.0 / WHOLE), out=out)
        return np.minimum(out, UNDER_1, out=out)

    def reset(self) -> None:
        """Begin a cycle."""
        self._cycle.reset()
