"""Eight short sounds to walk between: the first terrain anybody hears is made of these.

One bar each, in one key and at one tempo, so that any two go together: a picked figure, a tune of bells, waves, a beat,
chords, a choir, a bass and a rain of small tones, all played by ``instruments``.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..bank.layout import SAMPLE_RATE, Sound
from . import instruments as play
from .instruments import Random

PEAK, LEVEL = 10 ** (-3 / 20), 10 ** (-18 / 20)
SIXTEENTH = 60 / 96 / 4
# 2.5 s: four beats at 96 a minute.
BAR = 16 * SIXTEENTH


def make_demo_sounds(folder: Path, seed: int = 11) -> list[Path]:
    """Write the eight sounds as stereo 44.1 kHz 16-bit FLAC at −18 dBFS, peaks up to −3; returns the files."""
    import soundfile

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for place, (name, make) in enumerate(_SOUNDS.items()):
        sound = make(np.random.default_rng([seed, place]))
        sound = sound * min(PEAK / np.abs(sound).max(), LEVEL / np.sqrt((sound**2).mean()))
        fade = min(len(sound), round(0.01 * SAMPLE_RATE))
        sound[-fade:] *= np.linspace(1, 0, fade)[:, np.newaxis]
        path = folder / f"{place + 1:02d}-{name}.flac"
        soundfile.write(path, sound, SAMPLE_RATE, subtype="PCM_16")
        files.append(path)
    return files


def _pluck(random: Random) -> Sound:
    """A picked figure over two chords, from left to right."""
    notes = (45, 57, 60, 64, 67, 64, 60, 64, 41, 57, 60, 65, 69, 65, 60, 57)
    loud = (1.0, 0.5, 0.6, 0.8, 1.0, 0.6, 0.5, 0.7)
    return _mix(
        BAR,
        [
            (SIXTEENTH * place, _panned(play.pluck(random, _pitch(note), 1.1, 0.75, 0.996) * loud[place % 8], side))
            for place, note in enumerate(notes)
            for side in (-0.6 + 1.2 * (place % 8) / 7,)
        ],
    )


def _bells(_: Random) -> Sound:
    """A tune of five notes with its echo on the other side."""
    tune = ((0, 76, 1.0), (3, 79, 0.7), (6, 81, 0.9), (9, 76, 0.6), (11, 74, 0.8), (14, 72, 0.5))
    notes = []
    for place, note, level in tune:
        tone = play.frequency_modulated(_pitch(note), 1.6, 3.5, 2.0, 0.003, 0.5) * level
        notes += [(SIXTEENTH * place, _panned(tone, -0.4)), (SIXTEENTH * (place + 3), _panned(0.35 * tone, 0.6))]
    return _mix(BAR, notes)


def _breath(random: Random) -> Sound:
    """Waves on a shore: two swells, wide, with a hiss as they fall."""
    swells = []
    for begin, hertz, level in ((0.0, 600.0, 1.0), (1.2, 900.0, 0.8)):
        for side in (-0.8, 0.8):
            low = play.noise_band(random, 1.3, hertz, 1.0, 0.55, 0.3)
            high = play.noise_band(random, 1.0, 6000, 0.8, 0.35, 0.2) * 0.4
            swells += [(begin, _panned(low * level, side)), (begin + 0.3, _panned(high * level, -side))]
    return _mix(BAR, swells)


def _beat(random: Random) -> Sound:
    """Kick, snare, hats with a swing, and a shaker far right."""
    kick = play.drum(0.4, 50, 230, 38, 0.16)
    snare = play.noise_band(random, 0.25, 2400, 1.3, 0.001, 0.08) * 0.8 + play.drum(0.25, 185, 70, 30, 0.06)
    hat = play.noise_band(random, 0.12, 9500, 0.6, 0.001, 0.03) * 0.4
    open_hat = play.noise_band(random, 0.3, 8500, 0.8, 0.001, 0.14) * 0.35
    shaker = play.noise_band(random, 0.09, 6500, 0.7, 0.02, 0.025) * 0.3
    swing = 0.22 * SIXTEENTH
    steps = [(SIXTEENTH * place, _panned(kick, 0.0)) for place in (0, 6, 8, 11)]
    steps += [(SIXTEENTH * place, _panned(snare * level, 0.1)) for place, level in ((4, 1.0), (12, 1.0), (15, 0.35))]
    for place in range(16):
        late = swing if place % 2 else 0.0
        steps.append((SIXTEENTH * place + late, _panned(shaker * (1.0 if place % 4 == 2 else 0.6), 0.7)))
        if place % 2 == 0:
            steps.append((SIXTEENTH * place, _panned(open_hat if place == 14 else hat, -0.5)))
    return _mix(BAR, steps)


def _pad(random: Random) -> Sound:
    """Two warm chords, wide."""
    events = []
    for begin, notes in ((0.0, (45, 57, 60, 64, 71)), (BAR / 2 - 0.1, (41, 57, 60, 64, 67))):
        for side in (-0.7, 0.7):
            chord = play.pad(random, [_pitch(note) for note in notes], BAR / 2 + 0.1, 1.6)
            events.append((begin, _panned(chord, side)))
    return _mix(BAR, events)


def _vowel(random: Random) -> Sound:
    """A small choir that sings four notes."""
    notes = ((0.0, 57, "aoa"), (0.62, 60, "oeo"), (1.25, 64, "eae"), (1.87, 62, "aou"))
    events = []
    for begin, note, vowels in notes:
        for voice, side in ((0.0, -0.6), (0.07, 0.0), (-0.06, 0.6)):
            sung = play.voice(random, _pitch(note + voice), 0.66, vowels, 0.02)
            events.append((begin, _panned(sung, side)))
    return _mix(BAR, events)


def _growl(_: Random) -> Sound:
    """A bass line that answers the beat."""
    steps = ((0, 33, 3, 3.2), (3, 33, 2, 6.4), (6, 36, 2, 6.4), (8, 29, 3, 3.2), (11, 29, 2, 6.4), (14, 31, 2, 6.4))
    return _mix(
        BAR,
        [
            (SIXTEENTH * place, _panned(tone, 0.0))
            for place, note, length, wobble in steps
            for seconds in (length * SIXTEENTH * 0.95,)
            for tone in (play.growl(_pitch(note), seconds, wobble, 2.0) * play.envelope(seconds, 0.005, 0.35),)
        ],
    )


def _shimmer(random: Random) -> Sound:
    """A rain of small tones, each somewhere else."""
    events = [
        (0.0, _panned(play.grains(random, BAR, _pitch(note), 9) * play.trapezium(BAR, 0.15, 0.4), side))
        for note, side in ((76, -0.9), (93, -0.3), (81, 0.3), (88, 0.9))
    ]
    return _mix(BAR, events)


def _mix(seconds: float, events: Sequence[tuple[float, Sound]]) -> Sound:
    """Sounds ``[n, 2]`` from their times on, as one; what rings on at the end dies away."""
    out = np.zeros((round(seconds * SAMPLE_RATE), 2))
    for start, sound in events:
        first = round(start * SAMPLE_RATE)
        piece = sound[: max(len(out) - first, 0)]
        out[first : first + len(piece)] += piece
    return out


def _panned(sound: Sound, side: float) -> Sound:
    """A mono sound between left (-1) and right (1), at equal power: ``[n, 2]``."""
    angle = (side + 1) * np.pi / 4
    return np.asarray(sound[:, np.newaxis] * np.array([np.cos(angle), np.sin(angle)]))


def _pitch(note: float) -> float:
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
