"""Pictures to keep: the terrain alone, with all that is drawn on it, or as lines that other programs can edit (SVG)."""

import base64
import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ...nodes.gui.curves import BezierCurve
from ...nodes.gui.drawing import Drawing, Played, line_of
from ...nodes.gui.units import MapBox
from ...nodes.terrain.colours import TerrainColours
from ...nodes.terrain.network import Weights
from ..surface.brush import Brush
from ..surface.labels import placed
from .colour import Pixels
from .facets import Facet
from .layers import terrain_picture
from .lines import BACKGROUND, fitted, line_colour

# The longer side of a picture, in pixels.
SIDE = 1600
PLAY = (240, 173, 100)
DOT, PAD_RADIUS, BADGE = 6.0, 12.0, 9.0
# Letters of a name, and so many of them at most.
NAME, LONGEST = 15, 28


def terrain_png(weights: Weights, colours: TerrainColours | None, box: MapBox, facet: Facet, side: int = SIDE) -> bytes:
    """The terrain alone as a PNG, one pixel per place. side: of the longer one, in pixels."""
    from PIL import Image

    return _png(Image.fromarray(_ground(weights, colours, box, facet, _size(box, side))))


def drawn_png(
    weights: Weights,
    colours: TerrainColours | None,
    drawing: Drawing,
    box: MapBox,
    facet: Facet,
    names: Sequence[str] = (),
    side: int = SIDE,
) -> bytes:
    """The terrain with its lines, their numbers, names where there is room, what is played, and the pads, as a PNG.

    names: by sound.
    """
    from PIL import Image, ImageDraw, ImageFont

    size = _size(box, side)
    ground = Image.fromarray(_ground(weights, colours, box, facet, size))
    draw = ImageDraw.Draw(ground)
    brush = Brush(draw)
    for path in drawing.play.values():
        brush.line(_pixels(path, box, size), 2, PLAY)
    lines = {number: _pixels(path, box, size) for number, path in sorted(drawing.lines.items())}
    for number, places in lines.items():
        brush.line(places, 6, (0, 0, 0))
        brush.line(places, 3, line_colour(number))
    for number, places in lines.items():
        brush.disc(places[0], BADGE, line_colour(number), (0, 0, 0))
        draw.text(places[0], str(number + 1), fill=(0, 0, 0), anchor="mm", font_size=12)
    words = [_short(names[number]) if number < len(names) else "" for number in lines]
    sizes = [
        (draw.textlength(name, font=ImageFont.load_default(NAME)) + 4, NAME + 4.0) if name else (0, 0) for name in words
    ]
    busy = [place for places in lines.values() for place in places]
    areas = placed([places[0] for places in lines.values()], sizes, BADGE, (0, 0, *size), busy)
    for name, area in zip(words, areas, strict=True):
        if area is not None:
            place = (area[0] + 2, (area[1] + area[3]) / 2)
            draw.text(place, name, (255, 255, 255), anchor="lm", font_size=NAME, stroke_width=2, stroke_fill=(0, 0, 0))
    for pad, place in drawing.pads.items():
        x, y = (float(one) for one in box.to_pixels(place, *size))
        brush.disc((x, y), PAD_RADIUS, None, (255, 255, 255), 2)
        draw.text((x, y), str(pad), fill=(255, 255, 255), anchor="mm", font_size=14)
    return _png(ground)


def drawn_svg(
    weights: Weights,
    colours: TerrainColours | None,
    drawing: Drawing,
    box: MapBox,
    facet: Facet,
    names: Sequence[str] = (),
    side: int = SIDE,
) -> str:
    """The same as an SVG: the terrain as an embedded picture, lines as paths (curves as curves) with their names."""
    wide, high = size = _size(box, side)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">',
        f"<desc>canvas {box.left:g} {box.top:g} {box.right:g} {box.bottom:g}</desc>",
    ]
    if weights:
        data = base64.b64encode(terrain_png(weights, colours, box, facet, side)).decode()
        parts.append(f'<image width="{wide}" height="{high}" href="data:image/png;base64,{data}"/>')
    else:
        parts.append(f'<rect width="{wide}" height="{high}" fill="{_hex(BACKGROUND)}"/>')
    parts.append('<g id="play" fill="none" stroke-width="2">')
    parts += [_path(f"play {number + 1}", path, box, size, PLAY) for number, path in sorted(drawing.play.items())]
    parts.append('</g><g id="learn" fill="none" stroke-width="3" stroke-linecap="round">')
    for number, path in sorted(drawing.lines.items()):
        name = names[number] if number < len(names) else f"line {number + 1}"
        parts.append(_path(name, path, box, size, line_colour(number)))
    parts.append('</g><g id="pads" fill="none" stroke="#ffffff" font-family="sans-serif" font-size="14">')
    for pad, place in sorted(drawing.pads.items()):
        x, y = box.to_pixels(place, *size)
        parts.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{PAD_RADIUS}"><title>pad {pad}</title></circle>')
    parts.append("</g></svg>")
    return "\n".join(parts) + "\n"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _size(box: MapBox, side: int) -> tuple[int, int]:
    return fitted((box.left, box.top, box.right, box.bottom), (side, side))


def _ground(
    weights: Weights, colours: TerrainColours | None, box: MapBox, facet: Facet, size: tuple[int, int]
) -> Pixels:
    if colours is None:
        return np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
    view = (box.left, box.top, box.right, box.bottom)
    return terrain_picture(dict(weights), colours, view, size, facet, sides=box.size)[0][..., :3]


def _pixels(path: Played, box: MapBox, size: tuple[int, int]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in box.to_pixels(line_of(path).corners[:, :2], *size)]


def _path(name: str, path: Played, box: MapBox, size: tuple[int, int], colour: tuple[int, int, int]) -> str:
    if isinstance(path, BezierCurve):
        (x0, y0), *rest = box.to_pixels(path.controls, *size).tolist()
        words = f"M {x0:.3f} {y0:.3f} C " + " ".join(f"{x:.3f} {y:.3f}" for x, y in rest)
    else:
        places = _pixels(path, box, size)
        words = "M " + " L ".join(f"{x:.3f} {y:.3f}" for x, y in places)
        if len(places) == 1:
            words += " h 0.01"  # a dot
    return f'<path d={quoteattr(words)} stroke="{_hex(colour)}"><title>{escape(name)}</title></path>'


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _png(image: Any) -> bytes:
    held = io.BytesIO()
    image.save(held, "PNG")
    return held.getvalue()
