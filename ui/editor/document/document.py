"""The document: a patch with its history, its file, and what keeps it from being lost."""

import hashlib
import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ....engine.processes.alive import is_running
from ....graphs import History, Patch, PatchFileError, autosave, load_file, recoverable, save
from ....graphs.file_write import clean_folder, data_folder, shortened
from ....graphs.files import autosave_of, autosaves_of
from ....graphs.starters import STARTERS
from .on_disk import OpenFile
from .settings import Settings, settings_file

SUFFIX = ".ltp"


def state_folder() -> Path:
    """Where work without a file of its own is kept until it has one."""
    return settings_file().parent / "unsaved"


class Document:
    """What is open. Every method that reads or writes raises PatchFileError and leaves what is open as it was."""

    def __init__(self, settings: Settings, patch: Patch | None = None, path: Path | None = None) -> None:
        self.settings = settings
        self.history = History(patch)
        self.path = path
        self.is_kept_elsewhere = False
        """Whether another window keeps the patch, and this one only shows it."""
        self.hint = ""
        """What an untitled patch was made from."""
        self.file = OpenFile()
        self.warnings: list[str] = []
        """What its user should hear about copies kept aside; whoever shows it takes it away."""
        self._kept: Patch | None = None
        self._kept_at = 0.0
        self._told: set[str] = set()
        self._recovered: Path | None = None

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self.history.patch

    @property
    def folder(self) -> Path:
        """Where its files are looked for."""
        return self.path.parent if self.path is not None else Path.cwd()

    @property
    def recordings(self) -> Path:
        """The folder for what is recorded while it is open: beside its file, else the user's; it may not be there."""
        return (data_folder() if self.path is None else self.folder) / "recordings"

    @property
    def name(self) -> str:
        """What to call it."""
        return self.path.stem if self.path is not None else self.hint or "untitled"

    @property
    def is_unsaved(self) -> bool:
        """Whether something would be lost that is for this window to keep."""
        return self.history.is_modified and not self.is_kept_elsewhere

    @property
    def title(self) -> str:
        """Its name, with a star while it has not been saved."""
        return f"{self.name}{'*' if self.is_unsaved else ''}"

    def new(self, patch: Patch | None = None, hint: str = "") -> None:
        """Begin another patch, of which no file is known."""
        self._forget_copy()
        self.history, self.path, self.hint, self._kept = History(patch), None, hint, None
        self.file.note(None, self.patch)

    def open(self, path: Path) -> None:
        """Open a file. While it is being read its name is noted, so that one that crashes us is not opened again."""
        self.settings.opening = str(path)
        self.settings.save()
        try:
            patch = load_file(path)
            clean_folder(path.absolute().parent)
        finally:
            self.settings.opening = ""
            self.settings.save()
        self._forget_copy()
        self.history, self.path, self.hint, self._kept = History(patch), path.absolute(), "", None
        self.file.note(self.path, patch)
        self.settings.opened(path.absolute())

    def start_from(self, starter: str) -> None:
        """Open a copy of a starter patch."""
        self.new(load_file(STARTERS[starter].file), starter)

    def save(self, path: Path | None = None, prepare: Callable[[Patch], Patch] = lambda patch: patch) -> Path:
        """Save; prepare: puts the view into the patch. Gives the path."""
        target = path or self.path
        if target is None:
            raise PatchFileError("this patch has not been saved yet; choose a file")
        if target.suffix != SUFFIX:
            target = target.with_name(target.name + SUFFIX)
        patch = self.patch
        written = prepare(patch)
        save(written, target, like=self.path)
        self._forget_copy()
        self.path = target.absolute()
        self.file.note(self.path, written)
        self.history.mark_saved(patch)
        self.settings.opened(self.path)
        return self.path

    def keep_copy(self, now: float) -> Path | None:
        """Keep a copy aside if there is something new, at most as often as the settings have it; never raises.

        Where none can be written beside the patch, it goes into the user's folder, and ``warnings`` says so, once.
        """
        patch = self.patch
        if not self.is_unsaved or patch is self._kept or now - self._kept_at < self.settings.autosave_seconds:
            return None
        self._kept_at = now
        why = ""
        if self.path is not None:
            try:
                made = autosave(patch, self.path, os.getpid())
            except PatchFileError as error:
                why = str(error)
            else:
                self._kept = patch
                return made
        try:
            made = self._own_copy()
            made.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            save(patch, made, like=self.path)
        except (PatchFileError, OSError) as error:
            self._tell(f"{self.name} can't be autosaved: {why or error}; save it often")
            return None
        if why:
            self._tell(f"{self.name} is autosaved to {made.parent}: {why}")
        self._kept = patch
        return made

    def _tell(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.warnings.append(text)

    def recovered(self) -> Path | None:
        """A newer copy of the open file than itself, left by a crash; None if there is none."""
        if self.path is None:
            return None
        own = autosave_of(self.path, os.getpid())
        for copy, owner in (*autosaves_of(self.path).items(), (self._own_copy(), 0)):
            is_kept = copy == own and self._kept is not None
            if is_kept or (owner not in (0, os.getpid()) and is_running(owner)):
                continue  # another window's, which is open
            if recoverable(self.path, copy) is not None:
                return copy
        return None

    def recover(self, copy: Path) -> None:
        """Go on from a copy; it counts as unsaved."""
        self.history = History(load_file(copy))
        self.history.mark_unsaved()
        self._recovered = copy

    def close(self) -> None:
        """Done with it. What was kept aside is needed no more, unless something has not been saved: then it stays."""
        if self.is_unsaved:
            self.keep_copy(math.inf)
        else:
            self._forget_copy()

    def _own_copy(self) -> Path:
        """Where a copy goes that lies beside no file."""
        if self.path is None:
            return state_folder() / f"{os.getpid()}{SUFFIX}"
        mark = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return state_folder() / "elsewhere" / f"{shortened(self.path.stem, 100)}.{mark}{SUFFIX}"

    def _forget_copy(self) -> None:
        """What this window kept aside, or went on from, is needed no more."""
        copies = [self._own_copy(), *([] if self.path is None else [autosave_of(self.path, os.getpid())])]
        if self._recovered is not None:
            copies.append(self._recovered)
            self._recovered = None
        for copy in copies:
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def left_behind() -> list[Path]:
    """Copies of patches that had no file, left by editors that are not running any more, newest first."""
    found = []
    with suppress(OSError):
        for path in state_folder().glob(f"*{SUFFIX}"):
            if not (path.stem.isdecimal() and is_running(int(path.stem))):
                found.append(path)
    return sorted(found, key=lambda path: -path.stat().st_mtime)
