"""Where everything stands: cards with their ports and controls, cords, groups and comments; in canvas units.

A card is laid out around its own corner once and kept while its node, its type and its place are the same, so that a
patch of hundreds of nodes is laid out anew in well under a frame after an edit.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...engine.declare import NodeSpec
from ...engine.faces import NO_FACES, Faces
from ...engine.in_use import unused
from ...engine.labels import as_set, name_label
from ...engine.palette import Palette
from ...engine.param_numbers import takes_cords
from ...engine.roles import Role
from ...graphs import Cord, Node, Patch, Point
from ...graphs.notes import Comment, Group, comments, groups
from ...graphs.scopes import short_name
from ..surface.look import measure
from ..surface.shapes import Box
from .ports import Kind, PortPlace, ports_of
from .routes import Route, route

ROW, TITLE, PAD = 22.0, 26.0, 10.0
TEXT, SMALL, HEAD = 12.0, 11.0, 13.0
NARROWEST, WIDEST = 120.0, 260.0
# A card with more params than the first number shows as many as the second, and those that are patched or set.
MOST_PARAMS, FIRST_PARAMS = 14, 8
# Rows of cards that are kept, of so many types and what they show.
MOST_ROWS_KEPT = 2000
# Settings beyond so many rows are left to the inspector.
HIDDEN = 10
ControlKind = Literal["number", "toggle", "menu", "text", "button", "meter", "scope", "picture"]
BODY: dict[Role | None, tuple[ControlKind, float]] = {
    "meter": ("meter", 46.0),
    "scope": ("scope", 84.0),
    "terrain": ("picture", 96.0),
    "map": ("picture", 96.0),
}


@dataclass(frozen=True, slots=True)
class ControlPlace:
    """Something to turn or to look at on a card. box: absolute. is_setting: turning it makes the node anew."""

    node: str
    name: str
    kind: ControlKind
    box: Box
    is_setting: bool = False


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A card. spec None: no type of that name is known here; its ports are those that its cords name."""

    name: str
    node: Node
    spec: NodeSpec | None
    box: Box
    title: Box
    ports: tuple[PortPlace, ...]
    controls: tuple[ControlPlace, ...]
    face: frozenset[str] = frozenset()
    """The inputs, params and settings that it shows."""


@dataclass(frozen=True, eq=False)
class Layout:
    """All of a patch. nodes: in the order of painting, later ones above."""

    patch: Patch
    nodes: Mapping[str, NodePlace]
    cords: Mapping[Cord, Route]
    groups: Mapping[str, Group]
    comments: Mapping[str, Comment]
    _ends: Mapping[tuple[str, bool], PortPlace] = field(repr=False, default_factory=dict)
    faces: Mapping[str, Faces] = field(repr=False, default_factory=dict)
    specs: Mapping[str, NodeSpec] = field(repr=False, default_factory=dict)

    @property
    def bounds(self) -> Box | None:
        """The smallest box around everything; None for an empty patch."""
        return around([*(one.box for one in self.nodes.values()), *(Box(*one.box) for one in self.notes())])

    def notes(self) -> list[Group | Comment]:
        """Groups and comments."""
        return [*self.groups.values(), *self.comments.values()]

    def port(self, end: str, is_input: bool) -> PortPlace | None:
        """The port that a cord's end names."""
        return self._ends.get((end, is_input))

    def ports(self) -> Iterable[PortPlace]:
        """Every port there is."""
        return self._ends.values()

    def inside(self, group: str) -> frozenset[str]:
        """The nodes whose cards lie in a group."""
        frame = Box(*self.groups[group].box)
        return frozenset(
            name
            for name, one in self.nodes.items()
            if frame.holds((one.box.x0, one.box.y0)) and frame.holds((one.box.x1, one.box.y1))
        )


def around(boxes: Iterable[Box]) -> Box | None:
    """The smallest box around all; None for none."""
    found: Box | None = None
    for one in boxes:
        found = one if found is None else found.joined(one)
    return found


def lay_out(
    patch: Patch, palette: Palette, before: Layout | None = None, faces: Mapping[str, Faces] = NO_FACES
) -> Layout:
    """Lay a patch out. before: an earlier layout, of which what did not change is taken over. faces: by node."""
    is_same = before is not None and before.patch is patch and before.faces is faces
    if before is not None and is_same and before.specs is palette.specs:
        return before
    loose = _loose_ends(patch, palette)
    fed: dict[str, set[str]] = {}
    for cord in patch.cords:
        fed.setdefault(cord.target_node, set()).add(cord.target_port)
    nodes: dict[str, NodePlace] = {}
    for name, node in patch.nodes.items():
        old = before.nodes.get(name) if before is not None else None
        declared = palette.get(node.type)
        spec = as_set(declared, node.values, faces.get(name)) if declared is not None else None
        face = _face(spec, node, fed.get(name, set())) if spec is not None else frozenset[str]()
        if old is not None and old.node is node and name not in loose and old.face == face and old.spec is spec:
            nodes[name] = old
        else:
            nodes[name] = _placed(name, node, spec, loose.get(name, ()), face)
    ends = {(port.end, port.is_input): port for one in nodes.values() for port in one.ports}
    cords: dict[Cord, Route] = {}
    for cord in patch.cords:
        source, target = ends.get((cord.source, False)), ends.get((cord.target, True))
        if source is None or target is None:
            continue
        known = before.cords.get(cord) if before is not None else None
        if known is not None and (known.begin, known.end, known.kind) == (source.place, target.place, source.kind):
            cords[cord] = known
        else:
            cords[cord] = route(cord, source.kind, source.place, target.place)
    return Layout(patch, nodes, cords, groups(patch), comments(patch), ends, faces, palette.specs)


def _loose_ends(patch: Patch, palette: Palette) -> dict[str, tuple[tuple[str, bool], ...]]:
    """Ports that only cords know of: those of unknown types, and those that a known type does not have."""
    found: dict[str, set[tuple[str, bool]]] = {}
    for cord in patch.cords:
        for name, port, is_input in (
            (cord.source_node, cord.source_port, False),
            (cord.target_node, cord.target_port, True),
        ):
            node = patch.nodes.get(name)
            spec = palette.get(node.type) if node is not None else None
            known = spec is not None and (
                (port in spec.inputs or port in spec.params) if is_input else port in spec.outputs
            )
            if node is not None and not known:
                found.setdefault(name, set()).add((port, is_input))
    return {name: tuple(sorted(ports)) for name, ports in found.items()}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a card: what is on its left, and on its right."""

    left: tuple[str, Kind, bool] | None
    right: tuple[str, Kind] | None
    control: tuple[str, ControlKind, bool] | None = None


_known_rows: dict[tuple[int, frozenset[str]], tuple[NodeSpec, tuple[_Row, ...]]] = {}


def _face(spec: NodeSpec, node: Node, fed: Collection[str] = ()) -> frozenset[str]:
    """The inputs, params and settings that a card shows: what the node uses as it is set.

    Of very many params the first, and those that are patched or set; advanced settings are the inspector's.
    """
    hidden = unused(spec, node.values, fed)
    params = [name for name in spec.params if name not in hidden]
    if len(params) > MOST_PARAMS:
        later = (name for name in params[FIRST_PARAMS:] if name in fed or name in node.values)
        params = [*params[:FIRST_PARAMS], *later]
    settings = {one.name for one in spec.settings.values() if not one.about.advanced}
    return frozenset(params) | ((settings | spec.inputs.keys()) - hidden)


def _rows(spec: NodeSpec, face: frozenset[str]) -> tuple[_Row, ...]:
    """The rows of a type's card; worked out once for each declaration."""
    known = _known_rows.get((id(spec), face))
    if known is None:
        if len(_known_rows) >= MOST_ROWS_KEPT:  # definitions are declared anew by each edit of one
            _known_rows.clear()
        known = _known_rows[id(spec), face] = (spec, _rows_of(spec, face))
    return known[1]


def _rows_of(spec: NodeSpec, face: frozenset[str]) -> tuple[_Row, ...]:
    words = list(ports_of(spec))
    inputs = [one for one in words if one.is_input and not one.is_param and one.port in face]
    outputs = [one for one in words if not one.is_input]
    rows = [
        _Row(
            (inputs[index].port, inputs[index].kind, False) if index < len(inputs) else None,
            (outputs[index].port, outputs[index].kind) if index < len(outputs) else None,
        )
        for index in range(max(len(inputs), len(outputs)))
    ]
    kinds: dict[str, ControlKind] = {"float": "number", "int": "number", "bool": "toggle", "choice": "menu"}
    for param in spec.params.values():
        if param.name not in face:
            continue
        driven: tuple[str, Kind, bool] | None = (param.name, "signal", True) if takes_cords(param) else None
        rows.append(_Row(driven, None, (param.name, kinds[param.kind], False)))
    for setting in spec.settings.values():
        if len(rows) >= HIDDEN:
            break
        if setting.name not in face:
            continue
        is_file = bool(setting.about.file)
        if setting.choices or is_file or isinstance(setting.default, str):
            kind: ControlKind = "menu" if setting.choices else "text"
            rows.append(_Row(None, None, (setting.name, kind, True)))
    return tuple(rows)


def _width(spec: NodeSpec, title: str, face: frozenset[str]) -> float:
    widest = measure(title, HEAD, "title") + 2 * PAD + 26
    for row in _rows(spec, face):
        left = measure(name_label(spec, row.left[0]), TEXT) if row.left and row.control is None else 0.0
        right = measure(name_label(spec, row.right[0]), TEXT) if row.right else 0.0
        middle = measure(name_label(spec, row.control[0]), TEXT) + 70 if row.control else 0.0
        widest = max(widest, left + right + middle + 2 * PAD + 18)
    floor = 176.0 if spec.role in BODY else NARROWEST
    return round(min(WIDEST, max(floor, widest)) / 8 + 0.49) * 8.0


def _placed(
    name: str,
    node: Node,
    spec: NodeSpec | None,
    loose: tuple[tuple[str, bool], ...],
    face: frozenset[str],
) -> NodePlace:
    x, y = node.position
    width = _width(spec, node.title or short_name(name), face) if spec is not None else 160.0
    ports: list[PortPlace] = []
    controls: list[ControlPlace] = []
    down = y + TITLE + 4
    for row in _rows(spec, face) if spec is not None else ():
        middle = down + ROW / 2
        if row.left is not None:
            port, kind, is_param = row.left
            ports.append(PortPlace(name, port, kind, True, is_param, (x, middle)))
        if row.right is not None:
            ports.append(PortPlace(name, row.right[0], row.right[1], False, False, (x + width, middle)))
        if row.control is not None:
            label, what, is_setting = row.control
            box = Box(x + PAD, down + 2, x + width - PAD, down + ROW - 2)
            controls.append(ControlPlace(name, label, what, box, is_setting))
        down += ROW
    if spec is not None and spec.role in BODY:
        body, height = BODY[spec.role]
        box = Box(x + PAD, down + 4, x + width - PAD, down + height)
        controls.append(ControlPlace(name, spec.type, body, box))
        down += height + 4
    for port, is_input in loose:
        ports.append(PortPlace(name, port, "signal", is_input, False, (x if is_input else x + width, down + ROW / 2)))
        down += ROW
    bottom = max(down + 6, y + TITLE + 14)
    card, title = Box(x, y, x + width, bottom), Box(x, y, x + width, y + TITLE)
    return NodePlace(name, node, spec, card, title, tuple(ports), tuple(controls), face)


def centred(spec: NodeSpec, name: str, at: Point) -> Point:
    """Where a new node's corner goes so that its title lies under a point."""
    return at[0] - _width(as_set(spec, {}), name, _face(as_set(spec, {}), Node(spec.type))) / 2, at[1] - TITLE / 2
