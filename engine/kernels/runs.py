"""Runs: neighbours in a plan that compiled code plays, in one call."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from .code import Play
from .lanes import Lanes, Terms, address_of

Tick = Callable[[], object]


class Playable(Protocol):
    """What may be played by compiled code. is_compiled: whether it is just now, all of it."""

    is_compiled: bool

    @property
    def lanes(self) -> Lanes | Terms | None:
        """Its tables."""
        ...


class Runs:
    """The calls of a plan, of which neighbours become one. calls: what each plays, None for what is never compiled."""

    def __init__(self, calls: Sequence[Playable | None]) -> None:
        self._calls = [(index, one) for index, one in enumerate(calls) if one is not None and one.lanes is not None]
        self._headers = np.zeros(len(calls), np.int64)
        for index, one in self._calls:
            if one.lanes is not None:
                self._headers[index] = one.lanes.address
        self._address = address_of(self._headers)

    def joined(self, ticks: Sequence[Tick], play: Play | None) -> list[Tick]:
        """The same with the first of each run playing all of it, and nothing for the others. Audio thread only."""
        found = list(ticks)
        if play is None:
            return found
        begin, end = 0, -1
        for index, one in self._calls:
            if not one.is_compiled:
                continue
            if index != end:
                begin = index
            end = index + 1
            if end - begin > 1:
                found[index] = _nothing
                found[begin] = partial(play, self._address + 8 * begin, end - begin)
        return found


def _nothing() -> None:
    return None
