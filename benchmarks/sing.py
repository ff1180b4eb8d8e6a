"""Singing to the map: how many frames of a query are found on the right one of 24 real recordings.

Run: .venv/bin/python benchmarks/sing.py [--clips FOLDER] [--json] [--each]
The recordings are those of benchmarks/clips.py. Queries: the same take (its first 2.5 s), the same by telephone (200 to
6000 Hz, at half level, noise at -50 dB, 0.3 semitones higher, begun elsewhere), and another take (another part of the
recording, or another recording of the instrument or the speaker). Counted are the frames within 22 dB of the query's
loudest, as they come live, a tenth of a second late. Chance is 0.04.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr
from clips import CLIPS, ClipError, _read, default_folder, make
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from latent_terrain.nodes.location.alignment import find
from latent_terrain.nodes.location.features import HOP_SECONDS, frames_of
from latent_terrain.nodes.location.known import Known, thinned

RATE = 44100
LIVE_DB = 22.0
Array = NDArray[np.float32]
AT_LEAST = {"same take": 0.95, "phone": 0.8, "another take": 0.7}
PAINT, PI = "tuxpaint-stamps-default", "sonic-pi-samples"
TAKES = (
    ("loop_amen", PI, "sonic-pi/samples/loop_amen_full.flac", 3.6, 2.0),
    ("tp_cello", PAINT, "tuxpaint/stamps/hobbies/music/string/cello.ogg", 3.6, 2.0),
    ("tp_violin", PAINT, "tuxpaint/stamps/hobbies/music/string/violin.ogg", 1.6, 1.5),
    ("guit_em9", PI, "sonic-pi/samples/guit_em9.flac", 4.0, 2.5),
    ("latin_guitar01", "lmms-common", "lmms/samples/latin/latin_guitar02.ogg", 0.0, 2.0),
    ("piano02", "lmms-common", "lmms/samples/instruments/piano01.ogg", 0.0, 2.0),
    (
        "fd_voice50",
        "freedroidrpg-data",
        "freedroidrpg/data/sound/effects/bot_sounds/voice_samples/62.ogg",
        0.0,
        2.5,
    ),
    ("hw_british_justyouwait", "hedgewars-data", "games/hedgewars/Data/Sounds/voices/British/Comeonthen.ogg", 0.0, 2.0),
    (
        "fdo_frontleft",
        "sound-theme-freedesktop",
        "sounds/freedesktop/stereo/audio-channel-front-right.oga",
        0.0,
        2.0,
    ),
    (
        "wes_traveling_minstrels",
        "wesnoth-1.16-music",
        "games/wesnoth/1.16/data/core/music/traveling_minstrels.ogg",
        32.0,
        2.5,
    ),
    ("wes_sad", "wesnoth-1.16-music", "games/wesnoth/1.16/data/core/music/sad.ogg", 9.0, 2.5),
    ("tp_blackbird", PAINT, "tuxpaint/stamps/animals/birds/blackbird.ogg", 3.4, 2.0),
    ("tb303_01", "lmms-common", "lmms/samples/bassloops/tb303_01.ogg", 3.5, 2.0),
    ("loop_garzul", PI, "sonic-pi/samples/loop_garzul.flac", 4.0, 2.5),
    ("ambi_drone", PI, "sonic-pi/samples/ambi_drone.flac", 3.6, 2.0),
    ("hw_hogchant3", "hedgewars-data", "games/hedgewars/Data/Sounds/hogchant3.ogg", 5.0, 2.0),
    ("e_piano_accord01", "lmms-common", "lmms/samples/instruments/e_piano_accord02.ogg", 0.0, 2.0),
)
HANDS = ("Djembe2 Bass", "Djembe4 Slap", "Djembe1 Tone", "Djembe5 Tone")


def by_telephone(sound: Array, random: np.random.Generator) -> Array:
    """As heard through a telephone, 0.3 semitones higher."""
    higher = soxr.resample(sound, RATE, RATE * 2 ** (-0.3 / 12))
    heard = sosfilt(butter(2, [200, 6000], "bandpass", fs=RATE, output="sos"), higher)
    return np.asarray(0.5 * heard + random.standard_normal(len(heard)) * 0.003, np.float32)


def queries(folder: Path, sounds: dict[str, Array]) -> Iterator[tuple[str, str, Array]]:
    """Kind, name of the right recording and sound of each query."""
    random = np.random.default_rng(1)
    for name, sound in sounds.items():
        yield "same take", name, sound[: int(2.5 * RATE)]
        yield "phone", name, by_telephone(sound[int(0.2 * RATE) : int(2.4 * RATE)], random)
    for name, package, file, start, seconds in TAKES:
        path = folder / "raw" / package / "usr/share" / file
        if path.is_file():
            whole = _read(path).mean(axis=1).astype(np.float32)
            sound = whole[int(start * RATE) : int((start + seconds) * RATE)]
            if len(sound) > 0.4 * RATE:
                yield "another take", name, sound
    kit = folder / "raw/hydrogen-drumkits/usr/share/hydrogen/data/drumkits/circAfrique v4"
    hits = [_read(kit / f"{one}.wav").mean(axis=1).astype(np.float32)[: int(0.35 * RATE)] for one in HANDS]
    yield "another take", "djembe_seq", np.concatenate(hits)


def known_of(sounds: dict[str, Array]) -> Known:
    """What a map of these sounds would know; the places are of no matter here."""
    heard = [frames_of(sound, RATE) for sound in sounds.values()]
    kept = thinned([one for one, _ in heard], [silent for _, silent in heard], list(sounds))
    return kept.known(np.zeros((len(kept.line), 2), np.float32))


def share_right(known: Known, query: Array, name: str) -> tuple[float, float]:
    """Of the frames that sound: how many are on the right recording, and the median confidence."""
    right = known.names.index(name)
    steps = list(find(known, query, RATE))
    level = np.array([np.square(query[_span(step.seconds)]).mean() if step.moment >= 0 else 0.0 for step in steps])
    is_live = 10 * np.log10(level + 1e-12) > 10 * np.log10(level.max() + 1e-12) - LIVE_DB
    lines = np.array([known.line[step.moment] if step.moment >= 0 else -1 for step in steps])
    return float(np.mean(lines[is_live] == right)), float(np.median([step.confidence for step in steps]))


def _span(seconds: float) -> slice:
    begin = round(seconds * RATE)
    return slice(begin, begin + round(HOP_SECONDS * RATE))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=default_folder())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--each", action="store_true")
    options = parser.parse_args()
    try:
        paths = make(options.clips)
        sounds = {
            clip.name: _read(path).mean(axis=1).astype(np.float32) for clip, path in zip(CLIPS, paths, strict=True)
        }
        known = known_of(sounds)
        found: dict[str, list[tuple[float, float]]] = {}
        for kind, name, query in queries(options.clips, sounds):
            one = share_right(known, query, name)
            found.setdefault(kind, []).append(one)
            if options.each:
                print(f"{kind:13} {name:24} {one[0]:5.2f} {one[1]:5.2f}", file=sys.stderr)
    except ClipError as error:
        print(error, file=sys.stderr)
        return 1
    rows = {kind: np.mean(some, axis=0).tolist() for kind, some in found.items()}
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for kind, (right, confidence) in rows.items():
        print(
            f"{kind:13} {len(found[kind]):3} queries  right {right:.2f} (at least {AT_LEAST[kind]})"
            f"  confidence {confidence:.2f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
