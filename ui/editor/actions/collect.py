"""Packing: a patch and all the files that it names, copied into one folder for another machine or a friend.

What a patch names, somebody else may have chosen: a packed folder that is sent back must not hold its user's keys. Only
plain files are taken that are what the patch takes them for, known by what is in them; what lies outside of the
patch's folder is listed first, with sizes, and waits for a yes.
"""

import filecmp
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from ....engine import Setup
from ....graphs import Patch
from ....graphs.file_read import open_regular
from ....graphs.file_write import copy_file
from ....graphs.printable import printable
from ....nodes.audiofile import SoundError, list_sounds
from ...missing_files import bare, moved
from ...patch_files import Named, named_files
from ..document.desk import Desk

# The folder beside a packed patch.
FILES = "files"
MOST_FILES = 2000
MOST_BYTES = 8 << 30
LISTED = 12
_HEAD = 4096
# How sounds begin, and films that hold one; those of MPEG begin with a pattern (see ``_is_sound``).
_SOUNDS = (
    *(b"RIFF", b"RF64", b"RIFX", b"BW64", b"FORM", b"fLaC", b"OggS", b"ID3", b".snd", b"caff", b"riff", b"wvPk"),
    *(b"MAC ", b"TTA1", b"\x1aE\xdf\xa3", b"0&\xb2u", b"\x0bw", b"#!AMR"),
)
_ARCHIVE = b"PK\x03\x04"


@dataclass(frozen=True)
class CollectedFile:
    """A file to be copied. under: its place in the folder of the copies. is_inside: it lies in the patch's folder."""

    source: Path
    under: Path
    size: int
    is_inside: bool


@dataclass(frozen=True)
class Collection:
    """What packing would do. moves: each name in the patch, and the copy of what it means. left: why others stay."""

    items: tuple[CollectedFile, ...]
    moves: tuple[tuple[Named, Path], ...]
    left: tuple[str, ...]

    @property
    def outside(self) -> tuple[CollectedFile, ...]:
        """Files that are outside the patch folder."""
        return tuple(one for one in self.items if not one.is_inside)

    @property
    def question(self) -> str:
        """What is asked before files from elsewhere are packed."""
        found = sorted(self.outside, key=lambda one: -one.size)
        lines = [f"{one.size / 1e6:9.1f} MB  {printable(str(one.source))}" for one in found[:LISTED]]
        more = [f"… and {len(found) - LISTED} more"] if len(found) > LISTED else []
        size = sum(one.size for one in found) / 1e6
        begin = f"{len(found)} files ({size:.1f} MB) are outside the patch folder. Collect them too?"
        return "\n".join([begin, *lines, *more])


def planned(desk: Desk, target: Path) -> Collection:
    """Look at what the patch names: which of it would be packed, and what is left and why.

    target: where the packed patch will be; of files that are there already, none is written over.
    """
    folder, copies = desk.document.folder, target.parent / FILES
    home = Path(os.path.realpath(folder))
    resolve = Setup(folder=folder).resolve
    items: dict[Path, CollectedFile] = {}
    moves: list[tuple[Named, Path]] = []
    left: list[str] = []
    taken: set[Path] = set()
    total = 0
    for one in named_files(desk.patch, desk.palette):
        if one.writes:
            continue
        try:
            source = resolve(one.path)
            source = source if source.exists() else resolve(str(bare(one.path)))
            if one.kind == "model" and not source.exists():
                source = resolve(f"{one.path}.ts")
            found = list(_files(source, left))
        except (OSError, ValueError, SoundError) as error:
            left.append(f"{one.whose}: {one.path}: {error}")
            continue
        top = _free(source, taken, items, copies)
        kept = 0
        for file in found:
            why, size = _look(file, one.kind)
            real = Path(os.path.realpath(file))
            if why:
                left.append(f"{one.whose}: {file} {why}")
            elif len(items) >= MOST_FILES or total + size > MOST_BYTES:
                too_much = f"{MOST_FILES} files or {MOST_BYTES >> 30} GiB"
                left.append(f"{one.whose}: {file} is beyond {too_much}; copy it by hand")
            else:
                under = top / file.relative_to(source) if file != source else top
                total += 0 if file in items else size
                items[file] = items.get(file) or CollectedFile(file, under, size, real.is_relative_to(home))
                kept += 1
        if kept:
            moves.append((one, items[found[0]].under if found == [source] else top))
        elif not found:
            left.append(f"{one.whose}: {one.path} contains nothing to collect")
    return Collection(tuple(items.values()), tuple(moves), tuple(left))


def pack(desk: Desk, collection: Collection, target: Path, *, with_outside: bool) -> Patch:
    """Copy the files into a folder beside ``target``, and give the patch that names them there.

    with_outside: also those that lie outside of the patch's folder; else the patch names these as before. Raises
    OSError, WriteError.
    """
    home = target.parent / FILES
    chosen = [one for one in collection.items if one.is_inside or with_outside]
    for one in chosen:
        copy = home / one.under
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy_file(one.source, copy)
    tops = {one.under for one in chosen} | {parent for one in chosen for parent in one.under.parents}
    done = [(one, f"{FILES}/{under.as_posix()}") for one, under in collection.moves if under in tops]
    return reduce(lambda patch, move: moved(patch, *move), done, desk.patch)


def _files(source: Path, left: list[str]) -> Iterator[Path]:
    """The file, or the sounds in a folder. Raises SoundError, ValueError."""
    if source.is_dir():
        yield from list_sounds(source, left.append)
    elif source.exists():
        yield source
    else:
        raise ValueError("it is not there")


def _look(file: Path, kind: str) -> tuple[str, int]:
    """Why a file is not packed ("" where it is), and its size in bytes."""
    try:
        with open_regular(file) as opened:
            head = opened.read(_HEAD)
            size = os.fstat(opened.fileno()).st_size
    except OSError as error:
        return f"can't be read ({error.strerror})", 0
    except ValueError:
        return "is not a regular file", 0
    kinds = {"sound": _is_sound, "model": _is_model}
    fits = kinds[kind](head) if kind in kinds else _is_sound(head) or _is_model(head) or _is_patch(head)
    what = {"sound": "a sound", "model": "a model"}.get(kind, "a sound, a model or a patch")
    return ("" if fits else f"is not {what}"), size


def _is_sound(head: bytes) -> bool:
    is_mpeg = len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[2] & 0x0C != 0x0C
    return head.startswith(_SOUNDS) or head[4:8] == b"ftyp" or is_mpeg


def _is_model(head: bytes) -> bool:
    return head.startswith(_ARCHIVE)


def _is_patch(head: bytes) -> bool:
    return bool(head) and (0x80 <= head[0] <= 0x8F or head[0] in (0xDE, 0xDF)) and b"latent-terrain" in head


def _free(source: Path, taken: set[Path], items: dict[Path, CollectedFile], copies: Path) -> Path:
    """A name for the copy that no other has; a file that is named twice, or is there already and equal, is one."""
    if source in items:
        return items[source].under
    number, name = 1, Path(source.name)
    while name in taken or not (_is_equal(source, copies / name) if os.path.lexists(copies / name) else True):
        number += 1
        name = Path(f"{source.stem}-{number}{source.suffix}")
    taken.add(name)
    return name


def _is_equal(source: Path, copy: Path) -> bool:
    return source.is_file() and copy.is_file() and filecmp.cmp(source, copy, shallow=False)
