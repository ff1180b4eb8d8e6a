"""Median: leave out single wrong values of a sensor, and keep its steps."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Setting, Setup, Signal, node
from .control_rate import ControlSteps

LONGEST_MS = 1000.0


@node(other_names=("spike", "outlier", "despike", "glitch", "jitter", "denoise"))
class Median:
    """Replaces each channel by the median of its last moments: spikes shorter than half of the window go, steps stay.

    It lags by half of the window. What is no number is passed over.
    """

    def __init__(
        self,
        setup: Setup,
        window: Annotated[float, Setting(help="length of the window", low=3.0, high=LONGEST_MS, unit="ms")] = 60.0,
    ) -> None:
        self._steps = ControlSteps(setup)
        # an odd number, so that there is a middle one
        self._count = 2 * round(window / 1000.0 / self._steps.seconds / 2.0) + 1
        self._ring, self._sorted = np.zeros((2, self._count, 0), np.float32)
        self._place = -1

    def process(
        self, audio: Annotated[Signal, Help("the signal to clean, such as a sensor's")], out: Signal
    ) -> Annotated[ControlSignal, Help("the median of each channel")]:
        """Fill ``out`` ``[channels, n]``."""
        if self._ring.shape[1] != len(audio):
            self._ring, self._sorted = np.zeros((2, self._count, len(audio)), np.float32)
            self._place = -1
        return self._steps.process(audio, out, self._step)

    def reset(self) -> None:
        """Begin at rest on the next value."""
        self._steps.reset()
        self._place = -1

    def _step(self, values: FloatArray, out: FloatArray, sample: int) -> None:
        if self._place < 0:
            self._ring[:] = values
            self._place = 0
        self._ring[self._place] = values
        self._place = (self._place + 1) % self._count
        np.copyto(self._sorted, self._ring)
        self._sorted.sort(axis=0)
        np.copyto(out, self._sorted[self._count // 2])
