"""Placing the lines of many sounds by itself: in rows, scattered like grass, or alike beside alike."""

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .cells import Cell, cut_cells, spread_out
from .lines import Line
from .sampling import flatten_bezier, simplify
from .units import Box, CanvasError, Floats

Style = Literal["rows", "scatter", "map"]
Growth = Literal["count", "sqrt"]
STYLES: tuple[Style, ...] = get_args(Style)
MAX_LINES = 500
ROWS_PER_COLUMN = 24
SHORTEST_SHARE = 0.08
"""No line is shorter than this part of the longest, so that every one can be seen and caught."""


def lay_out(
    style: Style,
    counts: Sequence[int],
    box: Box,
    *,
    means: ArrayLike | None = None,
    seed: int = 0,
    clearance: float | None = None,
    growth: Growth = "sqrt",
) -> list[Line]:
    """One line per sound inside a box, in order; no two come closer than the clearance (value units).

    counts: latent frames of each sound; longer sounds get longer lines, in proportion to the count or its
    square root (``growth``), the shortest at least 0.08 of the longest. means: ``[N, D]``, the average
    latent of each sound, for style ``map``. clearance: None takes what suits the number of lines. The same
    seed gives the same lines. Raises CanvasError, also when so many lines with so much clearance do not
    fit. Source: the author's offline layout tool (spec 18).
    """
    if style not in STYLES:
        raise CanvasError(f"layout: there is no style '{style}'; choose one of {', '.join(STYLES)}")
    if len(counts) > MAX_LINES:
        raise CanvasError(f"layout: {len(counts)} lines are too many at once; place up to {MAX_LINES}")
    if any(count < 1 for count in counts):
        raise CanvasError("layout: a sound has no latent frames; leave it out")
    if clearance is not None and not 0 <= clearance < math.inf:
        raise CanvasError(f"layout: a clearance of {clearance} is not possible; give 0 or more")
    if not len(counts):
        return []
    sizes = np.asarray(counts, np.float64) ** (1.0 if growth == "count" else 0.5)
    sizes = np.maximum(sizes / sizes.max(), SHORTEST_SHARE)
    random = np.random.default_rng(seed)
    if style == "rows":
        lines, gap = _rows(sizes, box, random, clearance)
    elif style == "scatter":
        lines, gap = _in_cells(_scattered(len(sizes), box, random), sizes, box, random, clearance)
    elif means is None:
        raise CanvasError("layout: a map needs the average latents of the sounds; encode them first")
    else:
        lines, gap = _in_cells(_alike(means, len(sizes), box, random), sizes, box, random, clearance)
    if len(lines) > 1 and clearance_between(lines) < gap:
        raise _crowded(len(lines), gap)
    return lines


def clearance_between(lines: Sequence[Line]) -> float:
    """The smallest distance between any two of the lines (2-D, value units); 0 where they touch or cross."""
    starts = [line.corners[:-1] if len(line.corners) > 1 else line.corners for line in lines]
    ends = [line.corners[1:] if len(line.corners) > 1 else line.corners for line in lines]
    nearest = math.inf
    for index in range(len(lines) - 1):
        others = np.concatenate(starts[index + 1 :]), np.concatenate(ends[index + 1 :])
        for start, end in zip(starts[index], ends[index], strict=True):
            nearest = min(nearest, _segment_gap(start, end, *others))
    return nearest


def _rows(sizes: Floats, box: Box, random: np.random.Generator, clearance: float | None) -> tuple[list[Line], float]:
    """Stacked lines that share one gentle bend and differ by a little each."""
    width, height = box.size
    columns = math.ceil(len(sizes) / ROWS_PER_COLUMN)
    rows = math.ceil(len(sizes) / columns)
    bend = min(0.08 * height, 0.05 * width) * random.uniform(0.6, 1.0)
    pitch = (height - 2 * bend) / rows
    gap = min(0.4 * pitch, 0.04 * width / columns) if clearance is None else clearance
    column_width = width / columns - max(gap, 0.04 * width / columns)
    if column_width <= 0 or gap > pitch:
        raise _crowded(len(sizes), gap)
    phase = random.uniform(0, 2 * math.pi)
    own = 0.12 * max(pitch - gap, 0.0)
    lines = []
    for index, size in enumerate(sizes):
        column, row = divmod(index, rows)
        slack = column_width * (1 - size)
        left = (column + 0.5) * width / columns - column_width / 2 + slack * random.uniform(0, 0.3)
        x = left + np.linspace(0, column_width * size, 49)
        wave = bend * np.sin(2 * math.pi * 0.6 * x / width + phase)
        own_turns, own_phase = random.uniform(0.3, 0.9), random.uniform(0, 2 * math.pi)
        ripple = own * np.sin(2 * math.pi * own_turns * (x - left) / column_width + own_phase)
        y = bend + (row + 0.5) * pitch + wave + ripple
        points = np.stack((box.across[0] + x, box.down[0] + y), axis=1)
        lines.append(Line(simplify(points, 0.004 * pitch)))
    return lines, gap


def _in_cells(
    starts: Floats, sizes: Floats, box: Box, random: np.random.Generator, clearance: float | None
) -> tuple[list[Line], float]:
    """One curve inside every cell of the divided box; walls half a clearance thick keep them apart."""
    low, high = box.corners
    usual = 0.12 * math.sqrt(float(np.prod(high - low)) / len(sizes))
    gap = min(usual, 0.2 * float(np.min(high - low))) if clearance is None else clearance
    shares, centres, lines, longest = sizes**2, starts, [], 0.0
    for rounds in (60, 20, 20) if len(sizes) <= 100 else (25, 10):
        centres, weights = spread_out(centres, shares, low, high, rounds)
        cells = cut_cells(centres, weights, low, high, gap / 2)
        if cells is None:
            continue
        curves = [_curve_in(cell, random) for cell in cells]
        room = np.array([_length(curve) for curve in curves]) / sizes
        if room.min() > longest:
            longest = float(room.min())
            shrink = longest / room
            middles = [cell.middle for cell in cells]
            lines = [
                Line(middle + (curve - middle) * scale)
                for middle, curve, scale in zip(middles, curves, shrink, strict=True)
            ]
        shares = shares * np.clip(np.median(room) / room, 0.5, 2.0)
    if not lines:
        raise _crowded(len(sizes), gap)
    return lines, gap * (1 - 1e-9)


def _curve_in(cell: Cell, random: np.random.Generator) -> Floats:
    """The longest of a few random C- and S-shaped Bézier curves through a cell, most of them along it."""
    long_axis = np.linalg.eigh(cell.spread)[1][:, -1]
    bow = random.uniform(0.25, 1.0) * random.choice((-1.0, 1.0))
    second_bow = bow * random.choice((1.0, -1.0))
    best, longest = cell.middle[np.newaxis], -1.0
    for _ in range(8):
        turn = random.normal(0, 0.35)
        forward = np.array(
            (
                long_axis[0] * math.cos(turn) - long_axis[1] * math.sin(turn),
                long_axis[0] * math.sin(turn) + long_axis[1] * math.cos(turn),
            )
        )
        aside = np.array((-forward[1], forward[0]))
        control = _handles(cell, forward, aside, (bow, second_bow), random)
        curve = flatten_bezier(control, max(0.004 * float(np.ptp(control, axis=0).max()), 1e-9))
        if _length(curve) > longest:
            best, longest = curve, _length(curve)
    return best if random.random() < 0.5 else best[::-1]


def _handles(
    cell: Cell, forward: Floats, aside: Floats, bows: tuple[float, float], random: np.random.Generator
) -> Floats:
    """Four Bézier control points inside a cell, so that the whole curve is inside (convex hull)."""
    control = []
    for along, side in ((-0.97, -0.3), (-0.4, 1.0), (0.4, 1.0), (0.97, -0.3)):
        ahead = np.sign(along) * forward
        beside = (bows[0] if along < 0 else bows[1]) * side * aside
        offset = abs(along) * cell.room(ahead) * ahead
        offset = offset + random.uniform(0.6, 0.9) * cell.room(beside / np.linalg.norm(beside)) * beside
        far = float(np.linalg.norm(offset))
        control.append(cell.middle + offset * min(1.0, cell.room(offset / far) / far))
    return np.array(control)


def _length(points: Floats) -> float:
    return float(np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)))


def _scattered(count: int, box: Box, random: np.random.Generator) -> Floats:
    """Places ``[count, 2]`` that keep away from each other. Source: best candidate, Mitchell 1991."""
    low, high = box.corners
    places = low + random.random((1, 2)) * (high - low)
    for _ in range(count - 1):
        candidates = low + random.random((24, 2)) * (high - low)
        nearest = np.min(np.sum((candidates[:, np.newaxis] - places) ** 2, axis=2), axis=1)
        places = np.concatenate((places, candidates[np.argmax(nearest)][np.newaxis]))
    return places


def _alike(means: ArrayLike, count: int, box: Box, random: np.random.Generator) -> Floats:
    """Places ``[count, 2]`` by the two main ways in which average latents differ (principal components).

    Half of each place comes from its rank, so that one odd sound does not press the rest into a corner.
    """
    table = np.asarray(means, np.float64)
    if table.ndim != 2 or len(table) != count:
        raise CanvasError(f"layout: the average latents have shape {table.shape}; give one row for each line")
    if not np.all(np.isfinite(table)):
        raise CanvasError("layout: an average latent is not a number; encode that sound again")
    table = table / (np.abs(table).max(initial=0.0) or 1.0)
    table = table - table.mean(axis=0)
    left, strengths, _ = np.linalg.svd(table, full_matrices=False)
    spread = np.zeros((count, 2))
    kept = min(2, left.shape[1])
    spread[:, :kept] = left[:, :kept] * strengths[:kept]
    spread *= np.where(spread[np.argmax(np.abs(spread), axis=0), [0, 1]] < 0, -1.0, 1.0)
    spread += random.normal(0, 1e-3 * (np.abs(spread).max() or 1.0), spread.shape)
    ranks = np.argsort(np.argsort(spread, axis=0), axis=0) / max(count - 1, 1)
    extent = np.maximum(np.ptp(spread, axis=0), 1e-12)
    places = 0.1 + 0.8 * (0.5 * ranks + 0.5 * (spread - spread.min(axis=0)) / extent)
    if box.size[1] > box.size[0]:
        places = places[:, ::-1]
    low, high = box.corners
    alike: Floats = low + places * (high - low)
    return alike


def _segment_gap(start: Floats, end: Floats, starts: Floats, ends: Floats) -> float:
    """The smallest distance from one segment to many."""
    ahead, aheads = end - start, ends - starts
    across = _cross(ahead, starts - start), _cross(ahead, ends - start)
    athwart = _cross(aheads, start - starts), _cross(aheads, end - starts)
    if np.any((across[0] * across[1] < 0) & (athwart[0] * athwart[1] < 0)):
        return 0.0
    gaps = (
        _point_gap(start, starts, aheads),
        _point_gap(end, starts, aheads),
        _point_gap(starts, start, ahead),
        _point_gap(ends, start, ahead),
    )
    return float(np.min(gaps))


def _point_gap(points: Floats, start: Floats, ahead: Floats) -> Floats:
    offset = points - start
    squared = np.maximum(np.sum(ahead**2, axis=-1), 1e-300)
    share = np.clip(np.sum(offset * ahead, axis=-1) / squared, 0, 1)
    gaps: Floats = np.linalg.norm(offset - share[..., np.newaxis] * ahead, axis=-1)
    return gaps


def _cross(a: Floats, b: Floats) -> Floats:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _crowded(count: int, gap: float) -> CanvasError:
    return CanvasError(
        f"layout: {count} lines with {gap:.3g} units between them do not fit in this box; "
        "ask for less clearance, fewer lines or a larger box"
    )
