"""A folder that is watched: new recordings in it come onto the map while it plays, when they are whole."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from ...nodes.audiofile.folder import list_sounds
from ...nodes.audiofile.problem import SoundError

LOOK_SECONDS = 5.0
MOST_AT_ONCE = 200
_Mark: TypeAlias = tuple[int, int]
"""Size and time of a file."""


class WatchedFolder:
    """Looks for sound files that were not there before, or are others now, and have stopped growing. add: gets them.

    One that goes and comes back is there anew: it may have been left out of a training run meanwhile. known: those that
    are on the map already. What ``add`` raises passes through, and it gets them again later. Its methods belong to one
    thread.
    """

    def __init__(self, folder: Path, known: Sequence[Path], add: Callable[[Sequence[Path]], None]) -> None:
        self.folder, self._add = folder, add
        there = {one.resolve() for one in known}
        self._known: dict[Path, _Mark] = {path: mark for path, mark in self._marks() if path in there}
        self._seen: dict[Path, _Mark] = {}
        self._looked_at = 0.0

    def look(self, now: float) -> None:
        """Call a few times a second. now: of a steady clock."""
        if self._looked_at and now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        seen = dict(self._marks())
        self._known = {path: mark for path, mark in self._known.items() if path in seen}
        fresh = {path: mark for path, mark in seen.items() if mark[0] and self._known.get(path) != mark}
        whole = [path for path, mark in fresh.items() if self._seen.get(path) == mark][:MOST_AT_ONCE]
        self._seen = seen
        if whole:
            self._add(whole)
            self._known |= {path: seen[path] for path in whole}

    def _marks(self) -> Iterator[tuple[Path, _Mark]]:
        """What is in it; nothing of a folder that is not there now, as a disk that is away for a night."""
        try:
            found = [one.resolve() for one in list_sounds(self.folder)]
        except (SoundError, OSError):
            return
        for path in found:
            with suppress(OSError):
                about = path.stat()
                yield path, (about.st_size, about.st_mtime_ns)
