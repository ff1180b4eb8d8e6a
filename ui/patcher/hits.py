"""What lies under the hand."""

from dataclasses import dataclass
from math import hypot
from typing import Literal, TypeAlias

from ...graphs import Cord, Point
from ..surface.shapes import Box
from .layout import ControlPlace, Layout
from .ports import PortPlace
from .routes import distance

END = 0.22
"""So near to an end of a cord, of its length, one takes hold of that end."""
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
class OnNothing:
    """The empty canvas."""


Hit: TypeAlias = OnPort | OnControl | OnNode | OnCord | OnGroup | OnComment | OnNothing


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
    best, found = reach, None
    for one in layout.nodes.values():
        if not one.box.grown(reach).holds(place):
            continue
        for port in one.ports:
            if (among is not None and port.end not in among) or (is_input is not None and port.is_input != is_input):
                continue
            away = hypot(port.place[0] - place[0], port.place[1] - place[1])
            if away <= best:
                best, found = away, port
    return found


def node_at(layout: Layout, place: Point) -> str | None:
    """The topmost card at a point."""
    return next((one.name for one in reversed(list(layout.nodes.values())) if one.box.holds(place)), None)


def _nearest_cord(layout: Layout, place: Point, reach: float) -> OnCord | None:
    best, found = reach, None
    for cord, way in layout.cords.items():
        if not way.extent.grown(reach).holds(place):
            continue
        away, share = distance(way.points, place)
        if away <= best:
            near: Literal["source", "target", "middle"] = (
                "source" if share < END else "target" if share > 1 - END else "middle"
            )
            best, found = away, OnCord(cord, near)
    return found


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
