"""Moments of a sound as latents: eight say which sound, constant along it, and one says when in it.

Such latents are smooth along a line, so a terrain learns them almost perfectly. A long sound is cut into pieces, each
with a place of its own. In every other piece the time runs backwards, so that it does not jump at a border, and the
place moves from one piece to the next around it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .descriptors import place_of
from .layout import BORDER_SECONDS, LATENTS, LONGEST_PIECE, PIECE_SECONDS, PLACE_LATENTS, RATIO, SAMPLE_RATE, FloatArray


@dataclass(frozen=True)
class Placed:
    """A sound's places. samples: its length at 44.1 kHz. places: float32 ``[pieces, 8]``, of equal parts of it."""

    samples: int
    places: FloatArray

    @property
    def piece_samples(self) -> float:
        """How long each piece is."""
        return self.samples / len(self.places)


def placed(mono: FloatArray, mark: str) -> Placed:
    """Find a sound's places. mono: float32 ``[n]`` at 44.1 kHz. mark: what tells it from others (its digest)."""
    borders = np.linspace(0, len(mono), pieces_of(len(mono)) + 1).astype(int)
    places = [place_of(mono[begin:end], f"{mark}/{number}") for number, (begin, end) in enumerate(pairwise(borders))]
    return Placed(len(mono), np.stack(places))


def pieces_of(samples: int) -> int:
    """How many pieces a sound of so many samples has."""
    seconds = samples / SAMPLE_RATE
    return 1 if seconds <= LONGEST_PIECE else round(seconds / PIECE_SECONDS)


def latents_of(sound: Placed, frames: int | None = None) -> FloatArray:
    """The latents of a sound from its beginning: float32 ``[frames, 9]``, as many frames as begin within it."""
    count = -(-sound.samples // RATIO) if frames is None else frames
    at = np.arange(count) * float(RATIO)
    length, pieces = sound.piece_samples, len(sound.places)
    piece = np.minimum((at / length).astype(int), pieces - 1)
    latents = np.empty((count, LATENTS), np.float32)
    within = at - piece * length - length / 2
    latents[:, PLACE_LATENTS] = np.where(piece % 2, -within, within) / SAMPLE_RATE
    latents[:, :PLACE_LATENTS] = sound.places[piece]
    border = BORDER_SECONDS * SAMPLE_RATE
    for number in range(1, pieces):
        near = np.flatnonzero(np.abs(at - number * length) < border)
        share = ((at[near] - number * length) / border / 2 + 0.5)[:, None]
        latents[near, :PLACE_LATENTS] = sound.places[number - 1] * (1 - share) + sound.places[number] * share
    return latents


def moments(sound: Placed, time: float) -> NDArray[np.float64]:
    """Where in a sound a time latent points to, in each of its pieces: samples from its beginning, ``[pieces]``.

    Beyond a piece's ends it goes on into its neighbours.
    """
    length = sound.piece_samples
    number = np.arange(len(sound.places))
    signs = 1.0 - 2.0 * (number % 2)
    return np.asarray((number + 0.5) * length + signs * (time * SAMPLE_RATE), np.float64)
