"""The file of the patch that plays: what others have written there meanwhile is kept, whoever saves."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.messages import TellFacts
from ...engine.session.facts import SAVED
from ...graphs.file_write import free_beside
from .run_commands import ControlError


class PatchFile:
    """A file as it was when it was read or written here; None for a patch that has none yet."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._mark = _mark_of(path)

    def keep_aside(self) -> str:
        """Call before it is written over: what another program made of it is kept beside it; gives a sentence of that.

        Gives "" where nobody has. Raises ControlError where it can't be kept.
        """
        path, now = self.path, _mark_of(self.path)
        if path is None or self._mark is None or now is None or now == self._mark:
            return ""
        kept = free_beside(path.with_name(f"{path.stem} as others had it{path.suffix}"))
        try:
            shutil.copyfile(path, kept)
        except OSError as error:
            raise ControlError(
                f"{path.name} was changed by another program, and that can't be kept ({error.strerror}): it is not "
                "saved over; give another name"
            ) from None
        return f"{path.name} was changed by another program meanwhile; what that made is kept as {kept.name}"

    @property
    def told(self) -> TellFacts:
        """That it has been saved, for the other programs beside the engine."""
        size, time = self._mark or (0, 0)
        return TellFacts(program=SAVED, facts={SAVED: {"file": str(self.path), "size": size, "time": time}})

    def was_saved(self, facts: Mapping[str, Any]) -> bool:
        """Whether another program beside the engine has saved it, given what they tell; then it is as it is now."""
        told = facts.get(SAVED, {}).get(SAVED, {})
        now = _mark_of(self.path)
        if now is None or now == self._mark or str(self.path) != told.get("file"):
            return False
        if now != (told.get("size"), told.get("time")):
            return False
        self._mark = now
        return True


def _mark_of(path: Path | None) -> tuple[int, int] | None:
    """Size and time of a file; None where it is not there."""
    try:
        about = path.stat() if path is not None else None
    except OSError:
        return None
    return (about.st_size, about.st_mtime_ns) if about is not None else None
