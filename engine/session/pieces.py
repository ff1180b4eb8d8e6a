"""Arrays on their way to another process: in pieces of at most 64 KiB, put together again where they arrive."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ...graphs.frozen import Array
from ...graphs.parts import blob_in, blob_out
from ..messages import MessageError, Piece

PIECE = 1 << 16
LARGEST_BLOB = 1 << 30


def pieces(key: str, array: Array) -> Iterator[Piece]:
    """An array as messages."""
    raw = blob_out(np.asarray(array, order="C"))
    data = memoryview(raw["data"]).cast("B") if array.size else memoryview(b"")
    for begin in range(0, max(len(data), 1), PIECE):
        part = bytes(data[begin : begin + PIECE])
        yield Piece(sha256=key, dtype=raw["dtype"], shape=raw["shape"], size=len(data), begin=begin, data=part)


@dataclass
class Blobs:
    """Arrays by sha256, put together from their pieces. most: bytes of unfinished ones, against a mad client."""

    known: dict[str, Array] = field(default_factory=dict)
    most: int = LARGEST_BLOB
    _parts: dict[str, bytearray] = field(default_factory=dict)

    def take(self, piece: Piece) -> None:
        """The next piece of an array. Raises MessageError."""
        key, size, data = piece.sha256, piece.size, piece.data
        if key in self.known:
            return
        part = self._parts.setdefault(key, bytearray())
        waiting = sum(len(one) for one in self._parts.values())
        is_next = piece.begin == len(part) and len(part) + len(data) <= size <= LARGEST_BLOB
        if not is_next or waiting + len(data) > self.most:
            self._parts.pop(key, None)
            raise MessageError("piece: those of this array are not in order, or too many")
        part += data
        if len(part) == size:
            del self._parts[key]
            try:
                whole = {"dtype": piece.dtype, "shape": piece.shape, "data": bytes(part)}
                self.known[key] = blob_in(whole, key)
            except ValueError as error:
                raise MessageError(f"piece: {error}") from None

    def keep_only(self, names: set[str]) -> None:
        """Forget arrays that no patch needs."""
        for key in self.known.keys() - names:
            del self.known[key]
