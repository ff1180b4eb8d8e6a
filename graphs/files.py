"""Patch files on disk: never half written, never lost. The version before is kept, and so is a rolling autosave."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from .patch import Patch
from .storage import MAX_BYTES, PatchFileError, dump, load

PREVIOUS = ".prev"
AUTOSAVE = ".autosave.ltp"


def save(patch: Patch, path: Path | str) -> Path:
    """Write a patch. Gives the path. Raises PatchFileError; the file that was there is then untouched.

    The bytes go to a file beside it and to the disk, then take its place in one step; what was there is kept as
    ``NAME.prev``. Whenever this is stopped, by a crash or a power cut, a whole patch is at the path. Links are
    followed, permissions kept.
    """
    target = Path(os.path.realpath(path))
    data = dump(patch)
    fresh = _beside(target)
    try:
        _write(fresh, data)
        if target.exists():
            shutil.copymode(target, fresh)
            _keep_previous(target)
        os.replace(fresh, target)
        _settle(target.parent)
    except OSError as error:
        raise PatchFileError(
            f"{target.name} can't be saved ({_reason(error)}); make room or choose another place"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
    return target


def load_file(path: Path | str) -> Patch:
    """Read a patch. Raises PatchFileError, naming the file."""
    source = Path(path)
    try:
        if source.is_dir():
            raise PatchFileError(f"{source} is a folder, not a patch; open a .ltp file in it")
        if source.stat().st_size > MAX_BYTES:
            raise PatchFileError(f"{source} is larger than 2 GiB, which no patch is; is it the right one?")
        data = source.read_bytes()
    except FileNotFoundError:
        raise PatchFileError(f"there is no file {source}; check its name and folder") from None
    except OSError as error:
        raise PatchFileError(f"{source} can't be read ({_reason(error)}); check that you may read it") from None
    try:
        return load(data)
    except PatchFileError as error:
        raise PatchFileError(f"{source}: {error}") from None


def previous_of(path: Path | str) -> Path:
    """Where the version before the last save is kept."""
    target = Path(os.path.realpath(path))
    return target.with_name(target.name + PREVIOUS)


def autosave(patch: Patch, path: Path | str) -> Path:
    """Keep a copy beside a patch's file, replacing the last one. Gives its path. Raises PatchFileError."""
    return save(patch, autosave_of(path))


def autosave_of(path: Path | str) -> Path:
    """Where a patch's autosave is."""
    target = Path(os.path.realpath(path))
    return target.with_name(target.stem + AUTOSAVE)


def recoverable(path: Path | str) -> Path | None:
    """An autosave that is newer than the file (or has none), and can be read; None when there is nothing to recover."""
    target, kept = Path(path), autosave_of(path)
    try:
        if target.exists() and kept.stat().st_mtime_ns <= target.stat().st_mtime_ns:
            return None
        load_file(kept)
    except (OSError, PatchFileError):
        return None
    return kept


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name[:200]}.{secrets.token_hex(6)}.part")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
