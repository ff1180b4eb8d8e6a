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

from ..bank.layout import SAMPLE_RATE, Sound
from .instruments import Random

SOUNDFONTS = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), Path("/usr/share/soundfonts/FluidR3_GM.sf2"))
TICKS_PER_SECOND = 960
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 1, 4, 5, 7, 8, 10))
# Chords as semitones above their root: triads, open ones, sevenths, ninths, fourths, augmented, diminished.
VOICINGS = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 7, 12, 16),
    (0, 7, 15, 19),
    (0, 4, 10, 14),
    (0, 3, 10, 15),
    (0, 4, 11, 16, 19),
    (0, 7, 10, 15, 22),
    (0, 5, 10, 15),
    (0, 4, 8),
    (0, 3, 6, 9),
    (0, 12, 16, 19, 24),
)
BASSES, LEADS = (32, 33, 35, 38, 43), (0, 11, 25, 40, 56, 65, 71, 73, 80)
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


def play_chords(random: Random, soundfont: Path, programs: Sequence[int], seconds: float) -> Sound:
    """Chords of three to five notes on General MIDI programs, struck or broken, many left to ring till they end."""
    events: Events = []
    share = seconds / len(programs)
    for place, program in enumerate(programs):
        now, end = place * share, (place + 1) * share
        events += [(now, bytes([0xC0, program])), (now, _detuned(random, 0))]
        while now < end - 0.3:
            length = float(random.choice([0.5, 1.0, 1.0, 2.0, 3.0, 4.0]))
            events += _chord(random, int(random.integers(36, 66)), 0, now, min(length, end - now - 0.1))
            now += length
    return _play(soundfont, events, seconds)


def play_music(random: Random, soundfont: Path, programs: Sequence[int], seconds: float) -> Sound:
    """Short arrangements: chords on one of the programs, a bass, a melody, often drums, in one key and tempo."""
    events: Events = []
    now = 0.0
    while now < seconds:
        beat = 60 / random.uniform(70, 150)
        key, scale = int(random.integers(36, 48)), SCALES[random.integers(len(SCALES))]
        chords, bass, lead = (int(random.choice(one)) for one in (programs, BASSES, LEADS))
        events += [(now, bytes([0xC0 + channel, one])) for channel, one in enumerate((chords, bass, lead))]
        events += [(now, _detuned(random, channel)) for channel in range(3)]
        drums = random.random() < 0.6
        for _ in range(4):
            root = key + int(random.choice(scale))
            events += _chord(random, root + 12, 0, now, min(4 * beat, 3.9))
            for step in range(8):
                at = now + step * beat / 2
                if step % 2 == 0 or random.random() < 0.3:
                    events += _note(random, root - int(random.choice([0, 0, 12])), 1, at, beat * 0.45)
                if random.random() < 0.5:
                    note = key + int(random.choice(scale)) + int(random.choice([24, 36]))
                    events += _note(random, note, 2, at, beat * float(random.choice([0.4, 0.9, 1.8])))
                if drums:
                    events += _note(
                        random, int(random.choice([(36, 42), (42, 42), (38, 42), (42, 46)][step % 4])), 9, at, 0.1
                    )
            now += 4 * beat
        now += 0.5
    return _play(soundfont, events, seconds)


def _chord(random: Random, root: int, channel: int, start: float, length: float) -> Events:
    """A voicing above a root, struck at once or broken; one in two rings on over its successor's beginning."""
    events: Events = []
    apart = float(random.choice([0.0, 0.0, 0.02, 0.12])) * min(1.0, length)
    held = length * float(random.choice([0.5, 0.95, 1.2, 1.6]))
    for place, above in enumerate(VOICINGS[random.integers(len(VOICINGS))]):
        events += _note(random, min(root + above, 100), channel, start + place * apart, held)
    return events


def _detuned(random: Random, channel: int) -> bytes:
    """A pitch bend of a quarter tone at most: recordings are rarely at 440 Hz."""
    bend = 8192 + int(random.integers(-2048, 2049))
    return bytes([0xE0 + channel, bend & 0x7F, bend >> 7])


def _note(random: Random, note: int, channel: int, start: float, held: float) -> Events:
    velocity = int(random.integers(45, 121))
    return [(start, bytes([0x90 + channel, note, velocity])), (start + held, bytes([0x80 + channel, note, 0]))]


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
        silent = [(max(start for start, _ in events) + 1.0, bytes([0xB0 + channel, 120, 0])) for channel in range(16)]
        score.write_bytes(_midi_file(events + silent))  # FluidSynth waits for ever for a note that no one ends
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
