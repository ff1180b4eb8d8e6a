"""Some 1,000 short recordings with the name of their kind, from the packages that benchmarks/clips.py unpacks."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FEWEST = 40
"""Kinds with fewer files come after all others."""
SUFFIXES = (".wav", ".flac", ".ogg", ".oga")
LMMS = ("drums", "instruments", "basses", "bassloops", "beats", "misc", "stringsnpads", "effects", "waveforms")
VOICES = ("British", "Robot")
HITS = {
    "kick": r"kick|bass ?drum|\bbd_",
    "snare": r"snare|\bsd_",
    "rim": r"rim|stick",
    "hat": r"hat|\bhh",
    "tom": r"tom",
    "crash": r"crash|splash|china",
    "ride": r"ride|bell",
    "clap": r"clap",
    "conga": r"conga|bongo",
    "djembe": r"djembe",
    "shaker": r"shaker|maraca|tamb|cabasa",
}


@dataclass(frozen=True)
class Labelled:
    """A recording and its kind: the instrument, else the folder it lies in."""

    path: Path
    label: str


def library(raw: Path) -> list[Labelled]:
    """All recordings in an order of chance that is always the same; kinds that have enough of them come first."""
    found = [one for one in _candidates(raw) if one.path.suffix.lower() in SUFFIXES and one.path.stat().st_size < 3e6]
    found.sort(key=lambda one: str(one.path.relative_to(raw)))
    counts = Counter(one.label for one in found)
    random = np.random.default_rng(0)
    kept = [one for one in found if counts[one.label] >= FEWEST]
    rest = [one for one in found if counts[one.label] < FEWEST]
    return [some[index] for some in (kept, rest) for index in random.permutation(len(some))]


def _candidates(raw: Path) -> Iterator[Labelled]:
    share = "usr/share"
    for path in _files(raw / "sonic-pi-samples" / share / "sonic-pi/samples"):
        yield Labelled(path, _hit(path) or path.stem.partition("_")[0])
    for folder in LMMS:
        for path in _files(raw / "lmms-common" / share / "lmms/samples" / folder):
            yield Labelled(path, (_hit(path) if folder == "drums" else "") or folder)
    for path in sorted((raw / "hydrogen-drumkits" / share / "hydrogen/data/drumkits").rglob("*")):
        if path.is_file() and _hit(path):
            yield Labelled(path, _hit(path))
    for voice in VOICES:
        for path in _files(raw / "hedgewars-data" / share / "games/hedgewars/Data/Sounds/voices" / voice):
            yield Labelled(path, f"voice {voice}")
    effects = raw / "freedroidrpg-data" / share / "freedroidrpg/data/sound/effects"
    for folder in ("bot_sounds/voice_samples", "bot_sounds", "item_sounds", "bullets"):
        for path in _files(effects / folder):
            yield Labelled(path, f"robots {folder}")
    for path in _files(raw / "tuxpaint-stamps-default" / share / "tuxpaint/stamps/animals/birds"):
        if "_desc" not in path.stem:
            yield Labelled(path, "bird")


def _hit(path: Path) -> str:
    return next((kind for kind, words in HITS.items() if re.search(words, path.stem, re.IGNORECASE)), "")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file())
