"""Phasor: a ramp that rises from 0 to 1 again and again, the clock inside every oscillator."""

from collections.abc import Callable, Sequence
from typing import Annotated, overload

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Kernel, Param, Setup, Signal, Values, node, together
from ..engine.wave import FASTEST, WHOLE

UNDER_1 = np.float32(1.0 - 2.0**-24)

Frequency = Annotated[
    float,
    Param(0.01, 20_000.0, unit="Hz", curve="log", help="Frequency, up to half the sample rate."),
]


class Cycle:
    """Where an oscillator is in its cycle, as whole numbers of 2**-64 cycles.

    Whole numbers add up alike in any grouping, so neither the block size nor hours of playing move a single sample.
    Float64 accumulators were tried on paper and left: they drift apart in the last digits when blocks change.
    """

    def __init__(self, sample_rate: float, block: int) -> None:
        self.scale = WHOLE / sample_rate
        self._steps = np.arange(block, dtype=np.int64)
        self._phases = np.zeros(block, np.int64)
        self._rates = np.zeros(block)
        self._increments = np.zeros(block, np.int64)
        self.state = np.zeros(1, np.int64)
        """The phase of the next sample, int64 ``[1]``."""

    def reset(self) -> None:
        """Begin a cycle."""
        self.state[0] = 0

    def step(self, frequency: float) -> int:
        """How far one sample leads at a frequency in Hz."""
        return int(min(frequency * self.scale, FASTEST))

    def advance(self, frequency: float | FloatArray, count: int) -> NDArray[np.int64]:
        """The phases of the next samples, int64 ``[count]`` of -2**63 … 2**63 (-0.5 … 0.5 cycles).

        Valid until the next call. frequency: Hz, a number or float32 ``[1, count]``, not negative.
        """
        phases = self._phases[:count]
        if not isinstance(frequency, np.ndarray):
            step = self.step(frequency)
            np.multiply(self._steps[:count], step, out=phases)
            np.add(phases, self.state, out=phases)
            self.state[0] = _wrapped(int(self.state[0]) + step * count)
            return phases
        rates, increments = self._rates[:count], self._increments[:count]
        np.multiply(frequency[0], self.scale, out=rates, dtype=np.float64)
        np.minimum(rates, FASTEST, out=rates)
        np.copyto(increments, rates, casting="unsafe")
        phases[0] = 0
        np.cumsum(increments[:-1], out=phases[1:])
        np.add(phases, self.state, out=phases)
        self.state[0] = _wrapped(int(phases[-1]) + int(increments[-1]))
        return phases


class Cycles:
    """The cycles of many oscillators, moved on in one call while none of their frequencies glides.

    states: int64 ``[nodes, 1]``, each the ``state`` of its cycle.
    """

    def __init__(self, cycles: Sequence[Cycle], states: NDArray[np.int64], block: int) -> None:
        self._cycles = tuple(cycles)
        self._now = states[:, :, None]
        self._samples = np.arange(block, dtype=np.int64)
        self._ramps = np.zeros((len(states), 1, block), np.int64)
        self._strides = np.zeros_like(self._now)
        self._scale = cycles[0].scale
        self._line: FloatArray | None = None
        self.phases = np.zeros_like(self._ramps)

    def hold(self, frequencies: Values) -> None:
        """Go on at these frequencies, Hz, or along a line of them."""
        self._line = frequencies if isinstance(frequencies, np.ndarray) else None
        if isinstance(frequencies, np.ndarray):
            self._rates = np.zeros(frequencies.shape)
            self._walk = np.zeros((*frequencies.shape[:2], frequencies.shape[2] + 1), np.int64)
            self._sums = np.zeros_like(self._walk)
            self.phases = self._sums[:, :, :-1]
            return
        steps = [cycle.step(single(hertz)) for cycle, hertz in zip(self._cycles, frequencies, strict=True)]
        self._strides[:, 0, 0] = steps
        np.multiply(self._samples, self._strides, out=self._ramps)
        np.multiply(self._strides, len(self._samples), out=self._strides)

    def advance(self) -> None:
        """Write the phases of the next block, int64 ``[nodes, 1, block]``, as ``Cycle.advance`` gives them."""
        if self._line is not None:
            self._follow(self._line)
            return
        np.add(self._ramps, self._now, out=self.phases)
        np.add(self._now, self._strides, out=self._now)

    def _follow(self, hertz: FloatArray) -> None:
        np.multiply(hertz, self._scale, out=self._rates, dtype=np.float64)
        np.minimum(self._rates, FASTEST, out=self._rates)
        np.copyto(self._walk[:, :, :1], self._now)
        np.copyto(self._walk[:, :, 1:], self._rates, casting="unsafe")
        np.cumsum(self._walk, axis=2, out=self._sums)
        np.copyto(self._now, self._sums[:, :, -1:])


class Oscillator:
    """A node with one cycle, all that it keeps from block to block."""

    def __init__(self, setup: Setup) -> None:
        self.cycle = Cycle(setup.sample_rate, setup.block)

    @property
    def state(self) -> NDArray[np.int64]:
        """Where the cycle is; may be exchanged for another place to keep it."""
        return self.cycle.state

    @state.setter
    def state(self, state: NDArray[np.int64]) -> None:
        self.cycle.state = state

    def reset(self) -> None:
        """Begin a cycle."""
        self.cycle.reset()


@overload
def single(value: float) -> float: ...
@overload
def single(value: FloatArray) -> FloatArray: ...
@overload
def single(value: float | FloatArray) -> float | FloatArray: ...
def single(value: float | FloatArray) -> float | FloatArray:
    """A steady number in the precision of a moving one, so that it makes no difference when a glide ends."""
    return value if isinstance(value, np.ndarray) else float(np.float32(value))


def _wrapped(phase: int) -> int:
    return (phase + 2**63) % 2**64 - 2**63


@node(other_names=("ramp", "saw", "phasor~", "sawtooth"), nearest_to=("wavetable",))
class Phasor(Oscillator):
    """Phase ramp from 0 to 1, once per cycle.

    Gives one channel within 0 … 1, beginning at 0. Feed it to a coordinate to cross a terrain at a steady pace.
    """

    def process(self, out: Signal, frequency: Frequency = 1.0) -> Annotated[Signal, Help("the ramp, 0 to 1")]:
        """Fill ``out`` ``[1, n]``."""
        phases = self.cycle.advance(single(frequency), out.shape[1])
        _rise(phases, out[0])
        return out


@together(Phasor, lines=True, kernel=Kernel("phasor"))
class Phasors:
    """Many phasors in one."""

    def __init__(self, nodes: Sequence[Phasor], states: NDArray[np.int64], out: FloatArray) -> None:
        self._cycles = Cycles([one.cycle for one in nodes], states, out.shape[-1])
        self._out = out

    def __call__(self, frequency: Values) -> Callable[[], object]:
        """Go on at these frequencies."""
        self._cycles.hold(frequency)
        return self._process

    def _process(self) -> None:
        self._cycles.advance()
        _rise(self._cycles.phases, self._out)


def _rise(phases: NDArray[np.int64], out: FloatArray) -> None:
    np.copyto(out, phases.view(np.uint64), casting="unsafe")
    np.multiply(out, np.float32(1.0 / WHOLE), out=out)
    np.minimum(out, UNDER_1, out=out)
