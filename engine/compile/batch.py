"""Batch: which like nodes play in one call, so that many voices cost little more than one."""

from collections.abc import Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from .agenda import Agenda
from .cords import Wiring
from .likeness import Likenesses
from .order import CallOrder, NodeCall
from .resolve import Resolved

FEWEST = 4
"""How many functions play together at least: fewer cost less one by one (measured with gain and multiply).

What has a state costs less in one call from two on, and by itself as a batch of one.
"""
MOST_COPIED = 0.5
"""How many others may join functions whose inputs come in one piece, of their number: each costs a copy."""
SHORTEST = 3
"""How many nodes a chain has at least that is one accumulation."""

_Unit: TypeAlias = tuple[NodeCall, ...]
"""What is placed at once: a call, or a chain of them."""


@dataclass(frozen=True)
class Cluster:
    """Calls that stand together in the plan. is_batch: they are one call, also for a single node.

    is_chain: each is fed by the one before it, and nobody else hears that. is_loop: they play in pieces.
    """

    calls: tuple[NodeCall, ...]
    is_batch: bool = False
    is_chain: bool = False
    is_loop: bool = False


def clusters(
    resolved: Resolved, wiring: Wiring, order: CallOrder, likenesses: Likenesses, loops: Iterable[Set[str]] = ()
) -> tuple[Cluster, ...]:
    """The calls in order, with nodes that can play together beside each other, each after all that it needs.

    Together play nodes of one type that offer it, with equal settings and sizes, the same inputs connected, the same
    params driven by cords, and no path between them. Functions are cheap by themselves, so the inputs of most must
    come in one piece too: from nodes that play together, or all from the same output. A chain of sums or products is
    one.

    Which of those that are ready come next: the type whose nodes lie earliest on average, so that the others meet
    at the next; one node more in a voice parts it from the rest no further than that node (Neubig et al. 2017, "On-
    the-fly Operation Batching in Dynamic Computation Graphs"). loops: nodes that play in pieces, in their order.
    """
    return tuple(_Clustering(resolved, wiring, order, likenesses, loops).found())


class _Clustering:
    def __init__(
        self,
        resolved: Resolved,
        wiring: Wiring,
        order: CallOrder,
        likenesses: Likenesses,
        loops: Iterable[Set[str]],
    ) -> None:
        self._instances, self._wiring, self._order = resolved.nodes, wiring, order
        self._nodes = likenesses.nodes
        self._loop_of = {name: number for number, loop in enumerate(loops) for name in loop}
        self._places: dict[str, tuple[int, int]] = {}
        self._stacks = count()

    def found(self) -> Iterable[Cluster]:
        """All calls."""
        units, nodes = self._units(), self._nodes
        kinds = [nodes[unit[0][0]].type if len(unit) == 1 else (number,) for number, unit in enumerate(units)]
        sinks = [number for number, unit in enumerate(units) if nodes[unit[0][0]].is_sink]
        agenda = Agenda(units, self._order.needs, kinds, sinks)
        while agenda.is_open:
            groups: dict[Hashable, list[_Unit]] = {}
            for unit in agenda.next():
                groups.setdefault(self._group(unit), []).append(unit)
            for units in groups.values():
                first = units[0]
                if first[0][0] in self._loop_of:
                    yield Cluster(first, is_loop=True)
                elif len(first) > 1:
                    yield self._stack(first, is_chain=True)
                else:
                    yield from self._placed([unit[0] for unit in units])

    def _group(self, unit: _Unit) -> Hashable:
        """Equal for those that can play together."""
        if len(unit) != 1:
            return unit
        one = self._nodes[unit[0][0]]
        return (one.key, one.kind) if one.is_ready else unit

    def _placed(self, calls: list[NodeCall]) -> Iterable[Cluster]:
        """Like calls: one call if they are many enough, else as they were."""
        if self._instances[calls[0][0]].spec.stateful:
            together, alone = (calls, []) if len(calls) > 1 else ([], calls)
        else:
            together, alone = self._in_one_piece(calls)
        if together:
            yield self._stack(sorted(together, key=self._rows))
        for call in alone:
            yield Cluster((call,), is_batch=self._nodes[call[0]].is_ready)

    def _in_one_piece(self, calls: list[NodeCall]) -> tuple[list[NodeCall], list[NodeCall]]:
        """Which functions play together: the most whose inputs come in one piece, and a few others, copied to them."""
        if len(calls) < FEWEST:
            return [], calls
        groups: dict[Hashable, list[NodeCall]] = {}
        for call in calls:
            groups.setdefault(self._sources(call[0]), []).append(call)
        most = max(groups.values(), key=len)
        if len(most) < FEWEST:
            return [], calls
        others = [call for group in groups.values() if group is not most for call in group]
        return (calls, []) if len(others) <= MOST_COPIED * len(most) else (most, others)

    def _stack(self, calls: Sequence[NodeCall], is_chain: bool = False) -> Cluster:
        number = next(self._stacks)
        for row, (name, _) in enumerate(calls):
            self._places[name] = (number, row)
        return Cluster(tuple(calls), is_batch=True, is_chain=is_chain)

    def _units(self) -> list[_Unit]:
        """The calls in order, chains at their last."""
        chains: dict[str, list[NodeCall]] = {}
        calls, nodes = self._order.calls, self._nodes
        sums = {name for name, one in nodes.items() if one.is_sum and not one.kind}
        for call in calls:
            before = self._continues(call[0], sums) if call[0] in sums else ""
            if before:
                chain = chains.pop(before, None) or [(before, call[1])]
                chain.append(call)
                chains[call[0]] = chain
        long = [chain for chain in chains.values() if len(chain) >= SHORTEST]
        inner = {name for chain in long for name, _ in chain}
        last = {chain[-1][0]: chain for chain in long}
        loops: dict[int, list[NodeCall]] = {}
        for call in calls if self._loop_of else ():
            if call[0] in self._loop_of:
                loops.setdefault(self._loop_of[call[0]], []).append(call)
        found: list[_Unit] = [tuple(loop) for loop in loops.values()]
        for call in calls:
            name = call[0]
            if name in last:
                found.append(tuple(last[name]))
            elif name not in inner and name not in self._loop_of:
                found.append((call,))
        return found

    def _continues(self, name: str, sums: Set[str]) -> str:
        """The node whose chain one goes on with, or none. sums: those that are only the sum, product … of two."""
        for cord in self._nodes[name].cords:
            before = cord.cord.source_node
            if not cord.conversions and before in sums and len(self._wiring.out[before]) == 1:
                one, other = self._nodes[before], self._nodes[name]
                if one.type == other.type and one.size == other.size:
                    return before
        return ""

    def _rows(self, call: NodeCall) -> list[tuple[int, int]]:
        """Where its inputs lie, by which a group is sorted so that they lie in the same order."""
        return [self._places.get(source, (-1, 0)) for source in self._nodes[call[0]].sources]

    def _sources(self, name: str) -> Hashable:
        """Equal for functions whose inputs come in one piece: from nodes that play together, or all from one output.

        Params are left out: what drives them is copied into a line anyway.
        """
        places = self._places
        return tuple(
            [
                places[source][0] if is_whole and source in places else own
                for source, is_whole, own in self._nodes[name].pieces
            ]
        )
