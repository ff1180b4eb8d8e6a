"""The ways of cords: a curve from an output to an input, and how far a point is from it."""

from dataclasses import dataclass
from math import hypot

from ...graphs import Cord, Point
from ..surface.shapes import Box, bezier_points
from .ports import Kind

STEPS = 24
LEAST_PULL, MOST_PULL = 28.0, 220.0


@dataclass(frozen=True, slots=True)
class Route:
    """A cord on the canvas: a cubic Bézier curve, and points along it for measuring."""

    cord: Cord
    kind: Kind
    begin: Point
    pull: Point
    push: Point
    end: Point
    points: tuple[Point, ...]
    extent: Box


def route(cord: Cord, kind: Kind, begin: Point, end: Point) -> Route:
    """The curve between two ports; it leaves to the right and comes in from the left, also where it goes back."""
    pull, push = handles(begin, end)
    points = bezier_points(begin, pull, push, end, STEPS)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Route(cord, kind, begin, pull, push, end, points, Box(min(xs), min(ys), max(xs), max(ys)))


def handles(begin: Point, end: Point) -> tuple[Point, Point]:
    """The two points that pull the curve."""
    right, down = end[0] - begin[0], end[1] - begin[1]
    reach = min(MOST_PULL, max(LEAST_PULL, 0.5 * abs(right) + (0.25 * abs(down) if right < 60 else 0.0)))
    return (begin[0] + reach, begin[1]), (end[0] - reach, end[1])


def distance(points: tuple[Point, ...], place: Point) -> tuple[float, float]:
    """How far a place is from a line of points, and how far along it the nearest point is, 0 … 1."""
    best, where = float("inf"), 0.0
    for index in range(len(points) - 1):
        (ax, ay), (bx, by) = points[index], points[index + 1]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        share = 0.0 if length == 0 else max(0.0, min(1.0, ((place[0] - ax) * dx + (place[1] - ay) * dy) / length))
        away = hypot(place[0] - ax - share * dx, place[1] - ay - share * dy)
        if away < best:
            best, where = away, (index + share) / (len(points) - 1)
    return best, where


def crosses(points: tuple[Point, ...], begin: Point, end: Point) -> bool:
    """Whether a line of points crosses the straight line between two places."""

    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    for index in range(len(points) - 1):
        a, b = points[index], points[index + 1]
        if side(begin, end, a) * side(begin, end, b) <= 0 and side(a, b, begin) * side(a, b, end) <= 0:
            return True
    return False
