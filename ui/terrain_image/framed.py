"""A picture to keep: the terrain in colour, the lines drawn on it, and the walk that was played, glowing.

Vectors are drawn three times too large and sampled down, text at its own size. Looks are fixed here, in one place,
so that pictures of one piece belong together.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from ...graphs import Point
from ...nodes.terrain.network import TerrainError
from ...nodes.terrain.plot import Edges
from ...nodes.terrain.save import save_whole
from ..surface.brush import Brush
from ..surface.labels import placed
from .colour import Pixels, coloured
from .lines import BACKGROUND, FINE, WALK, Rgb, check_box, line_colour, on_picture

MARGIN = 36
# Lines that the legend names at most.
MOST_NAMED = 40
# Of the numbers at the lines' starts.
BADGE = 11
FRAME = (58, 64, 78)
TEXT = (232, 235, 241)
QUIET = (146, 154, 170)
GLOW = (255, 176, 59)


@dataclass(frozen=True, eq=False)
class MapLine:
    """A trajectory to be drawn: ``points [any, 2]`` in coordinate units, ``anchors [any, 2]`` where it bends.

    One without points keeps its number, and is not seen.
    """

    name: str
    points: NDArray[np.floating]
    anchors: NDArray[np.floating] | None = None


@dataclass(frozen=True)
class ColourScale:
    """What the map's colours mean, for the legend: a colour map's name and the values at its two ends."""

    name: str
    low: float
    high: float
    label: str = ""


def compose(
    picture: Pixels,
    box: Edges,
    lines: Sequence[MapLine] = (),
    walk: NDArray[np.floating] | None = None,
    width: int = 1280,
    title: str = "",
    note: str = "",
    scale: ColourScale | None = None,
) -> Image.Image:
    """The map with lines and walk on it, framed, with a legend.

    picture: 8-bit ``[rows, columns, 3]`` as ``colour`` gives it; its edges are ``box`` (left, top, right, bottom).
    walk: places in the order they were walked, ``[any, 2]``. width: of the whole picture in pixels, 240 … 8192.
    title, note: a line above; scale: a colour bar below. Raises TerrainError.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise TerrainError(f"the map has shape {picture.shape}; give [rows, columns, 3] as colour makes it")
    if not 240 <= width <= 8192:
        raise TerrainError(f"the picture is {width} pixels wide; give 240 to 8192")
    check_box(box)
    inner = width - 2 * MARGIN
    height = int(np.clip(inner * picture.shape[0] / picture.shape[1], 120, 2 * inner))
    size = (inner, height)
    paths = [_Path(on_picture(line.points, box, size), _anchors(line, box, size)) for line in lines]
    image = Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.BICUBIC)
    steps = [] if walk is None else on_picture(walk, box, size)
    image = _with_walk(_with_lines(image, paths), steps)
    _labels(image, lines, paths, [*steps, *(point for path in paths for point in path.points)])
    return _framed(image, width, box, lines, title, note, scale)


def save_png(image: Image.Image, path: str | os.PathLike[str]) -> Path:
    """Write a picture as PNG; gives the path, which ends in ``.png``. Replaces a file only when complete."""
    return save_whole(path, ".png", lambda file: image.save(file, "PNG"))


@dataclass(frozen=True)
class _Path:
    points: list[Point]
    anchors: list[Point]


def _anchors(line: MapLine, box: Edges, size: tuple[int, int]) -> list[Point]:
    if not len(line.points):
        return []
    ends = line.points[[0, -1]]
    return on_picture(ends if line.anchors is None else line.anchors, box, size)


def _with_lines(image: Image.Image, paths: Sequence[_Path]) -> Image.Image:
    layer = Image.new("RGBA", (image.width * FINE, image.height * FINE), (0, 0, 0, 0))
    brush = Brush(ImageDraw.Draw(layer), FINE)
    for path in paths:
        _stroke(brush, path.points, 6.5, (*BACKGROUND, 170))
    for number, path in enumerate(paths):
        colour = line_colour(number)
        _stroke(brush, path.points, 2.6, (*colour, 255))
        for anchor in path.anchors[1:-1]:
            _disc(brush, anchor, 3.6, (*colour, 255), (*BACKGROUND, 255))
        for anchor in path.anchors[-1:]:
            _disc(brush, anchor, 4.6, (*BACKGROUND, 255), (*colour, 255))
    return _over(image, layer)


def _with_walk(image: Image.Image, points: list[Point]) -> Image.Image:
    if not points:
        return image
    size = (image.width * FINE, image.height * FINE)
    glow = Image.new("RGB", size, 0)
    _stroke(Brush(ImageDraw.Draw(glow), FINE), points, 5.0, GLOW)
    small = glow.resize(image.size, Image.Resampling.BOX)
    halo = small.filter(ImageFilter.GaussianBlur(9))
    near = small.filter(ImageFilter.GaussianBlur(3))
    for light in (halo, halo, near):
        image = ImageChops.screen(image, light)
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    brush = Brush(ImageDraw.Draw(layer), FINE)
    _stroke(brush, points, 2.2, (*WALK, 255))
    _disc(brush, points[0], 6.5, (*BACKGROUND, 255), (*WALK, 255))
    _disc(brush, points[-1], 8.5, (*BACKGROUND, 200), (*GLOW, 255))
    _disc(brush, points[-1], 4.8, (*WALK, 255), (*WALK, 255))
    return _over(image, layer)


def _over(image: Image.Image, layer: Image.Image) -> Image.Image:
    fine = layer.resize(image.size, Image.Resampling.LANCZOS)
    return Image.alpha_composite(image.convert("RGBA"), fine).convert("RGB")


def _stroke(brush: Brush, points: list[Point], width: float, colour: tuple[int, ...]) -> None:
    brush.line(points, width, colour)
    for end in (*points[:1], *points[-1:]):
        _disc(brush, end, width / 2, colour, colour)


def _disc(brush: Brush, centre: Point, radius: float, fill: tuple[int, ...], rim: tuple[int, ...]) -> None:
    brush.disc(centre, radius, fill, rim, 1.6)


def _labels(image: Image.Image, lines: Sequence[MapLine], paths: Sequence[_Path], busy: list[Point]) -> None:
    """Each line's number at its start, and its name where it hides least of what is drawn, if there is room."""
    named = [number for number, path in enumerate(paths) if path.anchors]
    badges, draw = _badges(len(paths)), ImageDraw.Draw(image, "RGBA")
    for number in named:
        x, y = paths[number].anchors[0]
        image.paste(badges[number], (round(x) - BADGE, round(y) - BADGE), badges[number])
    names = [_short(lines[number].name, 24) for number in named]
    sizes = [(draw.textlength(name, font=_font(13)) + 12, 20.0) if name else (0.0, 0.0) for name in names]
    room = (2.0, 2.0, image.width - 2.0, image.height - 2.0)
    places = placed([paths[number].anchors[0] for number in named], sizes, BADGE, room, busy)
    for number, name, area in zip(named, names, places, strict=True):
        if area is not None:
            left, top, _, bottom = area
            draw.rounded_rectangle(area, 5, fill=(*BACKGROUND, 205))
            draw.text((left + 6, (top + bottom) / 2), name, font=_font(13), fill=line_colour(number), anchor="lm")


def _badges(count: int) -> list[Image.Image]:
    badges = []
    for number in range(count):
        badge = _dot(23, line_colour(number))
        draw = ImageDraw.Draw(badge)
        draw.text((11.5, 11.5), str(number + 1), font=_font(12), fill=BACKGROUND, anchor="mm")
        badges.append(badge)
    return badges


def _dot(size: int, colour: Rgb) -> Image.Image:
    dot = Image.new("RGBA", (size * FINE, size * FINE), (0, 0, 0, 0))
    _disc(Brush(ImageDraw.Draw(dot), FINE), (size / 2, size / 2), size / 2 - 1.5, (*colour, 255), (*BACKGROUND, 255))
    return dot.resize((size, size), Image.Resampling.LANCZOS)


def _framed(
    image: Image.Image,
    width: int,
    box: Edges,
    lines: Sequence[MapLine],
    title: str,
    note: str,
    scale: ColourScale | None,
) -> Image.Image:
    above = 62 if title or note else MARGIN
    rows = _legend_rows(lines, width - 2 * MARGIN)
    below = 34 + (26 * len(rows) + 6 if rows else 0) + (30 if scale else 0) + 14
    sheet = Image.new("RGB", (width, above + image.height + below), BACKGROUND)
    sheet.paste(image, (MARGIN, above))
    draw = ImageDraw.Draw(sheet)
    right, bottom = MARGIN + image.width, above + image.height
    draw.rectangle((MARGIN - 1, above - 1, right, bottom), outline=FRAME)
    draw.text((MARGIN, 38), _short(title, 60), font=_font(22), fill=TEXT, anchor="ls")
    draw.text((right, 38), _short(note, 80), font=_font(14), fill=QUIET, anchor="rs")
    tick = _font(12)
    for share, place in ((0.0, "la"), (0.5, "ma"), (1.0, "ra")):
        value = f"{box[0] + share * (box[2] - box[0]):g}"
        draw.text((MARGIN + share * image.width, bottom + 8), value, font=tick, fill=QUIET, anchor=place)
    for share, place in ((0.0, "ra"), (0.5, "rm"), (1.0, "rs")):
        value = f"{box[1] + share * (box[3] - box[1]):g}"
        draw.text((MARGIN - 7, above + share * image.height), value, font=tick, fill=QUIET, anchor=place)
    y = bottom + 46
    for row in rows:
        for x, number in row:
            dot = _dot(15, line_colour(number))
            sheet.paste(dot, (MARGIN + x - 1, y - 7), dot)
            words = _legend_words(number, lines[number])
            draw.text((MARGIN + x + 19, y), words, font=_font(13), fill=TEXT, anchor="lm")
        y += 26
    if scale:
        _scale_bar(sheet, scale, y + (4 if rows else 0), right)
    return sheet


def _scale_bar(sheet: Image.Image, scale: ColourScale, y: int, right: int) -> None:
    draw, font, wide = ImageDraw.Draw(sheet), _font(12), 200
    ramp = coloured(np.tile(np.linspace(0, 1, wide, dtype=np.float32), (10, 1)), 0.0, 1.0, scale.name)
    high = f"{scale.high:.3g}"
    start = right - wide - 8 - int(draw.textlength(high, font=font))
    sheet.paste(Image.fromarray(ramp), (start, y - 5))
    draw.rectangle((start - 1, y - 6, start + wide, y + 5), outline=FRAME)
    draw.text(
        (start - 8, y), f"{_short(scale.label, 40)}   {scale.low:.3g}".strip(), font=font, fill=QUIET, anchor="rm"
    )
    draw.text((right, y), high, font=font, fill=QUIET, anchor="rm")


def _legend_rows(lines: Sequence[MapLine], width: int) -> list[list[tuple[int, int]]]:
    rows: list[list[tuple[int, int]]] = []
    x = width
    for number, line in enumerate(lines[:MOST_NAMED]):
        if not len(line.points):
            continue
        wide = 19 + int(_font(13).getlength(_legend_words(number, line))) + 26
        if x + wide > width or not rows:
            rows.append([])
            x = 0
        rows[-1].append((x, number))
        x += wide
    return rows


def _legend_words(number: int, line: MapLine) -> str:
    return f"{number + 1}  {_short(line.name, 32)}".rstrip()


def _short(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
