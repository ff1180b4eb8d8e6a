"""The model library: where models lie, which there are, whose they are."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import FILE, Failure, finish
from .patches import AsJson

if TYPE_CHECKING:
    from ...nodes.codec.library import Library

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of models (.ts, .npz).")]


def list_models(as_json: AsJson = False) -> int:
    """Tell which models lie in the folders: favourites first, then those played last."""
    from ...nodes.codec.library import Library
    from ...nodes.codec.trust import is_trusted

    library = Library()
    found = [{**asdict(one), "name": one.name, "is_allowed": is_trusted(one.sha256)} for one in library.models()]
    lines = [
        f"{'*' if one['is_favourite'] else ' '} {one['name']:28} {one['size'] / 1e6:7.1f} MB  "
        f"{one['used'] or 'never used':12}  {one['licence'] or 'licence unknown'}  {one['path']}"
        for one in found
    ]
    if not library.folders:
        lines = ["no folders to search; add one with: latent-terrain models add FOLDER"]
    finish({"folders": list(library.folders), "models": found}, lines, as_json)
    return 0


def list_allowed(as_json: AsJson = False) -> int:
    """Tell which model files you have allowed to run, also those that are gone; model NAME --distrust takes it back."""
    from ...nodes.codec.trust import trusted

    found = [{"sha256": sha256, **about} for sha256, about in trusted().items()]
    lines = [f"{one['sha256'][:16]}  {one.get('since', '')}  {one.get('path') or one.get('name', '')}" for one in found]
    finish({"allowed": found}, lines or "no trusted model files", as_json)
    return 0


def add(folder: Folder, as_json: AsJson = False) -> int:
    """Look into a folder from now on."""
    return _changed(lambda library: library.add_folder(folder), as_json)


def remove(folder: Folder, as_json: AsJson = False) -> int:
    """Look into a folder no more."""
    return _changed(lambda library: library.remove_folder(folder), as_json)


def mark(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Its name, its path, or the start of its sha256.")],
    licence: Annotated[str | None, typer.Option("--licence", help="Its licence, in your words.")] = None,
    favourite: Annotated[bool | None, typer.Option("--favourite/--no-favourite", help="Mark as favourite.")] = None,
    as_json: AsJson = False,
) -> int:
    """Note a model's licence, or make it a favourite."""
    return _changed(lambda library: library.mark(name, licence=licence, is_favourite=favourite), as_json)


def _changed(change: Callable[["Library"], object], as_json: bool) -> int:
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.library import Library

    library = Library()
    try:
        change(library)
    except CodecError as error:
        raise Failure(str(error), FILE) from None
    return list_models(as_json)
