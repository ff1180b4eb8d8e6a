"""Where another process finds what lies in shared memory: what nodes show, and what sensors send."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from .base import Message

# Of an array that a node shows.
MOST_DIMENSIONS = 4


class Slot(Struct, frozen=True, array_like=True):
    """A place on the board: whose it is, what it shows, and an array's number type and shape."""

    node: str
    name: str
    shape: Annotated[tuple[Annotated[int, Meta(ge=0, lt=1 << 31)], ...], Meta(max_length=MOST_DIMENSIONS)]
    dtype: Literal["float32", "float64", "int32", "int64", "uint8"] = "float32"


class BoardAt(Message, frozen=True):
    """Where what nodes show is to be read (see ``link.board``); no path: nowhere."""

    path: str = ""
    slots: tuple[Slot, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for two slots of one name."""
        if len({(slot.node, slot.name) for slot in self.slots}) < len(self.slots):
            raise ValueError("slots: two of them have one name")


class RowsAt(Message, frozen=True):
    """Where rows of numbers lie that sensors send, and of which addresses, in order (see ``engine.vectors``)."""

    path: str
    addresses: tuple[str, ...]
