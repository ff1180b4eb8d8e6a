"""The shape of the built-in sound model: how many partials and noise bands it plays, and how often they move.

A sound is 112 sine waves, one per semitone from A0 (27.5 Hz) up, each free to bend by half a semitone, and 32
bands of noise. They are set 172 times a second. Harmonics-plus-noise after Engel et al., "DDSP" (2020), without
its single fundamental: any mixture of pitches can sound.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
# Mono, ``[samples]``, to be worked on.
Sound = NDArray[np.float64]

SAMPLE_RATE = 44100
HOP = 256
HOPS_PER_FRAME = 4
RATIO = HOP * HOPS_PER_FRAME
PARTIALS = 112
LOWEST_NOTE = 21
BEND = 0.5
NOISE_BANDS = 32
CONTROLS = 2 * PARTIALS + NOISE_BANDS
# Taken off every partial, so that those below −80 dB fade out of the work smoothly.
QUIETEST_PARTIAL = 1e-4

# By how many samples the decoder's sound comes after what the encoder heard: so much it may look ahead.
LOOK_BACK = 2048
LEVEL_WINDOW = 2 * RATIO
# Levels below this in dBFS count as this, so that digital silence has a logarithm.
QUIETEST_DB = -80.0

NOISE_WINDOW = 2 * HOP
NOISE_HOPS = 1024
NOISE_SEED = 1
PHASE_SEED = 3


def partial_frequencies() -> NDArray[np.float64]:
    """The pitch of every partial in Hz: float64 ``[PARTIALS]``, equal temperament from A0, A4 = 440 Hz."""
    return 440.0 * 2.0 ** ((np.arange(PARTIALS) + LOWEST_NOTE - 69) / 12)


def start_phases() -> NDArray[np.float64]:
    """Where each partial starts in its cycle, 0 … 1: scattered, so that a chord does not begin with a click."""
    return np.random.default_rng(PHASE_SEED).random(PARTIALS)


@cache
def mel_filters(window: int, bands: int) -> FloatArray:
    """Triangular filters spread evenly in mel: float32 ``[bands, window // 2 + 1]``, each summing to 1.

    From 30 Hz to 20 kHz at 44.1 kHz. A band narrower than a bin takes its nearest bin.
    """
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, window // 2 + 1)
    low, high = 2595 * np.log10(1 + np.array([30.0, 20000.0]) / 700)
    corners = 700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1)
    rise = (hertz - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    fall = (corners[2:, None] - hertz) / (corners[2:] - corners[1:-1])[:, None]
    filters = np.maximum(0.0, np.minimum(rise, fall))
    for band in np.flatnonzero(filters.sum(axis=1) == 0):
        filters[band, np.argmin(np.abs(hertz - corners[band + 1]))] = 1.0
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), dtype=np.float32)


@cache
def noise_shapes() -> FloatArray:
    """How each noise band spreads over the noise spectrum: float32 ``[NOISE_BANDS, HOP + 1]``, bins sum to 1.

    The highest goes on to half the sample rate: cymbals and breath are dull without.
    """
    filters = mel_filters(NOISE_WINDOW, NOISE_BANDS)
    peaks = filters / filters.max(axis=1, keepdims=True)
    peaks[-1, peaks[-1].argmax() :] = 1.0
    total = peaks.sum(axis=0, keepdims=True)
    return np.asarray(np.where(total > 0, peaks / np.maximum(total, 1e-3), 0.0), dtype=np.float32)


def noise_centres() -> NDArray[np.float64]:
    """The middle of each noise band in Hz: float64 ``[NOISE_BANDS]``."""
    filters = mel_filters(NOISE_WINDOW, NOISE_BANDS).astype(np.float64)
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, HOP + 1)
    return np.asarray((filters * hertz).sum(axis=1) / filters.sum(axis=1), dtype=np.float64)


@cache
def noise_window() -> FloatArray:
    """Square root of a periodic Hann window: float32 ``[NOISE_WINDOW]``; twice applied, hops add up to 1."""
    return np.sin(np.pi * np.arange(NOISE_WINDOW) / NOISE_WINDOW).astype(np.float32)


def hann(length: int) -> FloatArray:
    """A periodic Hann window: float32 ``[length]``."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)
