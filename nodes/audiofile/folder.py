"""The sounds in a folder and the folders in it, in the order a person expects."""

import os
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from .problem import SoundError

# Names of files taken for sounds, in lower case; capitals are as good.
SUFFIXES = (
    *(".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp2", ".mp3", ".oga", ".ogg", ".opus", ".rf64", ".snd"),
    *(".w64", ".wav"),
    # by way of ffmpeg
    *(".aac", ".ac3", ".ape", ".avi", ".m4a", ".m4b", ".m4v", ".mka", ".mkv", ".mov", ".mp4", ".tta", ".webm"),
    *(".wma", ".wv"),
)
# Folders in folders that are looked into.
DEEPEST = 8
# Sounds taken from one folder and those in it.
MOST = 10_000
# Names looked at for that: a folder may be all of a disk.
MOST_LOOKED = 100_000


def list_sounds(folder: Path, say: Callable[[str], None] = lambda text: None) -> list[Path]:
    """The sound files in a folder, by name: ``take2`` before ``take10``, capitals aside; then those of folders in it.

    Files are known by their suffix; what is hidden is left out, and a folder that was there already by another way (a
    link in a circle). say: gets a sentence where there is more than is taken. Raises SoundError when the folder cannot
    be read.
    """
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    warnings: set[str] = set()
    looked = 0

    def look(here: Path, depth: int) -> None:
        nonlocal looked
        if looked >= MOST_LOOKED:
            return
        status = here.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(here) as entries:
            first = islice((entry.name for entry in entries if not entry.name.startswith(".")), MOST_LOOKED - looked)
            names = sorted(first, key=_order)
        looked += len(names)
        if looked >= MOST_LOOKED:
            warnings.add(f"{folder} contains more than {MOST_LOOKED:,} files; choose the folder with the sounds")
        folders: list[Path] = []
        for name in names:
            path = here / name
            if path.is_dir():
                folders.append(path)
            elif path.suffix.lower() in SUFFIXES and path.is_file():
                if len(found) >= MOST:
                    warnings.add(f"{folder} contains more than {MOST:,} sounds; only the first {MOST:,} are used")
                    return
                found.append(path)
        if folders and depth >= DEEPEST:
            warnings.add(f"{folder} has folders more than {DEEPEST} levels deep; their contents are skipped")
            return
        for inside in folders:
            try:
                look(inside, depth + 1)
            except OSError as error:
                warnings.add(f"{inside} cannot be listed ({error.strerror}); its sounds are skipped")

    try:
        look(folder, 0)
    except OSError as error:
        raise SoundError(f"{folder} cannot be listed ({error.strerror}); choose a folder of sound files") from None
    for sentence in sorted(warnings):
        say(sentence)
    return found


def _order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    pieces = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(piece), "") if index % 2 else (1, 0, piece) for index, piece in enumerate(pieces)], name
