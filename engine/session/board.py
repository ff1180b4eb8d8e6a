"""The board: what meters, scopes, playheads and pictures show, seen by other processes without a message.

Numbers lie in shared memory, a slot for each, written to its two halves in turn, so that a reader finds the half that
is not being written. The writer never waits. A reader takes a copy and looks whether it was whole: by two counters, of
writings begun and done, and by a checksum, because processors may let another see writes out of order.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

import numpy as np

from ..messages import BoardAt, Slot
from ..processes.shared import SharedArrays

TRIES = 16
WORDS = 8
# Places in a slot's head of eight int64, a cache line of its own; the checksums of both halves stand last.
BEGUN, DONE, CHECKS = 0, 1, 2
Array = np.ndarray[Any, Any]


class BoardGone(OSError):
    """The board is there no more."""


class Board:
    """The writer's side; each slot belongs to one thread. Raises OSError where there is no room."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self.slots = tuple(slots)
        self._index = {(slot.node, slot.name): index for index, slot in enumerate(self.slots)}
        if len(self._index) < len(self.slots):
            raise ValueError("two slots of the board have one name; give each its own")
        self._memory = SharedArrays.create(_layout(self.slots))
        self._head = self._memory.words("head")
        self._places = [self._memory.arrays[str(index)] for index in range(len(self.slots))]

    def description(self) -> BoardAt:
        """Where the board is and what is on it."""
        return BoardAt(path=str(self._memory.path), slots=self.slots)

    def write(self, node: str, name: str, array: Array) -> None:
        """Show an array of the slot's shape. Never waits. Raises KeyError for no such slot, ValueError for a shape."""
        index = self._index[node, name]
        place = self._places[index]
        if array.shape != place.shape[1:]:
            raise ValueError(f"{node}.{name} shows {place.shape[1:]}, not {array.shape}")
        head, begin = self._head, index * WORDS
        count = head[begin + DONE] + 1
        half = place[count % 2]
        head[begin + BEGUN] = count
        np.copyto(half, array, casting="same_kind")
        head[begin + CHECKS + count % 2] = crc32(half.data)
        head[begin + DONE] = count

    def close(self) -> None:
        """Take the board away; readers keep what they have read."""
        self._head.release()
        self._places.clear()
        self._memory.close()


class BoardReader(Mapping[tuple[str, str], Slot]):
    """A reader's side, for one thread: slots by (node, name). Raises BoardGone."""

    def __init__(self, description: BoardAt) -> None:
        self._slots = {(slot.node, slot.name): slot for slot in description.slots}
        self._index = {key: index for index, key in enumerate(self._slots)}
        self._last: dict[int, Array] = {}
        try:
            self._memory = SharedArrays.attach(description.path, _layout(description.slots))
        except (OSError, ValueError) as error:
            raise BoardGone(f"the board is gone ({error}); the engine tells of its next one") from None
        self._head = self._memory.words("head")

    def __getitem__(self, key: tuple[str, str]) -> Slot:
        return self._slots[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._slots)

    def __len__(self) -> int:
        return len(self._slots)

    def count(self, node: str, name: str) -> int:
        """How often a slot has been written; a reader that draws only what is new compares it."""
        return int(self._head[self._index[node, name] * WORDS + DONE])

    def read(self, node: str, name: str) -> Array | None:
        """What a slot shows: a read-only copy, the last whole one while it is written too fast; None before the first.

        Raises KeyError for no such slot.
        """
        index = self._index[node, name]
        place, head, begin = self._memory.arrays[str(index)], self._head, index * WORDS
        for _ in range(TRIES):
            count = head[begin + DONE]
            if count == 0:
                break
            copy = place[count % 2].copy()
            is_whole = head[begin + CHECKS + count % 2] == crc32(copy.data)
            if is_whole and head[begin + BEGUN] <= count + 1:
                copy.setflags(write=False)
                self._last[index] = copy
                break
        return self._last.get(index)

    def close(self) -> None:
        """Let go of it."""
        self._head.release()
        self._memory.close()


def _layout(slots: Iterable[Slot]) -> dict[str, tuple[str, tuple[int, ...]]]:
    places = {str(index): (slot.dtype, (2, *slot.shape)) for index, slot in enumerate(slots)}
    return {"head": ("int64", (max(len(places), 1), WORDS)), **places}
