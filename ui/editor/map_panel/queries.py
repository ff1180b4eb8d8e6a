"""Sounds to find on the map: files that are chosen, dropped or pasted, and what is recorded from the audio input."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ....engine.palette import Palette
from ....graphs import Patch, add_node, connect
from ....graphs.file_write import free_beside
from ....graphs.printable import is_unicode
from ....nodes.audiofile import SoundError
from ....nodes.audiofile.folder import SUFFIXES
from ....nodes.audiofile.permission import allow_write, may_write
from ...map.line_audition import silenced
from ...map.sheet import Sheet
from ...map.sound_search import FoundSound
from ...map.sounds import terrains_of
from ..actions.clipboard import paste_text
from ..document.desk import Desk

# So long a recording lasts at most.
LONGEST_SECONDS = 30.0
# So long the engine may take to finish the file.
FINISH_SECONDS = 30.0
MOST_INPUTS = 2
LONGEST_TEXT = 100_000
MOST_PASTED = 50
MICROPHONE, TAPE = "map-microphone", "map-recording"
NO_TERRAIN = "no terrain is trained from this map; connect a terrain and sounds to find sounds on it"
NO_INPUT = "no audio input: choose an input device in Sound > Devices …, then record again"


class Seeker(Protocol):
    """The part of ``Seeking`` that is used here."""

    @property
    def is_busy(self) -> bool:
        """Whether a sound is being looked for."""
        ...

    def ask(self, patch: Patch, map_node: str, terrain: str, sound: Path, folder: Path) -> bool:
        """Have a sound file found. False while another is being looked for."""
        ...

    def ready(self) -> FoundSound | None:
        """What was found since last asked."""
        ...

    def close(self) -> None:
        """End it."""
        ...


@dataclass(frozen=True)
class _Query:
    """A sound to find on a map. document: the history of the patch that it is of."""

    map_node: str
    path: Path
    document: object


@dataclass
class _Recording:
    """A query that is recorded. begun, ended: seconds of the clock of ``tick``; None while it lasts."""

    query: _Query
    begun: float
    ended: float | None = None


class Queries:
    """Belongs to the window's thread; nothing here waits. seeking: what finds a sound, in a process of its own."""

    def __init__(self, desk: Desk, search: Seeker) -> None:
        self.desk, self.search = desk, search
        self._waiting: deque[_Query] = deque()
        self._asked: _Query | None = None
        self._recording: _Recording | None = None

    @property
    def words(self) -> str:
        """What is being recorded, for the foot of the map; "" for nothing."""
        one = self._recording
        if one is None or one.ended is not None:
            return ""
        seconds = self.desk.heard.reading(TAPE, "seconds")
        done = float(seconds[0]) if seconds is not None and seconds.size else 0.0
        return f"recording a sound to find: {done:.0f} of {LONGEST_SECONDS:.0f} s; press the same key to stop"

    def find(self, sheet: Sheet, *paths: Path) -> None:
        """Find sound files on the map, one after the other; the path of each becomes one more path to play."""
        desk = self.desk
        if not sheet.terrains:
            desk.say(NO_TERRAIN, "warning")
            return
        for path in paths:
            if not is_unicode(str(path)):
                desk.say(f"{path.name} has a name that is not UTF-8; rename the file or its folder", "warning")
            elif is_sound(path):
                self._waiting.append(_Query(sheet.node, path, desk.document.history))
            else:
                desk.say(f"{path.name} is not a sound file (WAV, FLAC, OGG, MP3 …)", "warning")

    def paste(self, sheet: Sheet, text: str) -> None:
        """Find what the clipboard names: files copied in a file manager, or a path as text. Else paste copied nodes."""
        desk = self.desk
        paths = sounds_in(text, desk.document.folder)
        if paths:
            self.find(sheet, *paths)
        elif desk.clipboard_text:
            paste_text(desk, desk.clipboard_text, desk.pointer)
        else:
            desk.say("the clipboard holds no sound file; copy one in a file manager, or its path as text", "warning")

    def record(self, sheet: Sheet, now: float) -> None:
        """Begin to record from the engine's audio input, or end that; then the recording is looked for."""
        if self._recording is not None:
            if self._recording.ended is not None:
                self.desk.say("the previous recording is still being finished; record again in a moment", "warning")
            self._end(self._recording, now)
            return
        desk, status = self.desk, self.desk.sound.status
        why = (
            NO_TERRAIN
            if not sheet.terrains
            else "turn audio on to record a sound to find"
            if not status.is_on
            else "this engine was started elsewhere and its input can't be recorded here; find a sound file instead"
            if "recording" not in status.numbers
            else NO_INPUT
            if not int(status.numbers.get("inputs", 0))
            else "a line is playing; record when it has finished"
            if desk.plays_instead
            else ""
        )
        if why:
            desk.say(why, "warning")
            return
        document = desk.document
        folder = document.recordings
        path = free_beside(folder / f"recording {time.strftime('%Y-%m-%d %H.%M.%S')}.wav")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not may_write(path, document.folder):
                allow_write(path, document.folder)
        except (OSError, SoundError) as error:
            desk.say(f"{folder}: can't record there ({error}); save the patch in another folder", "error")
            return
        self._recording = _Recording(_Query(sheet.node, path, document.history), now)
        channels = min(MOST_INPUTS, int(status.numbers["inputs"]))
        desk.play_instead(partial(with_microphone, palette=desk.palette, path=path, channels=channels))
        desk.say(f"recording a sound to find (up to {LONGEST_SECONDS:.0f} s); the patch is muted meanwhile")

    def tick(self, now: float) -> None:
        """Once per frame: end what is recorded, look for what waits, keep what was found."""
        desk, one = self.desk, self._recording
        if one is not None and one.ended is None and (now - one.begun >= LONGEST_SECONDS or not desk.plays_instead):
            self._end(one, now)
        if one is not None and one.ended is not None:
            self._finish(one, now - one.ended)
        found = self.search.ready()
        if found is not None and self._asked is not None and self._is_open(self._asked):
            self._keep(found)
        if self._waiting and not self.search.is_busy:
            query = self._asked = self._waiting.popleft()
            map_node, path = query.map_node, query.path
            terrains = terrains_of(desk.patch, desk.palette, map_node) if self._is_open(query) else ()
            if terrains and self.search.ask(desk.patch, map_node, terrains[0], path, desk.document.folder):
                desk.say(f"looking for {path.name} on the map")

    def close(self) -> None:
        """End it; what is being recorded is kept."""
        self.search.close()

    def _end(self, one: _Recording, now: float) -> None:
        if one.ended is None:
            one.ended = now
            self.desk.play_instead(None)

    def _finish(self, one: _Recording, seconds: float) -> None:
        """Look for a recording once the engine has finished its file."""
        desk = self.desk
        if one.query.path.is_file():
            self._recording = None
            desk.say(f"the recording is kept as {one.query.path}")
            self._waiting.append(one.query)
        elif seconds > FINISH_SECONDS:
            self._recording = None
            desk.say("nothing was recorded; check that audio is on, then record again", "warning")

    def _is_open(self, query: _Query) -> bool:
        desk = self.desk
        return query.document is desk.document.history and query.map_node in desk.patch.nodes

    def _keep(self, found: FoundSound) -> None:
        desk = self.desk
        if found.path is None:
            desk.say(f"{found.name}: {found.words}", "warning")
        elif desk.edit(found.kept, f"Find {found.name}"):
            desk.say(f"{found.name} sounds like {found.words}; its path is among those to play")
            hand = desk.maps.current
            if hand is not None and hand.sheet.node == found.map_node:
                hand.sheet.show("play")


def with_microphone(patch: Patch, palette: Palette, path: Path, channels: int) -> Patch:
    """A patch that records the audio input into a file and is silent: for the engine alone, never saved."""
    patch = add_node(silenced(patch, palette), "audio_in", name=MICROPHONE, values={"channels": channels})
    patch = add_node(patch, "file_recorder", name=TAPE, values={"file": str(path), "channels": channels})
    return connect(patch, f"{MICROPHONE}.out", f"{TAPE}.audio")


def is_sound(path: Path) -> bool:
    """Whether it is the name of a sound file that is there."""
    try:
        return path.suffix.lower() in SUFFIXES and path.is_file()
    except (OSError, ValueError):
        return False


def sounds_in(text: str, folder: Path) -> tuple[Path, ...]:
    """The sound files that a text names, one a line: paths, quoted or not, and file URIs. folder: the patch's.

    As file managers put copied files on the clipboard. Lines that name no sound file are passed over.
    """
    found: dict[Path, None] = {}
    for line in text[:LONGEST_TEXT].splitlines():
        named = line.strip().strip("\"'")
        if not named or len(found) >= MOST_PASTED:
            continue
        make: Callable[[], Path] = partial(_of_uri, named) if named[:5].lower() == "file:" else partial(_of_path, named)
        try:
            path = folder / make()
        except (OSError, RuntimeError, ValueError):  # RuntimeError: the ~ of nobody
            continue
        if is_sound(path):
            found[path] = None
    return tuple(found)


def _of_uri(uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise ValueError(f"{uri} is on another computer")
    return Path(url2pathname(parts.path))


def _of_path(named: str) -> Path:
    return Path(named).expanduser()
