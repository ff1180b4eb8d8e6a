"""Sounds made for the tests of ``builtin:sounds``, and codecs over them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent_terrain.nodes.audiofile import Passage
from latent_terrain.nodes.codec.sounds import SoundsCodec
from latent_terrain.nodes.codec.sounds.codec import LoadedSounds
from latent_terrain.nodes.codec.sounds.corpus import Corpus, sound_of
from latent_terrain.nodes.codec.sounds.layout import RATIO, SAMPLE_RATE
from latent_terrain.nodes.codec.sounds.moment_latents import latents_of, placed

Floats = NDArray[np.float32]


def tone(seconds: float = 2.0, hertz: float = 330.0) -> Floats:
    """A steady chord of three partials."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(sum(0.15 / k * np.sin(2 * np.pi * hertz * k * at + k) for k in (1, 2, 3)), np.float32)


def noise(seconds: float = 2.0, seed: int = 1) -> Floats:
    """Noise whose level sways."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hiss = np.random.default_rng(seed).standard_normal(len(at))
    return np.asarray(0.1 * hiss * (1 + 0.5 * np.sin(2 * np.pi * 1.3 * at)), np.float32)


HITS = (0.4, 0.75, 1.0, 1.3, 1.6)


def drums(seconds: float = 2.0) -> Floats:
    """Five hits that die away."""
    made = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for number, begin in enumerate(HITS):
        start = round(begin * SAMPLE_RATE)
        at = np.arange(min(round(0.2 * SAMPLE_RATE), len(made) - start)) / SAMPLE_RATE
        hiss = np.random.default_rng(number).standard_normal(len(at))
        made[start : start + len(at)] += 0.5 * hiss * np.exp(-at * 40) + 0.4 * np.sin(400 * at) * np.exp(-at * 25)
    return made


def codec_of(*sounds: Floats) -> SoundsCodec:
    """A codec over sounds ``[n]`` or ``[2, n]``."""
    found = []
    for number, one in enumerate(sounds):
        audio = np.atleast_2d(one)
        place = placed(audio.mean(axis=0), f"sound {number}")
        found.append(sound_of(Passage(Path(f"{number}.wav")), place, audio))
    return SoundsCodec(LoadedSounds(Corpus(found)))


def latents(codec: SoundsCodec, number: int) -> Floats:
    """A sound's own latents, ``[1, 9, frames]``."""
    return latents_of(codec.loaded.corpus.sounds[number].placed).T[np.newaxis]


def own(codec: SoundsCodec, number: int) -> Floats:
    """A sound as it lies in memory, ``[2, whole frames]``."""
    sound = codec.loaded.corpus.sounds[number]
    made = np.empty((2, -(-sound.samples // RATIO) * RATIO), np.float32)
    sound.take(0, made)
    return made
