"""What lies under the hand."""

from dataclasses import dataclass
from math import hypot
from typing import Literal, TypeAlias

from ...graphs import Cord, Point
from ..surface.hits import OnNothing, nearest
from ..surface.shapes import Box
from .layout import ControlPlace, Layout
from .minimap import Minimap
from .ports import PortPlace
from .routes import distance

# So near to an end of a cord, of its length, one takes hold of that end.
END = 0.22
TITLE_HEIGHT, EDGE = 24.0, 6.0


@dataclass(frozen=True, slots=True)
class OnPort:
    """A port."""

    port: PortPlace


@dataclass(frozen=True, slots=True)
class OnControl:
    """A control on a card."""

    control: ControlPlace


@dataclass(frozen=True, slots=True)
class OnNode:
    """A card."""

    node: str
    is_title: bool


@dataclass(frozen=True, slots=True)
class OnCord:
    """A cord, and which part of it."""

    cord: Cord
    near: Literal["source", "target", "middle"]


@dataclass(frozen=True, slots=True)
class OnGroup:
    """A group's frame: its title moves it, its edges size it."""

    name: str
    part: Literal["title", "edge-right", "edge-bottom", "corner"]


@dataclass(frozen=True, slots=True)
class OnComment:
    """A comment."""

    name: str
    part: Literal["body", "corner"]


@dataclass(frozen=True, slots=True)
class OnMinimap:
    """The minimap, which lies above everything."""

    map: Minimap


Hit: TypeAlias = OnPort | OnControl | OnNode | OnCord | OnGroup | OnComment | OnMinimap | OnNothing


def under(layout: Layout, place: Point, reach: float) -> Hit:
    """What is nearest to the hand at a canvas point. reach: how far off ports and cords are still caught."""
    port = nearest_port(layout, place, reach)
    if port is not None:
        return OnPort(port)
    for one in reversed(list(layout.nodes.values())):
        if not one.box.holds(place):
            continue
        for control in one.controls:
            if control.box.holds(place):
                return OnControl(control)
        return OnNode(one.name, one.title.holds(place))
    cord = _nearest_cord(layout, place, reach)
    if cord is not None:
        return cord
    for comment in reversed(list(layout.comments.values())):
        box = Box(*comment.box)
        if box.holds(place):
            return OnComment(comment.name, "corner" if _at_corner(box, place) else "body")
    for group in reversed(list(layout.groups.values())):
        part = _group_part(Box(*group.box), place)
        if part is not None:
            return OnGroup(group.name, part)
    return OnNothing()


def nearest_port(
    layout: Layout, place: Point, reach: float, among: frozenset[str] | None = None, is_input: bool | None = None
) -> PortPlace | None:
    """The nearest port within reach. among: only these (``node.port``)."""
    near = (port for one in layout.nodes.values() if one.box.grown(reach).holds(place) for port in one.ports)
    fitting = (
        port
        for port in near
        if (among is None or port.end in among) and (is_input is None or port.is_input == is_input)
    )
    return nearest(((hypot(port.place[0] - place[0], port.place[1] - place[1]), port) for port in fitting), reach)


def node_at(layout: Layout, place: Point) -> str | None:
    """The topmost card at a point."""
    return next((one.name for one in reversed(list(layout.nodes.values())) if one.box.holds(place)), None)


def _nearest_cord(layout: Layout, place: Point, reach: float) -> OnCord | None:
    near = ((cord, way) for cord, way in layout.cords.items() if way.extent.grown(reach).holds(place))
    measured = ((*distance(way.points, place), cord) for cord, way in near)
    found = nearest(((away, (share, cord)) for away, share, cord in measured), reach)
    if found is None:
        return None
    share, cord = found
    return OnCord(cord, "source" if share < END else "target" if share > 1 - END else "middle")


def _at_corner(box: Box, place: Point) -> bool:
    return place[0] > box.x1 - 2 * EDGE and place[1] > box.y1 - 2 * EDGE


def _group_part(box: Box, place: Point) -> Literal["title", "edge-right", "edge-bottom", "corner"] | None:
    if not box.grown(EDGE).holds(place):
        return None
    if _at_corner(box, place):
        return "corner"
    if abs(place[0] - box.x1) <= EDGE:
        return "edge-right"
    if abs(place[1] - box.y1) <= EDGE:
        return "edge-bottom"
    if box.y0 <= place[1] <= box.y0 + TITLE_HEIGHT:
        return "title"
    return None
