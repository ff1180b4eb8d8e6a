"""The sounds that a patch is made from, as one list: added, removed, put in order, found again, cut to a part."""

from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from ..engine import Palette
from ..engine.typed import PART
from ..graphs import EditError, Patch, Point, add_node, connect, paste, set_value
from ..graphs.edits import free_name
from ..graphs.printable import is_unicode
from ..graphs.starters.walk import walk
from ..nodes.audiofile import SUFFIXES, SoundError
from ..nodes.audiofile.folder import list_sounds
from ..nodes.gui.drawing import read_drawing
from .map.sounds import source_of
from .one_codec import with_sounds
from .patch_files import name_from

SETTING, LAYOUT = "sounds", "layout"
# Between what a patch has already and what is added to play its sounds, canvas units.
GAP = 120.0


def gathered(paths: Iterable[Path], say: Callable[[str], None]) -> list[Path]:
    """The sound files that paths mean, each once and in their order: files as they are, folders with all in them.

    Reads folders, so it may take a while. say: gets a sentence about each path that gives nothing.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not is_unicode(str(path)):
            say(f"{path.name} has a name that is not UTF-8; rename the file or its folder")
        elif path.is_dir():
            try:
                inside = list_sounds(path, say)
            except SoundError as error:
                say(str(error))
                continue
            if not inside:
                say(f"{path} has no sound files in it (WAV, FLAC, OGG, MP3 …)")
            found.update(dict.fromkeys(one for one in inside if is_unicode(str(one))))
        elif path.suffix.lower() in SUFFIXES:
            found[path] = None
        else:
            say(f"{path.name} is not a sound file (WAV, FLAC, OGG, MP3 …)")
    return list(found)


def listed(patch: Patch, node: str) -> tuple[str, ...]:
    """The sounds of an encode node as the patch names them: ``FILE``, ``FILE#t=1.5,3`` or a folder."""
    raw = patch.nodes[node].values.get(SETTING, ())
    return tuple(map(str, raw)) if isinstance(raw, list | tuple) else ()


def encoder_for(patch: Patch, palette: Palette, map_node: str = "") -> str | None:
    """The node that gets sounds which are added: the one of a map, else the first that encodes files."""
    maps = (map_node,) if map_node in patch.nodes else palette.names(patch, "map")
    encoders = palette.names(patch, "encoder")
    found = (source_of(patch, palette, name) for name in maps)
    return next((name for name in found if name in encoders), next(iter(encoders), None))


def with_added(
    patch: Patch, palette: Palette, files: Sequence[Path], folder: Path, node: str | None = None
) -> tuple[Patch, str]:
    """The patch with more sounds, and the node that has them.

    They go to ``node``, or to the one that ``encoder_for`` finds. A patch that encodes nothing gets what it lacks: an
    encode node for its map, or all that plays a map. folder: the patch's own, from which it names files. Raises
    EditError.
    """
    if not files:
        raise EditError("there are no sounds to add; choose sound files, or a folder that has some")
    node = node or encoder_for(patch, palette)
    if node is None:
        patch, node = _with_encoder(patch, palette)
    before = listed(patch, node)
    folders = [folder / one.partition(PART)[0] for one in before]
    names = [name_from(folder, one) for one in files if not any(place in one.parents for place in folders)]
    fresh = [one for one in names if one not in before]
    return put(patch, palette, node, [*before, *fresh]), node


def put(patch: Patch, palette: Palette, node: str, sounds: Sequence[str]) -> Patch:
    """The patch whose node has these sounds, in this order."""
    return with_sounds(patch, palette, node, SETTING, list(sounds))


def without(sounds: Sequence[str], indices: Collection[int]) -> tuple[str, ...]:
    """A list without some of its sounds."""
    return tuple(one for index, one in enumerate(sounds) if index not in indices)


def shifted(sounds: Sequence[str], indices: Collection[int], by: int) -> tuple[tuple[str, ...], frozenset[int]]:
    """A list in which some sounds stand one place further up (by = -1) or down (1), and where they are then.

    What stands at the end already stays there, and so does what stands behind it.
    """
    order = list(range(len(sounds)))
    moving = [index for index in order if index in indices]
    for index in moving if by < 0 else reversed(moving):
        place, beside = order.index(index), order.index(index) + by
        if 0 <= beside < len(order) and order[beside] not in indices:
            order[place], order[beside] = order[beside], order[place]
    return tuple(sounds[index] for index in order), frozenset(order.index(index) for index in indices)


def part_of(sound: str, begin: float | None, end: float | None) -> str:
    """A sound as the patch names it, cut to a part in seconds; None, None: all of it."""
    file = sound.partition(PART)[0]
    if begin is None and end is None:
        return file
    tail = "" if end is None else f",{end:g}"
    return f"{file}{PART}{begin or 0.0:g}{tail}"


def _with_encoder(patch: Patch, palette: Palette) -> tuple[Patch, str]:
    """The patch with a node that encodes files: for the map that has none yet, else with a map of its own."""
    bare = (name for name in palette.names(patch, "map") if source_of(patch, palette, name) is None)
    fed = next(iter(bare), None)
    if fed is None:
        fragment = set_value(walk(), "sounds", SETTING, [])
        after, names = paste(patch, fragment, _free_place(patch))
        return after, names["sounds"]
    x, y = patch.nodes[fed].position
    name = "sounds" if "sounds" not in patch.nodes else free_name(patch, "sounds")
    after = add_node(patch, "encode", name=name, position=(x - 260.0, y))
    after = connect(after, f"{name}.latents", f"{fed}.latents")
    taken = {cord.target for cord in patch.cords}
    trained = [cord.target_node for cord in patch.cords if cord.source == f"{fed}.coordinates"]
    for terrain in dict.fromkeys(trained):
        if f"{terrain}.latents" not in taken and palette.role(patch.nodes[terrain].type) == "terrain":
            after = connect(after, f"{name}.latents", f"{terrain}.latents")
    drawing = read_drawing(patch.nodes[fed].content)
    if LAYOUT not in patch.nodes[fed].values and not drawing.lines:
        after = set_value(after, fed, LAYOUT, "map")
    return after, name


def _free_place(patch: Patch) -> Point:
    """Below all that there is."""
    places = [node.position for node in patch.nodes.values()]
    if not places:
        return (0.0, 0.0)
    return min(x for x, _ in places), max(y for _, y in places) + 2 * GAP
