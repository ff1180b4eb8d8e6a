"""Order: which node runs when. A loop is only allowed through a node that keeps the past (a delay)."""

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from ..problems import Problem
from .resolve import Resolved, ResolvedCord

Phase = Literal["process", "write", "read"]
Needs = dict[tuple[str, Phase], set[tuple[str, Phase]]]


@dataclass(frozen=True)
class CallOrder:
    """Calls in order. ``in_loop``: the delays read before they are written, whose plan runs in short blocks."""

    calls: tuple[tuple[str, Phase], ...]
    in_loop: frozenset[str]
    problems: tuple[Problem, ...]


def order(resolved: Resolved) -> CallOrder:
    """Calls such that everything is computed before it is used, nodes of equal rank by name."""
    cords = [cord for cord in resolved.cords if cord.source.kind != "trajectories"]
    splits = {name for name, instance in resolved.nodes.items() if instance.spec.breaks_cycles}
    in_loop = frozenset(name for name in splits if _reaches(name, name, cords))
    needs: Needs = {}
    for name in sorted(resolved.nodes):
        if not resolved.nodes[name].spec.has_process:
            continue
        if name in splits:
            needs[name, "write"], needs[name, "read"] = set(), set()
            if name not in in_loop:
                needs[name, "read"].add((name, "write"))
        else:
            needs[name, "process"] = set()
    for cord in cords:
        source: tuple[str, Phase] = (cord.source_node, "read" if cord.source_node in splits else "process")
        target: tuple[str, Phase] = (cord.target_node, _entry(cord, splits, resolved))
        if source in needs and target in needs:
            needs[target].add(source)
    problems: list[Problem] = []
    while len(calls := _sorted(needs)) < len(needs):
        loop = _loop_in(needs)
        text = f"{' -> '.join(loop)}: this loop has no delay; put a delay node in it"
        problems.append(Problem(loop[0], "", text))
        needs = _without(needs, set(loop))
    return CallOrder(tuple(calls), in_loop, tuple(problems))


def _sorted(needs: Needs) -> list[tuple[str, Phase]]:
    """All calls after what they need, as ``graphlib`` sorts them, for less; fewer where there is a loop."""
    after: dict[tuple[str, Phase], list[tuple[str, Phase]]] = {}
    waits: dict[tuple[str, Phase], int] = {}
    for call, found in needs.items():
        waits.setdefault(call, 0)
        for need in sorted(found) if len(found) > 1 else found:
            waits.setdefault(need, 0)
            waits[call] += 1
            after.setdefault(need, []).append(call)
    calls = [call for call, count in waits.items() if not count]
    for call in calls:  # it grows meanwhile
        for one in after.get(call, ()):
            waits[one] -= 1
            if not waits[one]:
                calls.append(one)
    return calls


def _loop_in(needs: Needs) -> list[str]:
    """The nodes of a loop without a delay, first to last and the first again."""
    try:
        TopologicalSorter({call: sorted(found) for call, found in needs.items()}).prepare()
    except CycleError as error:
        return [name for name, _ in reversed(error.args[1])]
    raise AssertionError("there is no loop")


def _without(needs: Needs, names: set[str]) -> Needs:
    left = {call: found for call, found in needs.items() if call[0] not in names}
    return {call: {need for need in found if need in left} for call, found in left.items()}


def _entry(cord: ResolvedCord, splits: set[str], resolved: Resolved) -> Phase:
    """A delay takes sound in when written; its params (the delay time) act when it is read."""
    if cord.target_node not in splits:
        return "process"
    return "read" if cord.param is not None else "write"


def _reaches(start: str, goal: str, cords: Iterable[ResolvedCord]) -> bool:
    ahead: dict[str, set[str]] = {}
    for cord in cords:
        ahead.setdefault(cord.source_node, set()).add(cord.target_node)
    seen: set[str] = set()
    waiting = list(ahead.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            waiting += ahead.get(name, ())
    return False
