"""Latent smooth: let one timbre melt into the next instead of jumping there."""

from math import exp
from typing import Annotated

import numpy as np

from ..engine import FloatArray, FrameTimes, Help, Latent, Param, Setup, node

Time = Annotated[
    float,
    Param(
        0.0,
        10_000.0,
        soft=(0, 1_000),
        unit="ms",
        help="Time constant; 0 is off.",
    ),
]


@node(role="latent_smoother")
class LatentSmooth:
    """Smooth latents over time.

    A one-pole lowpass on each latent, once per frame: z = k · z' + (1 - k) · x, k = e^(-frame/time). It begins at
    rest on the first frame; a frame that is no number holds the one before.
    """

    def __init__(self, setup: Setup) -> None:
        self._per_ms = setup.sample_rate / 1000.0
        self._state: FloatArray = np.zeros(0, np.float32)
        self._step: FloatArray = np.zeros(0, np.float32)
        self._is_new = True

    def process(
        self,
        latents: Annotated[Latent, Help("the latents to smooth")],
        out: Latent,
        frames: FrameTimes,
        time: Time = 100.0,
    ) -> Annotated[Latent, Help("the smoothed latents")]:
        """Fill ``out`` ``[size, frames]``."""
        size, count = out.shape
        if len(self._state) != size:
            self._state, self._step = np.zeros((2, size), np.float32)
            self._is_new = True
        for frame in range(count):
            here = latents[:, frame]
            if not np.isfinite(here).all():
                out[:, frame] = self._state
                continue
            if self._is_new:
                self._state[:] = here
                self._is_new = False
            length = float(time[0, frame]) if isinstance(time, np.ndarray) else time
            keep = np.float32(exp(-float(frames.ratio) / max(length * self._per_ms, 1e-3)))
            np.subtract(self._state, here, out=self._step)
            np.multiply(self._step, keep, out=self._step)
            np.add(here, self._step, out=self._state)
            out[:, frame] = self._state
        return out

    def reset(self) -> None:
        """Begin at rest on the next frame."""
        self._is_new = True
