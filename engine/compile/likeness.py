"""Likeness: what is known of each node by itself that says with which others it can play together."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import nan

from ..declare import Scalar
from ..instances import Knob, NodeInstance
from .adapt import Adapted
from .infer import Shapes
from .resolve import Resolved
from .stepped import is_stepped


class Likeness:
    """How a node is wired and what it is like. Only the values of its params may change meanwhile.

    cords: those into it, in the order of its inputs' names, and where each comes from in ``sources``. is_ready: it
    offers to play together as it is wired, and sounds; ``type`` is None for others. is_sink: it gives to nobody in the
    patch, and several may add to one device, in their order. key: equal for nodes that can play together where
    ``kind`` is equal too; -1 for one that can't. is_sum: it is nothing but the sum, product … of its two inputs, if
    ``kind`` says so too. size: of what it gives.
    """

    __slots__ = (
        "_alike",
        "_kind",
        "_knobs",
        "_values",
        "cords",
        "is_ready",
        "is_sink",
        "is_sum",
        "key",
        "pieces",
        "size",
        "sources",
        "type",
    )

    def __init__(self, name: str, instance: NodeInstance, cords: Iterable[Adapted], is_ready: bool) -> None:
        together = instance.spec.together
        self.cords = tuple(sorted(cords, key=_target))
        self.sources = tuple([one.cord.source_node for one in self.cords])
        self.pieces = tuple([_piece(one, name) for one in self.cords if one.cord.param is None])
        """Of each sound that it gets: the node that it comes from, whether it comes as it is but for copies to more
        channels, and what says that another gets the same, where nodes do not play together."""
        self.is_ready = is_ready
        self.type = instance.spec.type if is_ready else None
        self.is_sink = not instance.spec.outputs
        self.key, self.is_sum, self.size = -1, False, 0
        self._alike = together.alike if together is not None and is_ready else None
        self._knobs: Sequence[tuple[str, Knob | None]] = ()
        self._values: list[Scalar] | None = None
        self._kind: Hashable = None
        if self._alike is not None:
            driven = {one.cord.target.name for one in self.cords if one.cord.param is not None}
            self._knobs = [(key, None if key in driven else knob) for key, knob in instance.knobs.items()]

    def measure(self, name: str, instance: NodeInstance, shapes: Shapes, numbers: dict[Hashable, int]) -> None:
        """Find the key and size of one that is ready. numbers: the keys by what they say."""
        spec = instance.spec
        self.size = shapes.sizes[name, "out", "out"]
        sizes = tuple([shapes.sizes[name, "in", port] for port in spec.inputs])
        connected = tuple([one.cord.target.name for one in self.cords])
        self.key = numbers.setdefault((instance.likeness, sizes, self.size, connected), len(numbers))
        self.is_sum = (
            spec.together is not None
            and spec.together.scan is not None
            and self._alike is not None
            and len(self.cords) == len(spec.inputs) == 2
            and all(one.cord.param is None and set(one.conversions) <= {"copy"} for one in self.cords)
        )

    @property
    def kind(self) -> Hashable:
        """What its type says of the params as they are now."""
        if self._alike is None:
            return None
        values: list[Scalar] = [nan if knob is None else knob.value for _, knob in self._knobs]
        if values != self._values:
            self._kind = self._alike(**{key: value for (key, _), value in zip(self._knobs, values, strict=True)})
            self._values = values
        return self._kind


@dataclass(frozen=True)
class Likenesses:
    """Those of all nodes. numbers: their keys, by what they say; in_loops: the nodes that play in pieces."""

    nodes: Mapping[str, Likeness]
    numbers: dict[Hashable, int]
    in_loops: Set[str]
    batching: bool


def likenesses(
    resolved: Resolved,
    shapes: Shapes,
    adapted: Iterable[Adapted],
    in_loops: Set[str],
    batching: bool,
    before: Likenesses | None,
    fresh: Set[str],
) -> Likenesses:
    """What each node is like. before: in the patch before the edit; fresh: the nodes that are to be looked at anew."""
    nodes = resolved.nodes
    if before is None or before.batching != batching or len(before.numbers) > 2 * len(nodes):
        found, numbers, names = dict[str, Likeness](), dict[Hashable, int](), set(nodes)
    else:
        found, numbers = dict(before.nodes), before.numbers
        names = {name for name in (*fresh, *(before.in_loops ^ in_loops)) if name in nodes}
        names |= nodes.keys() - found.keys()
        for name in found.keys() - nodes.keys():
            del found[name]
    into: dict[str, list[Adapted]] = {}
    for one in adapted if names else ():
        if one.cord.target_node in names:
            into.setdefault(one.cord.target_node, []).append(one)
    barred = in_loops | resolved.muted | resolved.bypassed
    for name in names:
        instance, cords = nodes[name], into.get(name, [])
        is_ready = batching and name not in barred and _may_play_together(instance, cords)
        found[name] = Likeness(name, instance, cords, is_ready)
        if is_ready:
            found[name].measure(name, instance, shapes, numbers)
    return Likenesses(found, numbers, in_loops, batching)


def _may_play_together(instance: NodeInstance, cords: Iterable[Adapted]) -> bool:
    together = instance.spec.together
    if together is None:
        return False
    return not any(is_stepped(one.cord) or (one.cord.param is not None and not together.lines) for one in cords)


def _piece(one: Adapted, name: str) -> tuple[str, bool, Hashable]:
    cord = one.cord
    own: Hashable = name if one.conversions else (cord.source_node, cord.source.name)
    return cord.source_node, set(one.conversions) <= {"copy"}, own


def _target(one: Adapted) -> str:
    return one.cord.target.name
