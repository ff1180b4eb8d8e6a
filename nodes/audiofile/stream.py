"""One stream of sound in a file, read with libsndfile: from any sample, as if it had been read from the start."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .stitched import Piece, Stitched

# Samples decoded and dropped after a jump in an MP3 or Vorbis file, so that it sounds as if read from the start.
PREROLL = 32_768
SKIP = 65_536
# Longer than any recording: what libsndfile says of a stream whose header does not tell its length.
MOST = 1 << 50


class Stream:
    """A file, or pieces of one (see Stitched), for one thread. Raises OSError, ReadError or RuntimeError else.

    ``rate`` in Hz, ``channels``, ``told`` (samples as libsndfile has them; beyond MOST: not known), ``form``,
    ``may_jump`` (whether reading from any sample is quick).
    """

    def __init__(self, path: Path, pieces: tuple[Piece, ...] = ()) -> None:
        self._path, self._pieces = path, pieces
        self._under: Stitched | None = None
        self._file = self._open()
        self.rate, self.channels = int(self._file.samplerate), int(self._file.channels)
        self.told, self.form = int(self._file.frames), str(self._file.format)
        self.may_jump = self._file.subtype != "OPUS"
        self._position = 0

    def read(self, start: int, target: NDArray[np.float32]) -> int:
        """Read into ``[n, channels]`` from a sample on, and tell how many samples there were."""
        try:
            self._go_to(start)
            if self._position != start:
                return 0
            count = len(self._file.read(len(target), dtype="float32", always_2d=True, out=target))
        except (RuntimeError, OSError, ValueError):
            self._position = -1
            return 0
        self._position += count
        return count

    def count(self) -> int:
        """How many samples there really are: what can be read from the first to the last, all decoded once."""
        room = np.empty((SKIP, self.channels), np.float32)
        found = 0
        while found < MOST and (read := self.read(found, room)):
            found += read
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        if self._under is not None:
            self._under.close()

    def _open(self) -> Any:
        reader = _reader()
        if not self._pieces:
            # a name that is no text in UTF-8 is one in bytes
            name = str(self._path) if os.name == "nt" else os.fsencode(self._path)
            return reader(name, "r")
        self._under = Stitched(self._path, self._pieces)
        try:
            return reader(self._under, "r")
        except BaseException:
            self._under.close()
            raise

    def _go_to(self, start: int) -> None:
        """Stand at a sample. Where libsndfile does not jump exactly, the file is opened again and read up to there."""
        if start == self._position:
            return
        # after a frame that can't be decoded libsndfile reads nothing more, wherever it is sent
        if self._position < 0 or (not self.may_jump and start < self._position):
            self.close()
            self._file, self._position = self._open(), 0
        if self.may_jump:
            preroll = PREROLL if self.form in ("MP3", "OGG") else 0
            self._position = int(self._file.seek(max(0, start - preroll)))
        while self._position < start:
            read = len(self._file.read(min(start - self._position, SKIP), dtype="float32", always_2d=True))
            if not read:
                return
            self._position += read


@cache
def _reader() -> Any:
    """soundfile's reader, which jumps to where it is after every read of a file that it may jump in.

    In an MP3 that is heard: for some frames the decoder lacks what came before them.
    """
    import soundfile

    class Reader(soundfile.SoundFile):  # type: ignore[misc]
        def seekable(self) -> bool:
            return False

    return Reader
