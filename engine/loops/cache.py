"""Where compiled loops are kept: a folder of the user's own, since what lies there is run."""

import os
import stat
import sys
from hashlib import sha256
from pathlib import Path

from ...graphs.file_write import NewFile, WriteError

FOLDER = "latent-terrain/loops"
MOST_KEPT = 500
"""Loops; each takes about 0.1 MB."""


class LoopError(RuntimeError):
    """A loop can't be had; the text says why and what to do."""


def cache_folder() -> Path:
    """The folder, made if need be: only its owner can look into it and write there. Raises LoopError.

    It is ``latent-terrain/loops`` in ``XDG_CACHE_HOME``, else in the home's ``.cache``.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / FOLDER
    advice = "make it a folder of yours alone (chmod 700), or set XDG_CACHE_HOME to another place"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        is_ours = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o077)
    except OSError as error:
        raise LoopError(f"compiled code can't be kept in {folder} ({error.strerror or error}); {advice}") from error
    if not stat.S_ISDIR(found.st_mode) or not is_ours or not os.access(folder, os.W_OK):
        raise LoopError(f"compiled code can't be kept in {folder}: it is not yours alone, or not writable; {advice}")
    return folder


def module_file(folder: Path, name: str, text: str) -> Path:
    """The file of a module with this text, written if it is not there. Raises LoopError.

    One that is there is left as it is: what was compiled from it is found by when it was written.
    """
    path = folder / f"{name}.py"
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return path
        new = NewFile(path)
        new.handle.write(text.encode())
        new.commit()
    except (OSError, ValueError, WriteError) as error:
        raise LoopError(f"compiled code can't be kept: {error}") from error
    return path


def make_room(folder: Path) -> None:
    """Remove the loops that were tried longest ago, so that years of formulas do not fill a disk."""
    kept = sorted(folder.glob("loop_*.py"), key=lambda path: path.stat().st_mtime)
    for path in kept[: max(0, len(kept) + 1 - MOST_KEPT)]:
        for part in (*folder.glob(f"{path.stem}.*"), *_kept(folder, path.stem, "")):
            part.unlink(missing_ok=True)


def mark_file(folder: Path, name: str) -> Path:
    """The file that says that a loop was compiled and tried on this machine, by this Python, numba and numpy."""
    import llvmlite.binding as llvm
    import numba
    import numpy as np

    cpu = (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    conditions = (sys.version, numba.__version__, np.__version__, *cpu)
    return folder / f"{name}.{sha256(repr(conditions).encode()).hexdigest()[:16]}.tried"


def is_compiled(folder: Path, name: str) -> bool:
    """Whether a loop was tried, and numba's files of it are there."""
    return mark_file(folder, name).is_file() and any(_kept(folder, name, ".nbc"))


def forget(folder: Path, name: str) -> None:
    """Remove what is kept of a loop, so that it is compiled anew."""
    mark_file(folder, name).unlink(missing_ok=True)
    for path in _kept(folder, name, ""):
        path.unlink(missing_ok=True)


def _kept(folder: Path, name: str, ending: str) -> list[Path]:
    return list((folder / "__pycache__").glob(f"{name}.loop-*{ending}"))
