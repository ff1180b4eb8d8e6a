"""What the instances of a patch's definitions are, as declared node types are: ports, params, help.

An inlet has the kind of what it feeds, an outlet that of what feeds it; a param has the range, unit and curve of the
first param that it is, and its own value as default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..graphs import Cord, Node, Patch
from ..graphs.scopes import INLET, OUTLET, PARAM, definitions, has_definitions, scope_of, short_name
from .declare import NodeSpec, ParamSpec, PortSpec
from .palette import Palette

NO_LIBRARY = Patch()
SUMMARY = "Definition of this patch."


@dataclass(frozen=True)
class _Definition:
    """What a definition is made of; equal parts make an equal spec."""

    nodes: tuple[tuple[str, Node], ...]
    cords: tuple[Cord, ...]

    def is_same(self, other: "_Definition") -> bool:
        return (
            len(self.nodes) == len(other.nodes)
            and len(self.cords) == len(other.cords)
            and all(one[0] == two[0] and one[1] is two[1] for one, two in zip(self.nodes, other.nodes, strict=True))
            and all(one is two for one, two in zip(self.cords, other.cords, strict=True))
        )


class DefinitionSpecs:
    """The palette of a patch: node types, and its definitions. Made anew where a definition changes.

    library: gives definitions that every patch may use, the same object while they do not change; those of the patch
    count before them. It is asked often and must not wait.
    """

    def __init__(self, base: Palette, library: Callable[[], Patch] = lambda: NO_LIBRARY) -> None:
        self.base, self._library = base, library
        self._shared: tuple[Patch, Mapping[str, NodeSpec], Palette] = NO_LIBRARY, base.specs, base
        self._last: tuple[Patch | None, dict[str, _Definition], Mapping[str, NodeSpec], Palette]
        self._last = None, {}, base.specs, base

    def palette(self, patch: Patch) -> Palette:
        """The node types and the definitions of a patch; the same object while neither changes. From any thread."""
        before, parts_before, specs, found = self._last
        base = self._base()
        is_same = specs is base.specs
        if patch is before and is_same:
            return found
        parts = _parts(patch) if has_definitions(patch) else {}
        is_same = is_same and parts.keys() == parts_before.keys()
        if not is_same or not all(one.is_same(parts_before[name]) for name, one in parts.items()):
            found = with_definitions(base, patch)
        self._last = patch, parts, base.specs, found
        return found

    def _base(self) -> Palette:
        """Node types and the library's definitions."""
        library, specs, found = self._shared
        if self._library() is not library or specs is not self.base.specs:
            library = self._library()
            found = with_definitions(self.base, library)
            self._shared = library, self.base.specs, found
        return found


def with_definitions(palette: Palette, patch: Patch) -> Palette:
    """Node types and the definitions of a patch; a definition counts before a type of its name."""
    known = {name: nodes for name, nodes in definitions(patch).items() if name}
    if not known:
        return palette
    specs = dict(palette.specs)
    for name in known:
        specs[name] = _bare(name, palette)
    cords = _cords_inside(patch)
    # again, as an inlet may feed an instance of a definition that is found later
    for _ in range(min(len(known), 8)):
        for name, nodes in known.items():
            specs[name] = _spec(name, nodes, patch, cords.get(name, []), specs)
    return Palette(MappingProxyType(dict(sorted(specs.items()))), palette.complaints)


def _parts(patch: Patch) -> dict[str, _Definition]:
    found, cords = definitions(patch), _cords_inside(patch)
    return {
        name: _Definition(tuple((one, patch.nodes[one]) for one in nodes), tuple(cords.get(name, ())))
        for name, nodes in found.items()
        if name
    }


def _cords_inside(patch: Patch) -> dict[str, list[Cord]]:
    """The cords of each definition."""
    found: dict[str, list[Cord]] = {}
    for cord in patch.cords:
        scope = scope_of(cord.target_node)
        if scope:
            found.setdefault(scope, []).append(cord)
    return found


def _bare(name: str, palette: Palette) -> NodeSpec:
    """A type without ports, of the shape that all have."""
    model = palette.specs[INLET]
    return replace(
        model,
        type=name,
        summary=SUMMARY,
        about="",
        inputs=MappingProxyType({}),
        outputs=MappingProxyType({}),
        params=MappingProxyType({}),
        settings=MappingProxyType({}),
        together=None,
        role=None,
        other_names=("definition", "sub-patch"),
        nearest_to=(),
        title=name,
    )


def _spec(name: str, nodes: list[str], patch: Patch, cords: list[Cord], specs: Mapping[str, NodeSpec]) -> NodeSpec:
    own = sorted(nodes, key=lambda one: (patch.nodes[one].position[1], patch.nodes[one].position[0], one))
    fed = {cord.target: cord for cord in cords}
    feeds: dict[str, list[Cord]] = {}
    for cord in fed.values():
        feeds.setdefault(cord.source_node, []).append(cord)
    inputs, outputs = dict[str, PortSpec](), dict[str, PortSpec]()
    params = dict[str, ParamSpec]()
    for one in own:
        node, key = patch.nodes[one], short_name(one)
        if node.type == INLET:
            ports = [_port(patch, cord.target, specs, "inputs") for cord in feeds.get(one, ())]
            first = next((port for port in ports if port is not None), None)
            help_text = node.title or (first.help if first is not None else "")
            inputs[key] = PortSpec(
                key,
                first.kind if first is not None else "signal",
                optional=True,
                is_control=first.is_control if first is not None else False,
                help=help_text,
            )
        elif node.type == OUTLET:
            into = fed.get(f"{one}.audio")
            source = _port(patch, into.source, specs, "outputs") if into is not None else None
            outputs[key] = PortSpec(
                key,
                source.kind if source is not None else "signal",
                is_control=source.is_control if source is not None else False,
                help=node.title or (source.help if source is not None else ""),
            )
        elif node.type == PARAM:
            params[key] = _param(patch, one, feeds.get(one, ()), specs)
    return replace(
        specs[name],
        inputs=MappingProxyType(inputs),
        outputs=MappingProxyType(outputs),
        params=MappingProxyType(params),
    )


def _port(patch: Patch, address: str, specs: Mapping[str, NodeSpec], side: str) -> PortSpec | None:
    name, _, port = address.partition(".")
    spec = specs.get(patch.nodes[name].type) if name in patch.nodes else None
    if spec is None:
        return None
    ports: Mapping[str, PortSpec] = spec.inputs if side == "inputs" else spec.outputs
    return ports.get(port)


def _param(patch: Patch, name: str, cords: "list[Cord] | tuple[Cord, ...]", specs: Mapping[str, NodeSpec]) -> ParamSpec:
    node, key = patch.nodes[name], short_name(name)
    value = node.values.get("value")
    for cord in cords:
        target = patch.nodes.get(cord.target_node)
        spec = specs.get(target.type) if target is not None else None
        found = spec.params.get(cord.target_port) if spec is not None else None
        if target is not None and found is not None:
            value = target.values.get(cord.target_port) if value is None else value
            default = value if isinstance(value, bool | int | float | str) else found.default
            return replace(found, name=key, default=default, help=node.title or found.help, used_when=None)
    own = specs[PARAM].params["value"]
    default = value if isinstance(value, int | float) else own.default
    return replace(own, name=key, default=default, help=node.title or own.help)
