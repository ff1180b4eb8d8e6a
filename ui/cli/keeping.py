"""Keep: a patch saved again with the takes that were recorded while it played."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import FILE, Failure, say

if TYPE_CHECKING:
    from ...engine import Engine
    from .patches import Opened

Keep = Annotated[Path | None, typer.Option("--keep", help="Save the patch here with the takes that it recorded.")]


def keep(opened: "Opened", engine: "Engine", path: Path | None) -> None:
    """Save a patch as it was opened (without ``--set``) with what its record nodes gathered, where asked to."""
    from ...engine.capture import captured
    from ...graphs import PatchFileError, save

    if path is None:
        return
    try:
        save(captured(opened.patch, engine), path)
    except PatchFileError as error:
        raise Failure(f"--keep {path}: {error}", FILE) from None
    say(f"{path}: the patch with what was recorded")
