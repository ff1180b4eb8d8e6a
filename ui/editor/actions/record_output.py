"""Recording the output: at once, under a name of its own beside the patch, and named by hand when it is done."""

import time
from functools import partial
from pathlib import Path

from ....graphs.file_write import free_beside
from ...patcher.window_requests import TypeText
from ..document.desk import Desk


def switch(desk: Desk) -> None:
    """Begin to record the output, or end it and ask for a name."""
    path = desk.recording_to
    if path is None:
        _begin(desk)
        return
    desk.sound.record(None)
    desk.recording_to = None
    desk.say(f"recorded {path}")
    desk.ask(TypeText("Name of the recording", path.stem, partial(rename, desk, path)))


def rename(desk: Desk, path: Path, name: str) -> None:
    """Give a finished recording a name; it keeps its own where that can't be."""
    wanted = name.strip().removesuffix(path.suffix)
    if wanted in ("", path.stem):
        return
    if Path(wanted).name != wanted or wanted.startswith("."):
        desk.say(f"{wanted!r} is not a valid recording name; use one without / and without a dot first", "warning")
        return
    try:
        target = free_beside(path.with_name(f"{wanted}{path.suffix}"))
        path.rename(target)
    except OSError as error:
        desk.say(f"{path.name} can't be renamed ({error.strerror or error}); it is in {path.parent}", "warning")
    else:
        desk.say(f"{path.name} is now {target.name}")


def _begin(desk: Desk) -> None:
    folder = desk.document.recordings
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        desk.say(f"{folder}: can't record there ({error}); save the patch in another folder", "error")
        return
    path = free_beside(folder / f"{desk.document.name} {time.strftime('%Y-%m-%d %H.%M.%S')}.wav")
    desk.sound.record(path)
    desk.recording_to = path
    later = "" if desk.sound.status.is_on else "; it begins when audio is on"
    desk.say(f"recording to {folder.name}/{path.name}{later}")
