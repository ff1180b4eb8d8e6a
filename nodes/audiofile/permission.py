"""Where a patch may record to: into its own folder, and wherever its user has said so, once for each place.

A patch is a file that somebody may have sent. By itself it makes new sound files beside it and in the folders there,
links resolved; hidden folders are none of its business. No file that is there is ever written over.
"""

import os
from pathlib import Path
from typing import Any

from ...graphs import remembered
from ...graphs.file_write import WriteError, data_folder
from .problem import SoundError

MOST = 10_000
_KEY = "writes"


def may_write(path: Path, folder: Path) -> bool:
    """Whether a patch in a folder may make this file, or one with a number behind its name."""
    real, home = _real(path), _real(folder)
    if real.is_relative_to(home) and not any(part.startswith(".") for part in real.relative_to(home).parts):
        return True
    return str(real) in _allowed(remembered.recall(store()), str(home))


def allow_write(path: Path, folder: Path) -> None:
    """Remember that patches in a folder may make this file. Raises SoundError when that can't be written down."""
    real, home = str(_real(path)), str(_real(folder))

    def add(read: dict[str, Any]) -> dict[str, Any]:
        known = read.get(_KEY) if isinstance(read.get(_KEY), dict) else {}
        paths = [*dict.fromkeys([*_allowed(read, home), real])][-MOST:]
        return {**read, _KEY: dict(list({**(known or {}), home: paths}.items())[-MOST:])}

    try:
        remembered.change(store(), add)
    except (OSError, WriteError) as error:
        raise SoundError(f"{store()} can't be written ({error}); trusted files are stored there") from None


def store() -> Path:
    """Where the answers are kept: folders, and the files that patches in them may make."""
    return data_folder() / "allowed-writes.json"


def refusal(path: Path) -> str:
    """Why nothing is recorded there, and what to do."""
    return (
        f"this patch wants to write {path}, outside its own folder; record in the patch folder, or allow it: "
        f'in the editor when it asks, else with --allow-write "{path}"'
    )


def _allowed(read: dict[str, Any], home: str) -> list[str]:
    known = read.get(_KEY)
    paths = known.get(home) if isinstance(known, dict) else None
    return [one for one in paths if isinstance(one, str)] if isinstance(paths, list) else []


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path.absolute()
