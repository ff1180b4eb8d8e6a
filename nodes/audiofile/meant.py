"""Which sound files a setting means, and what is in them."""

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ...graphs.file_read import ReadError, open_regular
from .folder import list_sounds
from .passage import Passage, split_passage
from .problem import SoundError

EDGE = 1 << 20
MOST_DIGESTS = 10_000
_digests: dict[tuple[Any, ...], str] = {}


def passages_of(sounds: Iterable[str], resolve: Callable[[str], Path]) -> tuple[list[Passage], list[str]]:
    """What a setting of sound files means, folders opened, and sentences about what can't be read.

    resolve: the path of a name relative to the patch.
    """
    found: list[Passage] = []
    problems: list[str] = []
    for sound in sounds:
        whole = resolve(sound)
        try:
            file, begin, end = (sound, 0.0, None) if whole.exists() else split_passage(sound)
        except SoundError as error:
            problems.append(str(error))
            continue
        path = resolve(file)
        if path.is_dir():
            try:
                found += [Passage(inside, begin, end) for inside in list_sounds(path, problems.append)]
            except SoundError as error:
                problems.append(str(error))
        else:
            found.append(Passage(path, begin, end))
    return found, problems


def file_mark(one: Passage) -> bytes:
    """What a file's sound is, or that of its part; sha256."""
    return hashlib.sha256(f"{digest_of(one.path)}|{one.begin!r}|{one.end!r}".encode()).digest()


def digest_of(path: Path, by_its_ends: bool = False) -> str:
    """What is in a file: its size and a sha256 of all of it; remembered while size, time and inode stay as they are.

    by_its_ends: the first and last MiB are enough, as in models: archives with a list of checksums at the end.
    """
    try:
        status = path.stat()
        key = (os.fsencode(path), by_its_ends, status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
        if key not in _digests:
            if len(_digests) >= MOST_DIGESTS:
                _digests.clear()
            _digests[key] = _read_digest(path, by_its_ends)
        return _digests[key]
    except (OSError, ReadError):
        return "missing"


def _read_digest(path: Path, by_its_ends: bool) -> str:
    with open_regular(path) as file:
        sum_ = hashlib.sha256(file.read(EDGE))
        size = file.seek(0, 2)
        file.seek(max(0, size - EDGE))
        sum_.update(file.read(EDGE))
        # the ends first, as in patches of before: their shorter sounds count as encoded still
        file.seek(EDGE)
        while not by_its_ends and (left := size - EDGE - file.tell()) > 0 and (piece := file.read(min(left, EDGE))):
            sum_.update(piece)
    return f"{size}:{sum_.hexdigest()}"
