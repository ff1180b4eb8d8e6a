"""The hired musicians: a General MIDI band and a talker, played by FluidSynth and eSpeak NG if they are installed.

FluidSynth plays the FluidR3 soundfont (MIT licence); nothing of it ends up in this package except what a network
of under two million numbers learnt from its sound.
"""

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..bank.layout import SAMPLE_RATE
from .instruments import Random, Sound

SOUNDFONTS = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), Path("/usr/share/soundfonts/FluidR3_GM.sf2"))
TICKS_PER_SECOND = 960
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 1, 4, 5, 7, 8, 10))
DRUM_NOTES = (35, 36, 36, 38, 38, 40, 37, 39, 42, 42, 44, 46, 41, 45, 48, 50, 49, 51, 54, 56, 60, 64, 67, 70, 75)

Events = list[tuple[float, bytes]]


class ToolMissing(RuntimeError):
    """A program or soundfont that the recipe plays with is not installed; the text says how to get it."""


def require_tools() -> Path:
    """The soundfont's path, once everything is there. Raises ToolMissing naming the Debian packages."""
    missing = [name for name in ("fluidsynth", "espeak-ng") if shutil.which(name) is None]
    soundfont = next((path for path in SOUNDFONTS if path.exists()), None)
    if missing or soundfont is None:
        wanted = [*missing, *([] if soundfont else ["the FluidR3 soundfont"])]
        raise ToolMissing(
            f"training sounds need {' and '.join(wanted)}; "
            "install them with: sudo apt install fluidsynth fluid-soundfont-gm espeak-ng"
        )
    return soundfont


def play_programs(random: Random, soundfont: Path, programs: Sequence[int], seconds: float) -> Sound:
    """Random phrases and chords on General MIDI programs, one after the other."""
    events: Events = []
    share = seconds / len(programs)
    for place, program in enumerate(programs):
        now, end = place * share, (place + 1) * share
        events.append((now, bytes([0xC0, program])))
        scale = SCALES[random.integers(len(SCALES))]
        root = int(random.choice([36, 41, 43, 48, 50, 52]))
        while now < end - 0.2:
            length = float(random.choice([0.12, 0.25, 0.25, 0.5, 1.0, 2.0]))
            for _ in range(random.choice([1, 1, 1, 2, 3])):
                note = min(100, root + int(random.choice(scale)) + 12 * int(random.choice([0, 0, 1, 1, 2, 3])))
                held = max(0.05, min(length * random.uniform(0.5, 1.1), end - now - 0.05))
                events.append((now, bytes([0x90, note, int(random.integers(45, 121))])))
                events.append((now + held, bytes([0x80, note, 0])))
            now += length
    return _play(soundfont, events, seconds)


def play_drums(random: Random, soundfont: Path, seconds: float) -> Sound:
    """A restless General MIDI drum kit."""
    events: Events = []
    now = 0.0
    while now < seconds:
        for _ in range(random.choice([1, 1, 2])):
            note, velocity = int(random.choice(DRUM_NOTES)), int(random.integers(40, 128))
            events += [(now, bytes([0x99, note, velocity])), (now + 0.1, bytes([0x89, note, 0]))]
        now += float(random.choice([0.125, 0.125, 0.25, 0.25, 0.5]))
    return _play(soundfont, events, seconds)


def speak(text: str, voice: str, speed: int, pitch: int) -> Sound:
    """A sentence read aloud by eSpeak NG; speed in words a minute, pitch 0 … 99."""
    import soundfile
    from scipy.signal import resample_poly

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path), text]
        subprocess.run(command, check=True, capture_output=True)
        sound, rate = soundfile.read(path)
    return np.asarray(resample_poly(sound, SAMPLE_RATE, rate), dtype=np.float64)


def _play(soundfont: Path, events: Events, seconds: float) -> Sound:
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        score, sound_path = Path(folder) / "score.mid", Path(folder) / "sound.wav"
        score.write_bytes(_midi_file(events))
        settings = ["-ni", "-q", "-g", "0.7", "-r", str(SAMPLE_RATE), "-F", str(sound_path)]
        command = ["fluidsynth", *settings, str(soundfont), str(score)]
        subprocess.run(command, check=True, capture_output=True)
        sound, _ = soundfile.read(sound_path)
    return np.asarray(sound.mean(axis=1)[: round(seconds * SAMPLE_RATE)], dtype=np.float64)


def _midi_file(events: Events) -> bytes:
    track = b"\x00\xff\x51\x03" + struct.pack(">I", 500000)[1:]
    last = 0
    for seconds, message in sorted(events, key=lambda event: event[0]):
        tick = round(seconds * TICKS_PER_SECOND)
        track += _variable_length(tick - last) + message
        last = tick
    track += b"\x60\xff\x2f\x00"
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_SECOND // 2)
    return header + b"MTrk" + struct.pack(">I", len(track)) + track


def _variable_length(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))
