"""Files: new, open, save, and never losing anything."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ....graphs import PatchFileError
from ...patcher.window_requests import ChooseFile, Confirm, Quit, Show
from ..document.desk import Desk
from ..document.save import save, save_as
from .registry import Action
from .sounds import SOUNDS

if TYPE_CHECKING:
    from .collect import Collection

# Files that could not be packed are named one by one, up to so many.
MOST_WORDS = 20


def unless_unsaved(desk: Desk, then: Callable[[], None]) -> None:
    """Do something that closes what is open, after asking whether it is to be saved."""
    desk.gather()
    if not desk.document.is_unsaved:
        then()
        return

    def save_first() -> None:
        save(desk, then)

    def let_go() -> None:
        desk.document.history.mark_saved()
        then()

    desk.ask(
        Confirm(
            f"{desk.document.name} has not been saved.",
            (("Save", save_first), ("Don't save", let_go), ("Cancel", lambda: None)),
            "Unsaved changes",
        )
    )


def _new(desk: Desk) -> None:
    unless_unsaved(desk, desk.begin)


def _open(desk: Desk) -> None:
    def ask() -> None:
        desk.ask(ChooseFile("Open a patch", (".ltp",), False, lambda path: void(desk.open(path))))

    unless_unsaved(desk, ask)


def _pack(desk: Desk) -> None:
    """Copy the patch and all its files into a folder, for another machine or a friend."""

    def chosen(path: Path) -> None:
        from .collect import planned

        target = path if path.suffix == ".ltp" else path.with_name(f"{path.name}.ltp")
        target = target.parent / target.stem / target.name
        desk.gather()
        collection = planned(desk, target)
        if not collection.outside:
            _packed(desk, collection, target, with_outside=False)
            return
        pack_all = partial(_packed, desk, collection, target, with_outside=True)
        pack_own = partial(_packed, desk, collection, target, with_outside=False)
        choices = (("Collect all", pack_all), ("Patch folder only", pack_own), ("Cancel", lambda: None))
        desk.ask(Confirm(collection.question, choices, "Collect all and save", default=1))

    desk.ask(ChooseFile("Collect all and save", (".ltp",), True, chosen, name=desk.document.name))


def _packed(desk: Desk, collection: "Collection", target: Path, *, with_outside: bool) -> None:
    from ....graphs import save as save_file
    from ....graphs.file_write import WriteError
    from .collect import pack

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        patch = pack(desk, collection, target, with_outside=with_outside)
        save_file(patch, target, like=desk.document.path)
    except (OSError, ValueError, PatchFileError, WriteError) as error:
        desk.say(f"{target.parent}: can't collect files there: {error}", "error")
        return
    count = len(collection.items) - (0 if with_outside else len(collection.outside))
    desk.say(f"collected {target.name} and {count} files in {target.parent}")
    for words in collection.left[:MOST_WORDS]:
        desk.say(f"not collected: {words}", "warning")
    if len(collection.left) > MOST_WORDS:
        desk.say(f"not collected: {len(collection.left) - MOST_WORDS} more", "warning")


def _locate(desk: Desk) -> None:
    """Ask for the missing files, one after the other."""
    from .named_files import ask_where, locate, missing_files

    gone = next(iter(missing_files(desk)), None)
    if gone is None:
        desk.say("no files are missing")
        return

    def found(path: Path) -> None:
        if locate(desk, gone, path) and missing_files(desk):
            _locate(desk)

    ask_where(desk, gone, found)


def _revert(desk: Desk) -> None:
    path = desk.document.path
    if path is not None:
        desk.open(path)


def _recover(desk: Desk) -> None:
    copy = desk.document.recovered()
    if copy is None:
        desk.say("there is no autosave of this patch")
        return
    try:
        desk.document.recover(copy)
    except PatchFileError as error:
        desk.say(str(error), "error")
        return
    desk.select()
    desk.end_gesture()
    desk.say("the autosave from before the crash is open; save it to keep it")


def _starters(desk: Desk) -> None:
    desk.ask(Show("starters"))


def _quit(desk: Desk) -> None:
    unless_unsaved(desk, lambda: desk.ask(Quit()))


def open_recent(desk: Desk, path: str) -> None:
    """Open one of the files opened before."""
    if not os.path.exists(path):
        desk.say(f"{path} is missing; it may have been moved or renamed", "warning")
        return
    unless_unsaved(desk, lambda: void(desk.open(Path(path))))


def void(value: object) -> None:
    """Let a result go."""


FILES = (
    Action("file.new", "New", "File", ("Ctrl+N",), _new),
    Action("file.starters", "New from example …", "File", (), _starters),
    Action("file.open", "Open …", "File", ("Ctrl+O",), _open),
    *SOUNDS,
    Action("file.save", "Save", "File", ("Ctrl+S",), save, begins=True),
    Action("file.save_as", "Save as …", "File", ("Ctrl+Shift+S",), save_as),
    Action("file.pack", "Collect all and save …", "File", (), _pack, begins=True),
    Action("file.locate", "Locate missing files …", "File", (), _locate),
    Action(
        "file.revert", "Revert to saved", "File", (), _revert, lambda desk: desk.document.path is not None, begins=True
    ),
    Action("file.recover", "Recover", "File", (), _recover, lambda desk: desk.document.path is not None),
    Action("file.quit", "Quit", "File", ("Ctrl+Q",), _quit, begins=True),
)
