"""A tape between the audio thread and the disk: the one never waits for the other."""

import threading
from pathlib import Path

import numpy as np

from ...engine import FloatArray
from .problem import SoundError
from .writing import SoundWriter

RING_SECONDS = 8.0
"""How long the disk may stall before sound is lost."""

WAIT_SECONDS = 0.05
SUFFIXES = (".wav", ".flac")


class Tape:
    """Records to a file that has a temporary name until it is finished.

    sample_rate in Hz; block: the most samples per ``take``. Offline there is no thread: ``take`` writes at once.
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
