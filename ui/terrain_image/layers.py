"""Painting a terrain: its latents as colours; over them how fast the sound changes, how far data is, how loud it is."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...nodes.terrain.colours import TerrainColours
from ...nodes.terrain.plot import Cut, plot
from .colour import Pixels, alike, coloured, four_channels, map_names, scaled
from .facets import Facet

Corners = tuple[float, float, float, float]
Floats = NDArray[np.float64]
# Beyond this share of the map's height from all data, the terrain is hatched.
FAR = 0.06
HATCH_PIXELS = 9
LEVELS_DB = (-48.0, -36.0, -24.0, -12.0)


def painted(values: NDArray[np.floating], facet: Facet, colours: TerrainColours) -> tuple[Pixels, str]:
    """Latents ``[channels, rows, columns]`` as colours ``[rows, columns, 3]``, and what the colours mean in words."""
    count = len(values)
    wanted = [min(max(0, one), count - 1) for one in facet.channels] or [0]
    if facet.colour == "alike":
        return alike(values, colours), "similar colours sound similar"
    if facet.colour == "four":
        four = values[(wanted * 4)[:4] if len(wanted) < 4 else wanted[:4]]
        low, high = _range([*colours.ranges[wanted]], facet)
        return four_channels(four, low, high), f"latents {_listed(wanted[:4])}: {low:.2f} … {high:.2f}"
    if facet.colour == "three":
        three = (wanted * 3)[:3] if len(wanted) < 3 else wanted[:3]
        parts = []
        for index in three:
            low, high = _range([colours.ranges[index]], facet)
            parts.append(scaled(values[index], low, high))
        picture = np.rint(np.stack(parts, axis=-1) * 255).astype(np.uint8)
        return picture, f"latents {_listed(three)} as red, green, blue"
    low, high = _range([colours.ranges[wanted[0]]], facet)
    name = facet.palette if facet.palette in map_names() else "grey"
    return coloured(values[wanted[0]], low, high, name), f"latent {wanted[0] + 1}: {low:.2f} … {high:.2f}"


def sensitivity(values: NDArray[np.floating], view: Corners) -> Floats:
    """How far the latents move per unit of the map, ``[rows, columns]``: the gradient's Frobenius norm.

    By central differences on the picture's own points; exact for a terrain that is a plane.
    """
    _, rows, columns = values.shape
    left, top, right, bottom = view
    total = np.zeros((rows, columns))
    for count, span, axis in ((rows, bottom - top, 1), (columns, right - left, 2)):
        if count > 1:
            gradient = np.gradient(values.astype(np.float64), abs(span) / count, axis=axis)
            total += np.sum(gradient**2, axis=0)
    change: Floats = np.sqrt(total)
    return change


def distance(points: NDArray[np.floating], view: Corners, size: tuple[int, int], sides: tuple[float, float]) -> Floats:
    """How far each place is from the nearest of ``points [n, 2]``: ``[rows, columns]``, in shares of the map.

    sides: the map's width and height; both axes count by the smaller of them, so that a circle is round on the map.
    """
    columns, rows = size
    left, top, right, bottom = view
    unit = max(min(sides), 1e-9)
    x = (left + (np.arange(columns) + 0.5) * (right - left) / columns) / unit
    y = (top + (np.arange(rows) + 0.5) * (bottom - top) / rows) / unit
    best = np.full((rows, columns), np.inf)
    for px, py in np.asarray(points, np.float64) / unit:
        np.minimum(best, (x - px)[np.newaxis] ** 2 + (y - py)[:, np.newaxis] ** 2, out=best)
    gap: Floats = np.sqrt(best)
    return gap


def hatched(pixels: Pixels, far: Floats) -> Pixels:
    """A picture with stripes where the terrain has no data near; ``far`` as ``distance`` gives it, any size."""
    rows, columns = pixels.shape[:2]
    gap = _resized(far, rows, columns)
    share = np.clip((gap - FAR) / FAR, 0.0, 1.0)
    stripe = ((np.add.outer(np.arange(rows), np.arange(columns)) % HATCH_PIXELS) < 2) * 0.5 * share
    dark = pixels * (1.0 - 0.45 * share[..., np.newaxis])
    return np.asarray(np.rint(dark + (150 - dark) * stripe[..., np.newaxis] * 0.6), np.uint8)


def lit(pixels: Pixels, change: Floats, colours: TerrainColours) -> Pixels:
    """A picture that is bright where the sound changes fast and dark where it hardly does."""
    share = scaled(change, *map(float, colours.change))[..., np.newaxis]
    return np.asarray(np.rint(pixels * (0.35 + 0.65 * share) + 60.0 * share**2 * (1 - pixels / 255.0)), np.uint8)


def contoured(pixels: Pixels, loud_db: Floats) -> Pixels:
    """A picture with lines of equal loudness, and dark where the terrain is silent."""
    rows, columns = pixels.shape[:2]
    level = _resized(loud_db, rows, columns)
    shade = np.clip((level + 60.0) / 40.0, 0.15, 1.0)[..., np.newaxis]
    made = pixels * shade
    for edge in LEVELS_DB:
        over = level > edge
        border = np.zeros_like(over)
        border[:, 1:] |= over[:, 1:] != over[:, :-1]
        border[1:] |= over[1:] != over[:-1]
        made[border] = 0.4 * made[border] + 0.6 * 255.0
    return np.asarray(np.rint(made), np.uint8)


def terrain_picture(
    weights: dict[str, Any],
    colours: TerrainColours,
    view: Corners,
    size: tuple[int, int],
    facet: Facet,
    points: Sequence[NDArray[np.floating]] = (),
    sides: tuple[float, float] = (32.0, 8.0),
    loudness: Callable[[NDArray[np.floating]], Floats] | None = None,
) -> tuple[Pixels, str]:
    """A terrain with its layers, RGBA ``[rows, columns, 4]``, and its legend. loudness: dB of latents ``[n, D]``."""
    cut = Cut(facet.axes, facet.cut) if facet.cut else None
    values = plot(weights, view, size, cut=cut)
    pixels, legend = painted(values, facet, colours)
    if "sensitivity" in facet.layers:
        change = sensitivity(values, view)
        pixels = lit(pixels, change, colours)
        legend += f"; change per unit {float(np.median(change)):.2f}, at most {float(change.max()):.2f}"
    if "loudness" in facet.layers and loudness is not None:
        step = max(1, size[0] // 24), max(1, size[1] // 12)
        some = values[:, step[1] // 2 :: step[1], step[0] // 2 :: step[0]]
        level = loudness(some.reshape(len(values), -1).T).reshape(some.shape[1:])
        pixels = contoured(pixels, level)
        legend += f"; loudness {float(level.min()):.0f} … {float(level.max()):.0f} dB"
    if "density" in facet.layers and len(points):
        every = np.concatenate([np.asarray(one, np.float64) for one in points])
        coarse = max(2, size[0] // 6), max(2, size[1] // 6)
        pixels = hatched(pixels, distance(every, view, coarse, sides))
        legend += "; hatched: far from all data"
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)]), legend


def _range(ranges: Sequence[NDArray[np.floating]], facet: Facet) -> tuple[float, float]:
    """The range of several latents at once, or what is fixed of it."""
    low, high = (float(edge) for edge in (np.min(ranges), np.max(ranges)))
    low, high = low if facet.low is None else facet.low, high if facet.high is None else facet.high
    return (low, high) if low != high else (low - 0.5, high + 0.5)


def _resized(values: Floats, rows: int, columns: int) -> Floats:
    """Linear between the middles of coarse cells."""
    have_rows, have_columns = values.shape
    y = np.clip((np.arange(rows) + 0.5) * have_rows / rows - 0.5, 0, have_rows - 1)
    x = np.clip((np.arange(columns) + 0.5) * have_columns / columns - 0.5, 0, have_columns - 1)
    y0, x0 = y.astype(int), x.astype(int)
    y1, x1 = np.minimum(y0 + 1, have_rows - 1), np.minimum(x0 + 1, have_columns - 1)
    fy, fx = (y - y0)[:, np.newaxis], (x - x0)[np.newaxis]
    upper = values[y0][:, x0] * (1 - fx) + values[y0][:, x1] * fx
    lower = values[y1][:, x0] * (1 - fx) + values[y1][:, x1] * fx
    found: Floats = upper * (1 - fy) + lower * fy
    return found


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(str(one + 1) for one in numbers)
