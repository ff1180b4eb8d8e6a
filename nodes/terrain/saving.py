"""Saving without losing what was there: a file is replaced only once its successor is complete."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from .network import TerrainError


def save_whole(path: str | os.PathLike[str], suffix: str, write: Callable[[Path], object]) -> Path:
    """Have ``write`` make a file, then put it in place at ``path``; gives the path, which ends in ``suffix``.

    ``write`` gets a path of the same name in a passing folder beside the target. Raises TerrainError.
    """
    target = Path(path)
    if not target.name.strip():
        raise TerrainError("there is no file name to save under; give one")
    if target.suffix.lower() != suffix:
        target = target.with_name(target.name + suffix)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".saving-") as folder:
            temporary = Path(folder) / target.name
            write(temporary)
            os.replace(temporary, target)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the disk refused it"
        raise TerrainError(f"{target.name} cannot be saved: {reason.lower()}; choose another place") from None
    return target
