"""Measuring a codec as an instrument: how loud its terrain is, how its latents move, how evenly it can be walked.

For every codec; the figures in ``docs/codec.md`` and the tests both come from here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import process_time

import numpy as np
from numpy.typing import NDArray

from ..bank.layout import hann
from ..interface import Array, Codec
from ..likeness import decibels, spectrum

Floats = NDArray[np.float64]
Transform = Callable[[Array], Array]

# Frames of sound below this level say nothing about where the terrain lies.
QUIETEST_DB = -50.0


@dataclass(frozen=True)
class Latents:
    """How latents lie over sounds, one number each: ``mean``, ``spread`` (standard deviation), ``lag1``.

    lag1: correlation of a frame with the next one; near 1 where sound moves slowly through the terrain.
    """

    mean: Floats
    spread: Floats
    lag1: Floats


def latent_figures(codec: Codec, sounds: Sequence[Floats]) -> Latents:
    """How the latents of ``sounds`` (mono, at the codec's rate) lie, over frames that are louder than −50 dBFS."""
    ratio, lag = codec.facts.ratio, codec.facts.encoder_latency
    here, there, sounding = [], [], []
    for sound in sounds:
        padded = np.pad(sound, (0, -len(sound) % ratio)).astype(np.float32)
        latents = codec.new_instance().encode(padded[None, None])[0].astype(np.float64)
        late = np.pad(padded, (lag, 0))[: len(padded)].reshape(-1, ratio)
        loud = 10 * np.log10((late**2).mean(axis=1) + 1e-12) > QUIETEST_DB
        sounding.append(latents[:, loud])
        both = loud[:-1] & loud[1:]
        here.append(latents[:, :-1][:, both])
        there.append(latents[:, 1:][:, both])
    one, other, heard = (np.concatenate(parts, axis=1) for parts in (here, there, sounding))
    lag1 = [np.corrcoef(a, b)[0, 1] for a, b in zip(one, other, strict=True)]
    return Latents(heard.mean(axis=1), heard.std(axis=1), np.array(lag1))


def random_levels(codec: Codec, count: int = 400, held_frames: int = 8, seed: int = 0) -> Floats:
    """RMS in dBFS of ``count`` random N(0, 1) latents, each held for some frames (1: a new one every frame)."""
    facts, random = codec.facts, np.random.default_rng(seed)
    if held_frames == 1:
        sound = codec.new_instance().decode(random.standard_normal((1, facts.latent_dim, count)).astype(np.float32))
        return np.array([decibels(part) for part in sound[0, 0, 4 * facts.ratio :].reshape(-1, facts.ratio)])
    levels = []
    for _ in range(0, count, 20):
        latents = random.standard_normal((20, facts.latent_dim, 1)).astype(np.float32).repeat(held_frames, axis=2)
        sound = codec.new_instance(lanes=20).decode(latents)[:, 0]
        levels += [decibels(part) for part in sound[:, sound.shape[1] // 2 :]]
    return np.array(levels[:count])


def walk_evenness(codec: Codec, walks: int = 12, frames: int = 128, seed: int = 0) -> Floats:
    """The largest change of the spectrum from window to window over the mean change, on straight walks.

    Each walk goes between two random N(0, 1) points; changes are between 4096-sample windows 1024 apart. About 1 to 3
    is a walk without jumps.
    """
    random, found = np.random.default_rng(seed), []
    for _ in range(walks):
        start, end = random.standard_normal((2, codec.facts.latent_dim, 1))
        latents = start + (end - start) * np.linspace(0, 1, frames)
        sound = codec.new_instance().decode(latents.astype(np.float32)[None])[0, 0]
        settled = sound[4 * codec.facts.ratio :].astype(np.float64)
        change = np.linalg.norm(np.diff(spectrum(settled, 4096)[4:-4], axis=0), axis=1)
        found.append(change.max() / change.mean())
    return np.array(found)


def brightness_travel(codec: Codec, reach: float = 2.5) -> Floats:
    """By how many octaves the centre of the spectrum moves along each axis from −``reach`` to ``reach``."""
    count, rate = codec.facts.latent_dim, codec.facts.sample_rate
    steps = np.linspace(-reach, reach, 11)
    octaves = []
    for axis in range(count):
        latents = np.zeros((len(steps), count, 16), np.float32)
        latents[:, axis] = steps[:, None]
        sounds = codec.new_instance(lanes=len(steps)).decode(latents)[:, 0]
        centres = [_centroid(sound[sounds.shape[1] // 2 :].astype(np.float64), rate) for sound in sounds]
        octaves.append(np.log2(max(centres) / min(centres)))
    return np.array(octaves)


def split_difference(codec: Codec, frames: int = 64, seed: int = 0) -> float:
    """The largest difference between decoding frames one by one and all in one call."""
    latents = np.random.default_rng(seed).standard_normal((1, codec.facts.latent_dim, frames)).astype(np.float32)
    stream = codec.new_instance()
    parts = [stream.decode(latents[:, :, k : k + 1]) for k in range(frames)]
    return float(np.abs(np.concatenate(parts, axis=2) - codec.new_instance().decode(latents)).max())


def onset_lag(encode: Transform, decode: Transform, seed: int = 0) -> int:
    """By how many samples the onsets of short tones and noises come later in a reproduction, on the whole.

    encode: sound ``[1, 1, samples]`` to latents; decode: back. Where the average rise passes half, to 16 samples.
    """
    random = np.random.default_rng(seed)
    starts = [8192 + 16384 * place + int(random.integers(0, 2048)) for place in range(32)]
    sound = np.zeros(starts[-1] + 24576, np.float32)
    for place, start in enumerate(starts):
        time = np.arange(6000) / 44100
        pitch = 2 * np.pi * 440 * 2 ** (random.integers(-12, 13) / 12) * time
        burst = random.uniform(-0.4, 0.4, len(time)) if place % 2 else 0.3 * np.sin(pitch)
        sound[start : start + len(time)] = burst
    sound = np.pad(sound, (0, -len(sound) % 1024))[None, None]
    rises = []
    for one in (sound, decode(encode(sound))):
        power = np.convolve(one[0, 0].astype(np.float64) ** 2, hann(512), mode="same")
        rise = np.sum([np.sqrt(power[start - 4096 : start + 6000 : 16]) for start in starts], axis=0)
        rises.append(int(np.argmax(rise > rise.max() / 2)) * 16)
    return rises[1] - rises[0]


def milliseconds(codec: Codec, frames: int, encode: bool = False, repeats: int = 40) -> float:
    """Median processor time of one call of ``frames`` frames, per 2048 samples."""
    stream = codec.new_instance()
    latents = np.random.default_rng(0).standard_normal((1, codec.facts.latent_dim, frames)).astype(np.float32)
    sound = stream.decode(latents)
    taken = []
    for _ in range(repeats):
        start = process_time()
        _ = stream.encode(sound) if encode else stream.decode(latents)
        taken.append(process_time() - start)
    return float(np.median(taken) * 1000 / frames * 2048 / codec.facts.ratio)


def _centroid(sound: Floats, rate: int) -> float:
    power = (spectrum(sound) ** 2).mean(axis=0)
    hertz = np.linspace(0.0, rate / 2, len(power))
    return float((power * hertz).sum() / (power.sum() + 1e-20)) + 20.0
