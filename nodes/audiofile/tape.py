"""A tape between the audio thread and the disk: the one never waits for the other."""

import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...engine import FloatArray
from .problem import SoundError
from .unfinished import noted
from .wav import SUBTYPES
from .write import SoundWriter

# How long the disk may stall before sound is lost.
RING_SECONDS = 8.0
WAIT_SECONDS = 0.05
# How often it is looked how much room the disk has left.
LOOK_SECONDS = 1.0
# A disk that has room for less is told of.
WARN_SECONDS = 300.0
# Bytes that a recording leaves free, so that a full disk does not keep others, or its own end, from being written.
RESERVE = 4 << 20
SUFFIXES = (".wav", ".flac")
SUBTYPE = "PCM_24"


@dataclass(frozen=True)
class Recorded:
    """How a recording goes. seconds taken, seconds lost as the disk was too slow.

    problem: why it ended before it was told to, else "". warning: what will end it soon, else "".
    file: where it is, or will be.
    """

    seconds: float
    lost: float
    problem: str
    warning: str
    file: Path


class Tape:
    """Records to a file that has a temporary name until it is finished.

    sample_rate in Hz; block: the most samples per ``take``. Offline there is no thread: ``take`` writes at once.
    Nothing that goes wrong is raised: the recording then ends, what there is is kept, and ``told`` says so.
    replaces: whether a file of that name goes; else a number follows the name. free: bytes left on a folder's disk.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: float,
        channels: int,
        block: int,
        offline: bool,
        *,
        replaces: bool = True,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._path, self._rate, self._channels = path, round(sample_rate), channels
        self._free, self._replaces = free, replaces
        self._writer: SoundWriter | None = None
        self._note = ExitStack()
        self._taken = self._written = self._lost = self._looked = 0
        self._problem = self._warning = ""
        self._size = max(int(RING_SECONDS * sample_rate), 4 * block)
        self._other: FloatArray = np.zeros((channels, block), np.float32)
        self._is_closed = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if not offline:
            self._ring: FloatArray = np.zeros((channels, self._size), np.float32)
            self._ring.fill(0.0)
            self._thread = threading.Thread(target=self._run, name=f"record {path.name}", daemon=True)
            self._thread.start()

    def take(self, audio: FloatArray) -> None:
        """Call from the audio thread only: record ``[channels, n]``. Never raises and, live, never waits.

        Of other channels than the file has, as after a change of the device: those that it has, mono in all of them.
        """
        count = audio.shape[1]
        if self._is_closed or self._problem:
            return
        if len(audio) != self._channels:
            audio = self._fitted(audio)
        if self._thread is None:
            self._write(audio)
            self._taken += count
            self._written += count
            return
        if self._taken - self._written + count > self._size:
            self._lost += count
            return
        begin = self._taken % self._size
        first = min(count, self._size - begin)
        self._ring[:, begin : begin + first] = audio[:, :first]
        self._ring[:, : count - first] = audio[:, first:]
        self._taken += count

    def told(self) -> Recorded:
        """How it goes; from any thread."""
        writer = self._writer
        if writer is None:
            return Recorded(self._taken / self._rate, self._lost / self._rate, self._problem, self._warning, self._path)
        taken = writer.frames if self._problem else self._taken
        return Recorded(taken / self._rate, self._lost / self._rate, self._problem, self._warning, writer.path)

    def close(self) -> None:
        """Finish the file, once; ``told`` says what went wrong."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._finish()

    def _fitted(self, audio: FloatArray) -> FloatArray:
        """Call from the audio thread."""
        fitted = self._other[:, : audio.shape[1]]
        count = self._channels if len(audio) == 1 else min(len(audio), self._channels)
        fitted[:count] = audio[:count]
        fitted[count:] = 0.0
        return fitted

    def _run(self) -> None:
        while not self._stop.wait(WAIT_SECONDS):
            self._drain()
        self._drain()

    def _drain(self) -> None:
        while (waiting := self._taken - self._written) > 0:
            begin = self._written % self._size
            count = min(waiting, self._size - begin)
            self._write(self._ring[:, begin : begin + count])
            self._written += count

    def _write(self, audio: FloatArray) -> None:
        if self._problem:
            return
        try:
            if self._writer is None:
                self._writer = SoundWriter(self._path, self._rate, self._channels, SUBTYPE, replaces=self._replaces)
                self._note.enter_context(noted(self._writer))
            self._look_for_room()
            self._writer.write(audio)
        except (SoundError, OSError) as error:
            self._end(str(error))

    def _look_for_room(self) -> None:
        """Warn while there is time, and end the recording before the disk is so full that nothing can be finished."""
        if self._looked and self._written - self._looked < LOOK_SECONDS * self._rate:
            return
        self._looked = max(1, self._written)
        left = self._free(self._path.absolute().parent) - RESERVE
        seconds = left / (self._rate * self._channels * SUBTYPES[SUBTYPE])
        if left <= 0:
            raise SoundError("the disk is full; free some space and record again")
        if seconds < WARN_SECONDS and not self._warning:
            self._warning = f"disk space is left for {seconds:.0f} more seconds of {self._path.name}; free some space"

    def _end(self, why: str) -> None:
        """Keep what there is, and say why it ended."""
        writer = self._writer
        if writer is None:
            self._problem = why
            return
        writer.is_cut = True
        try:
            if writer.frames:
                writer.close()
            else:
                writer.discard()
        except SoundError as error:
            self._problem = f"{why}; {error}"
        else:
            self._problem = f"{why}; {writer.kept}"
            self._note.close()

    def _finish(self) -> None:
        if self._writer is None or self._problem:
            return
        try:
            self._writer.close()
        except SoundError as error:
            self._problem = str(error)
        else:
            self._note.close()
