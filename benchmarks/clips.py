"""Twenty-four real recordings to judge by, cut from Debian packages, which are fetched only when asked.

Run: .venv/bin/python benchmarks/clips.py [FOLDER] [--fetch] [--json]
FOLDER (or the variable LATENT_TERRAIN_CLIPS) gets one float WAV a clip at 44.1 kHz, mono or stereo as recorded, and
under raw/ the unpacked packages. --fetch downloads with ``apt-get download``, about 860 MB, what raw/ lacks. What is
there already is left as it is. The licences are those of the packages (raw/*/usr/share/doc).
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE = 44100
VARIABLE = "LATENT_TERRAIN_CLIPS"
HIT_SECONDS = 0.42
"""From one hit of a sequence to the next."""
KINDS = ("drums", "plucked", "bowed_blown", "piano", "speech", "singing", "foley", "electronic", "music")
Array = NDArray[np.float32]


class ClipError(Exception):
    """A clip cannot be made; its message is a sentence for the user."""


@dataclass(frozen=True)
class Clip:
    """A part of a recording: ``files`` of a Debian package below ``usr/share``; several are hit one after the other."""

    name: str
    kind: str
    package: str
    files: tuple[str, ...]
    start: float
    seconds: float


_PEARL = "hydrogen/data/drumkits/The Black Pearl 1.0/Pearl"
_AFRIQUE = "hydrogen/data/drumkits/circAfrique v4/"
_SABIAN = "hydrogen/data/drumkits/The Black Pearl 1.0/SabianHat"
_DRUMS = (
    f"{_PEARL}Kick-Hard.wav",
    f"{_SABIAN}Closed-Med.wav",
    f"{_PEARL}Snare-Hard.wav",
    f"{_SABIAN}Open-Med.wav",
    f"{_PEARL}Tom1-Hard.wav",
    f"{_PEARL}TomFloor-Med.wav",
)
_HANDS = ("Djembe1 Bass", "Djembe1 Slap", "Djembe2 Tone", "Sangban1 Bell Hit", "Djembe3 Slap", "Djembe4 Bass")


def _pi(name: str, kind: str, seconds: float) -> Clip:
    return Clip(name, kind, "sonic-pi-samples", (f"sonic-pi/samples/{name}.flac",), 0.0, seconds)


def _lmms(name: str, kind: str, folder: str) -> Clip:
    return Clip(name, kind, "lmms-common", (f"lmms/samples/{folder}/{name}.ogg",), 0.0, 3.5)


def _paint(name: str, kind: str, file: str, seconds: float) -> Clip:
    return Clip(name, kind, "tuxpaint-stamps-default", (f"tuxpaint/stamps/{file}.ogg",), 0.0, seconds)


def _wesnoth(name: str, kind: str, file: str, start: float, seconds: float) -> Clip:
    music = f"games/wesnoth/1.16/data/core/music/{file}.ogg"
    return Clip(name, kind, "wesnoth-1.16-music", (music,), start, seconds)


def _hogs(name: str, kind: str, file: str, start: float, seconds: float) -> Clip:
    return Clip(name, kind, "hedgewars-data", (f"games/hedgewars/Data/Sounds/{file}.ogg",), start, seconds)


CLIPS = (
    _pi("loop_amen", "drums", 1.75),
    Clip("pearl_seq", "drums", "hydrogen-drumkits", _DRUMS, 0.0, 3.2),
    Clip("djembe_seq", "drums", "hydrogen-drumkits", tuple(f"{_AFRIQUE}{one}.wav" for one in _HANDS), 0.0, 3.2),
    _pi("guit_em9", "plucked", 3.5),
    _lmms("latin_guitar01", "plucked", "latin"),
    _lmms("steel_guitar01", "plucked", "instruments"),
    _paint("tp_cello", "bowed_blown", "hobbies/music/string/cello", 3.5),
    _paint("tp_violin", "bowed_blown", "hobbies/music/string/violin", 3.19),
    _lmms("flute01", "bowed_blown", "instruments"),
    _lmms("piano02", "piano", "instruments"),
    _lmms("e_piano_accord01", "piano", "instruments"),
    _wesnoth("wes_sad", "piano", "sad", 2.0, 3.5),
    _hogs("hw_british_justyouwait", "speech", "voices/British/Justyouwait", 0.0, 1.57),
    Clip(
        "fd_voice50",
        "speech",
        "freedroidrpg-data",
        ("freedroidrpg/data/sound/effects/bot_sounds/voice_samples/50.ogg",),
        0.0,
        3.5,
    ),
    Clip(
        "fdo_frontleft",
        "speech",
        "sound-theme-freedesktop",
        ("sounds/freedesktop/stereo/audio-channel-front-left.oga",),
        0.0,
        1.48,
    ),
    _pi("ambi_choir", "singing", 1.57),
    _hogs("hw_hogchant3", "singing", "hogchant3", 1.0, 3.5),
    _paint("tp_blackbird", "foley", "animals/birds/blackbird", 3.5),
    _paint("tp_glass", "foley", "household/dishes/glass", 1.49),
    _hogs("hw_beewater", "foley", "beewater", 0.0, 3.5),
    _pi("ambi_drone", "electronic", 3.5),
    _pi("loop_garzul", "electronic", 3.5),
    _lmms("tb303_01", "electronic", "bassloops"),
    _wesnoth("wes_traveling_minstrels", "music", "traveling_minstrels", 20.0, 4.0),
)


def default_folder() -> Path:
    """Where the clips lie: what the variable says, or a folder of the user's cache."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path.home() / ".cache" / "latent-terrain" / "clips"


def fetch(folder: Path) -> None:
    """Download and unpack the packages that ``folder/raw`` lacks. Raises ClipError."""
    raw, packed = folder / "raw", folder / "deb"
    for made in (raw, packed):
        made.mkdir(parents=True, exist_ok=True)
    for package in dict.fromkeys(clip.package for clip in CLIPS):
        if (raw / package).is_dir():
            continue
        print(f"fetching {package}", file=sys.stderr)
        _run(["apt-get", "download", package], packed)
        found = sorted(packed.glob(f"{package}_*.deb"))
        if not found:
            raise ClipError(f"{package}: apt-get downloaded no package; does its list of sources have Debian's own?")
        unpacking = raw / f"{package}.part"
        _run(["dpkg", "-x", str(found[-1]), str(unpacking)], packed)
        unpacking.rename(raw / package)


def cut(clip: Clip, folder: Path) -> Array:
    """A clip as float32 ``[samples, channels]`` at 44.1 kHz, from the packages in ``folder/raw``. Raises ClipError."""
    parts = [_read(folder / "raw" / clip.package / "usr/share" / file) for file in clip.files]
    hop = round(HIT_SECONDS * RATE)
    channels = max(part.shape[1] for part in parts)
    length = max(place * hop + len(part) for place, part in enumerate(parts))
    if len(parts) > 1:
        length = max(length, round((clip.start + clip.seconds) * RATE))
    whole = np.zeros((length, channels))
    for place, part in enumerate(parts):
        whole[place * hop : place * hop + len(part)] += part
    first = round(clip.start * RATE)
    sound = whole[first : first + round(clip.seconds * RATE)]
    if not len(sound):
        raise ClipError(f"{clip.name}: its file is shorter than {clip.start} s; is it another version of the package?")
    return np.asarray(sound / max(1.0, float(np.abs(sound).max())), np.float32)


def make(folder: Path, is_fetching: bool = False) -> list[Path]:
    """Cut what is not there yet; the files of all clips, in the order of the list. Raises ClipError."""
    if is_fetching:
        fetch(folder)
    paths = [folder / f"{clip.name}.wav" for clip in CLIPS]
    for clip, path in zip(CLIPS, paths, strict=True):
        if not path.is_file():
            part = path.with_suffix(".part")
            soundfile.write(str(part), cut(clip, folder), RATE, subtype="FLOAT", format="WAV")
            part.rename(path)
    return paths


def _read(path: Path) -> NDArray[np.float64]:
    if not path.is_file():
        raise ClipError(f"{path} is not there; fetch the packages with --fetch")
    sound, rate = soundfile.read(str(path), always_2d=True)
    sound = sound[:, :2]
    return np.asarray(soxr.resample(sound, rate, RATE) if rate != RATE else sound, np.float64)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise ClipError(f"{command[0]} cannot be run here ({error}); the clips come from Debian packages") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ClipError(f"{' '.join(command)} failed: {last}")


def main() -> int:
    """Make the clips and list them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        paths = make(options.folder, options.fetch)
    except ClipError as error:
        print(error, file=sys.stderr)
        return 1
    rows = [
        {"name": clip.name, "kind": clip.kind, "file": str(path), "seconds": soundfile.info(str(path)).duration}
        for clip, path in zip(CLIPS, paths, strict=True)
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['name']:26} {row['kind']:12} {row['seconds']:5.2f} s  {row['file']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
