"""Order: which node runs when. A loop is only allowed through a node that keeps the past (a delay)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from ..instances import NodeInstance
from ..problems import Problem
from .cords import Edited, Wiring
from .resolve import Resolved, ResolvedCord

Phase = Literal["process", "write", "read"]
NodeCall = tuple[str, Phase]
Needs = dict[NodeCall, tuple[NodeCall, ...]]
"""What each call needs, sorted."""


@dataclass(frozen=True)
class CallOrder:
    """Calls in order, and what each needs. ``in_loop``: the delays read before they are written, whose plan runs in
    short blocks. is_open: there is no loop at all, not even with a delay.
    """

    calls: tuple[NodeCall, ...]
    in_loop: frozenset[str]
    problems: tuple[Problem, ...]
    needs: Mapping[NodeCall, tuple[NodeCall, ...]]
    is_open: bool


def order(resolved: Resolved, wiring: Wiring, before: CallOrder | None = None, edit: Edited | None = None) -> CallOrder:
    """Calls such that everything is computed before it is used, nodes of equal rank by name.

    before: the order before an edit; what the nodes need that it left alone is taken over.
    """
    nodes = resolved.nodes
    splits = {name for name, instance in nodes.items() if instance.spec.breaks_cycles}
    in_loop = frozenset(name for name in splits if _reaches(name, name, wiring))
    known = before.needs if before and edit and not before.problems else {}
    fresh = {*edit.nodes, *edit.fed} if edit else nodes.keys()
    needs: Needs = {}
    names: Iterable[str] = sorted(nodes)
    if known and edit and not edit.nodes:
        needs, names = dict(known), (*edit.fed, *splits)
    for name in names:
        call: NodeCall = (name, "process")
        found = None if name in fresh else known.get(call)
        if found is not None:
            needs[call] = found
        elif name in splits:
            into = wiring.into.get(name, ())
            written: list[NodeCall] = [(name, "write")] if name not in in_loop else []
            needs[name, "write"] = _sources((cord for cord in into if cord.param is None), splits, nodes, [])
            needs[name, "read"] = _sources((cord for cord in into if cord.param is not None), splits, nodes, written)
        elif nodes[name].spec.has_process:
            needs[call] = _sources(wiring.into.get(name, ()), splits, nodes, [])
    silent = [name for name, instance in nodes.items() if not instance.spec.has_process]
    is_open = not in_loop and not any(name in wiring.into and name in wiring.out for name in silent)
    problems: list[Problem] = []
    while len(calls := _sorted(needs)) < len(needs):
        loop = _loop_in(needs)
        text = f"{' -> '.join(loop)}: this loop has no delay; put a delay node in it"
        problems.append(Problem(loop[0], "", text))
        needs = _without(needs, set(loop))
    return CallOrder(tuple(calls), in_loop, tuple(problems), needs, is_open and not problems)


def _sources(
    cords: Iterable[ResolvedCord], splits: Set[str], nodes: Mapping[str, NodeInstance], more: Iterable[NodeCall]
) -> tuple[NodeCall, ...]:
    """The calls that give what comes along these cords, and some more, sorted.

    A delay takes sound in when written; its params (the delay time) act when it is read.
    """
    found: set[NodeCall] = set(more)
    for cord in cords:
        name = cord.source_node
        if nodes[name].spec.has_process:
            found.add((name, "read" if name in splits else "process"))
    return tuple(sorted(found))


def _sorted(needs: Needs) -> list[NodeCall]:
    """All calls after what they need, as ``graphlib`` sorts them, for less; fewer where there is a loop."""
    calls = list(needs)
    numbers = {call: number for number, call in enumerate(calls)}
    waits = list(map(len, needs.values()))
    after: list[list[int]] = [[] for _ in calls]
    first: dict[int, None] = {}
    for number, found in enumerate(needs.values()):
        if not found:
            first[number] = None
        for need in found:
            one = numbers[need]
            after[one].append(number)
            if not waits[one]:
                first[one] = None
    ready = list(first)
    for number in ready:  # it grows meanwhile
        for one in after[number]:
            waits[one] -= 1
            if not waits[one]:
                ready.append(one)
    return [calls[number] for number in ready]


def _loop_in(needs: Needs) -> list[str]:
    """The nodes of a loop without a delay, first to last and the first again."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return [name for name, _ in reversed(error.args[1])]
    raise AssertionError("there is no loop")


def _without(needs: Needs, names: set[str]) -> Needs:
    left = {call: found for call, found in needs.items() if call[0] not in names}
    return {call: tuple(need for need in found if need in left) for call, found in left.items()}


def _reaches(start: str, goal: str, wiring: Wiring) -> bool:
    seen: set[str] = set()
    waiting = [cord.target_node for cord in wiring.out.get(start, ())]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += [cord.target_node for cord in wiring.out.get(name, ())]
    return False
