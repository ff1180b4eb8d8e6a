"""Spread: set voices side by side in the stereo field."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setup, Signal, Size, node

Some = Annotated[Signal, Size("any")]
Width = Annotated[float, Param(0, 1, help="0 is centre, 1 spreads the channels from left to right")]


@node(linear=True, other_names=("stereo", "width", "stereo mix"))
class Spread:
    """Equal-power stereo mix of any number of channels, spread from left to right."""

    def __init__(self, setup: Setup) -> None:
        self._gains: FloatArray = np.zeros((2, 1), np.float32)
        self._made_for = (0, -1.0)

    def process(
        self,
        audio: Annotated[Some, Help("the channels to spread, such as voices")],
        out: Annotated[Signal, Size(2)],
        width: Width = 1.0,
    ) -> Annotated[Signal, Size(2), Help("the stereo mix")]:
        """Channels ``[n, block]`` in, ``[2, block]`` out."""
        if np.ndim(width) > 0:
            np.sum(panned(len(audio), width) * audio, axis=1, out=out)
            return out
        if self._made_for != (len(audio), width):
            self._made_for = (len(audio), width)
            self._gains = panned(len(audio), width)[:, :, 0]
        np.matmul(self._gains, audio, out=out)
        return out


def panned(channels: int, width: float | FloatArray) -> FloatArray:
    """Gains ``[2, channels, samples]`` of constant power, level-compensated for voices that have nothing in common."""
    places = np.linspace(-1.0, 1.0, channels) if channels > 1 else np.zeros(1)
    angles = (places[:, np.newaxis] * np.atleast_1d(np.squeeze(width)) + 1.0) * np.pi / 4
    gains = np.stack([np.cos(angles), np.sin(angles)]) / np.sqrt(channels)
    return np.asarray(gains, np.float32)
