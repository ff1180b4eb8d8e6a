"""From sound to latents: what the built-in codec hears, frame by frame, without waiting for the future."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .layers import CausalConvolution, Residual, Weights, leaky
from .layout import (
    HOP,
    HOPS_PER_FRAME,
    LATENTS,
    MEL_BANDS,
    MEL_FLOOR,
    MEL_OFFSET,
    MEL_SCALE,
    MEL_WINDOW,
    RATIO,
    FloatArray,
    hann,
    mel_filters,
)

LOUDEST_INPUT = 8.0
"""Samples beyond ± this (18 dB over full scale) are held there."""


class BankEncoder:
    """Streaming encoder over ``lanes`` independent lanes of mono sound at 44.1 kHz, one frame at a time."""

    def __init__(self, weights: Weights, lanes: int) -> None:
        self.lanes = lanes
        self._whiten, self._mean = weights["whiten"].T.copy(), weights["mean"]
        self._enter = CausalConvolution(weights, "encoder.enter", lanes)
        self._fast = [
            Residual(weights, f"encoder.fast.{place}", lanes, dilation) for place, dilation in enumerate((1, 2))
        ]
        self._stride = CausalConvolution(weights, "encoder.stride", lanes, stride=HOPS_PER_FRAME)
        self._slow = [
            Residual(weights, f"encoder.slow.{place}", lanes, dilation) for place, dilation in enumerate((1, 2))
        ]
        self._leave = CausalConvolution(weights, "encoder.leave", lanes)
        self._past = np.zeros((lanes, MEL_WINDOW - HOP), np.float32)
        self._window = hann(MEL_WINDOW)
        self._filters = np.ascontiguousarray(mel_filters(MEL_WINDOW, MEL_BANDS).T) * np.float32(2 / MEL_WINDOW)

    def encode(self, audio: FloatArray) -> FloatArray:
        """``[lanes, 1, frames * 1024]`` to ``[lanes, 8, frames]``. What is not a number counts as silence."""
        frames = audio.shape[2] // RATIO
        latents = np.empty((self.lanes, LATENTS, frames), np.float32)
        for frame in range(frames):
            piece = audio[:, 0, frame * RATIO : (frame + 1) * RATIO]
            finite = np.nan_to_num(piece, nan=0.0, posinf=LOUDEST_INPUT, neginf=-LOUDEST_INPUT)
            latents[:, :, frame] = self._hear(np.clip(finite, -LOUDEST_INPUT, LOUDEST_INPUT))
        return latents

    def reset(self, lane: int | None = None) -> None:
        """Forget the past of one lane, or of all."""
        lanes = slice(None) if lane is None else lane
        self._past[lanes] = 0.0
        for layer in (self._enter, self._stride, self._leave):
            layer.reset(lanes)
        for block in (*self._fast, *self._slow):
            block.reset(lanes)

    def _hear(self, sound: FloatArray) -> FloatArray:
        x = self._enter(
            (np.log(self._mel(sound) + np.float32(MEL_FLOOR)) + np.float32(MEL_OFFSET)) / np.float32(MEL_SCALE)
        )
        for block in self._fast:
            x = block(x)
        x = self._stride(x)
        for block in self._slow:
            x = block(x)
        means = self._leave(leaky(x))[..., :LATENTS]
        return np.asarray((means[:, 0] - self._mean) @ self._whiten, dtype=np.float32)

    def _mel(self, sound: FloatArray) -> FloatArray:
        """Mel magnitudes of one frame's hops: ``[lanes, 1024]`` to ``[lanes, 4, 96]``."""
        longer = np.concatenate([self._past, sound.astype(np.float32)], axis=1)
        self._past[:] = longer[:, -self._past.shape[1] :]
        windows = sliding_window_view(longer, MEL_WINDOW, axis=1)[:, ::HOP] * self._window
        magnitudes = np.abs(np.fft.rfft(windows, axis=2)).astype(np.float32)
        return np.asarray(magnitudes @ self._filters, dtype=np.float32)
