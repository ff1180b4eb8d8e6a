"""The sounds of a patch without a window: listed, added, removed, found again; their lines stay with them."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from .output import FILE, RUN, USAGE, Failure, finish, say
from .patches import AsJson, OpenedPatch, PatchName, load_types, open_patch, save_from

if TYPE_CHECKING:
    from ...engine import Palette
    from ...graphs import Patch

SEVERAL = ("--add", "--remove", "--relink")
Changed = Annotated[
    Path | None, typer.Option("--output", "-o", help="Save the patch here. Default: in its own file, the old one kept.")
]


class SeveralWords(TyperCommand):
    """Lets options take all words up to the next option, as a shell writes them: ``--add takes/*.wav``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say the option again before each of its words."""
        spread: list[str] = []
        option, is_first = "", False
        for word in args:
            if word.startswith("-"):
                option, is_first = word if word in SEVERAL else "", True
            elif option:
                spread += [] if is_first else [option]
                is_first = False
            spread.append(word)
        return super().parse_args(ctx, spread)


def sounds(
    patch: PatchName,
    add: Annotated[
        list[Path] | None, typer.Option("--add", metavar="FILE…", help="Add sounds, and folders with all in them.")
    ] = None,
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="NAME…", help="Remove sounds, by path or name; their files and lines stay."),
    ] = None,
    relink: Annotated[
        list[str] | None,
        typer.Option(
            "--relink",
            metavar="FOLDER|OLD=NEW",
            help="Find missing sounds in a folder (and folders in it), or say where one is now.",
        ),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List them. Default without another option.")] = False,
    node: Annotated[str | None, typer.Option("--node", help="Which node, if several have sounds.")] = None,
    output: Changed = None,
    as_json: AsJson = False,
) -> int:
    """List the sounds that a patch is made from; add, remove and find them.

    A line belongs to its sound: it stays where it is whatever else is added or removed, and comes back with a sound
    that is added again. First sounds are found again, then removed, then added. What is new is encoded and learned by
    the next command with --train, or in the editor. Exit code 1: some sounds are still missing.
    """
    from ...graphs import EditError
    from ..sound_list import gathered, with_added
    from ..sound_names import found_in, moved_to, node_with_sounds, without_names

    palette, opened = load_types(), open_patch(patch)
    after, here = opened.patch, opened.folder.absolute()
    left: list[str] = []
    try:
        is_first = bool(add) and node is None and not palette.names(after, "encoder")
        chosen = None if is_first else node_with_sounds(after, palette, node)
        for one in relink or ():
            old, equals, new = one.partition("=")
            if equals:
                after = moved_to(after, palette, _known(chosen), old, Path(new).absolute(), here)
            else:
                after, found, left = found_in(after, palette, _known(chosen), Path(one).absolute(), here)
                say(*(f"{name}: found" for name in found))
                say(*(f"{name}: is not in {one}" for name in left))
        if remove:
            after, said = without_names(after, palette, _known(chosen), remove, here)
            say(*said)
        if add:
            complaints: list[str] = []
            files = gathered([one.absolute() for one in add], complaints.append)
            gone = [one for one in add if not one.exists()]
            if gone or not files:
                text = f"{', '.join(map(str, gone))}: no such file or folder" if gone else "; ".join(complaints)
                raise Failure(text, FILE)
            say(*complaints)
            after, chosen = with_added(after, palette, files, here, chosen)
    except EditError as error:
        raise Failure(f"{opened.name}: {error}", USAGE) from None
    is_changed = bool(add or remove or relink)
    if is_changed:
        opened = _saved(replace(opened, patch=after), palette, output)
    elif output is not None:
        raise Failure(f"-o {output}: nothing was asked to be changed; omit it", USAGE)
    document = _told(opened, palette, _known(chosen))
    rows = _rows(document) if listing or not is_changed else [f"{opened.name}: {len(document['sounds'])} sounds"]
    finish(document, rows, as_json)
    return RUN if left else 0


def _known(node: str | None) -> str:
    if node is None:
        raise Failure("no node of this patch has sounds yet; add some first: --add", USAGE)
    return node


def _saved(opened: OpenedPatch, palette: "Palette", output: Path | None) -> OpenedPatch:
    """The patch saved where it was asked for, and named so from then on."""
    path = output or opened.file
    if path is None:
        raise Failure(f"{opened.name} is a starter; say where to save the patch: -o FILE", USAGE)
    save_from(opened, palette, path)
    return open_patch(str(path))


def _told(opened: OpenedPatch, palette: "Palette", node: str) -> dict[str, Any]:
    """What a node's sounds are, as plain data.

    state: ``trained``, ``new`` (not encoded yet), ``changed`` or ``missing``. has_line: null before they are encoded.
    """
    from ...engine import Setup
    from ...nodes.encode import encoded, originals_of, stale_sounds
    from ..sound_list import listed
    from ..sound_names import file_name, sounds_of

    patch, folder = opened.patch, opened.folder.absolute()
    content = patch.nodes[node].content
    resolve = Setup(folder=folder).resolve
    how = {path.absolute(): state for path, state in stale_sounds(content, listed(patch, node), resolve)}
    lines, aside = _lines_of(patch, palette, node)
    keys, originals = sorted(encoded(content)), originals_of(content, listed(patch, node), resolve)
    by_file = {one: key for key, one in originals.items()}
    # of a file that is not there, or another by now, by its name
    by_name = {key.partition("/")[2]: key for key in reversed(keys) if key not in originals}
    rows = []
    for one in sounds_of(patch, node, folder):
        path = one.passage.path.absolute()
        key = by_file.get(one.passage) or by_name.get(one.passage.name)
        state = "missing" if not path.exists() else how.get(path, "trained" if encoded(content) else "new")
        rows.append(
            {
                "name": one.passage.name,
                "file": file_name(path, folder),
                "begin": one.passage.begin,
                "end": one.passage.end,
                "entry": one.text,
                "state": state,
                "has_line": keys.index(key) in lines if key and state != "new" else None,
            }
        )
    return {"patch": opened.name, "node": node, "sounds": rows, "lines_kept": aside}


def _lines_of(patch: "Patch", palette: "Palette", node: str) -> tuple[set[int], list[str]]:
    """Which sounds of a node have a line on a map, by number, and of which others a line is kept."""
    from ...nodes.gui.drawing import read_drawing
    from ...nodes.gui.ownership import names_aside
    from ...nodes.gui.units import MapError
    from ..map.sounds import settled, source_of

    found, aside = set[int](), list[str]()
    for name in palette.names(patch, "map"):
        if source_of(patch, palette, name) != node:
            continue
        content = settled(patch, palette, name).nodes[name].content
        try:
            found |= read_drawing(content).lines.keys()
        except MapError as error:
            say(f"{name}: {error}")
            continue
        aside += names_aside(content)
    return found, aside


def _rows(document: dict[str, Any]) -> list[str]:
    words = {True: "line", False: "no line", None: ""}
    rows = []
    for one in document["sounds"]:
        part = "" if one["begin"] == 0 and one["end"] is None else f"{one['begin']:g}-{one['end'] or 'end'} s"
        rows.append(f"{one['state']:8} {words[one['has_line']]:8} {one['name']:28} {one['file']} {part}".rstrip())
    rows += [f"kept     line     {name}: its sound was removed" for name in document["lines_kept"]]
    return rows or [f"{document['node']}: no sounds; add some with --add"]
