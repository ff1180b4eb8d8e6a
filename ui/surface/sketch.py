"""A picture without a window: for previews, documentation and tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...graphs import Point
from .brush import Brush
from .look import Look
from .shapes import Box, Curve, Disc, Image, Label, Picture, Polygon, Rectangle, Shape, Stroke, bezier_points
from .view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image as Pillow
    from PIL.ImageFont import BaseImageFont

FONTS = Path(__file__).parent.parent / "editor" / "window" / "fonts"
# Drawn so many times larger, then made small, for smooth edges.
SHARPER = 2


def sketched(
    picture: Picture, view: View, size: tuple[int, int], look: Look, images: Mapping[str, Pillow.Image] | None = None
) -> Pillow.Image:
    """A picture as an image of a size in pixels, through a view."""
    from PIL import Image as Pillow

    big = Pillow.new("RGBA", (size[0] * SHARPER, size[1] * SHARPER), look.ground)
    for piece in sorted(picture.values(), key=lambda one: one.layer):
        layer = Pillow.new("RGBA", big.size, (0, 0, 0, 0))
        corner = view.corner[0] - piece.place[0], view.corner[1] - piece.place[1]
        brush = _ShapeBrush(layer, view.scale * SHARPER, corner, images or {})
        for shape in piece.shapes:
            brush.shape(shape)
        big.alpha_composite(layer)
    return big.convert("RGB").resize(size, Pillow.Resampling.LANCZOS)


class _ShapeBrush(Brush):
    """Draws shapes. layer: the image; images: what is shown under a name."""

    def __init__(self, layer: Pillow.Image, scale: float, corner: Point, images: Mapping[str, Pillow.Image]) -> None:
        from PIL import ImageDraw

        super().__init__(ImageDraw.Draw(layer), scale, corner)
        self._layer, self._images = layer, images

    def shape(self, shape: Shape) -> None:
        """Draw one shape."""
        match shape:
            case Rectangle(box, fill, line, thickness, rounding):
                self.draw.rounded_rectangle(self._box(box), rounding * self.scale, fill, line, self.pixels(thickness))
            case Stroke(points, colour, thickness):
                self.line(points, thickness, colour)
            case Curve(begin, pull, push, end, colour, thickness):
                self.line(bezier_points(begin, pull, push, end, 40), thickness, colour)
            case Disc(centre, radius, fill, line, thickness):
                self.disc(centre, radius, fill, line, thickness)
            case Polygon(points, fill, line, _):
                self.draw.polygon([self.at(one) for one in points], fill, line)
            case Label(place, text, size, colour, face):
                self.draw.text(self.at(place), text, colour, _font(face, size * self.scale))
            case Image(box, name):
                x0, y0, x1, y1 = (round(edge) for edge in self._box(box))
                image = self._images.get(name)
                if image is not None and x1 > x0 and y1 > y0:
                    self._layer.paste(image.convert("RGBA").resize((x1 - x0, y1 - y0)), (x0, y0))

    def _box(self, box: Box) -> tuple[float, float, float, float]:
        return (*self.at((box.x0, box.y0)), *self.at((box.x1, box.y1)))


def _font(face: str, size: float) -> BaseImageFont:
    from PIL import ImageFont

    name = "Inter-SemiBold.otf" if face == "title" else "Inter-Regular.otf"
    path = next((one for one in (FONTS / name, FONTS / name.replace(".otf", ".ttf")) if one.exists()), None)
    return ImageFont.truetype(str(path), max(1.0, size)) if path else ImageFont.load_default(max(1.0, size))
