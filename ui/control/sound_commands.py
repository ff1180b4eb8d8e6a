"""What commands do with the sounds of the patch that plays: add, remove, find again, list; within its folder only."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...graphs import Patch
from ..sound_list import gathered, listed, with_added
from ..sound_names import found_in, moved_to, node_with_sounds, without_names
from .run_commands import ControlError, Reply, does

if TYPE_CHECKING:
    from .dispatcher import Dispatcher


@does("/sounds/add")
def _add(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    node, words = _split(dispatcher, arguments)
    complaints: list[str] = []
    files = gathered([_inside(dispatcher, word) for word in words], complaints.append)
    # a link in a folder may lead anywhere
    files = [one for one in files if _is_inside(dispatcher, one)]
    if not files:
        raise ControlError("; ".join(complaints) or "no sound files of that name are in the patch's folder")
    made: list[str] = []

    def change(patch: Patch) -> Patch:
        after, name = with_added(patch, dispatcher.palette, files, _home(dispatcher), node)
        made.append(name)
        return after

    after = dispatcher.session.edit(change)
    for text in complaints:
        dispatcher.tell(text)
    return "/done", [len(listed(after, made[-1]))]


@does("/sounds/remove")
def _remove(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    node, words = _split(dispatcher, arguments)
    if not words:
        raise ControlError("/sounds/remove takes the names of sounds; /sounds/list tells them")
    chosen = node_with_sounds(dispatcher.session.patch, dispatcher.palette, node)
    said: list[str] = []

    def change(patch: Patch) -> Patch:
        after, said[:] = without_names(patch, dispatcher.palette, chosen, words, dispatcher.folder)
        return after

    after = dispatcher.session.edit(change)
    for text in said:
        dispatcher.tell(text)
    return "/done", [len(listed(after, chosen))]


@does("/sounds/relink")
def _relink(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    node, words = _split(dispatcher, arguments)
    if not 1 <= len(words) <= 2:
        raise ControlError("/sounds/relink takes a folder, or the name of a sound and its file")
    place = _inside(dispatcher, words[-1])
    palette, folder = dispatcher.palette, dispatcher.folder
    chosen = node_with_sounds(dispatcher.session.patch, palette, node)
    left: list[str] = []

    def change(patch: Patch) -> Patch:
        if len(words) == 2:
            return moved_to(patch, palette, chosen, words[0], place, folder)
        after, _, left[:] = found_in(patch, palette, chosen, place, folder, partial(_is_inside, dispatcher))
        return after

    dispatcher.session.edit(change)
    return "/done", list(left)


@does("/sounds/list")
def _list(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    node, _ = _split(dispatcher, arguments)
    patch = dispatcher.session.patch
    return "/done", list(listed(patch, node_with_sounds(patch, dispatcher.palette, node)))


def _split(dispatcher: "Dispatcher", arguments: list[Any]) -> tuple[str | None, list[str]]:
    """The node that is named first, if one is, and the words that follow."""
    words = [str(one) for one in arguments]
    if words and words[0] in dispatcher.palette.names(dispatcher.session.patch, "encoder"):
        return words[0], words[1:]
    return None, words


def _inside(dispatcher: "Dispatcher", name: str) -> Path:
    """A file or folder in the patch's folder: what comes from outside may name no other. Raises ControlError."""
    folder = dispatcher.folder
    path = Path("/") if "\0" in name or len(name) > 1000 else (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise ControlError(f"{name[:80]!r}: name sounds in the folder of the patch that plays")
    if not path.exists():
        raise ControlError(f"{name[:80]!r} is not in the folder of the patch that plays")
    return path


def _is_inside(dispatcher: "Dispatcher", path: Path) -> bool:
    return path.resolve().is_relative_to(dispatcher.folder) and path.exists()


def _home(dispatcher: "Dispatcher") -> Path:
    """The folder from which files are named: the patch's; a patch without a file names them in full."""
    return dispatcher.folder if dispatcher.is_home else Path()
