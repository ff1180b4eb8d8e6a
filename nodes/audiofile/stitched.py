"""A sound file as it should lie on disk: stretches of the real one, with headers that tell the truth between them.

libsndfile reads it like a file. So a header that was never finished, or a file of several streams, needs no copy.
"""

import io
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeAlias

from ...graphs.file_read import open_regular

Piece: TypeAlias = bytes | tuple[int, int]
"""Bytes as they are, or a stretch of the file: first byte and the one after the last."""


class Stitched(io.RawIOBase):
    """Pieces read one after the other, for one thread. Raises OSError, ReadError."""

    def __init__(self, path: Path, pieces: tuple[Piece, ...]) -> None:
        super().__init__()
        self._file: Any = open_regular(path)
        self._pieces = pieces
        sizes = [len(one) if isinstance(one, bytes) else one[1] - one[0] for one in pieces]
        self._begins = [0, *accumulate(sizes)]
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place that is read next."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place; held at the beginning."""
        origin = (0, self._position, self._begins[-1])[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """As many bytes as there are for the buffer, from as many pieces as it takes."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and self._position < self._begins[-1]:
            number = bisect_right(self._begins, self._position) - 1
            piece, offset = self._pieces[number], self._position - self._begins[number]
            count = min(len(view) - done, self._begins[number + 1] - self._position)
            if isinstance(piece, bytes):
                view[done : done + count] = piece[offset : offset + count]
            else:
                self._file.seek(piece[0] + offset)
                count = self._file.readinto(view[done : done + count])
                if not count:
                    break
            done += count
            self._position += count
        return done

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()
