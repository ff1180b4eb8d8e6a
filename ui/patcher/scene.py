"""The picture of a patch: cards, cords, groups and comments as pieces, the same ones as long as they look the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ...engine.values import FloatArray
from ...graphs import Cord, Point
from ..surface.look import Look, faded, measure, mixed, rgb, wrapped
from ..surface.shapes import Box, Curve, Disc, Label, Picture, Rectangle, Shape, ShapeGroup, Stroke
from .cards import CardState, card, live_parts
from .covered import CoveredCords
from .layout import Layout, NodePlace
from .overlay import NOTHING, PatchOverlay
from .ports import PortPlace
from .routes import Route, handles

Detail = Literal["far", "middle", "near"]
Reading = Callable[[str, str], FloatArray | None]
FAR, NEAR = 0.42, 0.62
GROUPS, COMMENTS, CORDS, CARDS, LIVE, OVER, ABOVE = 0, 1, 2, 3, 4, 5, 6
# How much is seen of a cord through a card.
THROUGH = 0.34
COMMENT_SIZE = 12.0


def detail_of(scale: float) -> Detail:
    """How much is worth showing at a scale."""
    return "far" if scale < FAR else "middle" if scale < NEAR else "near"


@dataclass(frozen=True)
class SceneState:
    """All that a picture depends on. problems: a sentence by node. loads: microseconds a block by node.

    trainings: how far learning is, 0 … 1, by node. activity: how loud a cord is, 0 … 1. hovered: a cord or a port end.
    """

    layout: Layout
    look: Look
    detail: Detail = "near"
    selection: frozenset[str] = frozenset()
    cords: frozenset[Cord] = frozenset()
    notes: frozenset[str] = frozenset()
    overlay: PatchOverlay = NOTHING
    problems: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    loads: Mapping[str, float] = field(default_factory=dict)
    trainings: Mapping[str, float] = field(default_factory=dict)
    activity: Callable[[Cord], float] = lambda cord: 0.0
    reading: Reading = lambda node, name: None
    hovered: str | Cord | None = None
    pictures: frozenset[str] = frozenset()
    shows_loads: bool = False


class Scene:
    """Makes pictures, and remembers pieces between them."""

    def __init__(self) -> None:
        self._cards: dict[str, tuple[tuple[object, ...], ShapeGroup]] = {}
        self._cords: dict[Cord, tuple[tuple[object, ...], ShapeGroup]] = {}
        self._through: dict[Cord, tuple[ShapeGroup, ShapeGroup]] = {}
        self._covered = CoveredCords()

    def picture(self, state: SceneState) -> Picture:
        """What there is to paint."""
        found: Picture = {}
        for name, group in state.layout.groups.items():
            found[f"group {name}"] = _group(group.title, Box(*group.box), group.colour, name in state.notes, state.look)
        for name, comment in state.layout.comments.items():
            found[f"comment {name}"] = _comment(comment.text, Box(*comment.box), name in state.notes, state.look)
        for cord, way in state.layout.cords.items():
            found[f"cord {cord.source}>{cord.target}"] = self._cord(cord, way, state)
        if state.detail != "far":
            found |= self._shown_through(state, found)
        for name, place in state.layout.nodes.items():
            found[f"node {name}"] = self._card(name, place, state)
            if state.detail == "near":
                live = live_parts(place, state.look, state.reading)
                if live:
                    found[f"live {name}"] = ShapeGroup(place.node.position, live, _own(place), LIVE)
        above = _above(state)
        if above is not None:
            found["overlay"] = above
        self._cards = {name: one for name, one in self._cards.items() if name in state.layout.nodes}
        self._cords = {cord: one for cord, one in self._cords.items() if cord in state.layout.cords}
        return found

    def _shown_through(self, state: SceneState, found: Picture) -> Picture:
        """The cords that pass behind cards, faint, above those; the same pieces as long as the cords are."""
        pieces: Picture = {}
        kept: dict[Cord, tuple[ShapeGroup, ShapeGroup]] = {}
        for cord in self._covered.of(state.layout):
            name = f"cord {cord.source}>{cord.target}"
            below = found[name]
            known = self._through.get(cord)
            if known is None or known[0] is not below:
                shapes = tuple(
                    replace(one, colour=faded(one.colour, THROUGH)) for one in below.shapes if isinstance(one, Curve)
                )
                known = (below, ShapeGroup(below.place, shapes, below.extent, OVER))
            kept[cord] = known
            pieces[f"over {name}"] = known[1]
        self._through = kept
        return pieces

    def _card(self, name: str, place: NodePlace, state: SceneState) -> ShapeGroup:
        node = place.node
        offered = state.overlay.offered
        lit = None if offered is None else tuple(port.end in offered for port in place.ports)
        hovered = state.hovered if isinstance(state.hovered, str) and state.hovered.startswith(f"{name}.") else None
        card_state = CardState(
            detail=state.detail,
            is_chosen=name in state.selection,
            is_pointed_at=name in state.overlay.nodes,
            problem=state.problems.get(name),
            load=round(state.loads.get(name, 0.0)) if state.shows_loads else None,
            training=_twentieths(state.trainings.get(name)),
            lit=lit,
            hovered=hovered,
            has_picture=f"picture {name}" in state.pictures,
        )
        looks = (node.type, node.title, node.muted, node.bypassed, id(node.values), id(node.content), id(place.spec))
        mark = (*looks, _size(place), card_state, state.look.name)
        known = self._cards.get(name)
        if known is not None and known[0] == mark:
            piece = known[1]
            if piece.place == node.position:
                return piece
            piece = ShapeGroup(node.position, piece.shapes, piece.extent, CARDS)
        else:
            piece = ShapeGroup(node.position, card(place, state.look, card_state), _own(place).grown(30), CARDS)
        self._cards[name] = (mark, piece)
        return piece

    def _cord(self, cord: Cord, way: Route, state: SceneState) -> ShapeGroup:
        level = round(4 * min(1.0, max(0.0, state.activity(cord))))
        is_chosen = cord in state.cords or state.hovered == cord
        is_cut = cord in state.overlay.cords
        mark = (id(way), level, is_chosen, is_cut, state.look.name, state.overlay.offered is not None)
        known = self._cords.get(cord)
        if known is not None and known[0] == mark:
            return known[1]
        look = state.look
        colour = look.knife if is_cut else look.chosen if is_chosen else _bright(look, way, level)
        if state.overlay.offered is not None:
            colour = faded(colour, 0.45)
        width = 3.0 if is_chosen or is_cut else 1.8 + 0.25 * level
        curve = Curve(way.begin, way.pull, way.push, way.end, colour, width)
        piece = ShapeGroup((0.0, 0.0), (curve,), way.extent.grown(4), CORDS)
        self._cords[cord] = (mark, piece)
        return piece


def _bright(look: Look, way: Route, level: int) -> tuple[int, int, int, int]:
    base = look.kind(way.kind)
    resting = mixed(base, look.ground, 0.38)
    return mixed(resting, base, level / 4)


def _own(place: NodePlace) -> Box:
    x, y = place.node.position
    return place.box.moved((-x, -y))


def _size(place: NodePlace) -> tuple[float, float]:
    return place.box.width, place.box.height


def _twentieths(share: float | None) -> float | None:
    return None if share is None else round(share * 20) / 20


def _group(title: str, box: Box, colour: str, is_chosen: bool, look: Look) -> ShapeGroup:
    tint = rgb(colour)
    shapes: tuple[Shape, ...] = (
        Rectangle(box, faded(tint, 0.16), look.chosen if is_chosen else faded(tint, 0.8), 1.0, 8.0),
        Label((box.x0 + 10, box.y0 + 6), title, 13.0, mixed(tint, look.text, 0.6), "title"),
    )
    return ShapeGroup((0.0, 0.0), shapes, box.grown(2), GROUPS)


def _comment(text: str, box: Box, is_chosen: bool, look: Look) -> ShapeGroup:
    shapes: list[Shape] = [Rectangle(box, faded(look.title, 0.35), look.chosen if is_chosen else None, 1.0, 4.0)]
    down = box.y0 + 6
    for line in wrapped(text, COMMENT_SIZE, box.width - 16):
        if down + COMMENT_SIZE > box.y1:
            break
        shapes.append(Label((box.x0 + 8, down), line, COMMENT_SIZE, look.quiet))
        down += COMMENT_SIZE * 1.4
    return ShapeGroup((0.0, 0.0), tuple(shapes), box.grown(2), COMMENTS)


def _above(state: SceneState) -> ShapeGroup | None:
    overlay, look = state.overlay, state.look
    shapes: list[Shape] = []
    if overlay.cord is not None:
        shapes += _loose(overlay.cord.origin, overlay.cord.tip, overlay.cord.caught, look)
    if overlay.box is not None:
        shapes.append(Rectangle(overlay.box, faded(look.chosen, 0.12), faded(look.chosen, 0.8)))
    if len(overlay.knife) > 1:
        shapes.append(Stroke(overlay.knife, look.knife, 1.5))
    shapes += [Stroke(guide, faded(look.chosen, 0.7), 1.0) for guide in overlay.guides]
    if overlay.hint:
        x, y = overlay.hint_at[0] + 14, overlay.hint_at[1] + 16
        room = Box(x, y, x + measure(overlay.hint, 11.0) + 14, y + 20)
        shapes.append(Rectangle(room, look.title, look.edge, 1.0, 4.0))
        shapes.append(Label((x + 7, y + 3), overlay.hint, 11.0, look.text))
    if not shapes:
        return None
    far = 1e6
    return ShapeGroup((0.0, 0.0), tuple(shapes), Box(-far, -far, far, far), ABOVE)


def _loose(origin: PortPlace, tip: Point, caught: PortPlace | None, look: Look) -> list[Shape]:
    there = caught.place if caught is not None else tip
    begin, end = (there, origin.place) if origin.is_input else (origin.place, there)
    pull, push = handles(begin, end)
    colour = look.kind(origin.kind if not origin.is_input or caught is None else caught.kind)
    shapes: list[Shape] = [Curve(begin, pull, push, end, colour, 2.5)]
    if caught is not None:
        shapes.append(Disc(caught.place, 9.0, None, look.chosen, 2.0))
    return shapes
