"""Patches that ask to record outside of their folder: noticed, and asked about once for each file."""

from pathlib import Path
from typing import TYPE_CHECKING

from ....graphs import Patch
from ....graphs.printable import printable
from ....nodes.audiofile import SoundError
from ....nodes.audiofile.permission import allow_write
from ...patch_files import Named, asked_writes
from ...patcher.window_requests import Confirm

if TYPE_CHECKING:
    from .desk import Desk


class Recorders:
    """Belongs to the window's thread. What is not allowed is not written, whatever is asked here."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._looked_at: Patch | None = None
        self._asked: set[tuple[Path, Path]] = set()

    def tick(self) -> None:
        """Ask about what the patch wants to write since the last look."""
        desk = self._desk
        if desk.patch is self._looked_at:
            return
        self._looked_at = desk.patch
        folder = desk.document.folder
        for one, path in asked_writes(desk.patch, desk.palette, folder):
            if (folder, path) not in self._asked:
                self._asked.add((folder, path))
                desk.ask(self._question(one, path, folder))

    def allow(self, path: Path, folder: Path) -> bool:
        """Let the patch record there; gives whether that could be noted."""
        self._asked.add((folder, path))
        try:
            allow_write(path, folder)
        except SoundError as error:
            self._desk.say(str(error), "error")
            return False
        return True

    def _question(self, one: Named, path: Path, folder: Path) -> Confirm:
        def allow() -> None:
            if self.allow(path, folder):
                self._desk.play_again()

        text = (
            f"{one.node} wants to record to {printable(str(path))},\n"
            f"which is outside the patch folder ({printable(str(folder))}).\n"
            "Existing files are not overwritten. You are asked once."
        )
        return Confirm(text, (("Allow", allow), ("Cancel", lambda: None)), "Record outside the patch folder", -1)
