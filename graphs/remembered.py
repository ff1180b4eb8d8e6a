"""What the program keeps for its user in files of its own: read with care, changed by one program at a time.

Such a file is a map in JSON. One that is damaged is never written over: it is put aside under a name beside its own,
and what reads it goes on without. Several programs may change one file: each reads what the others wrote, under a lock.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .file_lock import lock, unlock
from .file_read import ReadError, parse_json, read_bytes
from .file_write import WriteError, write_file

LARGEST = 16 << 20
DAMAGED = ".damaged-"
PATIENCE_SECONDS = 10.0
_TURN_SECONDS = 0.01
_said: list[str] = []


def recall(path: Path, most: int = LARGEST) -> dict[str, Any]:
    """What was kept in a file; nothing where there is none. Never raises.

    One that can't be understood is put aside as ``NAME.damaged-1`` (or the next number that is free), and ``take_said``
    has a sentence about it.
    """
    try:
        if not path.exists():
            return {}
        found = parse_json(read_bytes(path, most))
        if not isinstance(found, dict):
            raise ValueError("it holds no settings")
        return found
    except ReadError as error:
        if path.is_file() and path.stat().st_size > most:
            _put_aside(path, str(error))
        else:
            _tell(str(error))
    except ValueError as error:
        _put_aside(path, str(error))
    except OSError as error:
        _tell(f"{path.name} can't be read ({error.strerror}); check that you may read {path}")
    return {}


def keep(path: Path, document: dict[str, Any]) -> None:
    """Write such a file, whole or not at all. Raises WriteError, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, json.dumps(document, indent=1).encode())


def change(path: Path, how: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Read, change and write a file while no other program of this user does; gives what was written.

    Raises WriteError, OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        document = how(recall(path))
        keep(path, document)
        return document


def merged(base: Any, ours: Any, theirs: Any) -> Any:
    """What others wrote (``theirs``) with what was changed here since ``base``: maps key by key, lists one by one."""
    if ours == base:
        return theirs
    if isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict):
        both = {key: value for key, value in theirs.items() if key in ours or key not in base}
        for key, value in ours.items():
            if key in theirs:
                both[key] = merged(base.get(key), value, theirs[key])
            elif key not in base or value != base[key]:
                both[key] = value
        return both
    if isinstance(base, list) and isinstance(ours, list) and isinstance(theirs, list):
        left = [one for one in theirs if one in ours or one not in base]
        return left + [one for one in ours if one not in theirs and one not in base]
    return ours


def take_said() -> list[str]:
    """What the user should hear about damaged files, each once in the life of the program."""
    said = list(_said)
    _said.clear()
    return said


def _put_aside(path: Path, why: str) -> None:
    names = (path.with_name(f"{path.name}{DAMAGED}{number}") for number in range(1, 10_000))
    aside = next(name for name in names if not name.exists())
    try:
        os.replace(path, aside)
    except OSError:
        _tell(f"{path} can't be understood ({why}); delete it, or repair it")
        return
    _tell(f"{path.name} could not be understood ({why}); it is kept as {aside}, and a new one is begun")


def _tell(text: str) -> None:
    if text not in _said:
        _said.append(text)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Be the only program that changes a file; one that dies meanwhile lets go. Raises WriteError after 10 s."""
    with path.with_name(f"{path.name}.lock").open("ab") as file:
        end = time.monotonic() + PATIENCE_SECONDS
        while not lock(file):
            if time.monotonic() > end:
                raise WriteError(f"{path.name} is locked by another program; try again when it has finished")
            time.sleep(_TURN_SECONDS)
        try:
            yield
        finally:
            with suppress(OSError):
                unlock(file)
