"""Patch files on disk: never half written, never lost. The version before is kept, and so is a rolling autosave."""

import os
from glob import escape
from pathlib import Path

from .file_read import ReadError, open_regular, read_whole
from .file_write import LONGEST_NAME, PREVIOUS, WriteError, real_path, reason, shortened, write_file
from .patch import Patch
from .storage import MAX_BYTES, PatchFileError, dump, load

AUTOSAVE = ".autosave.ltp"


def save(patch: Patch, path: Path | str, *, keep_previous: bool = True, like: Path | None = None) -> Path:
    """Write a patch. Gives the path. Raises PatchFileError; the file that was there is then untouched.

    The bytes go to a file beside it and to the disk, then take its place in one step; what was there is kept as
    ``NAME.prev`` (unless told not to). Whenever this is stopped, by a crash or a power cut, a whole patch is at the
    path. Links are followed, permissions kept; what is write-protected or no plain file is refused. like: the file that
    the patch comes from, whose permissions it gets where there is no file yet: what nobody else may read stays so.
    """
    like = None if like is None or _real(path).exists() else like
    return _save(patch, path, like, keep_previous=keep_previous)


def load_file(path: Path | str) -> Patch:
    """Read a patch. Raises PatchFileError, naming the file."""
    source = _real(path)
    try:
        with open_regular(source) as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise PatchFileError(f"{path} is larger than 2 GiB, which no patch is; is it the right one?")
            data = read_whole(file)
    except PatchFileError:
        raise
    except ReadError:
        if source.is_dir():
            raise PatchFileError(f"{path} is a folder, not a patch; open a .ltp file in it") from None
        raise PatchFileError(f"{path} is a device or a pipe, not a patch; open a .ltp file") from None
    except FileNotFoundError:
        raise PatchFileError(f"there is no file {path}; check its name and folder") from None
    except OSError as error:
        raise PatchFileError(f"{path} can't be read ({reason(error)}); check its permissions") from None
    except MemoryError:
        raise PatchFileError(f"{path} needs more memory than is free; close other programs") from None
    try:
        return load(data)
    except PatchFileError as error:
        raise PatchFileError(f"{path}: {error}") from None


def previous_of(path: Path | str) -> Path:
    """Where the version before the last save is kept."""
    target = _real(path)
    return target.with_name(target.name + PREVIOUS)


def autosave(patch: Patch, path: Path | str, owner: int = 0) -> Path:
    """Keep a copy beside a patch's file, replacing the owner's last one. Gives its path. Raises PatchFileError."""
    return _save(patch, autosave_of(path, owner), like=_real(path), keep_previous=False)


def autosave_of(path: Path | str, owner: int = 0) -> Path:
    """Where a patch's autosave is. owner: the process that keeps it, as several may edit one file; 0 for none."""
    target = _real(path)
    mark = f".{owner}" if owner else ""
    return target.with_name(f"{shortened(target.stem, LONGEST_NAME - len(mark) - len(AUTOSAVE))}{mark}{AUTOSAVE}")


def autosaves_of(path: Path | str) -> dict[Path, int]:
    """All autosaves of a patch that there are, with the processes that keep or kept them, newest first."""
    stem = autosave_of(path).name.removesuffix(AUTOSAVE)
    found: dict[Path, int] = {}
    for one in _real(path).parent.glob(f"{escape(stem)}*{AUTOSAVE}"):
        owner = one.name[len(stem) : -len(AUTOSAVE)]
        if not owner:
            found[one] = 0
        elif owner[0] == "." and owner[1:].isdecimal():
            found[one] = int(owner[1:])
    return dict(sorted(found.items(), key=lambda one: -one[0].stat().st_mtime_ns))


def recoverable(path: Path | str, kept: Path | None = None) -> Path | None:
    """An autosave that is newer than the file (or has none), and can be read; None when there is nothing to recover.

    kept: the autosave, where it does not lie beside the file.
    """
    try:
        target, kept = _real(path), kept or autosave_of(path)
        if target.exists() and kept.stat().st_mtime_ns <= target.stat().st_mtime_ns:
            return None
        load_file(kept)
    except (OSError, PatchFileError):
        return None
    return kept


def _save(patch: Patch, path: Path | str, like: Path | None = None, *, keep_previous: bool = True) -> Path:
    data = dump(patch)
    try:
        return write_file(path, data, keep_previous=keep_previous, like=like)
    except WriteError as error:
        raise PatchFileError(str(error)) from None


def _real(path: Path | str) -> Path:
    try:
        return real_path(path)
    except WriteError as error:
        raise PatchFileError(str(error)) from None
