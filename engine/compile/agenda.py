"""Agenda: which calls come next, so that as many like ones as possible are ready at the same time."""

from bisect import insort
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeVar

Call = TypeVar("Call", bound=Hashable)


class Agenda(Generic[Call]):
    """Units of calls in the order in which they may be placed, each after all that it needs.

    units: of those that are ready at once, the first come first. needs: of each call, all of which are in units.
    kinds: for each unit, equal for those that might be placed together, None for those that never are. sinks: the
    numbers of the units that must keep their order.
    """

    def __init__(
        self,
        units: Sequence[tuple[Call, ...]],
        needs: Mapping[Call, Iterable[Call]],
        kinds: Sequence[Hashable],
        sinks: Iterable[int],
    ) -> None:
        self._units = units
        unit_of = {call: number for number, unit in enumerate(units) for call in unit}
        found: list[set[int]] = []
        for number, unit in enumerate(units):
            if len(unit) == 1:
                found.append({unit_of[one] for one in needs[unit[0]]})
            else:
                found.append({unit_of[one] for call in unit for one in needs[call]} - {number})
        self._after: list[list[int]] = [[] for _ in units]
        for number, each in enumerate(found):
            for one in each:
                self._after[one].append(number)
        self._waits_for = list(map(len, found))
        self._ranks = _ranks(self._waits_for, self._after)
        for one, other in pairwise(sorted(sinks, key=self._ranks.__getitem__)):
            if one not in found[other]:
                insort(self._after[one], other)
                self._waits_for[other] += 1
        self._kinds = kinds
        self._left: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
        """Of each kind, how many are to be placed yet, and the sum of their ranks."""
        for number, found_kind in enumerate(self._kinds):
            left = self._left[found_kind]
            left[0] += 1
            left[1] += self._ranks[number]
        self._ready: dict[Hashable, list[int]] = defaultdict(list)
        for number, waits in enumerate(self._waits_for):
            if not waits:
                self._ready[self._kinds[number]].append(number)

    @property
    def is_open(self) -> bool:
        """Whether there is more to place."""
        return bool(self._ready)

    def next(self) -> list[tuple[Call, ...]]:
        """The units to be placed next, in order: what plays alone at once, else a kind that lies early on average."""
        kind = None if None in self._ready else min(self._ready, key=self._earliness)
        placed = sorted(self._ready.pop(kind))
        left, waits_for = self._left[kind], self._waits_for
        left[0] -= len(placed)
        for number in placed:
            left[1] -= self._ranks[number]
            for one in self._after[number]:
                waits_for[one] -= 1
                if not waits_for[one]:
                    self._ready[self._kinds[one]].append(one)
        return [self._units[number] for number in placed]

    def _earliness(self, kind: Hashable) -> tuple[float, int]:
        many, ranks = self._left[kind]
        return ranks / many, self._ready[kind][0]


def _ranks(waits_for: Sequence[int], after: Sequence[Sequence[int]]) -> list[int]:
    """The longest way to each from those that wait for none. after: which wait for each."""
    waits = list(waits_for)
    ranks = [0] * len(waits)
    ready = [number for number, count in enumerate(waits) if not count]
    for number in ready:  # it grows meanwhile
        rank = ranks[number] + 1
        for one in after[number]:
            if ranks[one] < rank:
                ranks[one] = rank
            waits[one] -= 1
            if not waits[one]:
                ready.append(one)
    return ranks
