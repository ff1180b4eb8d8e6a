"""Keep: a patch saved as it was heard, with its settings, what was learned, and the takes that were recorded."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import say
from .patches import save_from

if TYPE_CHECKING:
    from ...engine import Engine
    from .patches import OpenedPatch

Keep = Annotated[
    Path | None,
    typer.Option("--keep", help="Save the patch here as it was played: parameters, training results, takes."),
]


def keep(opened: "OpenedPatch", engine: "Engine", path: Path | None) -> None:
    """Save a patch as it was heard, with what its record nodes gathered, where asked to."""
    from ...engine.capture import captured

    if path is None:
        return
    save_from(replace(opened, patch=captured(opened.patch, engine)), engine.palette, path)
    say(f"{path}: the patch as it was played")
