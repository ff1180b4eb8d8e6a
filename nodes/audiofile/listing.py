"""The sounds in a folder, in the order a person expects."""

import re
from pathlib import Path

from .problem import SoundError

SUFFIXES = (".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".rf64", ".w64", ".wav")
"""Names of files taken for sounds, in lower case; capitals are as good."""


def list_sounds(folder: Path) -> list[Path]:
    """The sound files directly in a folder, by name: ``take2`` before ``take10``, capitals aside.

    Files are known by their suffix; hidden ones are left out. Raises SoundError when the folder cannot be read.
    """
    try:
        found = [path for path in folder.iterdir() if _is_sound(path)]
    except OSError as error:
        raise SoundError(f"{folder} cannot be listed ({error.strerror}); name a folder with sound files") from None
    return sorted(found, key=lambda path: (_natural(path.name), path.name))


def _is_sound(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _natural(name: str) -> list[tuple[int, int, str]]:
    pieces = re.split(r"([0-9]+)", name.casefold())
    return [(0, int(piece), "") if index % 2 else (1, 0, piece) for index, piece in enumerate(pieces)]
