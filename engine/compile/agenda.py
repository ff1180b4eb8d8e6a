"""Agenda: which calls come next, so that as many like ones as possible are ready at the same time."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from itertools import pairwise
from typing import Generic, TypeVar

Call = TypeVar("Call", bound=Hashable)


class Agenda(Generic[Call]):
    """Units of calls in the order in which they may be placed, each after all that it needs.

    units: of those that are ready at once, the first come first. before: what a call needs, of what there is.
    kind: equal for calls that might be placed together, None for those that never are. is_sink: whether a call must
    keep its order among such.
    """

    def __init__(
        self,
        units: Sequence[tuple[Call, ...]],
        before: Callable[[Call], Iterable[Call]],
        kind: Callable[[Call], Hashable],
        is_sink: Callable[[Call], bool],
    ) -> None:
        self._units = units
        unit_of = {call: number for number, unit in enumerate(units) for call in unit}
        needs: list[set[int]] = []
        for number, unit in enumerate(units):
            found = {unit_of[one] for call in unit for one in before(call) if one in unit_of}
            needs.append(found - {number})
        self._ranks = _ranks(needs)
        sinks = [number for number, unit in enumerate(units) if is_sink(unit[0])]
        sinks.sort(key=lambda number: self._ranks[number])
        for one, other in pairwise(sinks):
            needs[other].add(one)
        self._after: list[list[int]] = [[] for _ in units]
        for number, found in enumerate(needs):
            for one in found:
                self._after[one].append(number)
        self._waits_for = [len(found) for found in needs]
        self._kinds = [kind(unit[0]) if len(unit) == 1 else unit for unit in units]
        self._left: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
        """Of each kind, how many are to be placed yet, and the sum of their ranks."""
        for number, found_kind in enumerate(self._kinds):
            self._left[found_kind][0] += 1
            self._left[found_kind][1] += self._ranks[number]
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
        for number in placed:
            self._left[kind][0] -= 1
            self._left[kind][1] -= self._ranks[number]
            for one in self._after[number]:
                self._waits_for[one] -= 1
                if not self._waits_for[one]:
                    self._ready[self._kinds[one]].append(one)
        return [self._units[number] for number in placed]

    def _earliness(self, kind: Hashable) -> tuple[float, int]:
        many, ranks = self._left[kind]
        return ranks / many, self._ready[kind][0]


def _ranks(needs: Sequence[Set[int]]) -> list[int]:
    """The longest way to each from those that need nothing."""
    after: list[list[int]] = [[] for _ in needs]
    waits = [len(found) for found in needs]
    for number, found in enumerate(needs):
        for one in found:
            after[one].append(number)
    ranks = [0] * len(needs)
    ready = [number for number, count in enumerate(waits) if not count]
    for number in ready:  # it grows meanwhile
        for one in after[number]:
            ranks[one] = max(ranks[one], ranks[number] + 1)
            waits[one] -= 1
            if not waits[one]:
                ready.append(one)
    return ranks
