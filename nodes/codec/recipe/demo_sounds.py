"""Eight short sounds to walk between: the first terrain anybody hears is made of these.

A pluck, bells, a breath, a beat, a pad, a vowel, a growl and a shimmer, all played by ``instruments``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..bank.layout import SAMPLE_RATE
from . import instruments as play
from .instruments import Random, Sound

PEAK = 10 ** (-3 / 20)


def make_demo_sounds(folder: Path, seed: int = 11) -> list[Path]:
    """Write the eight sounds as mono 44.1 kHz 16-bit FLAC with their peak at −3 dBFS; returns the files."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for place, (name, make) in enumerate(_SOUNDS.items()):
        sound = make(np.random.default_rng([seed, place]))
        sound = sound / np.abs(sound).max() * PEAK
        fade = min(len(sound), round(0.01 * SAMPLE_RATE))
        sound[-fade:] *= np.linspace(1, 0, fade)
        path = folder / f"{place + 1:02d}-{name}.flac"
        soundfile.write(path, sound, SAMPLE_RATE, subtype="PCM_16")
        files.append(path)
    return files


def _pluck(random: Random) -> Sound:
    notes = [
        (0.25 * place, play.pluck(random, _pitch(note), 2.2 - 0.25 * place, 0.7, 0.997))
        for place, note in enumerate((45, 52, 57, 60, 64))
    ]
    return _mix(2.2, notes)


def _bells(_: Random) -> Sound:
    notes = [
        (0.4 * place, play.frequency_modulated(_pitch(note), 2.4 - 0.4 * place, 3.5, 2.5, 0.003, 0.7))
        for place, note in enumerate((69, 76, 74, 81))
    ]
    return _mix(2.4, notes)


def _breath(random: Random) -> Sound:
    low = play.noise_band(random, 2.4, 700, 0.8, 1.1, 0.5)
    high = play.noise_band(random, 1.6, 5000, 0.7, 0.9, 0.3) * 0.6
    return _mix(2.4, [(0.0, low), (0.7, high)])


def _beat(random: Random) -> Sound:
    kick = play.drum(0.4, 52, 220, 38, 0.14)
    snare = play.noise_band(random, 0.3, 2200, 1.2, 0.001, 0.07) * 0.8 + play.drum(0.3, 180, 60, 30, 0.05)
    hat = play.noise_band(random, 0.12, 9500, 0.6, 0.001, 0.025) * 0.5
    steps = [(0.0, kick), (0.5, snare), (0.75, kick), (1.0, kick), (1.5, snare), (1.875, snare * 0.5)]
    return _mix(2.0, [*steps, *((0.25 * place, hat) for place in range(8))])


def _pad(random: Random) -> Sound:
    return play.pad(random, [_pitch(note) for note in (45, 52, 60, 64, 67)], 2.8, 1.5)


def _vowel(random: Random) -> Sound:
    return play.voice(random, _pitch(50), 2.4, "aoieua", 0.03)


def _growl(_: Random) -> Sound:
    long = play.growl(_pitch(33), 1.1, 2.5, 2.0) * play.envelope(1.1, 0.01, 0.6)
    short = play.growl(_pitch(36), 0.9, 5.0, 2.0) * play.envelope(0.9, 0.01, 0.4)
    return _mix(2.0, [(0.0, long), (1.1, short)])


def _shimmer(random: Random) -> Sound:
    return play.grains(random, 2.4, _pitch(81), 30) * play.trapezium(2.4, 0.2, 0.6)


def _mix(seconds: float, events: Sequence[tuple[float, Sound]]) -> Sound:
    out = np.zeros(round(seconds * SAMPLE_RATE))
    for start, sound in events:
        first = round(start * SAMPLE_RATE)
        piece = sound[: len(out) - first]
        out[first : first + len(piece)] += piece
    return out


def _pitch(note: int) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


_SOUNDS: dict[str, Callable[[Random], Sound]] = {
    "pluck": _pluck,
    "bells": _bells,
    "breath": _breath,
    "beat": _beat,
    "pad": _pad,
    "vowel": _vowel,
    "growl": _growl,
    "shimmer": _shimmer,
}
