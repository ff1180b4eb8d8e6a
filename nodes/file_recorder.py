"""File recorder: keep what is played as a sound file."""

import threading
import weakref
from pathlib import Path
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Param, PortSize, Setting, SettingError, Setup, Signal, node
from .audiofile import SoundError, SoundWriter

RING_SECONDS = 8.0
"""How long the disk may stall before sound is lost."""

WAIT_SECONDS = 0.05
SUFFIXES = (".wav", ".flac")

File = Annotated[str, Setting(help="The file to write, .wav or .flac; one of that name is replaced.", file="sound")]
Channels = Annotated[int, Setting(help="1 for mono, 2 for stereo, or more.", low=1, high=64)]
Recording = Annotated[bool, Param(0, 1, help="Off leaves the sound out of the file; on again goes on behind it.")]


@node
class FileRecorder:
    """Write a sound to a file while it plays.

    The file begins with the first sample recorded and is finished when the patch closes; until then it has a
    temporary name, so a file of that name from before stays whole. Without a file name nothing is written.
    """

    def __init__(self, setup: Setup, file: File = "", channels: Channels = 2) -> None:
        self._channels = channels
        self._tape: _Tape | None = None
        if not file:
            return
        path = setup.resolve(file)
        if path.suffix.lower() not in SUFFIXES:
            raise SettingError("file", f"{path.name!r} is no name for a recording; end it with .wav or .flac")
        if not path.parent.is_dir():
            raise SettingError("file", f"there is no folder {str(path.parent)!r}; make it first or record elsewhere")
        self._tape = _Tape(path, setup.sample_rate, channels, setup.block, setup.offline)
        weakref.finalize(self, self._tape.close)

    def ports(self) -> dict[str, PortSize]:
        """As many channels as set."""
        return {"audio": PortSize(size=self._channels)}

    def process(self, audio: Signal, recording: Recording = True) -> None:
        """Take in ``[channels, n]``."""
        if self._tape is not None and recording:
            self._tape.take(audio)

    def read(self) -> tuple[float, float, str]:
        """Seconds recorded, seconds lost because the disk was too slow, and what went wrong; from any thread."""
        return self._tape.told() if self._tape else (0.0, 0.0, "")

    def close(self) -> None:
        """Write what is left and finish the file; call off the audio thread."""
        if self._tape is not None:
            self._tape.close()


class _Tape:
    """Between the audio thread, which only fills a ring, and the disk.

    Offline there is no thread: ``take`` writes at once.
    """

    def __init__(self, path: Path, sample_rate: float, channels: int, block: int, offline: bool) -> None:
        self._path, self._rate, self._channels = path, round(sample_rate), channels
        self._writer: SoundWriter | None = None
        self._taken = self._written = self._lost = 0
        self._problem = ""
        self._size = max(int(RING_SECONDS * sample_rate), 4 * block)
        self._is_closed = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        if not offline:
            self._ring: FloatArray = np.zeros((channels, self._size), np.float32)
            self._ring.fill(0.0)
            self._thread = threading.Thread(target=self._run, name=f"record {path.name}", daemon=True)
            self._thread.start()

    def take(self, audio: FloatArray) -> None:
        """Call from the audio thread only. Raises SoundError with what went wrong on the way to the disk."""
        count = audio.shape[1]
        if self._problem:
            raise SoundError(self._problem)
        if self._thread is None:
            self._write(audio)
            self._taken += count
            self._written += count
            return
        if self._is_closed:
            return
        if self._taken - self._written + count > self._size:
            self._lost += count
            return
        begin = self._taken % self._size
        first = min(count, self._size - begin)
        self._ring[:, begin : begin + first] = audio[:, :first]
        self._ring[:, : count - first] = audio[:, first:]
        self._taken += count

    def told(self) -> tuple[float, float, str]:
        """Seconds taken, seconds lost, what went wrong."""
        return self._taken / self._rate, self._lost / self._rate, self._problem

    def close(self) -> None:
        """Finish the file, once."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._writer is not None:
            self._writer.close()

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
                self._writer = SoundWriter(self._path, self._rate, self._channels)
            self._writer.write(audio)
        except (SoundError, OSError) as error:
            self._problem = str(error)
