"""Sine: the plainest tone, and the roundest movement for a coordinate."""

from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Kernel, Param, Setup, Signal, Values, column, node, together, wave
from .phasor import Cycles, Frequency, Oscillator, single

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
        self._sine = wave.SineWave((setup.block,))
        self._turns, self._whole = np.zeros(setup.block), np.zeros(setup.block)

    def process(
        self, out: Signal, frequency: Frequency = 220.0, phase: Phase = 0.0
    ) -> Annotated[Signal, Help("the tone")]:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        phases = self.cycle.advance(single(frequency), count)
        if not isinstance(phase, np.ndarray) and not phase:
            self._sine.of_phases(phases, out[0])
            return out
        turns = self._turns[:count]
        _ahead(phases, phase[0] if isinstance(phase, np.ndarray) else phase, turns, self._whole[:count])
        self._sine.of_turns(turns, out[0])
        return out


@together(Sine, alike=lambda frequency, phase: bool(phase), lines=True, kernel=Kernel("sine"))
class Sines:
    """Many sines in one."""

    def __init__(self, nodes: Sequence[Sine], states: NDArray[np.int64], out: FloatArray) -> None:
        self._cycles = Cycles([one.cycle for one in nodes], states, out.shape[-1])
        self._out, self._sine = out, wave.SineWave(out.shape)
        self._turns, self._whole = np.zeros(out.shape), np.zeros(out.shape)
        self._phase: NDArray[np.float64] = np.zeros(())

    def __call__(self, frequency: Values, phase: Values) -> Callable[[], object]:
        """Go on at these frequencies and phases, which are all 0 or none."""
        self._cycles.hold(frequency)
        self._phase = column(phase, np.float64)
        return self._process_ahead if isinstance(phase, np.ndarray) or any(phase) else self._process

    def _process(self) -> None:
        self._cycles.advance()
        self._sine.of_phases(self._cycles.phases, self._out)

    def _process_ahead(self) -> None:
        self._cycles.advance()
        _ahead(self._cycles.phases, self._phase, self._turns, self._whole)
        self._sine.of_turns(self._turns, self._out)


def _ahead(
    phases: NDArray[np.int64],
    phase: float | NDArray[np.floating],
    turns: NDArray[np.float64],
    whole: NDArray[np.float64],
) -> None:
    """Where in the cycle, 0 … 1."""
    np.copyto(turns, phases)
    np.multiply(turns, 1.0 / wave.WHOLE, out=turns)
    np.add(turns, phase, out=turns)
    np.floor(turns, out=whole)
    np.subtract(turns, whole, out=turns)
