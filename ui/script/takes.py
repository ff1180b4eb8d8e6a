"""A recorder's takes in the hands of a script."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ...graphs import Patch
from ..takes import delete_take, move_take, rename_take, takes_of, trim_take

if TYPE_CHECKING:
    from ...engine import FloatArray
    from .instrument import Instrument


class Takes:
    """The takes of a node in order, float32 ``[vectors, size]`` each; what is drawn for one stays with it.

    Numbers are from 0, and -1 is the last. Each edit is a step to undo. While it plays, what was recorded until now is
    among them. Raises ScriptError for a take that is not there.
    """

    def __init__(self, instrument: "Instrument", node: str) -> None:
        self._instrument, self._node = instrument, node

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, "" for those without one."""
        return tuple(one.label for one in takes_of(self._settled(), self._node))

    def rename(self, number: int, name: str) -> None:
        """Give a take a name; "" takes it away."""
        self._edit(rename_take, number, label=name)

    def trim(self, number: int, begin: int, end: int) -> None:
        """Keep only its vectors from ``begin`` up to ``end`` (not included)."""
        self._edit(trim_take, number, begin=begin, end=end)

    def delete(self, number: int) -> None:
        """Take it out; a line drawn for it is kept aside."""
        self._edit(delete_take, number)

    def move(self, number: int, to: int) -> None:
        """Let it stand at another place; the others close up."""
        self._edit(move_take, number, to=to + len(self) if to < 0 else to)

    def __len__(self) -> int:
        return len(takes_of(self._settled(), self._node))

    def __getitem__(self, number: int) -> "FloatArray":
        return takes_of(self._settled(), self._node)[number].array

    def __iter__(self) -> "Iterator[FloatArray]":
        return iter([one.array for one in takes_of(self._settled(), self._node)])

    def __repr__(self) -> str:
        found = takes_of(self._settled(), self._node)
        words = ", ".join(f"{one.label or number} ({len(one.array)})" for number, one in enumerate(found))
        return f"<takes of {self._node}: {words or 'none'}>"

    def _settled(self) -> Patch:
        """The patch, with what was recorded until now in it and known to what plays."""
        self._instrument.keep_takes()
        return self._instrument.patch

    def _edit(self, change: Callable[..., Patch], number: int, **more: object) -> None:
        count = len(self)
        self._instrument.keep_takes()  # which waits until the engine knows that the patch has what it recorded
        index = number + count if number < 0 else number
        self._instrument._edited(partial(change, node=self._node, index=index, **more))
