"""Recordings of a service: files of a length, without a gap between them, the oldest removed, never a full disk."""

import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from ...engine.messages import Order, RecordTo

STAMP = "%Y-%m-%d %H-%M-%S"
# Recording begins again when the disk has so many bytes more than the least.
MARGIN = 32 << 20
RETRY_SECONDS = 10.0
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class RecordingPlan:
    """What is kept. every: seconds of a file; keep: seconds in all, 0 for ever. free: bytes that stay free."""

    folder: Path
    every: float = 3600.0
    keep: float = 0.0
    free: int = 1 << 30
    suffix: str = ".flac"


class RotatedRecordings:
    """Has an engine record as planned. do: gives it an order; tell: takes sentences. clock, free: for tests.

    Files are called ``NAME 2026-12-01 20-00-00.flac``; others in the folder are left alone.
    """

    def __init__(
        self,
        plan: RecordingPlan,
        name: str,
        do: Callable[[Order], None],
        tell: Callable[[str], object],
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.plan, self._name, self._do, self._tell, self._free = plan, name, do, tell, free
        self.problem = ""
        """Why nothing is recorded, "" while something is."""
        self._file: Path | None = None
        self._began = self._looked_at = self._retry_at = 0.0

    @property
    def file(self) -> Path | None:
        """What is being recorded into."""
        return self._file

    def look(self, now: float, status: Mapping[str, Any]) -> None:
        """Call a few times a second. now: of a steady clock; status: the engine's, as last told."""
        if self._looked_at and now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        left = self._room()
        if left is None:
            self._stop(f"the folder {self.plan.folder} can't be reached; recording waits for it")
        elif left < self.plan.free + (0 if self._file is not None else MARGIN) and (self._file or self.problem):
            self._stop(
                f"the disk has {left >> 20} MB left: recording has stopped, and waits for {self.plan.free >> 20} MB"
            )
        elif left < self.plan.free:
            self._stop(
                f"the disk has {left >> 20} MB left: nothing is recorded before {self.plan.free >> 20} MB are free"
            )
        elif self._file is None:
            if now >= self._retry_at:
                self._begin(now)
        elif now - self._began >= self.plan.every:
            self._begin(now)
        elif status and status.get("recording") is None and now - self._began > RETRY_SECONDS:
            self._file = None  # it has ended by itself, which the engine has told
            self._retry_at = now + RETRY_SECONDS

    def close(self) -> None:
        """Finish the last file."""
        if self._file is not None:
            self._do(RecordTo())
            self._file = None

    def _begin(self, now: float) -> None:
        if self.problem:
            self._tell("recording again")
        self.problem = ""
        self._file = self.plan.folder / f"{self._name} {time.strftime(STAMP)}{self.plan.suffix}"
        self._began = now
        self._do(RecordTo(file=str(self._file), goes_on=True))
        self._remove_old()

    def _stop(self, why: str) -> None:
        if self._file is not None:
            self._do(RecordTo())
            self._file = None
        if not self.problem:
            self._tell(why)
        self.problem = why

    def _room(self) -> int | None:
        try:
            self.plan.folder.mkdir(parents=True, exist_ok=True)
            return self._free(self.plan.folder)
        except OSError:
            return None

    def _remove_old(self) -> None:
        """Keep as many files as there may be, the one that begins now among them."""
        if not self.plan.keep:
            return
        stamp = r" \d{4}-\d\d-\d\d \d\d-\d\d-\d\d(-\d+)?"
        ours = re.compile(re.escape(self._name) + stamp + re.escape(self.plan.suffix))
        most = max(1, ceil(self.plan.keep / self.plan.every))
        try:
            # by when they were written: a clock that was set back gives no file a later name
            found = sorted(
                (one.stat().st_mtime, one)
                for one in self.plan.folder.iterdir()
                if ours.fullmatch(one.name) and one != self._file
            )
            for _, path in found[: max(0, len(found) - most + 1)]:
                path.unlink()
        except OSError as error:
            self._tell(f"old recordings can't be removed: {error}")


def seconds_of(text: str) -> float:
    """Seconds of a time in words: ``90``, ``90s``, ``15m``, ``1h``, ``7d``. Raises ValueError with a sentence."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd]?)\s*", text.lower())
    seconds = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]] if found else 0.0
    if not found or not 1 <= seconds <= 10 * 365 * 86_400:
        raise ValueError(f"{text[:20]!r} is no time; write 90s, 15m, 1h or 7d")
    return seconds


def bytes_of(text: str) -> int:
    """Bytes in words: ``500M``, ``2G``. Raises ValueError with a sentence."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)b?\s*", text.lower())
    if not found or len(found[1]) > 12:
        raise ValueError(f"{text[:20]!r} is no size; write 500M or 2G")
    return round(float(found[1]) * {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}[found[2]])
