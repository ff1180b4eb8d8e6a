"""What the editor opens with: the patch asked for, what a crash left, or the starters to choose from."""

import time
from contextlib import suppress
from pathlib import Path

from ....graphs import Patch, PatchFileError
from ....graphs.starters import STARTERS
from ....nodes.audiofile.unfinished import recover
from ...patcher.window_requests import Confirm, Show
from ..document.desk import Desk
from ..document.document import left_behind
from . import ACTIONS, perform


def open_first(desk: Desk, name: str = "", running: Patch | None = None) -> None:
    """Open the file or the starter of that name, the patch that runs already, or else ask.

    A file that cannot be opened is told and leaves an empty patch. What was not saved when an editor ended
    unexpectedly is offered first.
    """
    for one in recover():
        desk.say(str(one), "warning")
    broke_down = desk.settings.opening
    if broke_down:
        desk.settings.opening = ""
        desk.settings.save()
        desk.say(f"the editor quit while opening {broke_down}, so it is not reopened automatically", "warning")
    if running is not None:
        desk.begin(running, "running")
        desk.say("attached to a running engine; it keeps playing when the editor is closed")
        return
    if name and not Path(name).exists() and name in STARTERS:
        desk.start_from(name)
    elif name:
        desk.begin()
        if desk.open(Path(name)):
            _offer_copy(desk)
    else:
        desk.begin()
        desk.ask(Show("starters"))
    _offer_left_behind(desk)


def _offer_copy(desk: Desk) -> None:
    """A newer copy of the file: which of both?"""
    if desk.document.recovered() is None:
        return

    def recover() -> None:
        perform(desk, ACTIONS["file.recover"])

    text = f"{desk.document.name} was not saved before the editor quit. Which version?"
    desk.ask(Confirm(text, (("Recovered", recover), ("Last saved", lambda: None)), "Recovered patch"))


def _offer_left_behind(desk: Desk) -> None:
    """A patch that never had a file: open it, throw it away, or leave it for another time."""
    found = left_behind()
    if not found:
        return
    copy = found[0]

    def recover() -> None:
        try:
            desk.begin()
            desk.document.recover(copy)
        except PatchFileError as error:
            desk.say(str(error), "error")
            return
        desk.end_gesture()
        desk.fit()
        if desk.document.keep_copy(time.monotonic()) is not None:
            copy.unlink(missing_ok=True)
        desk.say("the recovered patch is open; save it to keep it")

    def throw_away() -> None:
        with suppress(OSError):
            copy.unlink()

    when = time.strftime("%H:%M on %d %B", time.localtime(copy.stat().st_mtime))
    text = f"The editor quit unexpectedly. An unsaved patch was recovered from {when}."
    desk.ask(Confirm(text, (("Recover", recover), ("Discard", throw_away), ("Later", lambda: None)), "Recovered patch"))
