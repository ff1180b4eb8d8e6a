"""Sine: the plainest tone, and the roundest movement for a coordinate."""

from math import tau
from typing import Annotated

import numpy as np

from ..engine import Param, Setup, Signal, node
from .phasor import WHOLE, Cycle, Frequency, single

RADIANS = np.float32(tau / WHOLE)

Phase = Annotated[
    float, Param(-16.0, 16.0, unit="cycles", help="Moves the wave ahead; a cord here is phase modulation.")
]


@node
class Sine:
    """Give a sine wave.

    One channel within -1 … 1, beginning at 0 and rising.
    """

    def __init__(self, setup: Setup) -> None:
        self._cycle = Cycle(setup.sample_rate, setup.block)
        self._turns = np.zeros(setup.block)
        self._whole = np.zeros(setup.block)

    def process(self, out: Signal, frequency: Frequency = 220.0, phase: Phase = 0.0) -> Signal:
        """Fill ``out`` ``[1, n]``."""
        count = out.shape[1]
        phases = self._cycle.advance(single(frequency), count)
        if isinstance(phase, np.ndarray) or phase:
            turns, whole = self._turns[:count], self._whole[:count]
            np.multiply(phases, 1.0 / WHOLE, out=turns)
            np.add(turns, phase[0] if isinstance(phase, np.ndarray) else phase, out=turns)
            np.rint(turns, out=whole)
            np.subtract(turns, whole, out=turns)
            np.multiply(turns, tau, out=out[0], casting="same_kind")
        else:
            np.copyto(out[0], phases, casting="unsafe")
            np.multiply(out, RADIANS, out=out)
        return np.sin(out, out=out)

    def reset(self) -> None:
        """Begin a cycle."""
        self._cycle.reset()
