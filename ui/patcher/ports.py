"""Ports: where cords begin and end, and which may meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ...engine.declare import NodeSpec
from ...engine.param_numbers import takes_cords
from ...graphs import Point

Kind: TypeAlias = Literal["signal", "latent", "event", "trajectories"]
PortShape: TypeAlias = Literal["disc", "diamond", "square", "triangle"]
# Kinds can be told apart without their colours too.
SHAPES: dict[Kind, PortShape] = {"signal": "disc", "latent": "diamond", "trajectories": "square", "event": "triangle"}
# What flows out, and where it may flow: inputs of these kinds, and params. The engine converts on the way.
MEETS: dict[Kind, frozenset[str]] = {
    "signal": frozenset({"signal", "latent", "param"}),
    "latent": frozenset({"latent", "signal"}),
    "event": frozenset({"event", "signal", "param"}),
    "trajectories": frozenset({"trajectories"}),
}


@dataclass(frozen=True, slots=True)
class PortPlace:
    """A port on the canvas. place: canvas units. A param's port takes what may drive it."""

    node: str
    port: str
    kind: Kind
    is_input: bool
    is_param: bool
    place: Point

    @property
    def end(self) -> str:
        """As a cord names it."""
        return f"{self.node}.{self.port}"


@dataclass(frozen=True, slots=True)
class PortWords:
    """A port as its type declares it."""

    port: str
    kind: Kind
    is_input: bool
    is_param: bool = False


def ports_of(spec: NodeSpec) -> Iterator[PortWords]:
    """Inputs, params that take cords, and outputs, in the order of declaration."""
    for one in spec.inputs.values():
        yield PortWords(one.name, one.kind, True)
    for param in spec.params.values():
        if takes_cords(param):
            yield PortWords(param.name, "signal", True, True)
    for one in spec.outputs.values():
        yield PortWords(one.name, one.kind, False)


def meets(source: Kind, target: Kind, is_param: bool) -> bool:
    """Whether what flows out of a source may flow into an input or a param."""
    return ("param" if is_param else target) in MEETS[source]


def accepts(source: Kind, target: PortPlace) -> bool:
    """Whether a cord of this kind may end here."""
    return target.is_input and meets(source, target.kind, target.is_param)


def is_direct(source: Kind, target: Kind, is_param: bool) -> bool:
    """Whether it flows as it is, without being converted."""
    return not is_param and source == target


def pair_between(spec: NodeSpec | None, source: PortPlace | None, target: PortPlace | None) -> tuple[str, str] | None:
    """The input and the output by which a node of a type can stand between two ports; None where it can't."""
    if spec is None or source is None or target is None:
        return None
    words = list(ports_of(spec))
    ins = [one for one in words if one.is_input and not one.is_param and meets(source.kind, one.kind, False)]
    outs = [one for one in words if not one.is_input and meets(one.kind, target.kind, target.is_param)]
    ins.sort(key=lambda one: not is_direct(source.kind, one.kind, False))
    outs.sort(key=lambda one: not is_direct(one.kind, target.kind, target.is_param))
    return (ins[0].port, outs[0].port) if ins and outs else None
