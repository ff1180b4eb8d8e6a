"""From sound to latents: what the built-in codec hears, frame by frame, without waiting for the future."""

import numpy as np

from .filterbank import Filterbank
from .layers import CausalConvolution, ResidualBlock, Weights, leaky
from .layout import HOPS_PER_FRAME, QUIETEST_DB, RATIO, FloatArray

# Samples beyond ± this (18 dB over full scale) are held there.
LOUDEST_INPUT = 8.0


class BankEncoder:
    """Streaming encoder over ``lanes`` independent lanes of mono sound at 44.1 kHz, one frame at a time.

    The last latent is the level of the frame: its rms in dB, less the mean and over the spread of what was learnt.
    """

    def __init__(self, weights: Weights, lanes: int) -> None:
        self.lanes, self.latents = lanes, len(weights["mean"]) + 1
        self._whiten, self._mean = weights["whiten"].T.copy(), weights["mean"]
        self._level_mean, self._level_spread = weights["level"]
        self._filterbank = Filterbank(lanes)
        self._enter = CausalConvolution(weights, "encoder.enter", lanes, HOPS_PER_FRAME)
        self._fast = [
            ResidualBlock(weights, f"encoder.fast.{place}", lanes, HOPS_PER_FRAME, dilation)
            for place, dilation in enumerate((1, 2))
        ]
        self._stride = CausalConvolution(weights, "encoder.stride", lanes, HOPS_PER_FRAME, stride=HOPS_PER_FRAME)
        self._slow = [
            ResidualBlock(weights, f"encoder.slow.{place}", lanes, 1, dilation) for place, dilation in ((0, 1), (1, 2))
        ]
        self._leave = CausalConvolution(weights, "encoder.leave", lanes)
        self._room = np.empty((lanes, 1, weights["encoder.stride.bias"].shape[0]), np.float32)

    def encode(self, audio: FloatArray) -> FloatArray:
        """``[lanes, 1, frames * 1024]`` to ``[lanes, latents, frames]``. What is not a number counts as silence."""
        frames = audio.shape[2] // RATIO
        latents = np.empty((self.lanes, self.latents, frames), np.float32)
        for frame in range(frames):
            piece = audio[:, 0, frame * RATIO : (frame + 1) * RATIO]
            finite = np.nan_to_num(piece, nan=0.0, posinf=LOUDEST_INPUT, neginf=-LOUDEST_INPUT)
            self._hear(np.clip(finite, -LOUDEST_INPUT, LOUDEST_INPUT), latents[:, :, frame])
        return latents

    def reset(self, lane: int | None = None) -> None:
        """Forget the past of one lane, or of all."""
        lanes = slice(None) if lane is None else lane
        self._filterbank.reset(lanes)
        for layer in (self._enter, self._stride, self._leave):
            layer.reset(lanes)
        for block in (*self._fast, *self._slow):
            block.reset(lanes)

    def _hear(self, sound: FloatArray, latents: FloatArray) -> None:
        heard, level = self._filterbank.hear(sound)
        x = self._enter(heard)
        for block in self._fast:
            x = block(x)
        x = self._stride(x)
        for block in self._slow:
            x = block(x)
        means = self._leave(leaky(x, self._room))[:, 0]
        latents[:, :-1] = (means - self._mean) @ self._whiten
        decibels = 20 * np.log10(np.maximum(level[:, 0], 10 ** (QUIETEST_DB / 20)))
        latents[:, -1] = (decibels - self._level_mean) / self._level_spread
