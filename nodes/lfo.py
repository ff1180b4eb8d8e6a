"""LFO: slow movement for anything that can be turned."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from ..engine import (
    ControlSignal,
    FloatArray,
    Help,
    Kernel,
    Param,
    Resting,
    Setting,
    Setup,
    Signal,
    Values,
    column,
    node,
    together,
    wave,
)
from .phasor import Cycles, Oscillator, single

Shape = Literal["sine", "triangle", "saw", "square", "random"]
Rate = Annotated[float, Param(0.001, 50.0, soft=(0.01, 20), unit="Hz", curve="log", help="Frequency.")]
Low = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Minimum.")]
High = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Maximum.")]
Phase = Annotated[float, Param(0.0, 1.0, unit="cycles", help="Phase offset.")]


@node(
    other_names=("modulator", "wobble", "random", "vibrato", "tremolo", "triangle", "square", "ramp~"),
    nearest_to=("sample and hold", "s&h"),
)
class Lfo(Oscillator):
    """Low-frequency oscillator.

    One channel, from low to high. random glides from one random value to the next, one per cycle, the same on every
    run.
    """

    def __init__(self, setup: Setup, shape: Annotated[Shape, Setting(help="Waveform.")] = "sine") -> None:
        super().__init__(setup)
        self.shape: Shape = shape
        self._seed = setup.seed
        self._bits = np.zeros(setup.block, np.uint64)
        self._turns, self._whole = np.zeros(setup.block), np.zeros(setup.block)
        self._sine = wave.SineWave((setup.block,))
        self._cycles = 0
        self._last = 0

    def process(
        self, out: Signal, rate: Rate = 1.0, low: Low = -1.0, high: High = 1.0, phase: Phase = 0.0
    ) -> Annotated[ControlSignal, Help("the slow wave, from low to high")]:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        turns, whole = self._turns[:count], self._whole[:count]
        signed = self.cycle.advance(single(rate), count)
        if self.shape == "sine":
            is_ahead = isinstance(phase, np.ndarray) or bool(phase)
            if is_ahead:
                _turned(signed.view(np.uint64), self._bits[:count], turns)
                _ahead(turns, phase[0] if isinstance(phase, np.ndarray) else phase, whole)
                self._sine.of_turns(turns, out[0])
            else:
                self._sine.of_phases(signed, out[0])
            half = (np.float32(high) - np.float32(low)) * np.float32(0.5)
            np.multiply(out, half, out=out)
            return np.add(out, np.float32(low) + half, out=out)
        phases = signed.view(np.uint64)
        _turned(phases, self._bits[:count], turns)
        if isinstance(phase, np.ndarray) or phase:
            _ahead(turns, phase[0] if isinstance(phase, np.ndarray) else phase, whole)
        else:
            whole.fill(0.0)
        if self.shape == "random":
            self._wander(phases, turns, whole)
        else:
            _shaped(self.shape, turns, whole)
        width = high - low
        np.multiply(turns, width[0] if isinstance(width, np.ndarray) else width, out=turns)
        np.add(turns, low[0] if isinstance(low, np.ndarray) else low, out=turns)
        np.copyto(out[0], turns, casting="same_kind")
        return out

    def reset(self) -> None:
        """Begin again: the same movement, the same random values."""
        super().reset()
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


def _kernel(node: Lfo, channels: Mapping[str, int]) -> Kernel | None:
    return None if node.shape == "random" else Kernel(f"lfo {node.shape}")


@together(Lfo, alike=lambda rate, low, high, phase: bool(phase), lines=True, kernel=_kernel)
def lfos(nodes: Sequence[Lfo], states: NDArray[np.int64], out: FloatArray) -> Resting | None:
    """Many movements of a shape in one; random ones keep more than their cycle and stay by themselves."""
    if nodes[0].shape == "random":
        return None
    return (_SineLfos if nodes[0].shape == "sine" else _Lfos)(nodes, states, out)


class _SineLfos:
    def __init__(self, nodes: Sequence[Lfo], states: NDArray[np.int64], out: FloatArray) -> None:
        self._cycles = Cycles([one.cycle for one in nodes], states, out.shape[-1])
        self._bits, self._sine = np.zeros(out.shape, np.uint64), wave.SineWave(out.shape)
        self._turns, self._whole = np.zeros(out.shape), np.zeros(out.shape)
        self._low = self._high = self._half = self._middle = np.zeros((), np.float32)
        self._phase, self._out = np.zeros(()), out
        self._is_ahead = self._is_moving = False

    def __call__(self, rate: Values, low: Values, high: Values, phase: Values) -> Callable[[], object]:
        self._cycles.hold(rate)
        self._low, self._high = column(low), column(high)
        self._is_moving = isinstance(low, np.ndarray) or isinstance(high, np.ndarray)
        self._half = np.array(self._high - self._low)
        self._middle = np.zeros_like(self._half)
        self._centre()
        self._phase, self._is_ahead = column(phase, np.float64), isinstance(phase, np.ndarray) or any(phase)
        return self._process

    def _process(self) -> None:
        self._cycles.advance()
        if self._is_ahead:
            _turned(self._cycles.phases.view(np.uint64), self._bits, self._turns)
            _ahead(self._turns, self._phase, self._whole)
            self._sine.of_turns(self._turns, self._out)
        else:
            self._sine.of_phases(self._cycles.phases, self._out)
        if self._is_moving:
            self._centre()
        np.multiply(self._out, self._half, out=self._out)
        np.add(self._out, self._middle, out=self._out)

    def _centre(self) -> None:
        self._half[...] = self._high
        np.subtract(self._half, self._low, out=self._half)
        np.multiply(self._half, np.float32(0.5), out=self._half)
        np.add(self._low, self._half, out=self._middle)


class _Lfos:
    def __init__(self, nodes: Sequence[Lfo], states: NDArray[np.int64], out: FloatArray) -> None:
        self._shape: Shape = nodes[0].shape
        self._cycles = Cycles([one.cycle for one in nodes], states, out.shape[-1])
        self._bits = np.zeros(out.shape, np.uint64)
        self._turns, self._whole = np.zeros(out.shape), np.zeros(out.shape)
        self._low = self._width = self._phase = np.zeros(())
        self._ends: tuple[FloatArray, FloatArray] | None = None
        self._out, self._is_ahead = out, False

    def __call__(self, rate: Values, low: Values, high: Values, phase: Values) -> Callable[[], object]:
        self._cycles.hold(rate)
        self._low = column(low, np.float64)
        self._ends = None
        if isinstance(low, np.ndarray) or isinstance(high, np.ndarray):
            self._ends = column(low), column(high)
            self._width = np.zeros((len(self._out), 1, self._out.shape[2]), np.float32)
        else:
            self._width = column([top - bottom for top, bottom in zip(high, low, strict=True)], np.float64)
        self._phase, self._is_ahead = column(phase, np.float64), isinstance(phase, np.ndarray) or any(phase)
        return self._process

    def _process(self) -> None:
        self._cycles.advance()
        _turned(self._cycles.phases.view(np.uint64), self._bits, self._turns)
        if self._is_ahead:
            _ahead(self._turns, self._phase, self._whole)
        _shaped(self._shape, self._turns, self._whole)
        if self._ends is not None:
            np.subtract(self._ends[1], self._ends[0], out=self._width)
        np.multiply(self._turns, self._width, out=self._turns)
        np.add(self._turns, self._low, out=self._turns)
        np.copyto(self._out, self._turns, casting="same_kind")


def _turned(phases: NDArray[np.uint64], bits: NDArray[np.uint64], turns: NDArray[np.float64]) -> None:
    """Phases as 0 … 1."""
    np.right_shift(phases, np.uint64(12), out=bits)
    np.copyto(turns, bits.view(np.int64))  # as whole numbers with a sign they become floats in a fraction of the time
    np.multiply(turns, 2.0**-52, out=turns)


def _ahead(turns: NDArray[np.float64], phase: float | NDArray[np.floating], whole: NDArray[np.float64]) -> None:
    """Moved ahead within the cycle; ``whole`` holds by how many cycles."""
    np.add(turns, phase, out=turns)
    np.floor(turns, out=whole)
    np.subtract(turns, whole, out=turns)


def _shaped(shape: Shape, turns: NDArray[np.float64], scratch: NDArray[np.float64]) -> None:
    """From 0 … 1 through the cycle to the height there, 0 … 1."""
    if shape == "triangle":
        np.multiply(turns, 2.0, out=turns)
        np.subtract(2.0, turns, out=scratch)
        np.minimum(turns, scratch, out=turns)
    elif shape == "square":
        np.multiply(turns, 2.0, out=turns)
        np.floor(turns, out=turns)
        np.subtract(1.0, turns, out=turns)


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
