"""From latents to sound: a small network that sets partials and noise 172 times a second, and a voice to play them."""

import numpy as np
from numpy.typing import NDArray

from .layers import CausalConvolution, Residual, Weights, leaky
from .layout import (
    BEND,
    HOPS_PER_FRAME,
    PARTIALS,
    RATIO,
    FloatArray,
    partial_frequencies,
)
from .synthesis import Voice, wave_table

FURTHEST_LATENT = 6.0
"""Latents are kept within ± this: the terrain worth walking lies within ±2.5."""


class BankDecoder:
    """Streaming decoder over ``lanes`` independent lanes. Latents are whitened: N(0, 1) is what sounds were.

    Frames are worked through one at a time even where many arrive at once. Batching them would halve the time of
    long calls, but matrix products of another shape round otherwise, and bends that differ in the last bit add up
    to phases that differ audibly late in a long render. So any split of a stream gives the same bytes.
    """

    def __init__(self, weights: Weights, lanes: int) -> None:
        self.lanes = lanes
        self._unwhiten = weights["unwhiten"].T.copy()
        self._mean = weights["mean"]
        self._partial_gain = np.asarray(weights["partial_gain"] * 0.5, dtype=np.float32)
        self._noise_gain = weights["noise_gain"]
        self._enter = CausalConvolution(weights, "decoder.enter", lanes)
        self._slow = Residual(weights, "decoder.slow", lanes, 1)
        self._upsample = CausalConvolution(weights, "decoder.upsample.spread", lanes)
        self._fast = [
            Residual(weights, f"decoder.fast.{place}", lanes, dilation) for place, dilation in enumerate((1, 2, 4))
        ]
        self._leave = CausalConvolution(weights, "decoder.leave", lanes)
        self._pitches = partial_frequencies()
        waves = wave_table()
        self._voices = [Voice(waves) for _ in range(lanes)]

    def decode(self, latents: FloatArray) -> FloatArray:
        """``[lanes, 8, frames]`` to ``[lanes, 1, frames * 1024]``. What is not a number counts as 0."""
        frames = latents.shape[2]
        sound = np.empty((self.lanes, 1, frames * RATIO), np.float32)
        for frame in range(frames):
            amplitude, hertz, noise = self.controls(latents[:, :, frame : frame + 1])
            part = sound[:, 0, frame * RATIO : (frame + 1) * RATIO]
            for lane, voice in enumerate(self._voices):
                voice.play(amplitude[lane], hertz[lane], noise[lane], part[lane])
        return sound

    def controls(self, latents: FloatArray) -> tuple[FloatArray, NDArray[np.float64], FloatArray]:
        """The next hops' amplitudes and Hz ``[lanes, hops, 112]`` and noise gains ``[lanes, hops, 32]``."""
        finite = np.nan_to_num(latents, nan=0.0, posinf=FURTHEST_LATENT, neginf=-FURTHEST_LATENT)
        whitened = np.clip(finite.transpose(0, 2, 1), -FURTHEST_LATENT, FURTHEST_LATENT).astype(np.float32)
        x = self._slow(self._enter(whitened @ self._unwhiten + self._mean))
        x = self._upsample(leaky(x)).reshape(self.lanes, latents.shape[2] * HOPS_PER_FRAME, -1)
        for block in self._fast:
            x = block(x)
        raw = self._leave(leaky(x))
        amplitude = _level_curve(raw[..., :PARTIALS]) * self._partial_gain
        bend = np.tanh(raw[..., PARTIALS : 2 * PARTIALS], dtype=np.float64) * (BEND / 12)
        hertz = np.asarray(self._pitches * np.exp2(bend), dtype=np.float64)
        noise = _level_curve(raw[..., 2 * PARTIALS :]) * self._noise_gain
        return amplitude, hertz, noise

    def reset(self, lane: int | None = None) -> None:
        """Forget the past of one lane, or of all."""
        lanes = slice(None) if lane is None else lane
        for layer in (self._enter, self._upsample, self._leave):
            layer.reset(lanes)
        for block in (self._slow, *self._fast):
            block.reset(lanes)
        for voice in self._voices if lane is None else [self._voices[lane]]:
            voice.reset()


def _level_curve(raw: FloatArray) -> FloatArray:
    """A number to a level of 0 … 2, nearly exponential below 1 (the ``exp_sigmoid`` of DDSP)."""
    gate = 1.0 / (1.0 + np.exp(np.minimum(4.0 - raw, 40.0)))
    return np.asarray(2.0 * gate ** np.float32(2.303) + 1e-7, dtype=np.float32)
