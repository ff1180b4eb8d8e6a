"""Wiring: the cords of a patch by the nodes at their ends, and what an edit changed of nodes and cords."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from .resolve import Resolved, ResolvedCord


@dataclass(frozen=True)
class Edit:
    """What only one of two patches has: names of nodes (made anew, come or gone), and cords."""

    nodes: Set[str]
    cords: tuple[ResolvedCord, ...]

    @property
    def fed(self) -> set[str]:
        """The nodes into which something else comes than before."""
        return {cord.target_node for cord in self.cords}


@dataclass(frozen=True)
class Wiring:
    """The cords into each node that has some, and those out of it, in the order of the patch; no trajectories."""

    into: Mapping[str, tuple[ResolvedCord, ...]]
    out: Mapping[str, tuple[ResolvedCord, ...]]


def edit_between(before: Resolved, now: Resolved) -> Edit:
    """What one of them has and the other has not. What both have is the same object in both."""
    names = before.nodes.keys() ^ now.nodes.keys()
    there = before.nodes.get
    names |= {name for name, one in now.nodes.items() if there(name) is not one}
    changed = set(map(id, before.cords)) ^ set(map(id, now.cords))
    cords = [one for one in (*before.cords, *now.cords) if id(one) in changed] if changed else ()
    return Edit(names, tuple(cords))


def wire(resolved: Resolved, before: Wiring | None = None, edit: Edit | None = None) -> Wiring:
    """The wiring of a patch. before: that of the patch before the edit, of which all else is taken over."""
    if before is None or edit is None:
        return Wiring(*_by_ends(resolved.cords))
    if not edit.cords:
        return before
    sources, targets = {cord.source_node for cord in edit.cords}, edit.fed
    touched = [one for one in resolved.cords if one.source_node in sources or one.target_node in targets]
    into, out = _by_ends(touched)
    return Wiring(_with(before.into, into, targets), _with(before.out, out, sources))


_Cords = dict[str, tuple[ResolvedCord, ...]]


def _by_ends(cords: Iterable[ResolvedCord]) -> tuple[_Cords, _Cords]:
    into: dict[str, list[ResolvedCord]] = {}
    out: dict[str, list[ResolvedCord]] = {}
    for cord in cords:
        if cord.source.kind != "trajectories":
            into.setdefault(cord.target_node, []).append(cord)
            out.setdefault(cord.source_node, []).append(cord)
    return {name: tuple(one) for name, one in into.items()}, {name: tuple(one) for name, one in out.items()}


def _with(before: Mapping[str, tuple[ResolvedCord, ...]], now: _Cords, names: Iterable[str]) -> _Cords:
    """All as they were, but for these names."""
    found = dict(before)
    for name in names:
        if name in now:
            found[name] = now[name]
        else:
            found.pop(name, None)
    return found
