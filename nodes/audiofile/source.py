"""A sound file as it lies on disk: its own rate and channels, any stretch of it, never anything but numbers."""

import stat
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .problem import SoundError

LOUDEST = 1e6
"""Samples beyond ± this (120 dB over full scale) are taken for damage, like those that are no numbers."""
PREROLL = 32_768
"""Samples decoded and dropped after a jump in an MP3 or Vorbis file, so that it sounds as if read from the start."""
SKIP = 65_536
MOST = 1 << 50
"""Longer than any recording: what libsndfile says of a stream whose header does not tell its length."""


class Source:
    """One open file read with libsndfile, for one thread.

    ``rate`` in Hz, ``channels``, ``frames`` (samples per channel), ``warnings`` (sentences, grows while reading).
    ``overlap``: samples that reads in a row have in common; they are remembered, so that reading on never jumps.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._warnings: dict[str, None] = {}
        self.overlap = 0
        self._tail = (0, np.zeros((0, 1), np.float32))
        self._file = _open(path)
        self.rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self._may_jump = self._file.subtype != "OPUS"
        self.frames = int(self._file.frames)
        if not 0 < self.frames < MOST:
            self.close()
            why = "does not tell how long it is" if self.frames else "holds no sound (its length is 0)"
            raise SoundError(f"{path} {why}; choose another file or export it again")
        self._position = 0
        self._end = self.frames

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong but could be mended."""
        return tuple(self._warnings)

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Float32 ``[count, channels]`` from sample ``start``, which may lie anywhere; beyond the file is silence."""
        made = np.zeros((count, self.channels), np.float32)
        known, tail = self._tail
        first, last = max(start, 0), min(start + count, self._end)
        if known <= first <= known + len(tail):
            again = tail[first - known :][: max(last - first, 0)]
            made[first - start : first - start + len(again)] = again
            first += len(again)
        if first < last:
            target = made[first - start : last - start]
            read = self._fill(target, first)
            if read < len(target):
                self._end = first + read
                self.warn(f"{self.path} breaks off at {self._end / self.rate:.2f} s; the rest is silent")
            self._mend(target)
        keep = min(self.overlap, count)
        self._tail = (start + count - keep, made[count - keep :].copy())
        return made

    def warn(self, text: str) -> None:
        """Keep a warning, once."""
        self._warnings[text] = None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _fill(self, target: NDArray[np.float32], start: int) -> int:
        """Read into ``[n, channels]`` and tell how many samples there were."""
        try:
            self._go_to(start)
            if self._position != start:
                return 0
            count = len(self._file.read(len(target), dtype="float32", always_2d=True, out=target))
        except (RuntimeError, OSError):
            self._position = -1
            return 0
        self._position += count
        return count

    def _go_to(self, start: int) -> None:
        """Stand at a sample. Where libsndfile does not jump exactly, the file is opened again and read up to there."""
        if start == self._position:
            return
        if not self._may_jump:
            if start < self._position or self._position < 0:
                self._file.close()
                self._file, self._position = _open(self.path), 0
        else:
            preroll = PREROLL if self._file.format in ("MP3", "OGG") else 0
            self._position = int(self._file.seek(max(0, start - preroll)))
        while self._position < start:
            read = len(self._file.read(min(start - self._position, SKIP), dtype="float32", always_2d=True))
            if not read:
                return
            self._position += read

    def _mend(self, audio: NDArray[np.float32]) -> None:
        if audio.size and not (audio.min() >= -LOUDEST and audio.max() <= LOUDEST):
            broken = ~(np.abs(audio) <= LOUDEST)
            audio[broken] = 0.0
            self.warn(f"{self.path} has samples that are no numbers or impossibly loud; they are silent here")


def _open(path: Path) -> Any:
    import soundfile

    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        raise SoundError(f"there is no sound file {path}; check its name and folder") from None
    if not stat.S_ISREG(mode):
        raise SoundError(f"{path} is not a sound file but a folder or a device; name a file")
    try:
        return soundfile.SoundFile(str(path), "r")
    except (RuntimeError, TypeError, OSError, UnicodeError):
        if path.stat().st_size == 0:
            raise SoundError(f"{path} is empty; choose another file or export it again") from None
        raise SoundError(
            f"{path} is not a sound file that can be read; WAV, AIFF, FLAC, OGG and MP3 can, so convert it to one"
        ) from None
