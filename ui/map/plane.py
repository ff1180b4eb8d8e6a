"""The plane: which part of a map is in sight, how large, and which way up."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...graphs import Point
from ...nodes.gui.units import MapBox
from ..surface.view import View

Floats = NDArray[np.float64]
SCALES = (0.25, 400.0)


@dataclass(frozen=True)
class Plane:
    """box: the map's edges in value units; size: of what shows it, in pixels, on which the box lies at scale 1.

    shown: the view of these pixels. Axes are scaled each by itself, as in the reference (spec §11.4). The sheet is all
    of the box as large as it is seen, its own top left at (0, 0).
    """

    box: MapBox = field(default_factory=MapBox)
    size: Point = (600.0, 150.0)
    shown: View = field(default_factory=View)

    @property
    def scale(self) -> Floats:
        """Pixels per value unit ``[2]``; negative where an axis is upside down."""
        box, (width, height) = self.box, self.size
        return np.array([width / (box.right - box.left), height / (box.bottom - box.top)]) * self.shown.scale

    @property
    def corner(self) -> Point:
        """The pixel of the sheet at the map's top left."""
        return self.shown.corner[0] * self.shown.scale, self.shown.corner[1] * self.shown.scale

    @property
    def seen(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of what the map shows, in value units."""
        (left, top), (right, bottom) = self.to_values([(0.0, 0.0), self.size])
        return float(left), float(top), float(right), float(bottom)

    def to_sheet(self, values: ArrayLike) -> Floats:
        """Value units ``[..., 2]`` to pixels of the sheet; these do not change while one pans."""
        return (np.asarray(values, np.float64) - (self.box.left, self.box.top)) * self.scale

    def to_screen(self, values: ArrayLike) -> Floats:
        """Value units ``[..., 2]`` to pixels from the map's top left."""
        return self.to_sheet(values) - self.corner

    def to_values(self, pixels: ArrayLike) -> Floats:
        """The exact inverse of ``to_screen``."""
        corner = np.array((self.box.left, self.box.top))
        values: Floats = (np.asarray(pixels, np.float64) + self.corner) / self.scale + corner
        return values

    def panned(self, by: Point) -> "Plane":
        """What was seen moves by so many pixels, as if the sheet were pulled; some of the box stays in sight."""
        return self._kept(self.shown.panned(by))

    def zoomed(self, factor: float, at: Point) -> "Plane":
        """Larger or smaller, with what is under pixel ``at`` staying there."""
        return self._kept(self.shown.zoomed(factor, at, SCALES))

    def resized(self, size: Point) -> "Plane":
        """The same part of the map at another size."""
        size = (max(1.0, size[0]), max(1.0, size[1]))
        x, y = self.shown.corner
        corner = (x * size[0] / self.size[0], y * size[1] / self.size[1])
        return replace(self, size=size, shown=replace(self.shown, corner=corner))

    def whole(self) -> "Plane":
        """All of the box."""
        return replace(self, shown=View())

    def _kept(self, shown: View) -> "Plane":
        """Not farther away than that a tenth of the map shows a part of the box."""
        (x, y), (wide, high), scale = shown.corner, self.size, shown.scale
        x = min(max(x, -0.9 * wide / scale), wide - 0.1 * wide / scale)
        y = min(max(y, -0.9 * high / scale), high - 0.1 * high / scale)
        return replace(self, shown=View((x, y), scale))
