"""Lines on a terrain: their colours, where they lie on a picture, and a small picture with them on it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs import Point
from ...nodes.terrain.colours import TerrainColours
from ...nodes.terrain.network import TerrainError
from ...nodes.terrain.plot import plot
from ..surface.brush import Brush
from .colour import Pixels, alike

Rgb = tuple[int, int, int]
BACKGROUND: Rgb = (11, 13, 18)
WALK: Rgb = (255, 246, 214)
LINES: tuple[Rgb, ...] = (
    (84, 200, 245),
    (255, 138, 101),
    (174, 230, 92),
    (255, 120, 190),
    (190, 160, 255),
    (255, 209, 84),
    (84, 232, 196),
    (255, 96, 110),
    (138, 176, 255),
    (240, 240, 244),
)
EMPTY: Mapping[int, NDArray[Any]] = {}
# Of further lines, as ``line_colour`` has it.
# The last was found by trying: so the first forty differ most.
LIGHTNESSES, CHROMA, GOLDEN_DEGREES, TURNED_DEGREES = (0.86, 0.66, 0.76), 0.17, 137.507764, 60.0
# Lines are drawn so many times too large and sampled down.
FINE = 3
# So much darkness is around the lines of a small picture.
RIM = 1.4


@cache
def line_colour(number: int) -> Rgb:
    """The colour of a line, by its number from 0: ten chosen ones, then hues a golden angle apart.

    Hue and lightness are OKLCH's, in which equal steps look equal; three lightnesses take turns, each with hues of its
    own, so that the few dozen lines of a map are told apart. Source: Ottosson, "A perceptual color space for image
    processing", 2020.
    """
    if number < len(LINES):
        return LINES[number]
    turn, which = divmod(number - len(LINES), len(LIGHTNESSES))
    lightness, hue = LIGHTNESSES[which], np.deg2rad(GOLDEN_DEGREES * turn + TURNED_DEGREES * (which + 1))
    paler = (_linear_rgb(lightness, one * np.cos(hue), one * np.sin(hue)) for one in np.linspace(CHROMA, 0.0, 40))
    rgb = next(one for one in paler if (one >= 0).all() and (one <= 1).all())  # the strongest that a screen can show
    shown = np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * np.maximum(rgb, 0) ** (1 / 2.4) - 0.055)
    red, green, blue = (int(one) for one in np.rint(np.clip(shown, 0, 1) * 255))
    return red, green, blue


def _linear_rgb(lightness: float, a: float, b: float) -> NDArray[np.float64]:
    """A colour of OKLab as linear red, green and blue of sRGB, beyond 0 … 1 where no screen shows it."""
    cones = np.array(
        [(1, 0.3963377774, 0.2158037573), (1, -0.1055613458, -0.0638541728), (1, -0.0894841775, -1.291485548)]
    )
    mixed = np.array(
        [
            (4.0767416621, -3.3077115913, 0.2309699292),
            (-1.2684380046, 2.6097574011, -0.3413193965),
            (-0.0041960863, -0.7034186147, 1.707614701),
        ]
    )
    rgb: NDArray[np.float64] = mixed @ (cones @ (lightness, a, b)) ** 3
    return rgb


def on_picture(places: NDArray[Any], box: Sequence[float], size: tuple[int, int]) -> list[Point]:
    """Where places ``[n, 2]`` lie on a picture of a box (left, top, right, bottom), in pixels.

    What is no number is left out; what is farther off than the picture is large is brought that near. Raises
    TerrainError.
    """
    array = np.asarray(places, np.float64)
    if array.ndim != 2 or array.shape[1] != 2:
        raise TerrainError(f"a line or walk has shape {array.shape}; pictures show [points, 2]")
    array = array[np.isfinite(array).all(axis=1)]
    left, top, right, bottom = box
    shares = (array - (left, top)) / (right - left, bottom - top)
    return [(float(x), float(y)) for x, y in np.clip(shares, -1, 2) * size]


def small_picture(
    weights: Mapping[str, Any],
    colours: TerrainColours | None,
    box: tuple[float, ...],
    size: tuple[int, int],
    lines: Mapping[int, NDArray[Any]] = EMPTY,
    walks: Sequence[NDArray[Any]] = (),
) -> Pixels:
    """A terrain with lines on it, RGBA ``[rows, columns, 4]``; places that sound alike look alike.

    weights, colours: of a terrain that has learned, or none. box: left, top, right, bottom of the map, which lies in
    the middle as large as its shape allows; size: columns and rows. lines: those to learn from by number, walks: those
    to play, each ``[points, 2]`` in the box's units. Raises TerrainError.
    """
    check_box(box)
    fitting = fitted(box, size)
    pixels = np.full((fitting[1], fitting[0], 3), BACKGROUND, np.uint8)
    if colours is not None:
        pixels = alike(plot(weights, (box[0], box[1], box[2], box[3]), fitting), colours)
    if lines or walks:
        pixels = _with_lines(pixels, box, lines, walks)
    picture = np.full((size[1], size[0], 4), (*BACKGROUND, 255), np.uint8)
    left, top = ((whole - part) // 2 for whole, part in zip(size, fitting, strict=True))
    picture[top : top + fitting[1], left : left + fitting[0], :3] = pixels
    return picture


def fitted(box: Sequence[float], most: tuple[int, int]) -> tuple[int, int]:
    """The columns and rows of the largest picture of a box (left, top, right, bottom) that is not distorted.

    most: columns and rows that there is room for. A side is an eighth of it at least, so that a flat map is seen.
    """
    wide, high = abs(box[2] - box[0]), abs(box[3] - box[1])
    scale = min(most[0] / wide, most[1] / high)
    columns, rows = (
        int(np.clip(round(side * scale), -(-room // 8), room)) for side, room in zip((wide, high), most, strict=True)
    )
    return columns, rows


def check_box(box: tuple[float, ...]) -> None:
    """Raises TerrainError where a picture can't have these edges: four finite numbers, opposite ones apart."""
    if len(box) != 4 or not np.isfinite(box).all() or box[0] == box[2] or box[1] == box[3]:
        raise TerrainError(f"invalid map box {box}; give left, top, right, bottom with opposite edges apart")


def _with_lines(
    colours: Pixels, box: Sequence[float], lines: Mapping[int, NDArray[Any]], walks: Sequence[NDArray[Any]]
) -> Pixels:
    from PIL import Image, ImageDraw

    rows, columns = colours.shape[:2]
    ground = Image.fromarray(colours).resize((columns * FINE, rows * FINE))
    brush = Brush(ImageDraw.Draw(ground), FINE)
    strokes = [(points, WALK, 0.7) for points in walks]
    strokes += [(points, line_colour(number), 1.6) for number, points in sorted(lines.items())]
    shown = [
        (on_picture(points, box, (columns, rows)), colour, width)
        for points, colour, width in strokes
        if points.ndim == 2 and points.shape[1] == 2  # none of more axes than the picture
    ]
    for places, colour, width in [*((places, BACKGROUND, width + RIM) for places, _, width in shown), *shown]:
        brush.line(places, width, colour)
        for begin in places[:1]:  # a line of one point is a larger dot
            brush.disc(begin, width if len(places) > 1 else 1.8 * width, colour)
    return np.asarray(ground.resize((columns, rows), Image.Resampling.LANCZOS), np.uint8)
