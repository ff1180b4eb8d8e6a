"""A folder that is watched: new recordings in it come onto the map while it plays, when they are whole."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ...nodes.audiofile.folder import list_sounds
from ...nodes.audiofile.problem import SoundError

LOOK_SECONDS = 5.0
MOST_AT_ONCE = 200


class WatchedFolder:
    """Looks for sound files that were not there before and have stopped growing. add: gets them.

    known: those that are on the map already. Its methods belong to one thread.
    """

    def __init__(self, folder: Path, known: Sequence[Path], add: Callable[[Sequence[Path]], None]) -> None:
        self.folder, self._add = folder, add
        self._known = {one.resolve() for one in known}
        self._seen: dict[Path, tuple[int, int]] = {}
        self._looked_at = 0.0

    def look(self, now: float) -> None:
        """Call a few times a second. now: of a steady clock."""
        if self._looked_at and now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        seen: dict[Path, tuple[int, int]] = {}
        for path in self._files():
            try:
                about = path.stat()
            except OSError:
                continue
            seen[path] = (about.st_size, about.st_mtime_ns)
        whole = [path for path, mark in seen.items() if mark[0] and self._seen.get(path) == mark][:MOST_AT_ONCE]
        self._seen = seen
        if whole:
            self._known |= set(whole)
            self._add(whole)

    def _files(self) -> list[Path]:
        """Those that are new; none of a folder that is not there now, as a disk that is away for a night."""
        try:
            return [one for one in map(Path.resolve, list_sounds(self.folder)) if one not in self._known]
        except (SoundError, OSError):
            return []
