"""Saving: to the patch's own file or under another name, never over what somebody else has written meanwhile."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ....graphs import Patch, PatchFileError, set_view
from ...patcher.window_requests import ChooseFile
from ...surface.view import View

if TYPE_CHECKING:
    from .desk import Desk  # which has what asks before a save


def saved_view(patch: Patch) -> View | None:
    """What was seen of the patch when it was saved; None where it doesn't tell."""
    view = patch.view.get("window")
    if not isinstance(view, Mapping):
        return None
    try:
        x, y, scale = (float(view[key]) for key in ("x", "y", "scale"))
    except (KeyError, TypeError, ValueError):
        return None  # a view of another program
    return View((x, y), min(4.0, max(0.05, scale)))


def save(desk: "Desk", then: Callable[[], None] = lambda: None) -> None:
    """Save to the file, or ask for one."""
    path = desk.document.path
    if path is None:
        save_as(desk, then)
    elif desk.on_disk.before_saving(path, lambda: save(desk, then)) and _save_to(desk, path):
        then()


def save_as(desk: "Desk", then: Callable[[], None] = lambda: None) -> None:
    """Save under another name."""

    def chosen(path: Path) -> None:
        if desk.on_disk.before_saving(path, lambda: chosen(path)) and _save_to(desk, path):
            then()

    desk.ask(ChooseFile("Save the patch", (".ltp",), True, chosen, name=f"{desk.document.name}.ltp"))


def _save_to(desk: "Desk", path: Path) -> bool:
    desk.gather()

    def with_view(patch: Patch) -> Patch:
        (x, y), scale = desk.scopes.root_view.corner, desk.scopes.root_view.scale
        return desk.maps.saved(set_view(patch, "window", {"x": x, "y": y, "scale": scale}))

    try:
        saved = desk.document.save(path, with_view)
    except PatchFileError as error:
        desk.say(str(error), "error")
        return False
    desk.say(f"saved {saved.name}")
    return True
