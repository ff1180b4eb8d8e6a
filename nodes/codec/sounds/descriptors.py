"""Where a sound stands among all sounds: statistics of its spectrum, in the coordinates of a fixed basis.

The basis is the same for everybody, so that a sound has its place whatever other sounds there are, and keeps it when
others come and go. It was made once from recordings of many kinds (``recipe.places``) and ships as ``weights.npz``.
"""

import hashlib
from functools import cache
from importlib import resources

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ....graphs.archives import read_npz
from ..bank.layout import mel_filters
from .layout import PLACE_LATENTS, TWIN_DISTANCE, FloatArray, cosines, hann

WINDOW, HOP = 1024, 512
BANDS, COEFFICIENTS = 40, 14
STATISTICS = 3 * COEFFICIENTS
# Of the power of the loudest window: what is quieter in a band counts as that.
FLOOR = np.float32(1e-7)
# Windows quieter than the loudest by more than this do not count.
AUDIBLE_DB = 45.0
# Deviations from the mean at which statistics are held: clicks, test tones and silence stand at the edge.
FARTHEST = 3.5
LARGEST_FILE = 1 << 20


def statistics(mono: FloatArray) -> FloatArray:
    """Mean, deviation and mean change of 14 mel cepstral coefficients: float32 ``[42]``.

    mono: float32 ``[n]`` at 44.1 kHz, at least one sample. How loud the whole is does not count.
    """
    padded = np.pad(mono, (WINDOW // 2, WINDOW // 2 + HOP))
    windows = sliding_window_view(padded, WINDOW)[::HOP]
    powers = np.concatenate([_powers(windows[at : at + 4096]) for at in range(0, len(windows), 4096)])
    loudest = max(float(powers.sum(axis=1).max()), 1e-12)
    cepstra = np.log(powers / np.float32(loudest) + FLOOR) @ cosines(BANDS, COEFFICIENTS)
    level = cepstra[:, 0]
    heard = level > level.max() - AUDIBLE_DB * np.log(10) / 10 * np.sqrt(BANDS)
    kept = cepstra[heard]
    change = np.abs(np.diff(cepstra, axis=0))[heard[1:]] if len(cepstra) > 1 else np.zeros((1, COEFFICIENTS))
    changes = change.mean(axis=0) if len(change) else np.zeros(COEFFICIENTS)
    return np.concatenate([kept.mean(axis=0), kept.std(axis=0), changes]).astype(np.float32)


def place_of(mono: FloatArray, mark: str) -> FloatArray:
    """The place of a sound: float32 ``[8]``. mark: what tells it from others that sound the same."""
    mean, deviation, basis = _basis()
    measured = np.clip((statistics(mono) - mean) / deviation, -FARTHEST, FARTHEST)
    return np.asarray(measured @ basis + _apart(mark), np.float32)


def _apart(mark: str) -> FloatArray:
    """A direction of length ``TWIN_DISTANCE``, the same for the same mark."""
    seed = int.from_bytes(hashlib.sha256(mark.encode("utf-8", "surrogateescape")).digest()[:8], "little")
    direction = np.random.default_rng(seed).standard_normal(PLACE_LATENTS)
    return np.asarray(direction * (TWIN_DISTANCE / np.linalg.norm(direction)), np.float32)


def _powers(windows: FloatArray) -> FloatArray:
    """``[windows, WINDOW]`` to power in bands, ``[windows, 40]``."""
    power = np.abs(np.fft.rfft(windows * hann(WINDOW), axis=1)) ** 2
    return np.asarray(power @ mel_filters(WINDOW, BANDS).T, np.float32)


@cache
def _basis() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean and deviation of the statistics ``[42]``, and the directions ``[42, 8]``."""
    data = resources.files(str(__package__)).joinpath("weights.npz").read_bytes()
    arrays = read_npz(data, "weights.npz", most=LARGEST_FILE)
    mean, deviation, basis = (np.asarray(arrays[name], np.float32) for name in ("mean", "deviation", "basis"))
    return mean, deviation, basis
