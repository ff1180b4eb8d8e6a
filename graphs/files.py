"""Patch files on disk: never half written, never lost. The version before is kept, and so is a rolling autosave."""

import contextlib
import os
import secrets
import shutil
import stat
from pathlib import Path

from .patch import Patch
from .storage import MAX_BYTES, PatchFileError, dump, load

PREVIOUS = ".prev"
AUTOSAVE = ".autosave.ltp"


def save(patch: Patch, path: Path | str) -> Path:
    """Write a patch. Gives the path. Raises PatchFileError; the file that was there is then untouched.

    The bytes go to a file beside it and to the disk, then take its place in one step; what was there is kept as
    ``NAME.prev``. Whenever this is stopped, by a crash or a power cut, a whole patch is at the path. Links are
    followed, permissions kept; what is write-protected or no plain file is refused.
    """
    data = dump(patch)
    target = _real(path)
    fresh = _beside(target)
    try:
        if target.exists() and not target.is_file():
            raise PatchFileError(f"{target.name} is a folder, a device or a pipe; save under another name")
        if target.exists() and not os.access(target, os.W_OK):
            raise PatchFileError(f"{target.name} is write-protected; save under another name")
        _write(fresh, data)
        if target.exists():
            with contextlib.suppress(PermissionError):
                shutil.copymode(target, fresh)
            _keep_previous(target)
        os.replace(fresh, target)
        _settle(target.parent)
    except OSError as error:
        raise PatchFileError(
            f"{target.name} can't be saved ({_reason(error)}); make room, or choose another place or a shorter name"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
    return target


def load_file(path: Path | str) -> Patch:
    """Read a patch. Raises PatchFileError, naming the file."""
    source = _real(path)
    try:
        kind = source.stat()
        if stat.S_ISDIR(kind.st_mode):
            raise PatchFileError(f"{path} is a folder, not a patch; open a .ltp file in it")
        if not stat.S_ISREG(kind.st_mode):
            raise PatchFileError(f"{path} is a device or a pipe, not a patch; open a .ltp file")
        if kind.st_size > MAX_BYTES:
            raise PatchFileError(f"{path} is larger than 2 GiB, which no patch is; is it the right one?")
        data = source.read_bytes()
    except FileNotFoundError:
        raise PatchFileError(f"there is no file {path}; check its name and folder") from None
    except OSError as error:
        raise PatchFileError(f"{path} can't be read ({_reason(error)}); check that you may read it") from None
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


def autosave(patch: Patch, path: Path | str) -> Path:
    """Keep a copy beside a patch's file, replacing the last one. Gives its path. Raises PatchFileError."""
    return save(patch, autosave_of(path))


def autosave_of(path: Path | str) -> Path:
    """Where a patch's autosave is."""
    target = _real(path)
    return target.with_name(target.stem + AUTOSAVE)


def recoverable(path: Path | str) -> Path | None:
    """An autosave that is newer than the file (or has none), and can be read; None when there is nothing to recover."""
    try:
        target, kept = _real(path), autosave_of(path)
        if target.exists() and kept.stat().st_mtime_ns <= target.stat().st_mtime_ns:
            return None
        load_file(kept)
    except (OSError, PatchFileError):
        return None
    return kept


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep_previous(target: Path) -> None:
    """The file as it is now, under its second name; the first name never goes away."""
    kept, spare = previous_of(target), _beside(target)
    try:
        try:
            os.link(target, spare)
        except OSError:
            shutil.copy2(target, spare)
        os.replace(spare, kept)
    finally:
        with contextlib.suppress(OSError):
            spare.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Ask the disk to remember the new name; not every system lets folders be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _real(path: Path | str) -> Path:
    try:
        found = Path(os.path.realpath(path))
    except (OSError, ValueError):
        raise PatchFileError(f"{str(path)!r} can't name a file; choose another name") from None
    if not found.name:
        raise PatchFileError(f"{path} is a folder, not a patch; name a .ltp file in it")
    return found


def _beside(target: Path) -> Path:
    return target.with_name(f".{secrets.token_hex(8)}.ltp.part")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
