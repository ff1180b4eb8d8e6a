"""Vectors: rows of numbers that sensors send, handed whole to the nodes that play them, past the patch's params.

A param that is turned goes through the document, its history and its clients: sixteen channels a thousand times a
second would be sixteen thousand turns (measured: 4 channels cost 27 % of a block's time that way, and 16 sent as
messages 7 %). Here the process that hears the sensor writes each row into shared memory, a ring for each address, and
the audio thread takes what has come once a block.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .processes.shared import SharedArrays
from .values import FloatArray

# Numbers of one row, rows in a ring, and addresses; two mebibytes.
MOST_NUMBERS, MOST_ROWS, MOST_ADDRESSES = 128, 64, 64
# As the params of nodes that listen have it.
LARGEST = 1e6
_LAYOUT = {
    "rows": ("float32", (MOST_ADDRESSES, MOST_ROWS, MOST_NUMBERS)),
    "sizes": ("int64", (MOST_ADDRESSES, MOST_ROWS)),
    # a cache line each
    "counts": ("int64", (MOST_ADDRESSES, 8)),
}


def new_memory() -> SharedArrays:
    """Empty rings. Raises OSError where there is no room."""
    return SharedArrays.create(_LAYOUT)


class VectorWriter:
    """The side of whoever hears the sensor: one process, one thread. Raises OSError where the memory is gone."""

    def __init__(self, path: str) -> None:
        self._arrays = SharedArrays.attach(path, _LAYOUT).arrays

    def put(self, place: int, row: NDArray[np.float64]) -> None:
        """Add a row to the ring of the address at a place; finite numbers within ±1e6, at most 128."""
        count = int(self._arrays["counts"][place, 0])
        at = count % MOST_ROWS
        self._arrays["rows"][place, at, : len(row)] = row
        self._arrays["sizes"][place, at] = len(row)
        self._arrays["counts"][place, 0] = count + 1  # last, so that a row that is counted is whole


class VectorInbox:
    """The rows of one address, for the audio thread; nothing comes until it is attached to a ring."""

    def __init__(self) -> None:
        self.attach(np.zeros((1, 0), np.float32), np.zeros(1, np.int64), np.zeros(1, np.int64))

    def attach(self, rows: FloatArray, sizes: np.ndarray, counts: np.ndarray) -> None:
        """From one thread at a time: rows come from this ring from now on; what is in it counts as seen."""
        before = self.count if hasattr(self, "_ring") else 0
        self._ring = rows, sizes, counts, int(counts[0]) - before  # one tuple: the audio thread sees all of it or none

    @property
    def count(self) -> int:
        """How many rows have come."""
        _, _, counts, base = self._ring
        return int(counts[0]) - base

    def copy(self, number: int, out: FloatArray) -> None:
        """Row ``number`` (the newest is ``count`` - 1) into ``out``; numbers that it lacks stay as they are."""
        rows, sizes, _, base = self._ring
        at = (number + base) % len(rows)
        size = min(int(sizes[at]), len(out), rows.shape[1])
        np.copyto(out[:size], rows[at, :size])


class SharedVectors:
    """One for an engine: the inbox of each address."""

    def __init__(self) -> None:
        self._inboxes: dict[str, VectorInbox] = {}
        self._memory: SharedArrays | None = None
        self._addresses: tuple[str, ...] = ()

    def inbox(self, address: str) -> VectorInbox:
        """That of an address, for a node that listens to it; kept for as long as the engine."""
        if address not in self._inboxes:
            self._inboxes[address] = VectorInbox()
            self._attach([address])
        return self._inboxes[address]

    def follow(self, path: str, addresses: Iterable[str]) -> None:
        """Take rows from this memory from now on, of these addresses in its order. Raises OSError, ValueError."""
        is_other = self._memory is None or str(self._memory.path) != path
        if is_other:
            self._memory = SharedArrays.attach(path, _LAYOUT)  # the one before stays mapped while inboxes hold it
        before, self._addresses = self._addresses, tuple(addresses)[:MOST_ADDRESSES]
        before = () if is_other else before
        self._attach(one for place, one in enumerate(self._addresses) if before[place : place + 1] != (one,))

    def _attach(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            if self._memory is not None and address in self._addresses and address in self._inboxes:
                place, arrays = self._addresses.index(address), self._memory.arrays
                self._inboxes[address].attach(*(arrays[name][place] for name in ("rows", "sizes", "counts")))
