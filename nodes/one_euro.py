"""One euro: calm a sensor that trembles at rest, without lag when it moves fast."""

from math import tau
from typing import Annotated

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, Setup, Signal, node
from .control_rate import ControlSteps, value_at

Hertz = Param(0.01, 200.0, soft=(0.1, 20.0), unit="Hz", curve="log", help="cutoff frequency at rest; lower is calmer")
Slope = Param(0.0, 1000.0, soft=(0, 20), help="how fast the cutoff rises with speed; higher lags less when moving")
SpeedHertz = Param(0.01, 200.0, soft=(0.1, 20.0), unit="Hz", curve="log", help="cutoff frequency of the measured speed")


@node(
    other_names=("1 euro filter", "1€", "jitter", "tremor", "low pass", "kalman", "denoise", "adaptive smoothing"),
    nearest_to=("kalman filter", "moving average"),
)
class OneEuro:
    """Smooths each channel, strongly at rest and little while it moves fast.

    The one euro filter: a lowpass whose cutoff is ``min_cutoff + beta · speed``, speed being in units per second. Turn
    ``min_cutoff`` down until it is calm at rest, then ``beta`` up until it no longer lags. What is no number is passed
    over.
    """

    # Casiez, Roussel & Vogel: 1 € Filter, CHI 2012.

    def __init__(self, setup: Setup) -> None:
        self._steps = ControlSteps(setup)
        self._speed, self._moved, self._share = np.zeros((3, 0), np.float32)
        self._is_new = True
        self._given: tuple[float | FloatArray, ...] = (1.0, 1.0, 1.0)

    def process(
        self,
        audio: Annotated[Signal, Help("the signal to smooth, such as a sensor's")],
        out: Signal,
        min_cutoff: Annotated[float, Hertz] = 1.0,
        beta: Annotated[float, Slope] = 1.0,
        d_cutoff: Annotated[float, SpeedHertz] = 1.0,
    ) -> Annotated[ControlSignal, Help("the smoothed signal")]:
        """Fill ``out`` ``[channels, n]``."""
        if len(self._speed) != len(audio):
            self._speed, self._moved, self._share = np.zeros((3, len(audio)), np.float32)
            self._is_new = True
        self._given = (min_cutoff, beta, d_cutoff)
        return self._steps.process(audio, out, self._step)

    def reset(self) -> None:
        """Begin at rest on the next value."""
        self._steps.reset()
        self._is_new = True

    def _step(self, values: FloatArray, out: FloatArray, sample: int) -> None:
        if self._is_new:
            self._is_new = False
            self._speed.fill(0.0)
            np.copyto(out, values)
            return
        least, beta, d_cutoff = (value_at(one, sample) for one in self._given)
        seconds = self._steps.seconds
        np.subtract(values, out, out=self._moved)
        np.multiply(self._moved, 1.0 / seconds, out=self._share)
        np.subtract(self._share, self._speed, out=self._share)
        np.multiply(self._share, _share(d_cutoff, seconds), out=self._share)
        np.add(self._speed, self._share, out=self._speed)
        np.abs(self._speed, out=self._share)
        np.multiply(self._share, beta, out=self._share)
        np.add(self._share, least, out=self._share)
        # The share of the new value is turn / (1 + turn), turn being 2 pi cutoff · seconds.
        np.multiply(self._share, tau * seconds, out=self._share)
        np.multiply(self._moved, self._share, out=self._moved)
        np.add(self._share, 1.0, out=self._share)
        np.divide(self._moved, self._share, out=self._moved)
        np.add(out, self._moved, out=out)


def _share(cutoff: float, seconds: float) -> float:
    turn = tau * cutoff * seconds
    return turn / (1.0 + turn)
