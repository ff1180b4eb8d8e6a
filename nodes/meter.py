"""Meter: see how loud a sound is."""

from math import exp, log
from typing import Annotated, NamedTuple

import numpy as np

from ..engine import FloatArray, Help, Setup, Signal, node

FALL_DB_PER_SECOND = 20.0
RMS_SECONDS = 0.3


class Level(NamedTuple):
    """How loud each channel is: highest sample of late, and root mean square, as amplitudes (1 is full scale)."""

    peak: tuple[float, ...]
    rms: tuple[float, ...]


@node(role="meter", other_names=("level", "meter~", "vu", "levels", "peak"), nearest_to=("envelope follower", "rms"))
class Meter:
    """Level meter; passes the signal through.

    Peaks fall by 20 dB per second; the mean power is taken over 0.3 s.
    """

    def __init__(self, setup: Setup) -> None:
        self._rate = setup.sample_rate
        self._level = Level((), ())
        self._peak: FloatArray = np.zeros(0, np.float32)
        self._power: FloatArray = np.zeros(0, np.float32)

    def process(
        self, audio: Annotated[Signal, Help("the signal to measure")], out: Signal
    ) -> Annotated[Signal, Help("the same signal, unchanged")]:
        """Fill ``out`` ``[channels, n]`` with the same."""
        np.copyto(out, audio)
        channels, count = out.shape
        if len(self._peak) != channels:
            self._peak, self._power = np.zeros(channels, np.float32), np.zeros(channels, np.float32)
        keep = exp(-count / (RMS_SECONDS * self._rate))
        fall = exp(-count / self._rate * FALL_DB_PER_SECOND * log(10.0) / 20.0)
        highest = np.fmax(out.max(axis=1), -out.min(axis=1))
        power = np.einsum("cn,cn->c", out, out)
        self._peak = np.fmax(self._peak * fall, _finite(highest)).astype(np.float32, copy=False)
        self._power *= keep
        self._power += (1.0 - keep) / count * _finite(power)
        self._level = Level(tuple(self._peak.tolist()), tuple(np.sqrt(self._power).tolist()))
        return out

    def read(self) -> Level:
        """The level now; call from any thread. Before the first block no channels."""
        return self._level

    def shows(self) -> dict[str, FloatArray]:
        """The level, for whoever looks on: ``peak`` and ``rms`` by channel."""
        level = self._level
        return {"peak": np.array(level.peak, np.float32), "rms": np.array(level.rms, np.float32)}

    def reset(self) -> None:
        """Fall to silence."""
        self._peak = np.zeros(0, np.float32)
        self._power = np.zeros(0, np.float32)


def _finite(values: FloatArray) -> FloatArray:
    values[~np.isfinite(values)] = 0.0
    return values
