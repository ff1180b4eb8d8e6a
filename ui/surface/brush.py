"""Lines and discs on a Pillow image: what every picture in a file or a thumbnail is drawn with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...graphs import Point

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL.ImageDraw import ImageDraw

# Red, green, blue, and opacity where the image has it.
Ink = tuple[int, ...]


class Brush:
    """Places are those of the picture. scale: so many pixels of the image are one unit of it; a picture that is drawn
    larger and sampled down has smooth edges. corner: the place at the image's top left.
    """

    def __init__(self, draw: ImageDraw, scale: float = 1.0, corner: Point = (0.0, 0.0)) -> None:
        self.draw, self.scale, self.corner = draw, scale, corner

    def line(self, points: Iterable[Point], width: float, ink: Ink) -> None:
        """A line through points, round where it bends; nothing where there is only one."""
        places = [self.at(one) for one in points]
        if len(places) > 1:
            self.draw.line(places, ink, self.pixels(width), "curve")

    def disc(self, centre: Point, radius: float, ink: Ink | None, rim: Ink | None = None, width: float = 1.0) -> None:
        """A circle, filled, with a rim, or both."""
        (x, y), far = self.at(centre), radius * self.scale
        self.draw.ellipse((x - far, y - far, x + far, y + far), ink, rim, self.pixels(width))

    def at(self, place: Point) -> Point:
        """Where a place is on the image."""
        return (place[0] - self.corner[0]) * self.scale, (place[1] - self.corner[1]) * self.scale

    def pixels(self, width: float) -> int:
        """A width in pixels of the image, at least one."""
        return max(1, round(width * self.scale))
