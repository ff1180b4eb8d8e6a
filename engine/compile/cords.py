"""Cords: those of a patch by the nodes at their ends, and what an edit changed of nodes and cords."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import is_
from typing import TypeVar

from .resolve import Resolved, ResolvedCord

Cords = Mapping[str, tuple[ResolvedCord, ...]]
One = TypeVar("One")


@dataclass(frozen=True)
class Edited:
    """What only one of two patches has: names of nodes (made anew, come or gone), and cords."""

    nodes: Set[str]
    gone: tuple[ResolvedCord, ...]
    come: tuple[ResolvedCord, ...]

    @property
    def cords(self) -> tuple[ResolvedCord, ...]:
        """Those that go, and those that come."""
        return self.gone + self.come

    @property
    def fed(self) -> set[str]:
        """The nodes into which something else comes than before."""
        return {cord.target_node for cord in self.cords}


@dataclass(frozen=True)
class Wiring:
    """The cords into each node that has some, and those out of it, in any order; no trajectories."""

    into: Cords
    out: Cords


def edit_between(before: Resolved, now: Resolved) -> Edited:
    """What one of them has and the other has not. What both have is the same object in both."""
    return Edited(changed_names(before.nodes, now.nodes), *apart(before.cords, now.cords))


def changed_names(before: Mapping[str, object], now: Mapping[str, object]) -> set[str]:
    """The names that do not stand for the same object in both."""
    if before is now:
        return set()
    there = before.get
    return {name for name, one in now.items() if there(name) is not one} | (before.keys() - now.keys())


def apart(before: Sequence[One], now: Sequence[One]) -> tuple[tuple[One, ...], tuple[One, ...]]:
    """The objects that only the first has, and those that only the second has, in their order."""
    begin = _alike(before, now)
    one, other = before[begin:], now[begin:]
    end = _alike(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    here, there = set(map(id, one)), set(map(id, other))
    return tuple(x for x in one if id(x) not in there), tuple(x for x in other if id(x) not in here)


def _alike(one: Sequence[object], other: Sequence[object]) -> int:
    """How many objects both begin with."""
    is_same = [*map(is_, one, other), False]
    return is_same.index(False)


def wire(resolved: Resolved, before: Wiring | None = None, edit: Edited | None = None) -> Wiring:
    """The wiring of a patch. before: that of the patch before the edit, of which all else is taken over."""
    if before is None or edit is None:
        before, gone, come = Wiring({}, {}), set[int](), resolved.cords
    else:
        gone, come = set(map(id, edit.gone)), edit.come
    if not gone and not come:
        return before
    into: dict[str, list[ResolvedCord]] = {}
    out: dict[str, list[ResolvedCord]] = {}
    for cord in edit.gone if edit else ():
        into.setdefault(cord.target_node, [])
        out.setdefault(cord.source_node, [])
    for cord in come:
        if cord.source.kind != "trajectories":
            into.setdefault(cord.target_node, []).append(cord)
            out.setdefault(cord.source_node, []).append(cord)
    return Wiring(_with(before.into, into, gone), _with(before.out, out, gone))


def _with(before: Cords, come: Mapping[str, Iterable[ResolvedCord]], gone: Set[int]) -> Cords:
    """The cords by nodes: those before but the ones gone, and those that come."""
    found = dict(before)
    for name, cords in come.items():
        found[name] = (*(cord for cord in before.get(name, ()) if id(cord) not in gone), *cords)
        if not found[name]:
            del found[name]
    return found
