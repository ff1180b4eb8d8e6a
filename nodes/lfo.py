"""LFO: slow movement for anything that can be turned."""

from math import tau
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from ..engine import Param, Setting, Setup, Signal, node
from .phasor import Cycle, single

Shape = Literal["sine", "triangle", "saw", "square", "random"]
Rate = Annotated[float, Param(0.001, 50.0, unit="Hz", curve="log", help="Cycles per second.")]
Low = Annotated[float, Param(-1e6, 1e6, help="The lowest value of the movement.")]
High = Annotated[float, Param(-1e6, 1e6, help="The highest value of the movement.")]
Phase = Annotated[float, Param(0.0, 1.0, unit="cycles", help="How far into its cycle the movement is.")]


@node
class Lfo:
    """Move between two values, slowly and again and again.

    One channel within low … high. ``random`` glides from one random value to the next, one per cycle, the same on
    every run.
    """

    def __init__(
        self, setup: Setup, shape: Annotated[Shape, Setting(help="The form of the movement.")] = "sine"
    ) -> None:
        self._shape: Shape = shape
        self._seed = setup.seed
        self._cycle = Cycle(setup.sample_rate, setup.block)
        self._bits = np.zeros(setup.block, np.uint64)
        self._turns, self._whole = np.zeros(setup.block), np.zeros(setup.block)
        self._cycles = 0
        self._last = 0

    def process(self, out: Signal, rate: Rate = 1.0, low: Low = -1.0, high: High = 1.0, phase: Phase = 0.0) -> Signal:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        turns, whole = self._turns[:count], self._whole[:count]
        phases = self._cycle.advance(single(rate), count).view(np.uint64)
        np.right_shift(phases, np.uint64(12), out=self._bits[:count])
        np.multiply(self._bits[:count], 2.0**-52, out=turns)
        if isinstance(phase, np.ndarray) or phase:
            np.add(turns, phase[0] if isinstance(phase, np.ndarray) else phase, out=turns)
            np.floor(turns, out=whole)
            np.subtract(turns, whole, out=turns)
        else:
            whole.fill(0.0)
        if self._shape == "random":
            self._wander(phases, turns, whole)
        else:
            _shaped(self._shape, turns, whole)
        width = high - low
        np.multiply(turns, width[0] if isinstance(width, np.ndarray) else width, out=turns)
        np.add(turns, low[0] if isinstance(low, np.ndarray) else low, out=out[0], casting="same_kind")
        return out

    def reset(self) -> None:
        """Begin again: the same movement, the same random values."""
        self._cycle.reset()
        self._cycles = self._last = 0

    def _wander(self, phases: NDArray[np.uint64], turns: NDArray[np.float64], whole: NDArray[np.float64]) -> None:
        wraps = np.empty(len(phases), np.int64)
        wraps[0] = int(phases[0]) < self._last
        np.less(phases[1:], phases[:-1], out=wraps[1:], casting="unsafe")
        cycles = np.cumsum(wraps)
        cycles += whole.astype(np.int64)
        table = _random(self._seed, self._cycles, int(cycles[-1]) + 3)
        self._cycles += int(np.sum(wraps))
        self._last = int(phases[-1])
        start = table[cycles]
        turns *= turns * (3.0 - 2.0 * turns)
        turns *= table[cycles + 1] - start
        turns += start


def _shaped(shape: Shape, turns: NDArray[np.float64], scratch: NDArray[np.float64]) -> None:
    """From 0 … 1 through the cycle to the height there, 0 … 1."""
    if shape == "sine":
        np.multiply(turns, tau, out=turns)
        np.sin(turns, out=turns)
        np.multiply(turns, 0.5, out=turns)
        np.add(turns, 0.5, out=turns)
    elif shape == "triangle":
        np.multiply(turns, 2.0, out=turns)
        np.subtract(2.0, turns, out=scratch)
        np.minimum(turns, scratch, out=turns)
    elif shape == "square":
        np.less(turns, 0.5, out=turns, casting="unsafe")


def _random(seed: int, first: int, count: int) -> NDArray[np.float64]:
    """A value of 0 … 1 for each cycle by number, so that no value depends on where blocks began (splitmix64)."""
    bits = np.arange(first, first + count, dtype=np.uint64)
    bits *= np.uint64(0x9E3779B97F4A7C15)
    bits += np.uint64(seed & (2**64 - 1))
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    values: NDArray[np.float64] = np.multiply(bits >> np.uint64(11), 2.0**-53, dtype=np.float64)
    return values
