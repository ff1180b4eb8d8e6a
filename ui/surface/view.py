"""The view: which part of a surface is seen, and how large."""

from dataclasses import dataclass, replace

from ...graphs import Point
from .shapes import Box

# Scales of a patch; a map has its own.
SMALLEST, LARGEST = 0.05, 4.0
MARGIN = 40.0


@dataclass(frozen=True, slots=True)
class View:
    """corner: the canvas point at the window's top left corner. scale: pixels per canvas unit."""

    corner: Point = (0.0, 0.0)
    scale: float = 1.0

    def to_screen(self, place: Point) -> Point:
        """Where a canvas point is seen, in pixels."""
        return (place[0] - self.corner[0]) * self.scale, (place[1] - self.corner[1]) * self.scale

    def to_canvas(self, place: Point) -> Point:
        """Which canvas point is seen at a pixel."""
        return place[0] / self.scale + self.corner[0], place[1] / self.scale + self.corner[1]

    def seen(self, size: Point) -> Box:
        """The part of the canvas that a window of a size in pixels shows."""
        x, y = self.corner
        return Box(x, y, x + size[0] / self.scale, y + size[1] / self.scale)

    def panned(self, by: Point) -> "View":
        """What was seen moves by so many pixels, as if the canvas were pulled."""
        x, y = self.corner
        return replace(self, corner=(x - by[0] / self.scale, y - by[1] / self.scale))

    def zoomed(self, factor: float, at: Point, limits: tuple[float, float] = (SMALLEST, LARGEST)) -> "View":
        """Larger or smaller, with the canvas point under pixel ``at`` staying there. limits: of the scale."""
        scale = min(limits[1], max(limits[0], self.scale * factor))
        x, y = self.to_canvas(at)
        return View((x - at[0] / scale, y - at[1] / scale), scale)

    def fitted(self, box: Box, size: Point, largest: float = 1.0, smallest: float = SMALLEST) -> "View":
        """All of a box in the middle of a window, with a margin, at most at scale ``largest``.

        What is too large for ``smallest`` is seen from its top left corner on.
        """
        room = max(size[0] - 2 * MARGIN, 1.0), max(size[1] - 2 * MARGIN, 1.0)
        scale = min(largest, room[0] / max(box.width, 1e-6), room[1] / max(box.height, 1e-6))
        scale = min(LARGEST, max(smallest, scale))
        x, y = box.middle
        corner = x - size[0] / 2 / scale, y - size[1] / 2 / scale
        edge = MARGIN / scale
        if box.width * scale > room[0] + 1:
            corner = box.x0 - edge, corner[1]
        if box.height * scale > room[1] + 1:
            corner = corner[0], box.y0 - edge
        return View(corner, scale)
