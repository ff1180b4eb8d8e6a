"""From latents to sound: a small network that sets partials and noise 172 times a second, and a voice to play them."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .layers import CausalConvolution, ResidualBlock, Weights, leaky
from .layout import (
    BEND,
    CONTROLS,
    HOPS_PER_FRAME,
    PARTIALS,
    QUIETEST_DB,
    RATIO,
    FloatArray,
    noise_shapes,
    partial_frequencies,
)
from .synthesis import LaneVoice, wave_table

# Latents are kept within ± this: the terrain worth walking lies within ±2.5.
FURTHEST_LATENT = 6.0
# The level's latent asks for no more than this, whatever it is: rms in dBFS.
LOUDEST_DB = -9.0
CURVE = np.float32(-2.303)


class BankDecoder:
    """Streaming decoder over ``lanes`` independent lanes. Latents are whitened: N(0, 1) is what sounds were.

    The last latent is the level: each frame is played with the power that it asks for, whatever the others say, so
    that no place of a terrain is a blast. ``clamped`` counts the latents that were held at ±6 or were no numbers.

    Frames are worked through one at a time even where many arrive at once. Batching them would halve the time of
    long calls, but matrix products of another shape round otherwise, and bends that differ in the last bit add up
    to phases that differ audibly late in a long render. So any split of a stream gives the same bytes.
    """

    def __init__(self, weights: Weights, lanes: int) -> None:
        self.lanes, self.clamped = lanes, 0
        self._unwhiten, self._mean = weights["unwhiten"].T.copy(), weights["mean"]
        self._level_mean, self._level_spread = map(float, weights["level"])
        hops = HOPS_PER_FRAME
        self._enter = CausalConvolution(weights, "decoder.enter", lanes)
        self._slow = [
            ResidualBlock(weights, f"decoder.slow.{place}", lanes, 1, dilation) for place, dilation in ((0, 1), (1, 2))
        ]
        self._upsample = CausalConvolution(weights, "decoder.upsample.spread", lanes)
        self._fast = [
            ResidualBlock(weights, f"decoder.fast.{place}", lanes, hops, dilation)
            for place, dilation in enumerate((1, 2, 4))
        ]
        self._leave = CausalConvolution(weights, "decoder.leave", lanes, hops)
        width = weights["decoder.enter.bias"].shape[0]
        self._slow_room, self._fast_room = (np.empty((lanes, steps, width), np.float32) for steps in (1, hops))
        self._held = np.empty((lanes, len(self._mean) + 1), np.float32)
        self._levels, self._squares = np.empty((2, lanes, hops, CONTROLS - PARTIALS), np.float32)
        self._weights_of_power = np.tile(_weights_of_power(), hops) / np.float32(hops)
        self._pitches = partial_frequencies()
        waves = wave_table()
        self._voices = [LaneVoice(waves) for _ in range(lanes)]

    def decode(self, latents: FloatArray) -> FloatArray:
        """``[lanes, latents, frames]`` to ``[lanes, 1, frames * 1024]``. What is not a number counts as 0."""
        frames = latents.shape[2]
        sound = np.empty((self.lanes, 1, frames * RATIO), np.float32)
        for frame in range(frames):
            amplitude, hertz, noise = self.controls(latents[:, :, frame])
            part = sound[:, 0, frame * RATIO : (frame + 1) * RATIO]
            for lane, voice in enumerate(self._voices):
                voice.play(amplitude[lane], hertz[lane], noise[lane], part[lane])
        return sound

    def controls(self, latents: FloatArray) -> tuple[FloatArray, NDArray[np.float64], FloatArray]:
        """One frame ``[lanes, latents]`` to levels and Hz ``[lanes, 4, 112]`` and noise gains ``[lanes, 4, 32]``."""
        held = np.clip(latents, -FURTHEST_LATENT, FURTHEST_LATENT, out=self._held)
        changed = np.count_nonzero(held != latents)
        if changed:
            held[np.isnan(held)] = 0.0
            self.clamped += int(changed)
        x = self._enter((held[:, :-1] @ self._unwhiten + self._mean)[:, None])
        for block in self._slow:
            x = block(x)
        x = self._upsample(leaky(x, self._slow_room)).reshape(self._fast_room.shape)
        for block in self._fast:
            x = block(x)
        raw = self._leave(leaky(x, self._fast_room))
        bend = np.tanh(raw[..., PARTIALS : 2 * PARTIALS], dtype=np.float64)
        hertz = np.asarray(self._pitches * np.exp2(bend * (BEND / 12)), dtype=np.float64)
        levels = self._levels
        levels[..., :PARTIALS], levels[..., PARTIALS:] = raw[..., :PARTIALS], raw[..., 2 * PARTIALS :]
        _level_curve(levels)
        self._play_at(levels, held[:, -1])
        return levels[..., :PARTIALS], hertz, levels[..., PARTIALS:]

    def reset(self, lane: int | None = None) -> None:
        """Forget the past of one lane, or of all."""
        lanes = slice(None) if lane is None else lane
        for layer in (self._enter, self._upsample, self._leave):
            layer.reset(lanes)
        for block in (*self._slow, *self._fast):
            block.reset(lanes)
        for voice in self._voices if lane is None else [self._voices[lane]]:
            voice.reset()

    def _play_at(self, levels: FloatArray, wanted: FloatArray) -> None:
        """Bring each lane's frame to the level that its latent asks for."""
        np.multiply(levels, levels, out=self._squares)
        power = self._squares.reshape(self.lanes, -1) @ self._weights_of_power
        for lane in range(self.lanes):
            decibels = min(float(wanted[lane]) * self._level_spread + self._level_mean, LOUDEST_DB)
            rms = 10 ** (decibels / 20) if decibels > QUIETEST_DB else 0.0
            levels[lane] *= np.float32(rms / sqrt(float(power[lane]) + 1e-12))


def _weights_of_power() -> FloatArray:
    """What a squared level adds to the mean square of the sound: float32 ``[144]``, partials and then noise."""
    noise = noise_shapes().mean(axis=1) / 3
    return np.concatenate([np.full(PARTIALS, 0.5, np.float32), noise]).astype(np.float32)


def _level_curve(raw: FloatArray) -> None:
    """Numbers to levels of 0 … 2, in place, nearly exponential below 1 (the ``exp_sigmoid`` of DDSP)."""
    np.subtract(np.float32(4.0), raw, out=raw)
    np.minimum(raw, np.float32(40.0), out=raw)
    np.exp(raw, out=raw)
    np.log1p(raw, out=raw)
    raw *= CURVE
    np.exp(raw, out=raw)
    raw *= np.float32(2.0)
    raw += np.float32(1e-7)
