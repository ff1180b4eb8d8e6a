"""The state of a patch that is served: everything that was turned, recorded and learned, on disk within seconds.

A folder for each patch: ``state.ltp`` (paths in it start from the patch's own folder), the version before it, and
``state.json``: of which contents of the patch file it was made. What can't be used is kept aside, never removed.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ...engine.capture import with_takes
from ...engine.hooks import Captures, is_a
from ...engine.palette import Palette
from ...engine.session import Client, EngineGone
from ...engine.values import Content
from ...graphs import Patch, PatchFileError, load_file, save
from ...graphs.file_lock import lock
from ...graphs.file_read import ReadError, parse_json, read_bytes
from ...graphs.file_write import free_beside, write_file
from ...graphs.files import previous_of
from ..control.dispatcher import at_rest

STATE, ABOUT, LOCK = "state.ltp", "state.json", "in use"
# How often it is looked whether there is something new to save; a save that takes long is made less often.
SAVE_SECONDS, LONGEST_SECONDS = 1.5, 3.0
# The share of its time that saving may take, up to the longest pause.
BUSIEST = 0.1
MOST_BYTES = 1 << 16
# What a sensor sent last is saved with all else that is new, and by itself so often.
PASSING_SECONDS = 60.0
Tell = Callable[[str], object]


class StateInUse(RuntimeError):
    """Another process serves this state; the text says which."""


class ServedState:
    """The state in a folder, of the patch in a file. tell: takes sentences for people.

    ``problem``: why the last save failed, "" when it did not. ``saved_at``: when it was saved, seconds since 1970.
    Raises StateInUse, and OSError for a folder that can't be made.
    """

    def __init__(self, folder: Path, file: Path, palette: Palette, tell: Tell) -> None:
        self.folder, self.file, self._palette, self._tell = folder.absolute(), file, palette, tell
        self.problem = ""
        self.saved_at = 0.0
        self._made_from = ""
        self._saved: Patch | None = None
        self._taken: Mapping[str, Content] = {}
        self._marks: Mapping[str, tuple[float, float]] = {}
        self._gathers = frozenset(name for name, spec in palette.specs.items() if is_a(spec.build, Captures))
        self._ask_again_at = 0.0
        self._due = time.monotonic() + SAVE_SECONDS
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._claim()

    @property
    def path(self) -> Path:
        """The patch as it was last."""
        return self.folder / STATE

    def open(self, fresh: bool = False) -> Patch:
        """The patch to begin with: as it was last, unless its file was changed since, or ``fresh``.

        Raises PatchFileError when there is neither a state nor a patch that can be read.
        """
        self._made_from = _digest(self.file)
        if fresh and self.path.exists():
            self._put_aside(self.path, "a fresh start was asked for")
        elif self.path.exists():
            made_from = self._about()
            if self._made_from and made_from and made_from != self._made_from:
                self._put_aside(self.path, f"{self.file.name} has changed since")
            else:
                found = self._last()
                if found is not None:
                    self._saved = found
                    self._made_from = made_from or self._made_from
                    return at_rest(found, self._palette)  # no take begins by itself
        return load_file(self.file)

    def follows_file(self) -> None:
        """The patch's own file has just been written with what plays: it is no reason to begin anew."""
        with self._lock:
            self._made_from, self._saved = _digest(self.file), None

    def look(self, client: Client) -> None:
        """Call a few times a second; saves what is new, every other second at most."""
        now = time.monotonic()
        if now >= self._due:
            self.save(client)
            spent = time.monotonic() - now
            self._due = time.monotonic() + min(LONGEST_SECONDS, max(SAVE_SECONDS, spent / BUSIEST))

    def save(self, client: Client) -> None:
        """Save what is new, with what was recorded until now. Nothing is raised: see ``problem``."""
        with self._lock:
            self._capture(client)
            patch = client.patch
            whole = with_takes(patch, patch, self._taken)
            # what a sensor sent last is another with each save: it alone is no reason to write all the time
            passing = self._palette.names(patch, "osc_receiver")
            lasting = {node: content for node, content in self._taken.items() if node not in passing}
            made = with_takes(patch, patch, lasting) if len(lasting) < len(self._taken) else whole
            is_due = whole != made and time.time() - self.saved_at > PASSING_SECONDS
            if self._saved is not None and not is_due and (made is self._saved or made == self._saved):
                return
            about = json.dumps({"patch": str(self.file), "made_from": self._made_from})
            try:
                save(whole, self.path, like=self.file if self.file.exists() else None)
                write_file(self.folder / ABOUT, about.encode())
            except (PatchFileError, OSError) as error:
                if str(error) != self.problem:
                    self._tell(f"the state can't be saved: {error}; what changes from now on is lost at the next end")
                self.problem = str(error)
                return
            if self.problem:
                self._tell("the state can be saved again")
            self.problem, self._saved, self.saved_at = "", made, time.time()

    def restore(self, client: Client) -> None:
        """What an engine had recorded that has gone, and the patch does not have, comes back into the patch."""
        with self._lock:
            taken, self._marks = self._taken, {}
        if taken:
            patch = client.patch
            client.edit(partial(with_takes, played=patch, taken=taken))

    def close(self) -> None:
        """Let others serve it."""
        self._lock_file.close()  # which lets go of the lock

    def _capture(self, client: Client) -> None:
        """Ask for what nodes have recorded or learned while they play, where that may have grown."""
        names = [name for name, node in client.patch.nodes.items() if node.type in self._gathers]
        recorders = self._palette.names(client.patch, "takes")
        marks = {name: (_first(client, name, "takes"), _first(client, name, "filled")) for name in recorders}
        began = time.monotonic()
        # others do not show whether they have something new
        may_have_more = marks != self._marks or (len(names) > len(recorders) and began >= self._ask_again_at)
        if not names or not may_have_more:
            return
        with suppress(EngineGone):
            self._taken, self._marks = client.capture(SAVE_SECONDS), marks
        self._ask_again_at = time.monotonic() + (time.monotonic() - began) / BUSIEST

    def _last(self) -> Patch | None:
        """The state as it was saved last, or the one before; None where neither can be read, which is said."""
        for path in (self.path, previous_of(self.path)):
            if not path.exists():
                continue
            try:
                found = load_file(path)
            except PatchFileError as error:
                self._put_aside(path, str(error))
                continue
            if path != self.path:
                self._tell("the state as it was one save before is used")
            return found
        return None

    def _put_aside(self, path: Path, why: str) -> None:
        kept = free_beside(self.folder / f"state {time.strftime('%Y-%m-%d %H-%M-%S')}.ltp")
        path.rename(kept)
        self._tell(f"the state of before is not used ({why}); it is kept as {kept}")

    def _about(self) -> str:
        try:
            raw = parse_json(read_bytes(self.folder / ABOUT, MOST_BYTES))
        except (ReadError, OSError, ValueError):
            return ""
        return str(raw.get("made_from", "")) if isinstance(raw, dict) else ""

    def _claim(self) -> None:
        """Nobody else serves this state from now on, until this process ends. Raises StateInUse."""
        path = self.folder / LOCK
        self._lock_file = path.open("a+b")
        if not lock(self._lock_file):
            process = path.read_text(errors="replace").strip()
            self._lock_file.close()
            raise StateInUse(f"process {process[:20]} serves this already, with its state in {self.folder}")
        self._lock_file.truncate(0)
        self._lock_file.write(str(os.getpid()).encode())
        self._lock_file.flush()


def _first(client: Client, node: str, name: str) -> float:
    found = client.reading(node, name)
    return float(found[0]) if found is not None and len(found) else -1.0


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def state_folder(file: Path, environment: Mapping[str, Any] = os.environ) -> Path:
    """Where the state of a patch lies unless somebody says: systemd's folder for it, else the user's own."""
    given = str(environment.get("STATE_DIRECTORY", "")).split(":")[0]
    if given:
        return Path(given)
    base = environment.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    mark = hashlib.sha256(str(file.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Path(base) / "latent-terrain" / f"{file.stem}-{mark}"
