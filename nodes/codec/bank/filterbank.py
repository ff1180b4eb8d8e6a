"""What the built-in codec's encoder hears: every pitch through a window long enough to tell it from its neighbours.

One band per semitone, read from the last 8192 samples in the bass and from 1024 in the treble, and forty mel bands
of a short window for what has no pitch; beside them, the level. The short windows end a little before now, so that
all windows look at about the same moment, ``LOOK_BACK`` samples ago.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .layout import (
    HOP,
    HOPS_PER_FRAME,
    LEVEL_WINDOW,
    LOOK_BACK,
    PARTIALS,
    RATIO,
    SAMPLE_RATE,
    FloatArray,
    hann,
    mel_filters,
    partial_frequencies,
)

# Length in samples, how long before now it ends, and the range of pitches in Hz heard through it.
WINDOWS = ((8192, 0, 0.0, 250.0), (4096, 0, 250.0, 900.0), (2048, 512, 900.0, 3500.0), (1024, 1024, 3500.0, 2e4))
MEL_BANDS = 40
BANDS = PARTIALS + MEL_BANDS
LONGEST = WINDOWS[0][0]
# A magnitude m is heard as (ln(m + FLOOR) + OFFSET) / SCALE: about −1.5 … 2.3.
FLOOR, OFFSET, SCALE = np.float32(1e-5), np.float32(7.0), np.float32(3.0)


@dataclass(frozen=True)
class AnalysisWindow:
    """One window: ``filters`` ``[bins, bands]`` turn magnitudes of bins ``0 … bins`` into its bands."""

    length: int
    delay: int
    window: FloatArray
    filters: FloatArray


class Filterbank:
    """Streaming hearing over ``lanes`` lanes of mono sound at 44.1 kHz; it keeps the last 8192 samples of each."""

    def __init__(self, lanes: int) -> None:
        self._past = np.zeros((lanes, LONGEST - HOP), np.float32)

    def hear(self, sound: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The next frames: ``[lanes, frames * 1024]`` to bands ``[lanes, frames * 4, 152]``, rms ``[lanes, frames]``.

        The level is that of the frame that the decoder will play: Hann-weighted over 2048 samples around it.
        """
        longer = np.concatenate([self._past, sound], axis=1)
        self._past[:] = longer[:, -self._past.shape[1] :]
        hops = sound.shape[1] // HOP
        bands = np.empty((len(longer), hops, BANDS), np.float32)
        done = 0
        for window in filterbank():
            end = LONGEST - window.delay
            windows = sliding_window_view(longer, window.length, axis=1)[:, end - window.length :: HOP][:, :hops]
            magnitudes = np.abs(np.fft.rfft(windows * window.window, axis=2)[..., : len(window.filters)])
            count = window.filters.shape[1]
            bands[:, :, done : done + count] = magnitudes.astype(np.float32, copy=False) @ window.filters
            done += count
        heard = (np.log(bands + FLOOR) + OFFSET) / SCALE
        return np.asarray(heard, dtype=np.float32), self._levels(longer, hops // HOPS_PER_FRAME)

    def reset(self, lane: int | slice) -> None:
        """Forget the past of one lane, or of a slice of lanes."""
        self._past[lane] = 0.0

    def _levels(self, longer: FloatArray, frames: int) -> FloatArray:
        weight = hann(LEVEL_WINDOW) / hann(LEVEL_WINDOW).sum()
        start = LONGEST - HOP + RATIO - LOOK_BACK - RATIO // 2 - LEVEL_WINDOW // 2
        windows = sliding_window_view(longer, LEVEL_WINDOW, axis=1)[:, start::RATIO][:, :frames]
        return np.asarray(np.sqrt((windows * windows) @ weight), dtype=np.float32)


@cache
def filterbank() -> tuple[AnalysisWindow, ...]:
    """The windows with their filters, in the order of the bands."""
    pitches = partial_frequencies()
    found = []
    for length, delay, low, high in WINDOWS:
        chosen = pitches[(pitches >= low) & (pitches < high)]
        found.append(_window(length, delay, _semitone_filters(length, chosen)))
    found.append(_window(WINDOWS[-1][0], WINDOWS[-1][1], mel_filters(WINDOWS[-1][0], MEL_BANDS).T))
    return tuple(found)


def _window(length: int, delay: int, filters: NDArray[np.float32]) -> AnalysisWindow:
    used = int(np.flatnonzero(filters.any(axis=1))[-1]) + 1
    scaled = np.ascontiguousarray(filters[:used] * np.float32(2 / length))
    return AnalysisWindow(length, delay, hann(length), scaled)


def _semitone_filters(length: int, pitches: NDArray[np.float64]) -> FloatArray:
    """Triangles a semitone to each side, and at least a bin: ``[bins, pitches]``, each summing to 1."""
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, length // 2 + 1)
    reach = np.maximum(pitches * (2 ** (1 / 12) - 1), SAMPLE_RATE / length)
    filters = np.maximum(0.0, 1 - np.abs(hertz[:, None] - pitches) / reach)
    return np.asarray(filters / filters.sum(axis=0), dtype=np.float32)
