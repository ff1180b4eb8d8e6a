"""A picture of a patch without a window: for previews, documentation and tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...graphs import Point
from ..surface.look import Look
from ..surface.shapes import Box, Curve, Disc, Image, Label, Picture, Polygon, Rectangle, Shape, Stroke
from ..surface.view import View
from .routes import along

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from PIL import Image as Pillow
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import BaseImageFont

FONTS = Path(__file__).parent.parent / "editor" / "window" / "fonts"
SHARPER = 2
"""Drawn so many times larger, then made small, for smooth edges."""


def sketched(
    picture: Picture, view: View, size: tuple[int, int], look: Look, images: Mapping[str, Pillow.Image] | None = None
) -> Pillow.Image:
    """A picture as an image of a size in pixels, through a view."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    big = Pillow.new("RGBA", (size[0] * SHARPER, size[1] * SHARPER), look.ground)
    for piece in sorted(picture.values(), key=lambda one: one.layer):
        layer = Pillow.new("RGBA", big.size, (0, 0, 0, 0))
        pen = _Pen(ImageDraw.Draw(layer), View(view.corner, view.scale), piece.place, layer, images or {})
        for shape in piece.shapes:
            pen.draw(shape)
        big.alpha_composite(layer)
    return big.convert("RGB").resize(size, Pillow.Resampling.LANCZOS)


class _Pen:
    def __init__(
        self, draw: ImageDraw, view: View, origin: Point, layer: Pillow.Image, images: Mapping[str, Pillow.Image]
    ) -> None:
        self._draw, self._view, self._origin, self._layer, self._images = draw, view, origin, layer, images
        self._scale = view.scale * SHARPER

    def draw(self, shape: Shape) -> None:
        """Draw one shape."""
        match shape:
            case Rectangle(box, fill, line, thickness, rounding):
                self._draw.rounded_rectangle(
                    self._box(box), rounding * self._scale, fill, line, max(1, round(thickness * self._scale))
                )
            case Stroke(points, colour, thickness):
                self._line(points, colour, thickness)
            case Curve(begin, pull, push, end, colour, thickness):
                self._line(along(begin, pull, push, end, 40), colour, thickness)
            case Disc(centre, radius, fill, line, thickness):
                x, y = self._at(centre)
                far = radius * self._scale
                self._draw.ellipse(
                    (x - far, y - far, x + far, y + far), fill, line, max(1, round(thickness * self._scale))
                )
            case Polygon(points, fill, line, _):
                self._draw.polygon([self._at(one) for one in points], fill, line)
            case Label(place, text, size, colour, face):
                self._draw.text(self._at(place), text, colour, _font(face, size * self._scale))
            case Image(box, name):
                x0, y0, x1, y1 = (round(edge) for edge in self._box(box))
                image = self._images.get(name)
                if image is not None and x1 > x0 and y1 > y0:
                    self._layer.paste(image.convert("RGBA").resize((x1 - x0, y1 - y0)), (x0, y0))

    def _line(self, points: Iterable[Point], colour: tuple[int, int, int, int], thickness: float) -> None:
        self._draw.line([self._at(one) for one in points], colour, max(1, round(thickness * self._scale)), "curve")

    def _at(self, place: Point) -> Point:
        x, y = self._view.to_screen((place[0] + self._origin[0], place[1] + self._origin[1]))
        return x * SHARPER, y * SHARPER

    def _box(self, box: Box) -> tuple[float, float, float, float]:
        return (*self._at((box.x0, box.y0)), *self._at((box.x1, box.y1)))


def _font(face: str, size: float) -> BaseImageFont:
    from PIL import ImageFont

    name = "Inter-SemiBold.otf" if face == "title" else "Inter-Regular.otf"
    path = next((one for one in (FONTS / name, FONTS / name.replace(".otf", ".ttf")) if one.exists()), None)
    return ImageFont.truetype(str(path), max(1.0, size)) if path else ImageFont.load_default(max(1.0, size))
