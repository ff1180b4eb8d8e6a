"""The lines and playback paths of a map as a file: written by a patch, or read into it."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from .output import FILE, RUN, USAGE, Failure, finish
from .patches import AsJson, OpenedPatch, PatchName, load_types, open_patch, save_from

if TYPE_CHECKING:
    from ...engine import Palette
    from ...nodes.gui.line_files import FiledLine

ENDINGS = (".json", ".csv")


def lines(
    patch: PatchName,
    exported: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write lines and paths here: .json or .csv.")
    ] = None,
    imported: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Read lines and paths from here: .json or .csv.")
    ] = None,
    only: Annotated[
        bool, typer.Option("--only", help="With --import: remove all lines and paths that the file does not have.")
    ] = False,
    node: Annotated[str | None, typer.Option("--node", help="Which map, if the patch has several.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Save the patch here. Default: in its own file, the old one kept."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write the lines of a map to a file, or read them from one.

    A training line is named by its sound, a playback path by its number; a path may have times in seconds, which are
    kept exactly. An import replaces those that the file names, the others stay. docs/map.md describes the files.
    """
    from ...graphs import EditError
    from ...nodes.gui.units import MapError
    from ..map.filed_lines import filed, with_filed

    if (exported is None) == (imported is None):
        raise Failure("give --export FILE or --import FILE", USAGE)
    if only and imported is None:
        raise Failure("--only belongs to --import; omit it", USAGE)
    file = exported or imported
    assert file is not None
    if file.suffix.lower() not in ENDINGS:
        raise Failure(f"{file}: lines are written as {' or '.join(ENDINGS)}; change the extension", USAGE)
    palette, opened = load_types(), open_patch(patch)
    map_node = _chosen_map(opened, palette, node)
    try:
        if imported is None:
            found = filed(opened.patch, palette, map_node)
            _write(file, found)
        else:
            found = _read(file)
            after = with_filed(opened.patch, palette, map_node, found, opened.folder.absolute(), only)
            path = output or opened.file
            if path is None:
                raise Failure(f"{opened.name} is a starter; say where to save the patch: -o FILE", USAGE)
            save_from(replace(opened, patch=after), palette, path)
    except (EditError, MapError) as error:
        raise Failure(f"{opened.name if imported is None else file}: {error}", FILE if imported else RUN) from None
    paths = sum(1 for one in found if one.path)
    document = {"patch": opened.name, "map": map_node, "file": str(file), "lines": len(found) - paths, "paths": paths}
    finish(document, f"{file}: {len(found) - paths} lines and {paths} paths of {map_node}", as_json)
    return 0


def _write(file: Path, found: "list[FiledLine]") -> None:
    from ...graphs.file_write import WriteError
    from ...nodes.gui.line_files import write_csv, write_json
    from ...nodes.terrain.save import SaveError, save_whole

    text = write_csv(found) if file.suffix.lower() == ".csv" else write_json(found)
    try:
        save_whole(file, file.suffix, partial(_put, text))
    except (SaveError, WriteError) as error:
        raise Failure(str(error), FILE) from None
    except OSError as error:
        raise Failure(f"{file}: can't be written ({error.strerror}); choose a writable folder", FILE) from None


def _read(file: Path) -> "list[FiledLine]":
    from ...graphs.file_read import ReadError, open_regular
    from ...nodes.gui.exchange import MAX_BYTES
    from ...nodes.gui.line_files import read_csv, read_json

    try:
        with open_regular(file) as opened:
            data = opened.read(MAX_BYTES + 1)
    except (OSError, ReadError) as error:
        raise Failure(f"{file}: it can't be read ({getattr(error, 'strerror', None) or error})", FILE) from None
    return read_csv(data) if file.suffix.lower() == ".csv" else read_json(data)


def _put(text: str, file: IO[bytes]) -> None:
    file.write(text.encode())


def _chosen_map(opened: OpenedPatch, palette: "Palette", node: str | None) -> str:
    """The map meant: the named one, or the only one. Raises Failure."""
    found = palette.names(opened.patch, "map")
    if not found:
        raise Failure(f"{opened.name}: no map in this patch", RUN)
    if node is None and len(found) > 1:
        raise Failure(f"{opened.name}: this patch has several maps ({', '.join(found)}); choose one with --node", USAGE)
    if node is not None and node not in found:
        raise Failure(f"--node {node}: this patch has no such map; it has {', '.join(found)}", USAGE)
    return node or next(iter(found))
