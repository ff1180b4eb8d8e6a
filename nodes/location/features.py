"""What a moment of sound is like, heard as if through a telephone: its spectrum between 170 and 5500 Hz, level aside.

The same numbers come from a studio file, a small microphone and a quiet room, as nearly as can be: no band outside of
what they all carry, each frame beside the loudest of late, and nothing more than 50 dB below that.
"""

import numpy as np
from numpy.typing import NDArray

from ..codec.sounds.layout import cosines, hann

FloatArray = NDArray[np.float32]

HOP_SECONDS, WINDOW_SECONDS = 1024 / 44_100, 2048 / 44_100
LOW_HZ, HIGH_HZ = 170.0, 5500.0
BANDS, COEFFICIENTS = 32, 18
FLOOR_DB = 50.0
# The loudest of late is forgotten by half in so long.
FORGETTING_SECONDS = 4.0
# A frame whose samples are all below is silence, and so is one that is out of all bounds.
QUIET, LOUDEST = 1e-3, 1e4


class FrameFeatures:
    """Frames of one sound, one after the other. sample_rate: Hz, 12,000 and more."""

    def __init__(self, sample_rate: float) -> None:
        self.hop = HOP_SECONDS * sample_rate
        """Samples from frame to frame; no whole number at most rates."""
        self.window = max(64, round(WINDOW_SECONDS * sample_rate))
        self._shape = hann(self.window)
        self._filters = np.ascontiguousarray(_mel(sample_rate, self.window).T)
        self._cosines = cosines(BANDS, COEFFICIENTS)
        self._windowed = np.zeros(self.window, np.float32)
        self._power = np.zeros(self.window // 2 + 1, np.float32)
        self._bands, self._loudest = np.zeros(BANDS, np.float32), np.float32(0)
        self._kept = np.float32(0.5 ** (HOP_SECONDS / FORGETTING_SECONDS))

    def reset(self) -> None:
        """Forget how loud it has been."""
        self._loudest = np.float32(0)

    def hear(self, samples: FloatArray, out: FloatArray) -> bool:
        """The cepstrum ``[18]`` of a window of samples ``[window]``; False for silence, which has none."""
        # numbers that make no sense fail both comparisons
        if not QUIET <= float(np.abs(samples).max()) <= LOUDEST:
            return False
        np.multiply(samples, self._shape, out=self._windowed)
        spectrum = np.fft.rfft(self._windowed)
        np.multiply(spectrum.real, spectrum.real, out=self._power, casting="unsafe")
        self._power += np.square(spectrum.imag).astype(np.float32)
        np.matmul(self._power, self._filters, out=self._bands)
        loudest = float(self._bands.max())
        self._loudest = np.float32(max(loudest, float(self._loudest * self._kept)))
        self._bands /= np.float32(max(float(self._loudest), 1e-12))
        self._bands += np.float32(10 ** (-FLOOR_DB / 10))
        np.log(self._bands, out=self._bands)
        np.matmul(self._bands, self._cosines, out=out)
        return True


def frames_of(sound: FloatArray, sample_rate: float) -> tuple[FloatArray, NDArray[np.bool_]]:
    """All frames of a sound ``[n]``, one every 1024 / 44100 s: cepstra ``[frames, 18]``, and which are silent."""
    features = FrameFeatures(sample_rate)
    count = max(1, int(np.ceil(len(sound) / features.hop)))
    lead = (features.window - round(features.hop)) // 2
    padded = np.concatenate([np.zeros(lead, np.float32), sound, np.zeros(2 * features.window, np.float32)])
    cepstra, is_silent = np.zeros((count, COEFFICIENTS), np.float32), np.zeros(count, np.bool_)
    for frame in range(count):
        begin = round(frame * features.hop)
        is_silent[frame] = not features.hear(padded[begin : begin + features.window], cepstra[frame])
    return cepstra, is_silent


def _mel(sample_rate: float, window: int) -> FloatArray:
    """Triangular bands of equal perceptual width, ``[BANDS, window // 2 + 1]``, each of sum 1."""
    edges = _hertz(np.linspace(_melody(LOW_HZ), _melody(min(HIGH_HZ, 0.48 * sample_rate)), BANDS + 2))
    bins = np.arange(window // 2 + 1) * sample_rate / window
    # no narrower than two bins, so that none is empty
    reach = np.maximum(np.diff(edges), 1.2 * sample_rate / window)
    rise = (bins - edges[1:-1, None]) / reach[:-1, None] + 1
    fall = (edges[1:-1, None] - bins) / reach[1:, None] + 1
    filters = np.maximum(0.0, np.minimum(rise, fall))
    return np.asarray(filters / filters.sum(axis=1, keepdims=True), np.float32)


def _melody(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
