"""Placing the lines of many sounds by itself: in rows, scattered like grass, or alike beside alike."""

import math
import zlib
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from .cells import Cell, cut_cells, spread_out
from .clearance import clearance_between
from .line_samples import flatten_bezier, simplify
from .lines import Polyline
from .neighbours import embedded, standardised
from .units import Floats, MapBox, MapError

Style = Literal["rows", "scatter", "map"]
Growth = Literal["count", "sqrt"]
STYLES: tuple[Style, ...] = get_args(Style)
MAX_LINES = 10_000
ROWS_PER_COLUMN = 24
# So many cells for each sound are left free where sounds are many. With none a fifth of the neighbours is lost, since
# the edges of groups touch.
GAPS, FEWEST_WITH_GAPS = 0.7, 24
ROUNDS, MANY_ROUNDS = (25, 10, 10), (20, 10)
# How often cells are evened out before each try to draw lines in them; the last where no try has fitted yet.
FURTHER_ROUNDS = (15, 15, 15)
# No line is shorter than this part of the longest, so that every one can be seen and caught.
SHORTEST_SHARE = 0.08


def lay_out(
    style: Style,
    counts: Sequence[int],
    box: MapBox,
    *,
    features: ArrayLike | None = None,
    names: Sequence[str] = (),
    seed: int = 0,
    clearance: float | None = None,
    growth: Growth = "sqrt",
) -> list[Polyline]:
    """One line per sound inside a box, in order; no two come closer than the clearance (value units).

    counts: latent frames of each sound; longer sounds get longer lines, in proportion to the count or its
    square root (``growth``), the shortest at least 0.08 of the longest. features: ``[N, D]``, what each sound
    is like, for style ``map``; names: what a line's bends are drawn from, else its number. clearance: None takes
    what suits the number of lines. The same seed gives the same lines. Raises MapError, also when so many
    lines with so much clearance do not fit. Source: the author's offline layout tool (spec §18).
    """
    if style not in STYLES:
        raise MapError(f"layout: there is no style '{style}'; choose one of {', '.join(STYLES)}")
    sizes = relative_sizes(counts, clearance, growth)
    table = _likeness(features, len(sizes)) if style == "map" else np.zeros((0, 0))
    if not len(sizes):
        return []
    if style == "rows":
        return _apart(*_rows(sizes, box, np.random.default_rng(seed), clearance))
    randoms, shares = line_randoms(seed, names, len(sizes)), _room_for(sizes)
    if style == "scatter":
        centres = _scattered(len(sizes), box, np.random.default_rng(seed))
        return _apart(*_in_cells(centres, sizes, box, randoms, clearance, shares))
    centres = _alike(table, box, np.random.default_rng(seed))
    gaps = _gaps_for(len(sizes))
    free = _scattered(gaps, box, np.random.default_rng((seed, 1)), centres)
    shares = np.concatenate([shares, np.full(gaps, shares.mean())])
    return _apart(*_in_cells(np.concatenate([centres, free]), sizes, box, randoms, clearance, shares))


def _likeness(features: ArrayLike | None, count: int) -> Floats:
    """What so many sounds are like, standardised: ``[count, d]``. Raises MapError."""
    if features is None:
        raise MapError("layout: a map needs sound descriptors; encode the sounds first")
    table = np.asarray(features, np.float64)
    if table.ndim != 2 or len(table) != count:
        raise MapError(f"layout: what the sounds are like has shape {table.shape}; give one row for each line")
    if not np.all(np.isfinite(table)):
        raise MapError("layout: what a sound is like is not a number; encode that sound again")
    return standardised(table) if count else table


def relative_sizes(counts: Sequence[int], clearance: float | None = None, growth: Growth = "sqrt") -> Floats:
    """How long each line is, of the longest. Raises MapError."""
    if len(counts) > MAX_LINES:
        raise MapError(f"layout: {len(counts)} lines are too many; the maximum is {MAX_LINES:,}")
    if any(count < 1 for count in counts):
        raise MapError("layout: a sound has no latent frames; remove it")
    if clearance is not None and not 0 <= clearance < math.inf:
        raise MapError(f"layout: a clearance of {clearance} is not possible; give 0 or more")
    sizes = np.asarray(counts, np.float64) ** (1.0 if growth == "count" else 0.5)
    shares: Floats = np.maximum(sizes / sizes.max(initial=1e-9), SHORTEST_SHARE)
    return shares


def _room_for(sizes: Floats) -> Floats:
    """The part of the area that each line should get; where there are many, the very long and short ones get less."""
    shares = sizes**2
    usual = float(np.median(shares))
    return shares if len(sizes) < FEWEST_WITH_GAPS else np.clip(shares, usual / 4, usual * 8)


def _gaps_for(count: int) -> int:
    """How many cells are left free, so that groups stay groups: more make shorter lines."""
    return 0 if count < FEWEST_WITH_GAPS else min(round(GAPS * count), 2000)


def line_randoms(seed: int, names: Sequence[str], count: int) -> list[np.random.Generator]:
    """A generator for each line, so that what comes or goes bends no other."""
    marks = [zlib.crc32(name.encode("utf-8", "surrogateescape")) for name in names] or list(range(count))
    return [np.random.default_rng((seed, mark)) for mark in marks]


def _apart(lines: list[Polyline], gap: float) -> list[Polyline]:
    """The lines, if they are. Raises MapError."""
    if len(lines) > 1 and clearance_between(lines) < gap:
        raise crowded(len(lines), gap)
    return lines


def _rows(
    sizes: Floats, box: MapBox, random: np.random.Generator, clearance: float | None
) -> tuple[list[Polyline], float]:
    """Stacked lines that share one gentle bend and differ by a little each."""
    width, height = box.size
    columns = math.ceil(len(sizes) / ROWS_PER_COLUMN)
    rows = math.ceil(len(sizes) / columns)
    bend = min(0.08 * height, 0.05 * width) * random.uniform(0.6, 1.0)
    pitch = (height - 2 * bend) / rows
    gap = min(0.4 * pitch, 0.04 * width / columns) if clearance is None else clearance
    column_width = width / columns - max(gap, 0.04 * width / columns)
    if column_width <= 0 or gap > pitch:
        raise crowded(len(sizes), gap)
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
        lines.append(Polyline(simplify(points, 0.004 * pitch)))
    return lines, gap


def _in_cells(
    centres: Floats,
    sizes: Floats,
    box: MapBox,
    randoms: Sequence[np.random.Generator],
    clearance: float | None,
    shares: Floats,
) -> tuple[list[Polyline], float]:
    """One curve inside every cell of the divided box; walls half a clearance thick keep them apart.

    centres: ``[n, 2]``, of the lines first; those left over get none. shares: ``[n]`` of the area. Gives the lines and
    the clearance.
    """
    low, high = box.corners
    count = len(sizes)
    usual = 0.12 * math.sqrt(float(np.prod(high - low)) / len(centres))
    gap = min(usual, 0.2 * float(np.min(high - low))) if clearance is None else clearance
    lines, longest = list[Polyline](), 0.0
    for rounds in (*(ROUNDS if count <= 100 else MANY_ROUNDS), *FURTHER_ROUNDS):
        if lines and rounds == FURTHER_ROUNDS[0]:
            break
        centres, weights = spread_out(centres, shares, low, high, rounds)
        cells = cut_cells(centres, weights, low, high, gap / 2, count)
        if cells is None:
            gap = gap / 2 if clearance is None else gap
            continue
        curves = [curve_in(cell, random, 8 if count <= 100 else 4) for cell, random in zip(cells, randoms, strict=True)]
        room = np.array([path_length(curve) for curve in curves]) / sizes
        # of many lines the most cramped tenth fill their cells, rather than that all others shrink with them
        fits = float(np.quantile(room, 0.1) if count >= FEWEST_WITH_GAPS else room.min())
        if fits > longest:
            longest = fits
            shrink = np.minimum(longest / room, 1.0)
            middles = [cell.middle for cell in cells]
            lines = [
                Polyline(middle + (curve - middle) * scale)
                for middle, curve, scale in zip(middles, curves, shrink, strict=True)
            ]
        own = shares[:count] * np.clip(np.median(room) / room, 0.5, 2.0)
        shares = np.concatenate([own, shares[count:]])
    if not lines:
        raise crowded(count, gap)
    return lines, gap * (1 - 1e-9)


def curve_in(cell: Cell, random: np.random.Generator, tries: int) -> Floats:
    """The longest of some random C- and S-shaped Bézier curves through a cell, most of them along it."""
    long_axis = np.linalg.eigh(cell.spread)[1][:, -1]
    bow = random.uniform(0.25, 1.0) * random.choice((-1.0, 1.0))
    second_bow = bow * random.choice((1.0, -1.0))
    best, longest = cell.middle[np.newaxis], -1.0
    for _ in range(tries):
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
        if path_length(curve) > longest:
            best, longest = curve, path_length(curve)
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


def path_length(points: Floats) -> float:
    """The length of a path through points ``[n, 2]``."""
    return float(np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)))


def _scattered(count: int, box: MapBox, random: np.random.Generator, taken: Floats | None = None) -> Floats:
    """Places ``[count, 2]`` that keep away from each other, and from those taken. Source: Mitchell 1991."""
    low, high = box.corners
    first = low + random.random((1, 2)) * (high - low) if taken is None else taken
    places = np.concatenate([first, np.empty((count - (taken is None), 2))])
    for found in range(len(first), len(places)):
        candidates = low + random.random((24, 2)) * (high - low)
        nearest = np.min(np.sum((candidates[:, np.newaxis] - places[:found]) ** 2, axis=2), axis=1)
        places[found] = candidates[np.argmax(nearest)]
    return places if taken is None else places[len(taken) :]


def _alike(table: Floats, box: MapBox, random: np.random.Generator) -> Floats:
    """Places ``[n, 2]`` inside the box for standardised features: what is alike is near."""
    width, height = box.size
    picture = embedded(table, max(width, height) / min(width, height), random)
    extent = np.maximum(np.ptp(picture, axis=0), 1e-12)
    places = 0.04 + 0.92 * (picture - picture.min(axis=0)) / extent
    if height > width:
        places = places[:, ::-1]
    low, high = box.corners
    alike: Floats = low + places * (high - low)
    return alike


def crowded(count: int, gap: float) -> MapError:
    """That so many lines with so much between them have no room."""
    return MapError(
        f"layout: {count} lines with {gap:.3g} units between them do not fit in this box; "
        "ask for less clearance, fewer lines or a larger box"
    )
