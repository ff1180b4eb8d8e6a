"""What all parts of ``builtin:sounds`` agree on: rates, sizes, and how a moment in a sound is written as latents."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

NAME = "builtin:sounds"
# Hz of the codec's audio, and its samples per latent frame: 43 frames a second.
SAMPLE_RATE, RATIO = 44_100, 1024
CHANNELS = 2
# Latents that say which sound; one more says when in it, in seconds.
PLACE_LATENTS = 8
LATENTS = PLACE_LATENTS + 1
LABELS = (*(f"place {number}" for number in range(1, PLACE_LATENTS + 1)), "time")
# What may be turned of how it plays, after the latents of each frame.
CONTROLS = ("blend", "even loudness")
BLENDS = ("together", "nearest", "cross")
# Root of the mean squared length of a place, over many kinds of sound.
PLACE_RMS = 3.0
# How far from where it sounds to be a sound stands, in a direction of its own: sounds that are alike stay apart.
TWIN_DISTANCE = 1.0
# Longer sounds are cut into pieces of about 6 s.
PIECE_SECONDS, LONGEST_PIECE = 6.0, 9.0
# On either side of a border between pieces, the place moves from one to the other.
BORDER_SECONDS = 0.35


def hann(length: int) -> FloatArray:
    """A periodic Hann window: float32 ``[length]``."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length), np.float32)


@cache
def cosines(bands: int, coefficients: int) -> FloatArray:
    """The first vectors of an orthonormal DCT-II: float32 ``[bands, coefficients]``."""
    angles = np.pi / bands * (np.arange(bands)[:, None] + 0.5) * np.arange(coefficients)
    table = np.cos(angles) * np.sqrt(2 / bands)
    table[:, 0] /= np.sqrt(2)
    return np.asarray(table, np.float32)
