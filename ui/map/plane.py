"""The plane: which part of a canvas the map shows, how large, and which way up."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...graphs import Point
from ...nodes.gui.units import CanvasBox

Floats = NDArray[np.float64]
SMALLEST, LARGEST = 0.25, 400.0


@dataclass(frozen=True)
class Plane:
    """box: the canvas's edges in value units; size: of the map in pixels; zoom: 1 shows all of the box.

    corner: the pixel at the map's top left, of a sheet on which the box's own top left is (0, 0) and which is ``zoom``
    times the map's size. Axes are scaled each by itself, as in the reference (spec §11.4).
    """

    box: CanvasBox = field(default_factory=CanvasBox)
    size: Point = (600.0, 150.0)
    zoom: float = 1.0
    corner: Point = (0.0, 0.0)

    @property
    def scale(self) -> Floats:
        """Pixels per value unit ``[2]``; negative where an axis is upside down."""
        box, (width, height) = self.box, self.size
        return np.array([width / (box.right - box.left), height / (box.bottom - box.top)]) * self.zoom

    def to_sheet(self, values: ArrayLike) -> Floats:
        """Value units ``[..., 2]`` to pixels of the whole sheet; these do not change while one pans."""
        return (np.asarray(values, np.float64) - (self.box.left, self.box.top)) * self.scale

    def to_screen(self, values: ArrayLike) -> Floats:
        """Value units ``[..., 2]`` to pixels from the map's top left."""
        return self.to_sheet(values) - self.corner

    def to_values(self, pixels: ArrayLike) -> Floats:
        """The exact inverse of ``to_screen``."""
        corner = np.array((self.box.left, self.box.top))
        values: Floats = (np.asarray(pixels, np.float64) + self.corner) / self.scale + corner
        return values

    @property
    def seen(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of what the map shows, in value units."""
        (left, top), (right, bottom) = self.to_values([(0.0, 0.0), self.size])
        return float(left), float(top), float(right), float(bottom)

    def panned(self, by: Point) -> "Plane":
        """What was seen moves by so many pixels, as if the sheet were pulled; some of the box stays in sight."""
        return self._kept((self.corner[0] - by[0], self.corner[1] - by[1]), self.zoom)

    def zoomed(self, factor: float, at: Point) -> "Plane":
        """Larger or smaller, with what is under pixel ``at`` staying there."""
        zoom = min(LARGEST, max(SMALLEST, self.zoom * factor))
        ratio = zoom / self.zoom
        corner = tuple((self.corner[axis] + at[axis]) * ratio - at[axis] for axis in (0, 1))
        return self._kept((corner[0], corner[1]), zoom)

    def resized(self, size: Point) -> "Plane":
        """The same part of the canvas on a map of another size."""
        size = (max(1.0, size[0]), max(1.0, size[1]))
        corner = (self.corner[0] * size[0] / self.size[0], self.corner[1] * size[1] / self.size[1])
        return replace(self, size=size, corner=corner)

    def whole(self) -> "Plane":
        """All of the box."""
        return replace(self, zoom=1.0, corner=(0.0, 0.0))

    def _kept(self, corner: Point, zoom: float) -> "Plane":
        kept = []
        for axis in (0, 1):
            room = self.size[axis]
            kept.append(min(max(corner[axis], -0.9 * room), room * zoom - 0.1 * room))
        return replace(self, zoom=zoom, corner=(kept[0], kept[1]))
