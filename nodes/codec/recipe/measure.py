"""Measuring the built-in codec: how loud its land is, how near it comes to a sound, and how late.

The figures in ``docs/codec.md`` and the tests both come from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..bank.layout import LATENTS, RATIO, hann, mel_filters
from ..interface import Array, Codec

Floats = NDArray[np.float64]
Transform = Callable[[Array], Array]


@dataclass(frozen=True)
class Likeness:
    """How a reproduction compares with its original.

    level_db: reproduction over original. distance: mean difference of log spectra. noise_distance: the same for
    white noise of the original's level, what a codec must beat. excess_db: the most by which any of 32 bands is too
    strong over the whole sound (bands below −50 dBFS count as that), which betrays a control that is stuck.
    """

    level_db: float
    excess_db: float
    distance: float
    noise_distance: float


def random_levels(codec: Codec, count: int = 400, held_frames: int = 8, seed: int = 0) -> Floats:
    """RMS in dBFS of ``count`` random N(0, 1) latents, each held for some frames (1: a new one every frame)."""
    random = np.random.default_rng(seed)
    if held_frames == 1:
        stream = codec.new_instance()
        sound = stream.decode(random.standard_normal((1, LATENTS, count)).astype(np.float32))[0, 0]
        return _decibels(sound[4 * RATIO :].reshape(-1, RATIO))
    latents = random.standard_normal((count, LATENTS, 1)).astype(np.float32).repeat(held_frames, axis=2)
    sound = codec.new_instance(lanes=count).decode(latents)[:, 0]
    return _decibels(sound[:, sound.shape[1] // 2 :])


def reproduce(codec: Codec, sound: Floats) -> Floats:
    """Encode and decode a mono sound, shifted so that it lies over the original: float64 of the same length."""
    lag = codec.facts.encoder_latency + codec.facts.latency
    padded = np.pad(sound, (0, lag + -(len(sound) + lag) % RATIO)).astype(np.float32)[None, None]
    stream = codec.new_instance()
    return stream.decode(stream.encode(padded))[0, 0, lag : lag + len(sound)].astype(np.float64)


def compare(original: Floats, copy: Floats, seed: int = 0) -> Likeness:
    """Likeness of a copy that lies over its original."""
    hiss = np.random.default_rng(seed).standard_normal(len(original)) * np.sqrt(np.mean(original**2))
    wanted = log_spectrum(original)
    return Likeness(
        level_db=float(10 * np.log10((np.mean(copy**2) + 1e-12) / (np.mean(original**2) + 1e-12))),
        excess_db=float((_bands(copy) - _bands(original)).max()),
        distance=float(np.abs(log_spectrum(copy) - wanted).mean()),
        noise_distance=float(np.abs(log_spectrum(hiss) - wanted).mean()),
    )


def log_spectrum(sound: Floats) -> Floats:
    """Natural log of magnitudes (plus 1e-3) in 2048-sample windows: ``[windows, 1025]``."""
    return np.log(spectrum(sound) + 1e-3)


def spectrum(sound: Floats) -> Floats:
    """Magnitudes in 2048-sample windows, 1 for a full-scale sine: ``[windows, 1025]``."""
    windows = sliding_window_view(np.pad(sound, 2048), 2048)[::512]
    return np.abs(np.fft.rfft(windows * hann(2048), axis=1)) * (4 / 2048)


def onset_lag(encode: Transform, decode: Transform, seed: int = 0) -> int:
    """By how many samples the onsets of short tones and noises come later in a reproduction, on the whole.

    encode: sound ``[1, 1, samples]`` to latents; decode: back. Where the average rise passes half, to 16 samples.
    """
    random = np.random.default_rng(seed)
    starts = [8192 + 16384 * place + int(random.integers(0, 2 * RATIO)) for place in range(32)]
    sound = np.zeros(starts[-1] + 24576, np.float32)
    for place, start in enumerate(starts):
        time = np.arange(6000) / 44100
        pitch = 2 * np.pi * 440 * 2 ** (random.integers(-12, 13) / 12) * time
        burst = random.uniform(-0.4, 0.4, len(time)) if place % 2 else 0.3 * np.sin(pitch)
        sound[start : start + len(time)] = burst
    sound = np.pad(sound, (0, -len(sound) % RATIO))[None, None]
    rises = []
    for one in (sound, decode(encode(sound))):
        power = np.convolve(one[0, 0].astype(np.float64) ** 2, hann(512), mode="same")
        rise = np.sum([np.sqrt(power[start - 4096 : start + 6000 : 16]) for start in starts], axis=0)
        rises.append(int(np.argmax(rise > rise.max() / 2)) * 16)
    return rises[1] - rises[0]


def milliseconds(codec: Codec, frames: int, encode: bool = False, repeats: int = 40) -> float:
    """Median processor time of one call of ``frames`` frames, per 2048 samples."""
    stream = codec.new_instance()
    latents = np.random.default_rng(0).standard_normal((1, LATENTS, frames)).astype(np.float32)
    sound = stream.decode(latents)
    taken = []
    for _ in range(repeats):
        start = process_time()
        _ = stream.encode(sound) if encode else stream.decode(latents)
        taken.append(process_time() - start)
    return float(np.median(taken) * 1000 / frames * 2048 / RATIO)


def _bands(sound: Floats) -> Floats:
    power = (spectrum(sound) ** 2).mean(axis=0) / 2
    return np.asarray(10 * np.log10(power @ (mel_filters(2048, 32) > 0).T + 1e-5), dtype=np.float64)


def _decibels(rows: NDArray[np.float32]) -> Floats:
    return np.asarray(10 * np.log10(np.mean(rows.astype(np.float64) ** 2, axis=1) + 1e-12), dtype=np.float64)
