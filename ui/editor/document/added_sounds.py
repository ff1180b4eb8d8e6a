"""Sounds that are added to the open patch: looked for on the disk, put in as one step, then encoded, trained, heard."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ....graphs import History, Patch
from ....graphs.printable import counted
from ...sound_list import encoder_for, gathered, listed, with_added

if TYPE_CHECKING:
    from .desk import Desk

# So many sentences about what could not be added are said.
MOST_SAID = 8


@dataclass(frozen=True)
class _Found:
    """Sound files to add to the patch of a history, and what is to be said."""

    history: History
    node: str | None
    files: tuple[Path, ...]
    said: tuple[str, ...]


class AddedSounds:
    """Belongs to the window's thread; nothing here waits. Folders are read on threads of their own."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._found: SimpleQueue[_Found] = SimpleQueue()

    def add(self, paths: Sequence[Path], node: str | None = None) -> None:
        """Add files, and folders with all that is in them; to an encode node, or where ``encoder_for`` says."""
        desk = self._desk
        if desk.is_locked:
            desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
            return
        if paths:
            given = tuple(paths), desk.document.history, node
            threading.Thread(target=self._look, args=given, name="sounds to add", daemon=True).start()

    def tick(self) -> None:
        """Once per frame: put in what was found, unless another patch is open by now."""
        while not self._found.empty():
            found = self._found.get()
            for text in found.said[:MOST_SAID]:
                self._desk.say(text, "warning")
            if len(found.said) > MOST_SAID:
                self._desk.say(f"{len(found.said) - MOST_SAID} more were left out", "warning")
            if found.files and found.history is self._desk.document.history:
                self._put(found)

    def _look(self, paths: tuple[Path, ...], history: History, node: str | None) -> None:
        said: list[str] = []
        files = gathered(paths, said.append)
        self._found.put(_Found(history, node, tuple(files), tuple(said)))

    def _put(self, found: _Found) -> None:
        desk = self._desk
        known = found.node if found.node in desk.patch.nodes else None
        before = encoder_for(desk.patch, desk.palette, desk.maps.seen)
        node = known or before
        had = len(listed(desk.patch, node)) if node is not None else 0
        was_empty = not desk.patch.nodes
        made: list[str] = []

        def change(patch: Patch) -> Patch:
            after, name = with_added(patch, desk.palette, found.files, desk.document.folder, node)
            made.append(name)
            return after

        if not desk.edit(change, f"add {counted(len(found.files), 'sound')}"):
            return
        fresh = len(listed(desk.patch, made[-1])) - had
        if not fresh:
            desk.say(f"{counted(len(found.files), 'sound')} already in {made[-1]}; nothing to add")
            return
        desk.say(f"{counted(fresh, 'sound')} added to {made[-1]}; encoding and training follow")
        if was_empty:
            desk.fit()
        if not had:
            desk.show_map()
            desk.sound.switch(True)
        if not desk.settings.learns_by_itself:
            desk.sound.learn(desk.patch)
