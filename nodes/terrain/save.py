"""Saving what libraries make: into memory first, as some of them end the process when a disk is full."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ...graphs.file_write import WriteError, write_file
from .network import TerrainError


class SaveError(TerrainError):
    """A file can't be written; the text says why and what to do."""


def save_whole(path: str | os.PathLike[str], suffix: str, write: Callable[[IO[bytes]], object]) -> Path:
    """Have ``write`` fill a file in memory, then put it in place at ``path``; gives the path, which ends in ``suffix``.

    Whatever fails, the file that was there before is untouched. Raises SaveError; without a name TerrainError.
    """
    target = Path(path)
    if not target.name.strip():
        raise TerrainError("there is no file name to save under; give one")
    if target.suffix.lower() != suffix:
        target = target.with_name(target.name + suffix)
    held = io.BytesIO()
    try:
        write(held)
        return write_file(target, held.getvalue())
    except WriteError as error:
        raise SaveError(str(error)) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise TerrainError(f"{target.name} cannot be made ({error}); nothing was written") from None
