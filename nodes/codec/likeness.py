"""How near a reproduction comes to its sound: spectra at five resolutions, and the level.

For any codec, with numpy alone. The distance is the one that neural codecs are compared by (multi-resolution STFT):
``linear`` is spectral convergence, ``log`` the mean difference of natural logs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .interface import Codec

Floats = NDArray[np.float64]

WINDOWS = (4096, 2048, 1024, 512, 256)
LOG_FLOOR = 1e-4
# Added to the norm of the original (times the root of the bins), so that near silence doesn't rule a mean.
QUIET = 0.02


@dataclass(frozen=True)
class Distance:
    """How far a sound is from another; 0 is equal.

    linear: mean over windows of ``‖|Y| − |X|‖ / (‖|X|‖ + 0.02 √bins)``, in which silence is about 0.8.
    log: mean of ``|ln(|Y| + 1e-4) − ln(|X| + 1e-4)|``, a full-scale sine being 1.
    convergence: ``linear`` without the 0.02, in which silence is 1.
    level_db: rms of the copy over that of the original.
    """

    linear: float
    log: float
    convergence: float
    level_db: float


def distance(copy: Floats, original: Floats) -> Distance:
    """The distance of a mono copy from the original that it lies over; both of the same length, at least 4096."""
    linear, log, convergence = [], [], []
    for length in WINDOWS:
        ours, theirs = spectrum(copy, length), spectrum(original, length)
        missing, norm = float(np.linalg.norm(ours - theirs)), float(np.linalg.norm(theirs))
        linear.append(missing / (norm + QUIET * ours.shape[1] ** 0.5))
        convergence.append(missing / (norm + 1e-9))
        log.append(float(np.abs(np.log(ours + LOG_FLOOR) - np.log(theirs + LOG_FLOOR)).mean()))
    return Distance(
        float(np.mean(linear)), float(np.mean(log)), float(np.mean(convergence)), decibels(copy) - decibels(original)
    )


def spectrum(sound: Floats, length: int = 2048) -> Floats:
    """Magnitudes in Hann windows a quarter of their length apart, 1 for a full-scale sine: ``[windows, bins]``."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    windows = sliding_window_view(np.pad(sound, length // 2, mode="reflect"), length)[:: length // 4]
    return np.asarray(np.abs(np.fft.rfft(windows * window, axis=1)) * (2 / window.sum()), dtype=np.float64)


def decibels(sound: Floats | NDArray[np.float32]) -> float:
    """The rms of a sound in dBFS; −120 for silence."""
    return float(10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-12))


def reproduce(codec: Codec, sound: Floats) -> Floats:
    """Encode and decode a sound, shifted so that it lies over the original.

    sound: ``[channels, samples]`` at the codec's rate, with the channels that it encodes. Returns
    ``[channels, samples]`` with the channels that it decodes, of the same length. A fresh instance does it.
    """
    facts = codec.facts
    lag = facts.encoder_latency + facts.latency
    count = sound.shape[1]
    padded = np.pad(sound, ((0, 0), (0, lag + -(count + lag) % facts.ratio))).astype(np.float32)[None]
    stream = codec.new_instance()
    step = 64 * facts.ratio
    parts = [stream.decode(stream.encode(padded[:, :, at : at + step])) for at in range(0, padded.shape[2], step)]
    return np.concatenate(parts, axis=2)[0, :, lag : lag + count].astype(np.float64)


def noise_like(original: Floats, seed: int = 0) -> Floats:
    """Noise with the mean spectrum and the level of a mono sound: what a codec must beat."""
    wanted = np.sqrt((spectrum(original) ** 2).mean(axis=0))
    hiss = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(original)))
    shaped = np.interp(np.linspace(0, 1, len(hiss)), np.linspace(0, 1, len(wanted)), wanted)
    noise = np.fft.irfft(hiss * shaped, len(original))
    return np.asarray(noise * np.sqrt(np.mean(original**2) / (np.mean(noise**2) + 1e-12)), dtype=np.float64)
