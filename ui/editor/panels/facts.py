"""What there is to know of what is chosen: params turned together, ports and what flows, files that are gone."""

from dataclasses import dataclass
from functools import reduce
from math import log10
from typing import Any

import numpy as np

from ....engine.declare import NodeSpec, ParamSpec
from ....engine.in_use import unused
from ....engine.labels import as_set, choice_label, label_of
from ....engine.param_numbers import nearest
from ....engine.roles import Role
from ....engine.values import FloatArray, Kind
from ....graphs import EditError, Node, Patch, set_seed, set_value
from ....nodes.terrain.learned import learned_error
from ....nodes.terrain.quality import in_words
from ..document.desk import Desk
from ..document.latent_names import names_at, words_of

SILENT_DB = -80.0
# So many channels of values are shown one by one.
MOST_VALUES = 4


@dataclass(frozen=True)
class SharedParam:
    """A param of all that is chosen. value: None where they differ."""

    spec: ParamSpec
    value: Any


@dataclass(frozen=True)
class PortFacts:
    """A port of a node. ends: what it is patched to. help: what it is for."""

    node: str
    port: str
    kind: Kind
    is_input: bool
    is_param: bool
    ends: tuple[str, ...]
    label: str = ""
    help: str = ""

    def words(self) -> str:
        """Its label, and where its cords go."""
        shown = self.label or self.port
        return f"{shown}  {'from' if self.is_input else 'to'} {', '.join(self.ends)}" if self.ends else shown


def shared_params(desk: Desk) -> list[SharedParam]:
    """The params that all chosen nodes have alike, of whatever types they are; of one node all of its."""
    names = [name for name in sorted(desk.selection) if name in desk.patch.nodes]
    nodes = [desk.patch.nodes[name] for name in names]
    specs = [spec_of(desk, name) for name in names]
    first = specs[0] if specs else None
    if first is None:
        return []
    found = []
    for param in first.params.values():
        others = [spec.params.get(param.name) if spec is not None else None for spec in specs]
        if all(other is not None and _is_alike(param, other) for other in others):
            values = [
                node.values.get(param.name, other.default) for node, other in zip(nodes, others, strict=True) if other
            ]
            found.append(SharedParam(param, values[0] if all(value == values[0] for value in values) else None))
    return found


def spec_of(desk: Desk, name: str) -> NodeSpec | None:
    """The declaration of a node as it shows it now; None for one of a type that is not known here."""
    node = desk.patch.nodes[name]
    spec = desk.palette.get(node.type)
    return as_set(spec, node.values, desk.faces.now.get(name)) if spec is not None else None


def unused_by_all(desk: Desk) -> frozenset[str]:
    """The inputs, params and settings that none of the chosen nodes uses as it is set."""
    found: frozenset[str] | None = None
    for name in desk.selection:
        node = desk.patch.nodes.get(name)
        spec = spec_of(desk, name) if node is not None else None
        if node is None or spec is None or not (spec.conditions or spec.of_use is not None):
            return frozenset()
        fed = {cord.target_port for cord in desk.patch.cords if cord.target_node == name}
        hidden = unused(spec, node.values, fed)
        found = hidden if found is None else found & hidden
    return found or frozenset()


def turn_all(desk: Desk, param: str, value: Any, gesture: str) -> None:
    """Turn a param of all chosen nodes: heard at once, one step of undo."""
    names = sorted(desk.selection)
    if len(names) == 1:
        desk.turn(names[0], param, value, gesture)
        return

    def change(patch: Patch) -> Patch:
        return reduce(lambda after, name: set_value(after, name, param, value), names, patch)

    for name in names:
        desk.sound.turn(name, param, value)
    desk.edit(change, f"{len(names)} nodes' {param}", gesture)


def ports_of_node(desk: Desk, name: str, spec: NodeSpec) -> list[PortFacts]:
    """The ports of a node, inputs first, and the params that a cord drives."""
    sources: dict[str, tuple[str, ...]] = {}
    targets: dict[str, tuple[str, ...]] = {}
    for cord in desk.patch.cords:
        if cord.target_node == name:
            sources[cord.target_port] = (*sources.get(cord.target_port, ()), cord.source)
        if cord.source_node == name:
            targets[cord.source_port] = (*targets.get(cord.source_port, ()), cord.target)
    hidden = unused(spec, desk.patch.nodes[name].values, sources)
    return [
        *(
            PortFacts(name, one.name, one.kind, True, False, sources.get(one.name, ()), label_of(one), one.help)
            for one in spec.inputs.values()
            if one.name not in hidden
        ),
        *(
            PortFacts(name, one.name, "signal", True, True, sources[one.name], label_of(one), one.help)
            for one in spec.params.values()
            if one.name in sources
        ),
        *(
            PortFacts(name, one.name, one.kind, False, False, targets.get(one.name, ()), label_of(one), one.help)
            for one in spec.outputs.values()
        ),
    ]


def flowing(desk: Desk, port: PortFacts) -> str:
    """What flows through a port now, in a few words; nothing when nothing is known."""
    end = port.ends[0] if port.is_input and port.ends else f"{port.node}.{port.port}"
    if port.is_input and not port.ends:
        return ""
    where = desk.heard.reading(port.node, f"param.{port.port}") if port.is_param else None
    if where is not None and where.size:
        return _stepped(desk, port, float(where.ravel()[0]))
    node, _, name = end.partition(".")
    values = desk.heard.reading(node, f"value.{name}")
    if values is not None and values.size:
        return _values(values)
    peaks = desk.heard.reading(node, f"peak.{name}")
    if peaks is not None and peaks.size:
        return _level(peaks)
    latents = desk.heard.reading(node, f"latent.{name}")
    if latents is not None and latents.size:
        return words_of(np.asarray(latents).reshape(-1), names_at(desk.patch, desk.palette, node, desk.document.folder))
    return ""


def content_words(node: Node, role: Role | None) -> list[str]:
    """What a node holds, by kind: how many, how much; of a terrain how well it learned."""
    error = learned_error(node.content) if role == "terrain" else None
    kinds: dict[str, list[int]] = {}
    for name, array in node.content.items():
        kinds.setdefault(name.partition("/")[0], []).append(array.nbytes)
    return [
        *([in_words(error)] if error is not None else []),
        *(f"{kind}: {sum(sizes) / 1024:.0f} kB" for kind, sizes in sorted(kinds.items())),
    ]


def seeded(patch: Patch, text: str) -> Patch:
    """A patch with a seed as it was typed. Raises EditError."""
    try:
        return set_seed(patch, int(text.strip() or 0))
    except ValueError:
        raise EditError(f"{text!r} is not a seed; give a whole number") from None


def _is_alike(one: ParamSpec, other: ParamSpec) -> bool:
    said = ("kind", "low", "high", "unit", "choices", "face")
    return all(getattr(one, name) == getattr(other, name) for name in said)


def _stepped(desk: Desk, port: PortFacts, number: float) -> str:
    """Where a switch, a choice or a whole number is to which a cord brings it."""
    type_ = desk.patch.nodes[port.node].type if port.node in desk.patch.nodes else ""
    spec = desk.palette.get(type_)
    param = spec.params.get(port.port) if spec is not None else None
    if param is None:
        return ""
    value = nearest(param, number)
    if isinstance(value, bool):
        return "on" if value else "off"
    return choice_label(param, value) if isinstance(value, str) else f"{value:g}"


def _level(peaks: FloatArray) -> str:
    loud = float(np.max(np.abs(peaks)))
    channels = f"{peaks.size} channels, " if peaks.size > 1 else ""
    if loud <= 10 ** (SILENT_DB / 20):
        return f"{channels}silent"
    return f"{channels}{20 * log10(loud):.0f} dB"


def _values(values: FloatArray) -> str:
    if values.size > MOST_VALUES:
        return f"{values.size} values, {np.min(values):.2f} … {np.max(values):.2f}"
    return ", ".join(f"{one:.2f}" for one in values.ravel())
