"""Small instruments, made from scratch, that the built-in codec learns from and the demo sounds are played on.

Every function gives mono sound at 44.1 kHz as float64 ``[samples]``, roughly within -1 … 1. What is random comes
from the generator that is passed in, so the same seed plays the same sounds.
"""

from collections.abc import Sequence

import numpy as np

from ..bank.layout import SAMPLE_RATE, Sound

Random = np.random.Generator

# Formants of sung vowels: (Hz, bandwidth in Hz, level) each.
VOWELS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "a": ((800, 80, 1.0), (1150, 90, 0.5), (2900, 120, 0.2), (3900, 130, 0.1)),
    "e": ((400, 60, 1.0), (1700, 90, 0.4), (2600, 110, 0.25), (3600, 130, 0.1)),
    "i": ((300, 50, 1.0), (2200, 100, 0.3), (3000, 120, 0.25), (3800, 130, 0.1)),
    "o": ((450, 70, 1.0), (800, 80, 0.6), (2830, 110, 0.1), (3800, 130, 0.06)),
    "u": ((325, 50, 1.0), (700, 70, 0.4), (2700, 110, 0.05), (3800, 130, 0.03)),
}


def times(seconds: float) -> Sound:
    """The time of every sample in seconds: float64 ``[samples]``."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def envelope(seconds: float, attack: float, decay: float) -> Sound:
    """A straight rise of ``attack`` seconds, then an exponential fall with time constant ``decay`` seconds."""
    time = times(seconds)
    return np.minimum(time / attack, 1.0) * np.exp(-np.maximum(time - attack, 0.0) / decay)


def trapezium(seconds: float, rise: float, fall: float) -> Sound:
    """Straight up in ``rise`` seconds, held at 1, straight down in the last ``fall`` seconds."""
    time = times(seconds)
    return np.asarray(np.clip(np.minimum(time / rise, (seconds - time) / fall), 0, 1), dtype=np.float64)


def pluck(random: Random, hertz: float, seconds: float, brightness: float = 0.7, damping: float = 0.996) -> Sound:
    """A plucked string (Karplus and Strong 1983): a burst of noise going round a delay that dulls it.

    brightness: 0 (soft) … 1 (hard). damping: share kept per round, below 1.
    """
    from scipy.signal import lfilter

    period = SAMPLE_RATE / hertz - 0.5
    whole = int(period)
    fraction = period - whole
    burst = random.uniform(-1, 1, whole + 1)
    for _ in range(round((1 - brightness) * 6)):
        burst = 0.5 * (burst + np.roll(burst, 1))
    feedback = np.zeros(whole + 3)
    feedback[0] = 1.0
    feedback[whole : whole + 3] -= damping * 0.5 * np.array([1 - fraction, 1.0, fraction])
    excitation = np.zeros(round(seconds * SAMPLE_RATE))
    length = min(len(burst), len(excitation))
    excitation[:length] = burst[:length] - burst.mean()
    return np.asarray(lfilter([1.0], feedback, excitation), dtype=np.float64)


def frequency_modulated(
    hertz: float, seconds: float, ratio: float, index: float, attack: float = 0.005, decay: float = 0.8
) -> Sound:
    """A bell or brass-like tone by frequency modulation (Chowning 1973); the index falls with the level."""
    level = envelope(seconds, attack, decay)
    phase = 2 * np.pi * hertz * times(seconds)
    return np.sin(phase + index * level * np.sin(ratio * phase)) * level


def noise_band(random: Random, seconds: float, hertz: float, octaves: float, attack: float, decay: float) -> Sound:
    """Noise around one frequency, ``octaves`` wide, with an envelope: hats, wind, breath."""
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(random.standard_normal(count))
    distance = np.log2(np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 20.0) / hertz)
    sound = np.fft.irfft(spectrum * np.exp(-0.5 * (distance / octaves) ** 2), count)
    return np.asarray(sound / (np.abs(sound).max() + 1e-9) * envelope(seconds, attack, decay), dtype=np.float64)


def drum(seconds: float, low: float, sweep: float, speed: float, decay: float) -> Sound:
    """A kick or tom: a sine falling from ``low + sweep`` to ``low`` Hz, ``speed`` times e per second."""
    hertz = low + sweep * np.exp(-times(seconds) * speed)
    return np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE) * envelope(seconds, 0.001, decay)


def pad(random: Random, pitches: Sequence[float], seconds: float, rolloff: float = 1.2) -> Sound:
    """A chord of slowly breathing partials; ``rolloff`` is the power by which harmonics fall."""
    time = times(seconds)
    sound = np.zeros(len(time))
    for hertz in pitches:
        for harmonic in range(1, max(2, int(min(24, 9000 / hertz)))):
            detuned = harmonic * hertz * (1 + random.normal() * 0.001)
            swell = 1 + 0.5 * np.sin(2 * np.pi * random.uniform(0.05, 2) * time + random.uniform(0, 6))
            sound += harmonic**-rolloff * np.sin(2 * np.pi * detuned * time + random.uniform(0, 6)) * swell
    return sound * trapezium(seconds, min(0.3, seconds / 4), min(0.3, seconds / 4))


def swept_saw(start_hertz: float, end_hertz: float, seconds: float, cutoffs: Sequence[float]) -> Sound:
    """A saw gliding between two pitches through a low-pass that travels along ``cutoffs`` (Hz)."""
    time = times(seconds)
    hertz = start_hertz * (end_hertz / start_hertz) ** (time / seconds)
    saw = 2 * (np.cumsum(hertz) / SAMPLE_RATE % 1) - 1
    path = np.exp(np.interp(time, np.linspace(0, seconds, len(cutoffs)), np.log(cutoffs)))
    return low_pass(saw, path) * envelope(seconds, 0.02, seconds)


def low_pass(sound: Sound, cutoff: Sound) -> Sound:
    """Dull a sound with a two-pole low-pass whose cutoff (Hz, one value per sample) moves every 256 samples."""
    from scipy.signal import lfilter

    out = np.zeros_like(sound)
    state = np.zeros(2)
    for start in range(0, len(sound), 256):
        gain = 1 - np.exp(-2 * np.pi * cutoff[start] / SAMPLE_RATE)
        poles = [1.0, -2 * (1 - gain), (1 - gain) ** 2]
        out[start : start + 256], state = lfilter([gain * gain], poles, sound[start : start + 256], zi=state)
    return out


def grains(random: Random, seconds: float, hertz: float, per_second: float, texture: str = "sine") -> Sound:
    """A cloud of short grains scattered over a scale above ``hertz``; texture: ``sine``, ``string`` or ``noise``."""
    count = round(seconds * SAMPLE_RATE)
    sound = np.zeros(count + SAMPLE_RATE)
    for _ in range(int(seconds * per_second)):
        length = random.uniform(0.03, 0.15)
        pitch = hertz * 2 ** (random.choice([-12, -5, 0, 3, 7, 10, 12, 15, 19]) / 12)
        if texture == "sine":
            grain = np.sin(2 * np.pi * pitch * times(length))
        elif texture == "string":
            grain = pluck(random, pitch, length)
        else:
            grain = random.standard_normal(len(times(length))) * 0.5
        start = int(random.uniform(0, count))
        sound[start : start + len(grain)] += grain * np.hanning(len(grain)) * random.uniform(0.2, 1)
    return sound[:count]


def voice(random: Random, hertz: float, seconds: float, vowels: str, breath: float = 0.05) -> Sound:
    """A sung vowel line: pulses with vibrato through formants that glide along ``vowels`` (letters a e i o u)."""
    from scipy.signal import lfilter

    time = times(seconds)
    pitch = hertz * (1 + 0.012 * np.sin(2 * np.pi * 5.3 * time) * np.clip(time / 0.4, 0, 1))
    saw = 2 * (np.cumsum(pitch) / SAMPLE_RATE % 1) - 1
    source = low_pass(saw, np.full(len(time), 1800.0)) + breath * random.standard_normal(len(time))
    sound = np.zeros(len(time))
    place = np.linspace(0, len(vowels) - 1, max(2, len(time) // 256 + 1))
    for formant in range(4):
        path = np.array([VOWELS[letter][formant] for letter in vowels], dtype=np.float64)
        steps = np.stack([np.interp(place, np.arange(len(vowels)), path[:, part]) for part in range(3)], axis=1)
        state = np.zeros(2)
        for start in range(0, len(time), 256):
            centre, width, level = steps[start // 256]
            radius = np.exp(-np.pi * width / SAMPLE_RATE)
            poles = [1.0, -2 * radius * np.cos(2 * np.pi * centre / SAMPLE_RATE), radius**2]
            piece, state = lfilter([level * (1 - radius)], poles, source[start : start + 256], zi=state)
            sound[start : start + 256] += piece
    return sound * trapezium(seconds, 0.06, 0.12)


def growl(hertz: float, seconds: float, wobble_hertz: float, bite: float = 3.0) -> Sound:
    """A bass: three detuned saws driven into a soft limiter behind a low-pass that wobbles."""
    time = times(seconds)
    saws = sum((2 * (hertz * detune * time % 1) - 1 for detune in (0.995, 1.0, 1.004)), np.zeros(len(time)))
    cutoff = 150 + 1800 * (0.5 - 0.5 * np.cos(2 * np.pi * wobble_hertz * time)) ** 2
    driven = np.tanh(bite * low_pass(saws / 2, cutoff))
    return driven * trapezium(seconds, 0.01, 0.08)
