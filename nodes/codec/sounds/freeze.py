"""A moment of a tonal sound, held: its spectrum, played on by steady partials and by noise where there are none.

Spectra are looked at in float64, so that an exported model (``nodes.exporting``) sees the same partials.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .analysis import around, band_weights
from .chance import Chance
from .corpus import CorpusSound
from .layout import CHANNELS, RATIO, FloatArray, hann

WINDOW, HOP = 4096, RATIO
BINS = WINDOW // 2 + 1
# Samples between two looks at the phases, from which frequencies are told.
STEP = 256
LOOKS = 5
# Frames on either side of the moment whose spectra are taken together.
SPREAD = 2.5
# A peak stands so many times over what is around it; so many bins on either side move with it.
PEAK, REACH = 3.0, 4
# How far a spectrum moves to that of the moment with each frame.
SETTLING = np.float32(0.25)
# Samples by which the moment may move before it is looked at again.
MOVED = 512.0
# Four windows, twice applied, add up to 1.5 where they agree and to 0.75 (of the rms) where they do not.
STEADY_LEVEL, NOISE_LEVEL = np.float32(1 / 1.5), np.float32(1 / 0.75)


class Freeze:
    """One stream. Windows of 4096 samples overlap by three quarters."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._tail = np.zeros((CHANNELS, WINDOW), np.float32)
        self._heard = np.zeros((CHANNELS, WINDOW), np.float32)
        self._phases, self._advance = np.zeros(BINS), np.zeros(BINS)
        self._magnitudes, self._wanted, self._between = np.zeros((3, CHANNELS, BINS), np.float32)
        self._is_steady = np.zeros(BINS, bool)
        self._at = 0.0
        self.is_begun = False

    def begin(self) -> None:
        """The next frame begins anew."""
        self.is_begun = False
        self._tail.fill(0.0)

    def play(self, sound: CorpusSound, at: float, gains: FloatArray | None, out: FloatArray) -> None:
        """Fill ``out [2, 1024]`` with a frame of what sounds around a sample. gains: of 32 bands, natural logs."""
        if not self.is_begun or abs(at - self._at) > MOVED:
            self._look(sound, at)
        self._magnitudes += SETTLING * (self._wanted - self._magnitudes)
        shape = np.where(self._is_steady, STEADY_LEVEL, NOISE_LEVEL)
        if gains is not None:
            shape *= np.exp(band_weights(WINDOW) @ gains)
        while not self.is_begun:
            for _ in range(WINDOW // HOP - 1):
                self._add(shape)
                self._shift()
            self.is_begun = True
        self._add(shape)
        np.copyto(out, self._tail[:, :HOP])
        self._shift()

    def _add(self, shape: FloatArray) -> None:
        chance = self._chance.numbers(BINS) * (2 * np.pi)
        self._phases = np.mod(self._phases + self._advance, 2 * np.pi)
        phases = (np.where(self._is_steady, self._phases, chance) + self._between).astype(np.float32)
        self._tail += np.fft.irfft(self._magnitudes * shape * np.exp(1j * phases), axis=1) * _window()

    def _shift(self) -> None:
        self._tail[:, :-HOP] = self._tail[:, HOP:]
        self._tail[:, -HOP:] = 0.0

    def _look(self, sound: CorpusSound, at: float) -> None:
        """Take the spectrum around a sample: the mean of several, so that it is none of them."""
        self._at = at
        heard, window = self._heard, _window().astype(np.float64)
        reach = min(SPREAD * RATIO, max(0.5 * (sound.samples - WINDOW), 0.0))
        middle = min(max(at, reach), max(sound.samples - reach, reach))
        logs, power = np.zeros((CHANNELS, BINS)), np.zeros((CHANNELS, 1))
        for offset in np.linspace(-reach, reach, LOOKS):
            sound.take(int(middle + offset) - WINDOW // 2, heard)
            found = np.abs(np.fft.rfft(heard * window, axis=1)) + 1e-5
            logs += np.log(found)
            power += (found * found).sum(axis=1, keepdims=True)
        mean = np.exp(logs / LOOKS)
        mean *= np.sqrt(power / LOOKS / ((mean * mean).sum(axis=1, keepdims=True) + 1e-12))
        self._wanted[:] = mean
        spectra = []
        for delay in (0, STEP):
            sound.take(int(middle) - WINDOW // 2 + delay, heard)
            spectra.append(np.fft.rfft(heard * window, axis=1))
        first, second = (one.sum(axis=0) for one in spectra)
        self._between[:] = np.angle(spectra[0] * np.conj(first))
        self._find_partials(mean.sum(axis=0), np.angle(second * np.conj(first)))
        if not self.is_begun:
            self._magnitudes[:] = mean
            self._phases = np.angle(first)

    def _find_partials(self, magnitudes: NDArray[np.float64], turned: NDArray[np.floating]) -> None:
        """Which bins belong to partials, and by how much their phases advance with each frame."""
        bins = np.arange(BINS)
        expected = 2 * np.pi * bins * STEP / WINDOW
        deviation = (turned - expected + np.pi) % (2 * np.pi) - np.pi
        advance = (expected + deviation) * (HOP / STEP)
        inner = magnitudes[1:-1]
        is_peak = (inner > magnitudes[:-2]) & (inner >= magnitudes[2:])
        is_peak &= inner > PEAK * around(magnitudes[np.newaxis], 12)[0, 1:-1]
        peaks = np.flatnonzero(is_peak) + 1
        self._is_steady = np.zeros(BINS, bool)
        self._advance = advance
        if len(peaks):
            nearest = peaks[np.searchsorted((peaks[1:] + peaks[:-1]) / 2, bins)]
            self._advance = advance[nearest]
            self._is_steady = np.abs(bins - nearest) <= REACH


@cache
def _window() -> FloatArray:
    return hann(WINDOW)
