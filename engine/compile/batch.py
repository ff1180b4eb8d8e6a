"""Batch: which like nodes play in one call, so that many voices cost little more than one."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import nan

from ..declare import NodeSpec
from .adapt import Adapted
from .infer import Shapes
from .order import CallOrder, Phase
from .resolve import Resolved, ResolvedCord

FEWEST = 4
"""How many functions play together at least: fewer cost less one by one (measured with gain and multiply).

What has a state costs less in one call from two on, and by itself as a batch of one.
"""


@dataclass(frozen=True)
class Cluster:
    """Calls that stand together in the plan. is_batch: they are one call, also for a single node."""

    calls: tuple[tuple[str, Phase], ...]
    is_batch: bool = False


def one_by_one(order: CallOrder) -> tuple[Cluster, ...]:
    """Every call by itself, in order."""
    return tuple(Cluster((call,)) for call in order.calls)


def clusters(resolved: Resolved, shapes: Shapes, adapted: Iterable[Adapted], order: CallOrder) -> tuple[Cluster, ...]:
    """The calls in order, with nodes that can play together beside each other, each after all that it needs.

    Together play nodes of one type that offer it, with equal settings and sizes, the same inputs connected, the same
    params driven by cords, and no path between them. Functions are cheap by themselves, so their inputs must come in one
    piece too: from nodes that play together, or all from the same output.
    """
    work = _Clustering(resolved, shapes, order)
    for one in adapted:
        work.into.setdefault(one.cord.target_node, []).append(one)
    found: list[Cluster] = []
    for rank in work.ranks():
        found += work.gathered(rank)
    return tuple(found)


class _Clustering:
    def __init__(self, resolved: Resolved, shapes: Shapes, order: CallOrder) -> None:
        self.resolved, self.shapes, self.order = resolved, shapes, order
        self.into: dict[str, list[Adapted]] = {}
        self.places: dict[str, tuple[int, int]] = {}
        self.count = 0

    def ranks(self) -> Iterable[list[tuple[str, Phase]]]:
        """The calls by the length of the longest path to them: no path leads from one to another of the same rank."""
        rank_of: dict[tuple[str, Phase], int] = {}
        ranks: dict[int, list[tuple[str, Phase]]] = {}
        for name, phase in self.order.calls:
            before: list[tuple[str, Phase]] = [(name, "write")] if phase == "read" else []
            for one in self.into.get(name, ()):
                if self._arrives(one.cord, phase):
                    splits = self.resolved.nodes[one.cord.source_node].spec.breaks_cycles
                    before.append((one.cord.source_node, "read" if splits else "process"))
            rank = 1 + max((rank_of[call] for call in before if call in rank_of), default=-1)
            rank_of[name, phase] = rank
            ranks.setdefault(rank, []).append((name, phase))
        return [ranks[rank] for rank in sorted(ranks)]

    def gathered(self, calls: list[tuple[str, Phase]]) -> Iterable[Cluster]:
        """The calls of a rank: groups that are large enough where their first node stood, the rest as they were."""
        keys = {call: self._key(call[0]) for call in calls}
        groups: dict[Hashable, list[tuple[str, Phase]]] = {}
        for call, key in keys.items():
            if key is not None:
                groups.setdefault(key, []).append(call)
        for call in calls:
            group = groups.get(keys[call], [call])
            stateful = self.resolved.nodes[call[0]].spec.stateful
            if len(group) < (2 if stateful else FEWEST):
                yield Cluster((call,), is_batch=self._is_ready(call[0]))
            elif call == group[0]:
                ordered = sorted(group, key=self._rows)
                for row, (name, _) in enumerate(ordered):
                    self.places[name] = (self.count, row)
                self.count += 1
                yield Cluster(tuple(ordered), is_batch=True)

    def _rows(self, call: tuple[str, Phase]) -> list[tuple[int, int]]:
        """Where its inputs lie, by which a group is sorted so that they lie in the same order."""
        return [self.places.get(one.cord.source_node, (-1, 0)) for one in self._cords(call[0])]

    def _arrives(self, cord: ResolvedCord, phase: Phase) -> bool:
        """A delay takes sound in when written; its params act when it is read."""
        return phase == "process" or (phase == "read") == (cord.param is not None)

    def _cords(self, name: str) -> list[Adapted]:
        """The cords into a node, in the order of its inputs' names."""
        return sorted(self.into.get(name, ()), key=lambda one: one.cord.target.name)

    def _is_ready(self, name: str) -> bool:
        """Whether a node offers to play together as it is wired, and sounds."""
        together = self.resolved.nodes[name].spec.together
        return (
            together is not None
            and name not in self.resolved.muted
            and name not in self.resolved.bypassed
            and (together.lines or all(one.cord.param is None for one in self.into.get(name, ())))
        )

    def _key(self, name: str) -> Hashable:
        """Equal for nodes that can play together; None for one that can't."""
        instance = self.resolved.nodes[name]
        spec = instance.spec
        if spec.together is None or not self._is_ready(name):
            return None
        sources = self._sources(name, instance.spec)
        if sources is None:
            return None
        sizes = tuple(self.shapes.sizes[name, "in", port] for port in spec.inputs)
        alike = spec.together.alike
        driven = {one.cord.target.name for one in self.into.get(name, ()) if one.cord.param is not None}
        kind = (
            alike(**{key: nan if key in driven else knob.value for key, knob in instance.knobs.items()})
            if alike
            else None
        )
        settings = tuple(sorted((key, repr(value)) for key, value in instance.settings.items()))
        return spec.type, settings, sizes, self.shapes.sizes[name, "out", "out"], kind, sources

    def _sources(self, name: str, spec: NodeSpec) -> Hashable:
        """Which inputs are connected, and for functions to what; None where those don't come in one piece."""
        cords = self._cords(name)
        connected = {one.cord.target.name for one in cords}
        if spec.stateful:
            return tuple(sorted(connected))
        if any(port.name not in connected and not port.optional for port in spec.inputs.values()):
            return None
        found: list[Hashable] = []
        for one in cords:
            if one.cord.param is not None:
                found.append((one.cord.target.name, -1))  # it is copied into a line anyway
                continue
            place = self.places.get(one.cord.source_node)
            if place is not None and set(one.conversions) <= {"copy"}:
                found.append((one.cord.target.name, place[0]))
            elif not one.conversions:
                found.append((one.cord.target.name, one.cord.source_node, one.cord.source.name))
            else:
                return None
        return tuple(found)
