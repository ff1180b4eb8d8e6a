"""Files changed on disk while they are open: the patch by another window or program, sounds by an audio editor."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from ....engine.hooks import TellsStale, is_a
from ....engine.setup import Setup
from ....graphs import Node, Patch, PatchFileError, diff, merge_edits
from ...patcher.window_requests import Confirm
from .save import save_as

if TYPE_CHECKING:
    from .desk import Desk

LOOK_SECONDS = 1.5
# Differences told in a question; ``latent-terrain diff`` tells all.
MOST_LINES = 12


class ChangedOnDisk:
    """Looks for such changes now and then, and asks once about each. Sounds are read on a thread of their own."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._looked_at = 0.0
        self._asked: Patch | None = None
        self._found: SimpleQueue[tuple[str, Node, tuple[str, ...]]] = SimpleQueue()
        self._is_looking = False
        self._told: set[tuple[str, tuple[str, ...]]] = set()

    def opened(self) -> None:
        """Another patch is open."""
        self._asked, self._found = None, SimpleQueue()
        self._told.clear()
        self._looked_at = 0.0

    def tick(self, now: float) -> None:
        """Call once per frame. now: seconds of a steady clock."""
        while not self._found.empty():
            self._ask_about_sounds(*self._found.get())
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        theirs = self._theirs()
        if theirs is not None and theirs != self._asked:
            self._asked = theirs
            self.ask(theirs)
        self._look_at_sounds()

    def before_saving(self, path: Path, save: Callable[[], None]) -> bool:
        """Whether the file may be written over as it is; otherwise that is asked about."""
        if path.absolute() != self._desk.document.path:
            return True
        theirs = self._theirs()
        if theirs is None:
            return True
        self._asked = theirs
        self.ask(theirs, save)
        return False

    def ask(self, theirs: Patch, save: Callable[[], None] | None = None, text: str = "") -> None:
        """What is to be done about a file that somebody else has written. save: what keeping ours does at once."""
        desk = self._desk
        document = desk.document

        def keep_mine() -> None:
            document.file.note(document.path, theirs)
            document.history.mark_unsaved()
            if save is not None:
                save()

        def see() -> None:
            lines = [str(one) for one in diff(document.patch, theirs)]
            more = [f"… and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
            self.ask(theirs, save, "\n".join(["Changes from yours to theirs:", *lines[:MOST_LINES], *more]))

        choices: list[tuple[str, Callable[[], None]]] = [
            ("Merge", partial(self._merge, theirs)),
            ("Take theirs", partial(self._take, theirs)),
            ("Keep mine", keep_mine),
        ]
        if not text:
            choices.append(("Difference", see))
        choices += [("Save as …", lambda: save_as(self._desk)), ("Later", lambda: None)]
        said = f"{document.name} was changed by another program since you opened it."
        desk.ask(Confirm(text or said, tuple(choices), "File changed on disk"))

    def _theirs(self) -> Patch | None:
        try:
            return self._desk.document.file.theirs()
        except PatchFileError as error:
            self._desk.say(f"the file was changed by another program and can't be read: {error}", "warning")
            return None

    def _merge(self, theirs: Patch) -> None:
        desk = self._desk
        merged = merge_edits(desk.document.file.base, desk.patch, theirs)
        desk.document.file.note(desk.document.path, theirs)
        desk.edit(lambda _: merged.patch, "merged")
        desk.document.history.mark_unsaved()
        for conflict in merged.conflicts:
            desk.say(str(conflict), "warning", conflict.node)
        if not merged.conflicts:
            desk.say("both versions are merged; save to keep the result")

    def _take(self, theirs: Patch) -> None:
        """As an edit, so that undo brings back what was here."""
        desk = self._desk
        desk.document.file.note(desk.document.path, theirs)
        desk.edit(lambda _: theirs, "reload from disk")
        desk.document.history.mark_saved()
        desk.say("reloaded from disk; undo returns to your version")

    def _look_at_sounds(self) -> None:
        if self._is_looking:
            return
        desk, told = self._desk, self._found
        nodes = desk.patch.nodes.items()
        wanted = [(name, node, sounds) for name, node in nodes if (sounds := self._sounds(node))]
        if not wanted:
            return
        self._is_looking = True
        resolve = Setup(folder=desk.document.folder).resolve

        def look() -> None:
            from ....nodes.encode import stale_sounds

            try:
                for name, node, sounds in wanted:
                    stale = stale_sounds(node.content, sounds, resolve)
                    if stale:
                        told.put((name, node, tuple(f"{path.name} {_WORDS[how]}" for path, how in stale)))
            except (OSError, ValueError):
                return  # a file that is being written: the next look sees it whole
            finally:
                self._is_looking = False

        threading.Thread(target=look, name="look at sounds", daemon=True).start()

    def _sounds(self, node: Node) -> tuple[str, ...]:
        """The sound files that a node was trained on, as it names them; none for a node that can't tell of changes."""
        spec = self._desk.palette.get(node.type)
        if spec is None or not is_a(spec.build, TellsStale):
            return ()
        named = [node.values.get(one.name) for one in spec.settings.values() if one.about.file == "sound"]
        return tuple(str(sound) for some in named if isinstance(some, list) for sound in some)

    def _ask_about_sounds(self, node: str, looked_at: Node, words: tuple[str, ...]) -> None:
        """Ask, unless the node has been edited since, or is being trained: sounds that are added are no question."""
        desk = self._desk
        if (node, words) in self._told or desk.patch.nodes.get(node) is not looked_at or desk.is_training:
            return
        self._told.add((node, words))
        text = "; ".join(words[:4])
        more = f" and {len(words) - 4} more" if len(words) > 4 else ""

        def learn() -> None:
            desk.sound.learn(desk.patch)

        text = f"{node}: {text}{more} since training."
        desk.ask(Confirm(text, (("Retrain", learn), ("Dismiss", lambda: None)), "Sounds changed"))


_WORDS = {"changed": "has changed", "new": "is new", "gone": "is gone"}
