"""Finding a sound file on the map: its path becomes one more path to play, in one step that can be undone."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...engine.messages.workers import Find, SoundFound
from ...engine.processes.child import ChildError, ChildGone
from ...graphs import Patch, PatchFileError, dump
from ...nodes.gui.timed_paths import RecordedGesture
from ...nodes.location.query import with_path
from .background_work import BackgroundWork

SEEK_SECONDS = 300.0


@dataclass(frozen=True)
class FoundSound:
    """Where a sound is. path: None where it has no place, and words say why. map: whose map it was looked for on."""

    name: str
    map_node: str
    words: str
    path: RecordedGesture | None = None

    def kept(self, patch: Patch) -> Patch:
        """The patch with the path to play."""
        return patch if self.path is None else with_path(patch, self.map_node, self.path)


class SoundSearch(BackgroundWork[FoundSound]):
    """Finds sounds in a process of its own (see ``BackgroundWork``)."""

    def ask(self, patch: Patch, map_node: str, terrain: str, sound: Path, folder: Path) -> bool:
        """Have a sound file found on the map of a terrain. False while another is being looked for."""
        return self._begin("find a sound", self._run, patch, map_node, terrain, sound, folder)

    def _run(self, patch: Patch, map_node: str, terrain: str, sound: Path, folder: Path) -> None:
        found = self._found(patch, map_node, terrain, sound, folder)
        self._worker.rest()  # what it has read is of this patch only
        self._ready.append(found)

    def _found(self, patch: Patch, map_node: str, terrain: str, sound: Path, folder: Path) -> FoundSound:
        try:
            question = Find(patch=dump(patch), terrain=terrain, sound=str(sound), folder=str(folder))
            answer = self._worker.ask(question, SoundFound, SEEK_SECONDS)
            moments = np.frombuffer(answer.moments, np.float64).reshape(-1, 3)
            path = RecordedGesture(moments, sound.stem) if len(moments) else None
            return FoundSound(sound.name, map_node, answer.words, path)
        except (ChildError, ChildGone, PatchFileError, OSError, RuntimeError, ValueError) as error:
            return FoundSound(sound.name, map_node, str(error))
