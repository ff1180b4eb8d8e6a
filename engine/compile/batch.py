"""Batch: which like nodes play in one call, so that many voices cost little more than one."""

from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import count
from math import nan
from typing import TypeAlias

from .adapt import Adapted
from .agenda import Agenda
from .infer import Shapes
from .order import CallOrder, Phase
from .resolve import Resolved, ResolvedCord
from .stepped import is_stepped

FEWEST = 4
"""How many functions play together at least: fewer cost less one by one (measured with gain and multiply).

What has a state costs less in one call from two on, and by itself as a batch of one.
"""
MOST_COPIED = 0.5
"""How many others may join functions whose inputs come in one piece, of their number: each costs a copy."""
SHORTEST = 3
"""How many nodes a chain has at least that is one accumulation."""

_Call: TypeAlias = tuple[str, Phase]
_Unit: TypeAlias = tuple[_Call, ...]
"""What is placed at once: a call, or a chain of them."""


@dataclass(frozen=True)
class Cluster:
    """Calls that stand together in the plan. is_batch: they are one call, also for a single node.

    is_chain: each is fed by the one before it, and nobody else hears that. is_loop: they play in pieces.
    """

    calls: tuple[_Call, ...]
    is_batch: bool = False
    is_chain: bool = False
    is_loop: bool = False


def clusters(
    resolved: Resolved,
    shapes: Shapes,
    adapted: Iterable[Adapted],
    order: CallOrder,
    loops: Iterable[Set[str]] = (),
    *,
    batching: bool = True,
) -> tuple[Cluster, ...]:
    """The calls in order, with nodes that can play together beside each other, each after all that it needs.

    Together play nodes of one type that offer it, with equal settings and sizes, the same inputs connected, the same
    params driven by cords, and no path between them. Functions are cheap by themselves, so the inputs of most must
    come in one piece too: from nodes that play together, or all from the same output. A chain of sums or products is
    one.

    Which of those that are ready come next: the type whose nodes lie earliest on average, so that the others meet
    at the next; one node more in a voice parts it from the rest no further than that node (Neubig et al. 2017, "On-
    the-fly Operation Batching in Dynamic Computation Graphs"). loops: nodes that play in pieces, in their order.
    batching: without it every other call stands by itself.
    """
    work = _Clustering(resolved, shapes, order, loops, batching)
    for one in adapted:
        work.into.setdefault(one.cord.target_node, []).append(one)
        work.listeners[one.cord.source_node] = work.listeners.get(one.cord.source_node, 0) + 1
    return tuple(work.found())


class _Clustering:
    def __init__(
        self, resolved: Resolved, shapes: Shapes, order: CallOrder, loops: Iterable[Set[str]], batching: bool
    ) -> None:
        self.resolved, self.shapes, self.order = resolved, shapes, order
        self._loop_of = {name: number for number, loop in enumerate(loops) for name in loop}
        self._batching = batching
        self.into: dict[str, list[Adapted]] = {}
        self.listeners: dict[str, int] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self._stacks = count()
        self._sorted: dict[str, list[Adapted]] = {}
        self._offers: dict[str, bool] = {}

    def found(self) -> Iterable[Cluster]:
        """All calls."""
        agenda = Agenda(self._units(), self._before, self._type, self._is_sink)
        while agenda.is_open:
            groups: dict[Hashable, list[_Unit]] = {}
            for unit in agenda.next():
                key = self._key(unit[0][0]) if len(unit) == 1 else unit
                groups.setdefault(unit if key is None else key, []).append(unit)
            for units in groups.values():
                if units[0][0][0] in self._loop_of:
                    yield Cluster(units[0], is_loop=True)
                elif len(units[0]) > 1:
                    yield self._stack(units[0], is_chain=True)
                else:
                    yield from self._placed([unit[0] for unit in units])

    def _placed(self, calls: list[_Call]) -> Iterable[Cluster]:
        """Like calls: one call if they are many enough, else as they were."""
        if self.resolved.nodes[calls[0][0]].spec.stateful:
            together, alone = (calls, []) if len(calls) > 1 else ([], calls)
        else:
            together, alone = self._in_one_piece(calls)
        if together:
            yield self._stack(sorted(together, key=self._rows))
        for call in alone:
            yield Cluster((call,), is_batch=self._is_ready(call[0]))

    def _in_one_piece(self, calls: list[_Call]) -> tuple[list[_Call], list[_Call]]:
        """Which functions play together: the most whose inputs come in one piece, and a few others, copied to them."""
        groups: dict[Hashable, list[_Call]] = {}
        for call in calls:
            groups.setdefault(self._sources(call[0]), []).append(call)
        most = max(groups.values(), key=len)
        if len(most) < FEWEST:
            return [], calls
        others = [call for group in groups.values() if group is not most for call in group]
        return (calls, []) if len(others) <= MOST_COPIED * len(most) else (most, others)

    def _stack(self, calls: Sequence[_Call], is_chain: bool = False) -> Cluster:
        number = next(self._stacks)
        for row, (name, _) in enumerate(calls):
            self.places[name] = (number, row)
        return Cluster(tuple(calls), is_batch=True, is_chain=is_chain)

    def _units(self) -> list[_Unit]:
        """The calls in order, chains at their last."""
        chains: dict[str, list[str]] = {}
        for name, _ in self.order.calls:
            before = self._continues(name)
            chain = chains.pop(before, [before]) if before else []
            if before:
                chains[name] = [*chain, name]
        inner = {name for chain in chains.values() if len(chain) >= SHORTEST for name in chain}
        last = {chain[-1]: chain for chain in chains.values() if len(chain) >= SHORTEST}
        loops: dict[int, list[_Call]] = {}
        for call in self.order.calls:
            if call[0] in self._loop_of:
                loops.setdefault(self._loop_of[call[0]], []).append(call)
        found: list[_Unit] = [tuple(calls) for calls in loops.values()]
        for call in self.order.calls:
            if call[0] in self._loop_of:
                continue
            if call[0] in last:
                found.append(tuple((name, "process") for name in last[call[0]]))
            elif call[0] not in inner:
                found.append((call,))
        return found

    def _continues(self, name: str) -> str:
        """The node whose chain one goes on with, or none."""
        if not self._can_chain(name):
            return ""
        for one in self._cords(name):
            before = one.cord.source_node
            if not one.conversions and self.listeners[before] == 1 and self._can_chain(before):
                ends = (self.resolved.nodes[end].spec.type for end in (before, name))
                if len(set(ends)) == 1 and self._size(before) == self._size(name):
                    return before
        return ""

    def _can_chain(self, name: str) -> bool:
        """Whether a node is nothing but the sum, product … of its two inputs."""
        instance = self.resolved.nodes[name]
        together = instance.spec.together
        if together is None or together.scan is None or together.alike is None or not self._is_ready(name):
            return False
        cords = self._cords(name)
        return (
            len(cords) == len(instance.spec.inputs) == 2
            and all(one.cord.param is None and set(one.conversions) <= {"copy"} for one in cords)
            and not together.alike(**{key: knob.value for key, knob in instance.knobs.items()})
        )

    def _size(self, name: str) -> int:
        return self.shapes.sizes[name, "out", "out"]

    def _before(self, call: _Call) -> Iterable[_Call]:
        """The calls that one needs."""
        name, phase = call
        if phase == "read" and name not in self.order.in_loop:
            yield name, "write"
        for one in self.into.get(name, ()):
            if self._arrives(one.cord, phase):
                splits = self.resolved.nodes[one.cord.source_node].spec.breaks_cycles
                yield one.cord.source_node, "read" if splits else "process"

    def _type(self, call: _Call) -> Hashable:
        """What can play together at all; None for what plays alone."""
        return self.resolved.nodes[call[0]].spec.type if self._is_ready(call[0]) else None

    def _is_sink(self, call: _Call) -> bool:
        """Whether a node gives to nobody in the patch: several may add to one device, in their order."""
        return not self.resolved.nodes[call[0]].spec.outputs

    def _rows(self, call: _Call) -> list[tuple[int, int]]:
        """Where its inputs lie, by which a group is sorted so that they lie in the same order."""
        return [self.places.get(one.cord.source_node, (-1, 0)) for one in self._cords(call[0])]

    def _arrives(self, cord: ResolvedCord, phase: Phase) -> bool:
        """A delay takes sound in when written; its params act when it is read."""
        return phase == "process" or (phase == "read") == (cord.param is not None)

    def _cords(self, name: str) -> list[Adapted]:
        """The cords into a node, in the order of its inputs' names."""
        found = self._sorted.get(name)
        if found is None:
            found = self._sorted[name] = sorted(self.into.get(name, ()), key=_target)
        return found

    def _is_ready(self, name: str) -> bool:
        """Whether a node offers to play together as it is wired, and sounds."""
        found = self._offers.get(name)
        if found is None:
            together = self.resolved.nodes[name].spec.together
            found = self._offers[name] = (
                together is not None
                and self._batching
                and name not in self._loop_of
                and name not in self.resolved.muted
                and name not in self.resolved.bypassed
                and not any(is_stepped(one.cord) for one in self.into.get(name, ()))
                and (together.lines or all(one.cord.param is None for one in self.into.get(name, ())))
            )
        return found

    def _key(self, name: str) -> Hashable:
        """Equal for nodes that can play together; None for one that can't."""
        instance = self.resolved.nodes[name]
        spec = instance.spec
        if spec.together is None or not self._is_ready(name):
            return None
        sizes = tuple(self.shapes.sizes[name, "in", port] for port in spec.inputs)
        kind: Hashable = None
        if spec.together.alike:
            driven = {one.cord.target.name for one in self._cords(name) if one.cord.param is not None}
            values = {key: nan if key in driven else knob.value for key, knob in instance.knobs.items()}
            kind = spec.together.alike(**values)
        connected = tuple(one.cord.target.name for one in self._cords(name))
        return instance.likeness, sizes, self.shapes.sizes[name, "out", "out"], kind, connected

    def _sources(self, name: str) -> Hashable:
        """Equal for functions whose inputs come in one piece: from nodes that play together, or all from one output."""
        found: list[Hashable] = []
        for one in self._cords(name):
            place = self.places.get(one.cord.source_node)
            if one.cord.param is not None:
                continue  # it is copied into a line anyway
            if place is not None and set(one.conversions) <= {"copy"}:
                found.append(place[0])
            elif not one.conversions:
                found.append((one.cord.source_node, one.cord.source.name))
            else:
                found.append(name)
        return tuple(found)


def _target(one: Adapted) -> str:
    return one.cord.target.name
