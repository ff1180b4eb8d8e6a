"""The training sounds of the built-in codec: half an hour or more, all free of other people's recordings.

Own synthesis, a General MIDI band through the MIT-licensed FluidR3 soundfont, and a speaking machine.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ..bank.layout import SAMPLE_RATE, Sound
from . import instruments as play
from .band import play_chords, play_drums, play_music, play_programs, require_tools, speak
from .instruments import Random

# Called with how far the work is (0 … 1) and a few words; False asks it to stop and keep what is done.
Progress = Callable[[float, str], bool]

TARGET_LEVEL = 0.1
# Share of a passage's distance from the target level (in dB) that is taken away.
LEVELLING = 0.6
# General MIDI programs grouped by family: keys, mallets, organs, guitars, basses, strings, choirs, …
FAMILIES = (
    (0, 4, 11, 24, 46),
    (8, 9, 10, 12, 13),
    (16, 19, 20, 21, 22),
    (24, 25, 27, 30, 26),
    (32, 33, 38, 39, 87),
    (40, 41, 42, 48, 49),
    (52, 53, 54, 85, 91),
    (56, 57, 60, 65, 71),
    (73, 75, 77, 79, 68),
    (80, 81, 82, 84, 90),
    (88, 89, 92, 94, 95),
    (96, 97, 99, 101, 103),
    (104, 107, 108, 112, 114),
    (14, 47, 115, 116, 117),
)

# Programs that play chords: pianos, guitars and harp, mallets and bells, organs and strings, winds and pads.
RINGING = (
    (0, 1, 2, 4, 5),
    (24, 25, 26, 27, 46),
    (8, 11, 12, 14, 107),
    (16, 19, 21, 48, 52),
    (61, 62, 71, 49, 88),
)
# Programs that play the chords of arrangements.
ARRANGED = ((0, 4, 24, 48), (5, 16, 25, 89))

SENTENCES = (
    "the terrain unfolds below the wheel",
    "every coordinate becomes a timbre",
    "mountains of sound and rivers of noise",
    "valleys where the consonants sleep",
    "seven wild foxes jumped quickly over the lazy brown dog",
    "why do we sing and whisper and breathe",
    "how much of this shall we forget by morning",
    "three ships came sailing through a thin grey fog",
    "put the copper kettle back on the fire",
    "he measured the garden twice and laughed",
    "azure voices rise above the humming town",
    "choose a joke that nobody has heard",
)
VOICES = ("en-us", "en-us+f3", "en+m4", "it", "de+f2", "fr+f4", "pl", "es+m3", "nl", "sv+f1")


def make_sounds(folder: Path, seed: int = 7, scale: float = 1.5, progress: Progress | None = None) -> list[Path]:
    """Play every part into ``folder`` as mono 44.1 kHz FLAC, and return the files.

    scale: 1 gives about 31 minutes, 3 about 94. The same seed and tool versions give the same sounds. Stops
    early, keeping what is done, when ``progress`` returns False. Raises ToolMissing when a program is not installed.
    """
    import soundfile

    parts = _parts(require_tools(), scale)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for place, (name, make) in enumerate(parts.items()):
        sound = level(make(np.random.default_rng([seed, place])))
        path = folder / f"{name}.flac"
        soundfile.write(path, sound, SAMPLE_RATE, subtype="PCM_16")
        files.append(path)
        if progress and not progress((place + 1) / len(parts), f"{name}: {len(sound) / SAMPLE_RATE:.0f} s"):
            break
    return files


def read_sound(path: Path) -> Sound:
    """A mono sound file as float64 ``[samples]``; more channels are mixed down."""
    import soundfile

    sound, _ = soundfile.read(path, dtype="float64", always_2d=True)
    return np.asarray(sound.mean(axis=1), dtype=np.float64)


def level(sound: Sound) -> Sound:
    """Bring loud and quiet passages nearer to each other, as a slow hand on the fader would.

    Without it the codec spends its latents on loudness alone.
    """
    window = np.hanning(int(0.8 * SAMPLE_RATE))[::64]
    power = np.convolve(sound[::64] ** 2, window / window.sum(), mode="same")
    slow = np.interp(np.arange(len(sound)), np.arange(len(power)) * 64, np.sqrt(np.maximum(power, 0.0)))
    sound = sound * (TARGET_LEVEL / np.maximum(slow, 0.003)) ** LEVELLING
    return np.asarray(sound * min(1.0, 0.95 / (np.abs(sound).max() + 1e-9)), dtype=np.float64)


def _parts(soundfont: Path, scale: float) -> dict[str, Callable[[Random], Sound]]:
    parts: dict[str, Callable[[Random], Sound]] = {
        f"band-{number + 1:02d}": partial(_band, soundfont, family, 24 * scale)
        for number, family in enumerate(FAMILIES)
    }
    parts["band-drums"] = partial(_drums, soundfont, 150 * scale)
    parts["speech"] = partial(_speech, 220 * scale)
    parts |= {name: partial(_sequence, maker, seconds * scale, gaps) for name, maker, seconds, gaps in _SCORE}
    parts |= {
        f"chords-{number + 1:02d}": partial(_chords, soundfont, family, 60 * scale)
        for number, family in enumerate(RINGING)
    }
    parts |= {
        f"music-{number + 1:02d}": partial(_music, soundfont, family, 90 * scale)
        for number, family in enumerate(ARRANGED)
    }
    return parts


def _band(soundfont: Path, programs: Sequence[int], seconds: float, random: Random) -> Sound:
    return play_programs(random, soundfont, programs, seconds)


def _chords(soundfont: Path, programs: Sequence[int], seconds: float, random: Random) -> Sound:
    return play_chords(random, soundfont, programs, seconds)


def _music(soundfont: Path, programs: Sequence[int], seconds: float, random: Random) -> Sound:
    return play_music(random, soundfont, programs, seconds)


def _drums(soundfont: Path, seconds: float, random: Random) -> Sound:
    return play_drums(random, soundfont, seconds)


def _speech(seconds: float, random: Random) -> Sound:
    spoken: list[Sound] = []
    while sum(len(one) for one in spoken) < seconds * SAMPLE_RATE:
        words = " ".join(random.choice(SENTENCES, 2)).split()
        if random.random() < 0.5:
            words = list(random.permutation(words))
        voice, speed, pitch = str(random.choice(VOICES)), int(random.integers(100, 180)), int(random.integers(10, 90))
        spoken.append(_unit(speak(" ".join(words), voice, speed, pitch)))
    return np.concatenate(spoken)[: round(seconds * SAMPLE_RATE)]


def _sequence(maker: Callable[[Random], Sound], seconds: float, gaps: Sequence[float], random: Random) -> Sound:
    count = round(seconds * SAMPLE_RATE)
    out = np.zeros(count + 6 * SAMPLE_RATE)
    now = 0.0
    while now < seconds:
        sound = _unit(maker(random)) * random.uniform(0.3, 0.7)
        start = int(now * SAMPLE_RATE)
        out[start : start + len(sound)] += sound[: len(out) - start]
        now += float(random.choice(gaps))
    return out[:count]


def _unit(sound: Sound) -> Sound:
    return np.asarray(sound / (np.abs(sound).max() + 1e-9), dtype=np.float64)


def _note(random: Random, low: int = 28, high: int = 88) -> float:
    return float(440 * 2 ** ((random.integers(low, high) - 69) / 12))


def _pluck(random: Random) -> Sound:
    return play.pluck(random, _note(random), 2.0, random.random(), random.uniform(0.985, 0.999))


def _modulated(random: Random) -> Sound:
    ratio = float(random.choice([0.5, 1, 1.41, 2, 3, 3.5, 5.07, 7]))
    attack = 0.005 + 0.2 * random.random() ** 2
    length, decay = random.uniform(0.4, 2.5), random.uniform(0.2, 1.5)
    return play.frequency_modulated(_note(random), length, ratio, random.uniform(0.5, 8), attack, decay)


def _noise(random: Random) -> Sound:
    hertz = float(np.exp(random.uniform(np.log(80), np.log(14000))))
    attack, decay = random.uniform(0.001, 0.5), random.uniform(0.05, 1.0)
    return play.noise_band(random, random.uniform(0.1, 2), hertz, random.uniform(0.1, 1.5), attack, decay)


def _percussion(random: Random) -> Sound:
    if random.random() < 0.5:
        low, sweep = random.uniform(40, 90), random.uniform(100, 400)
        return play.drum(0.4, low, sweep, random.uniform(20, 60), random.uniform(0.08, 0.25))
    hertz = float(np.exp(random.uniform(np.log(800), np.log(12000))))
    return play.noise_band(random, 0.25, hertz, random.uniform(0.3, 1.5), 0.001, random.uniform(0.02, 0.1))


def _pad(random: Random) -> Sound:
    chords = ((1,), (1, 1.5), (1, 1.25, 1.5), (1, 1.2, 1.5), (1, 1.335, 2))
    root = random.uniform(55, 330)
    pitches = [root * interval for interval in chords[random.integers(len(chords))]]
    return play.pad(random, pitches, random.uniform(1.5, 5), random.uniform(0.6, 1.8))


def _saw(random: Random) -> Sound:
    start = random.uniform(60, 400)
    cutoffs = list(np.exp(random.uniform(np.log(200), np.log(9000), 5)))
    return play.swept_saw(start, start * 2 ** random.uniform(-1, 1), random.uniform(0.5, 4), cutoffs)


def _grains(random: Random) -> Sound:
    texture = str(random.choice(["sine", "string", "noise"]))
    return play.grains(random, random.uniform(2, 5), random.uniform(150, 1200), random.choice([8, 20, 50]), texture)


def _voice(random: Random) -> Sound:
    vowels = "".join(random.choice(list("aeiou"), 4))
    return play.voice(random, _note(random, 43, 72), random.uniform(1, 3), vowels, random.uniform(0, 0.3))


def _growl(random: Random) -> Sound:
    return play.growl(_note(random, 26, 45), random.uniform(0.5, 2.5), random.uniform(0.5, 8), random.uniform(1, 5))


_SCORE: tuple[tuple[str, Callable[[Random], Sound], float, tuple[float, ...]], ...] = (
    ("pluck", _pluck, 60, (0.12, 0.25, 0.25, 0.5, 1.0)),
    ("modulated", _modulated, 70, (0.25, 0.5, 0.5, 1.0)),
    ("noise", _noise, 100, (0.12, 0.25, 0.5, 1.0)),
    ("percussion", _percussion, 120, (0.125, 0.25, 0.25, 0.5)),
    ("pad", _pad, 70, (1.5, 2.0, 3.0)),
    ("saw", _saw, 70, (0.5, 1.0, 2.0)),
    ("grains", _grains, 90, (2.0, 3.0, 4.0)),
    ("voice", _voice, 70, (1.0, 1.5, 2.5)),
    ("growl", _growl, 45, (0.75, 1.5, 2.0)),
)
