"""Sine: the plainest tone, and the roundest movement for a coordinate."""

from collections.abc import Callable, Sequence
from math import tau
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Param, Setup, Signal, Values, column, node, together
from .phasor import WHOLE, Cycles, Frequency, Oscillator, single

RADIANS = np.float32(tau / WHOLE)

Phase = Annotated[
    float, Param(-16.0, 16.0, soft=(-1, 1), unit="cycles", help="Phase offset; a cord is phase modulation.")
]


@node(
    other_names=("osc", "osc~", "cycle~", "oscillator", "sinosc", "vco", "tone", "synth", "dco", "sine wave"),
    nearest_to=("fm", "square wave"),
)
class Sine(Oscillator):
    """Sine oscillator.

    One channel within -1 … 1, beginning at 0 and rising.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._turns = np.zeros(setup.block)
        self._whole = np.zeros(setup.block)

    def process(
        self, out: Signal, frequency: Frequency = 220.0, phase: Phase = 0.0
    ) -> Annotated[Signal, Help("the tone")]:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        phases = self.cycle.advance(single(frequency), count)
        if isinstance(phase, np.ndarray):
            _wave_ahead(phases, phase[0], out[0], self._turns[:count], self._whole[:count])
        elif phase:
            _wave_ahead(phases, phase, out[0], self._turns[:count], self._whole[:count])
        else:
            _wave(phases, out[0])
        return out


@together(Sine, alike=lambda frequency, phase: bool(phase), lines=True)
class Sines:
    """Many sines in one."""

    def __init__(self, nodes: Sequence[Sine], states: NDArray[np.int64], out: FloatArray) -> None:
        self._cycles = Cycles([one.cycle for one in nodes], states, out.shape[-1])
        self._out = out
        self._turns, self._whole = np.zeros(out.shape), np.zeros(out.shape)
        self._phase: NDArray[np.float64] = np.zeros(())

    def __call__(self, frequency: Values, phase: Values) -> Callable[[], object]:
        """Go on at these frequencies and phases, which are all 0 or none."""
        self._cycles.hold(frequency)
        self._phase = column(phase, np.float64)
        return self._process_ahead if isinstance(phase, np.ndarray) or any(phase) else self._process

    def _process(self) -> None:
        self._cycles.advance()
        _wave(self._cycles.phases, self._out)

    def _process_ahead(self) -> None:
        self._cycles.advance()
        _wave_ahead(self._cycles.phases, self._phase, self._out, self._turns, self._whole)


def _wave(phases: NDArray[np.int64], out: FloatArray) -> None:
    np.copyto(out, phases, casting="unsafe")
    np.multiply(out, RADIANS, out=out)
    np.sin(out, out=out)


def _wave_ahead(
    phases: NDArray[np.int64],
    phase: float | NDArray[np.floating],
    out: FloatArray,
    turns: NDArray[np.float64],
    whole: NDArray[np.float64],
) -> None:
    np.copyto(turns, phases)
    np.multiply(turns, 1.0 / WHOLE, out=turns)
    np.add(turns, phase, out=turns)
    np.rint(turns, out=whole)
    np.subtract(turns, whole, out=turns)
    np.multiply(turns, tau, out=turns)
    np.copyto(out, turns, casting="same_kind")
    np.sin(out, out=out)
