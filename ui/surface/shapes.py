"""What there is to paint, as plain data: pieces of shapes that a painter keeps as long as they stay equal.

All lengths are in canvas units; the painter applies the view. A piece is painted as a whole and moved as a whole, so
that panning, zooming and dragging cost no new shapes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from ...graphs import Point

Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue, opacity, 0 … 255."""


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, ``x0 <= x1`` and ``y0 <= y1``; y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """How high it is."""
        return self.y1 - self.y0

    @property
    def middle(self) -> Point:
        """Its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def holds(self, point: Point) -> bool:
        """Whether a point lies in it, its edges included."""
        return self.x0 <= point[0] <= self.x1 and self.y0 <= point[1] <= self.y1

    def meets(self, other: "Box") -> bool:
        """Whether the two have a point in common."""
        return self.x0 <= other.x1 and other.x0 <= self.x1 and self.y0 <= other.y1 and other.y0 <= self.y1

    def grown(self, by: float) -> "Box":
        """The same with a margin all around."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def moved(self, by: Point) -> "Box":
        """The same elsewhere."""
        return Box(self.x0 + by[0], self.y0 + by[1], self.x1 + by[0], self.y1 + by[1])

    def joined(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle. thickness, rounding: canvas units; a line is at least one pixel thick."""

    box: Box
    fill: Colour | None = None
    line: Colour | None = None
    thickness: float = 1.0
    rounding: float = 0.0


class Path(Sequence[Point]):
    """Many points as one array ``[n, 2]``: made in no time, and nothing that Python has to count through."""

    __slots__ = ("array",)

    def __init__(self, array: NDArray[np.floating[Any]]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> "Path": ...
    def __getitem__(self, index: int | slice) -> "Point | Path":
        if isinstance(index, slice):
            return Path(self.array[index])
        x, y = self.array[index].tolist()
        return x, y

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Path) and np.array_equal(self.array, other.array)

    def __hash__(self) -> int:
        return hash(self.array.tobytes())

    def listed(self) -> list[list[float]]:
        """The points as lists, as painters take them."""
        found: list[list[float]] = self.array.tolist()
        return found


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[Point, ...] | Path
    colour: Colour
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A cubic Bézier curve: two ends and the two points that pull it."""

    begin: Point
    pull: Point
    push: Point
    end: Point
    colour: Colour
    thickness: float = 2.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    centre: Point
    radius: float
    fill: Colour | None = None
    line: Colour | None = None
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape of three corners or more."""

    points: tuple[Point, ...]
    fill: Colour | None = None
    line: Colour | None = None
    thickness: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text from its top left corner. size: canvas units; face: one of the fonts that are shipped."""

    place: Point
    text: str
    size: float
    colour: Colour
    face: str = "text"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that the window holds under a name; a grey panel while it holds none.

    inside: left, top, right, bottom of the part that is shown, of the whole 0 … 1.
    """

    box: Box
    name: str
    inside: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


Shape: TypeAlias = Rectangle | Stroke | Curve | Disc | Polygon | Label | Image


@dataclass(frozen=True, slots=True)
class ShapeGroup:
    """Shapes that belong together, around their own origin ``place``. extent: around all of it, from the origin.

    layer: pieces of a higher one lie above; of one layer, those that come later in the picture.
    """

    place: Point
    shapes: tuple[Shape, ...]
    extent: Box
    layer: int = 0


Picture: TypeAlias = dict[str, ShapeGroup]
"""Pieces by a name of their own ("node osc-1", "cord a.out>b.in", "overlay"), in the order of painting per layer."""


def bezier_points(begin: Point, pull: Point, push: Point, end: Point, steps: int) -> tuple[Point, ...]:
    """Points of a cubic Bézier curve, both ends included."""
    found = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        found.append(
            (
                a * begin[0] + b * pull[0] + c * push[0] + d * end[0],
                a * begin[1] + b * pull[1] + c * push[1] + d * end[1],
            )
        )
    return tuple(found)
