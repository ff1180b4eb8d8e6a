"""What the player knows of a sound beforehand: its spectral envelope, how tonal it is, and where its onsets are."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..bank.layout import mel_filters
from .layout import RATIO, FloatArray, hann

BANDS = 32
WINDOW = 2048
TONAL_WINDOW = 4096
ONSET_WINDOW, ONSET_HOP, ONSET_BANDS = 512, 128, 40
# An onset's flux stands so many times over its neighbourhood's mean, and over this share of the largest.
ONSET_RISE, ONSET_SHARE = 1.8, 0.12
FLOOR = 1e-6
PIECE = 4096


@dataclass(frozen=True)
class Analysis:
    """Frames of 1024 samples, each seen through a window around its middle.

    envelope: natural logs of power in 32 mel bands, ``[frames, 32]``. loudness: rms in dB over about a tenth of a
    second, ``[frames]``. tonality: how much of the power stands in peaks, 0 … 1, ``[frames]``. onsets: samples, rising.
    """

    envelope: FloatArray
    loudness: FloatArray
    tonality: FloatArray
    onsets: NDArray[np.int64]


def analyse(mono: FloatArray) -> Analysis:
    """Look at a sound, float32 ``[n]`` at 44.1 kHz."""
    frames = -(-len(mono) // RATIO)
    power = _powers(mono, WINDOW, frames)
    envelope = np.log(power @ mel_filters(WINDOW, BANDS).T + FLOOR).astype(np.float32)
    weights = np.array([1, 2, 3, 2, 1], np.float32) / 9
    smooth = np.convolve(np.pad(power.sum(axis=1), 2, mode="edge"), weights, "valid")
    loudness = (10 * np.log10(smooth * (16 / 3 / WINDOW**2) + 1e-12)).astype(np.float32)
    return Analysis(envelope, loudness, _tonality(mono, frames), onsets_of(mono))


def onsets_of(mono: FloatArray) -> NDArray[np.int64]:
    """Where something begins to sound: samples."""
    flux = _flux(mono)
    if not len(flux) or flux.max() <= 0:
        return np.zeros(0, np.int64)
    near, far = round(0.05 * 44_100 / ONSET_HOP), round(0.1 * 44_100 / ONSET_HOP)
    padded = np.pad(flux, near)
    highest = sliding_window_view(padded, 2 * near + 1).max(axis=1)
    mean = np.convolve(flux, np.full(2 * far + 1, 1 / (2 * far + 1)))[far : far + len(flux)]
    found = np.flatnonzero((flux == highest) & (flux > mean * ONSET_RISE + ONSET_SHARE * flux.max()))
    return _sharpened(mono, found * ONSET_HOP)


def _sharpened(mono: FloatArray, rough: NDArray[np.intp]) -> NDArray[np.int64]:
    """Onsets to the millisecond: where the power of 1 ms first rises over a tenth of what follows within 12 ms."""
    step = 44
    found = []
    for at in rough:
        begin = max(0, int(at) - 8 * step)
        part = mono[begin : begin + 20 * step]
        count = len(part) // step
        if count < 2:
            found.append(int(at))
            continue
        power = (part[: count * step].reshape(count, step) ** 2).mean(axis=1)
        before = power[0]
        found.append(begin + step * int(np.argmax(power - before > 0.1 * (power.max() - before))))
    return np.unique(np.asarray(found, np.int64))


def _flux(mono: FloatArray) -> FloatArray:
    """How much louder the bands become from one instant to the next, summed: ``[n // 128]``."""
    padded = np.pad(mono, (ONSET_WINDOW // 2, ONSET_WINDOW // 2))
    windows = sliding_window_view(padded, ONSET_WINDOW)[::ONSET_HOP]
    filters, window = mel_filters(ONSET_WINDOW, ONSET_BANDS).T, hann(ONSET_WINDOW)
    logs = np.empty((len(windows), ONSET_BANDS), np.float32)
    for at in range(0, len(windows), PIECE):
        spectrum = np.abs(np.fft.rfft(windows[at : at + PIECE] * window, axis=1)) * (4 / ONSET_WINDOW)
        logs[at : at + PIECE] = np.log1p(1000 * (spectrum**2 @ filters) ** 0.5)
    rise = np.maximum(np.diff(logs, axis=0, prepend=logs[:1] * 0), 0).sum(axis=1)
    return np.asarray(rise, np.float32)


def _tonality(mono: FloatArray, frames: int) -> FloatArray:
    """The share of power, between 60 Hz and 8 kHz, that stands in peaks three times over their neighbourhood."""
    low, high = (round(hertz * TONAL_WINDOW / 44_100) for hertz in (60, 8000))
    found = np.empty(frames, np.float32)
    for at in range(0, frames, 256):
        power = _powers(mono, TONAL_WINDOW, min(256, frames - at), at)[:, low:high]
        peaks = power > 9 * around(np.sqrt(power), 12) ** 2
        found[at : at + len(power)] = (power * peaks).sum(axis=1) / (power.sum(axis=1) + 1e-9)
    return found


def around(rows: NDArray[np.floating], reach: int) -> FloatArray:
    """Of each column, the mean over ± reach but not over ± 2: of what is around a peak, not of the peak itself."""
    total = np.cumsum(np.pad(rows, ((0, 0), (reach + 1, reach)), mode="edge"), axis=1)
    wide = total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1]
    short = np.cumsum(np.pad(rows, ((0, 0), (3, 2)), mode="edge"), axis=1)
    middle = short[:, 5:] - short[:, :-5]
    return np.asarray((wide - middle) / (2 * reach + 1 - 5), np.float32)


def _powers(mono: FloatArray, length: int, frames: int, first: int = 0) -> FloatArray:
    """Power spectra of Hann windows around the middles of frames: float32 ``[frames, length // 2 + 1]``."""
    made = np.empty((frames, length // 2 + 1), np.float32)
    window, half = hann(length), length // 2
    for at in range(0, frames, 256):
        count = min(256, frames - at)
        begin = (first + at) * RATIO + RATIO // 2 - half
        part = np.zeros((count - 1) * RATIO + length, np.float32)
        low, high = max(begin, 0), min(begin + len(part), len(mono))
        if high > low:
            part[low - begin : high - begin] = mono[low:high]
        made[at : at + count] = np.abs(np.fft.rfft(sliding_window_view(part, length)[::RATIO] * window, axis=1)) ** 2
    return made


@cache
def band_weights(length: int) -> FloatArray:
    """From values of bands to bins of a spectrum of so many samples, straight lines between: ``[length//2+1, 32]``."""
    filters = mel_filters(WINDOW, BANDS).astype(np.float64)
    centres = (filters * np.arange(WINDOW // 2 + 1)).sum(axis=1) / WINDOW
    at = np.arange(length // 2 + 1) / length
    return np.stack([np.interp(at, centres, row) for row in np.eye(BANDS)], axis=1).astype(np.float32)
