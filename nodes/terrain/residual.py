"""What a network misses right at the lines, put back there: so that a line sounds as its sound, frame by frame.

A network of a hundred neurons a layer can't know thirty thousand frames by heart. What it misses on each point of the
lines is kept beside it, and given back near them: ``z = net(x) + near(d) · mean of what was missed around``, where d is
the distance to the nearest point, near falls as ``exp(-d² / 2 radius²)`` to nothing at three radii, and the mean is
weighed by ``exp(-d² / 2 width²)`` of each point's distance, its width being half of the steps to its neighbours.
Points are kept in square cells three radii wide, so that a place asks no more than the points of nine of them. A cell
holds so few that one place stays cheap however densely lines lie.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import exp, isfinite

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
PLACES, MISSED, WIDTHS, RADIUS = "residual.x", "residual.z", "residual.width", "residual.radius"
# Beside the network's own arrays: places ``[points, control_dim]``, what it misses there ``[points, latent_dim]``,
# widths ``[points]`` and the radius ``[1]`` in coordinate units; all float32.
NAMES = (PLACES, MISSED, WIDTHS, RADIUS)
RADII = 3.0
FLOOR = exp(-RADII * RADII / 2)
# Widths and radii are no less, coordinates no more.
LEAST, LARGEST = 1e-6, 1e6
CELL_POINTS = 160
# Of what is missed: as many points as make so many are kept, evenly taken.
MOST_NUMBERS = 4_000_000
# Of the map's shorter side, and of the steps beside a point.
USUAL_RADIUS, WIDTH = 0.12 / 8, 0.5
# Cells along a side; of a wider field they are larger.
MOST_CELLS = 512


def has_residual(weights: Mapping[str, FloatArray]) -> bool:
    """Whether arrays of a terrain hold what its network misses."""
    return PLACES in weights


def residual_problem(weights: Mapping[str, FloatArray], control_dim: int, latent_dim: int) -> str:
    """What is wrong with the arrays of a residual, as the end of a sentence; empty when nothing is."""
    if not any(name in weights for name in NAMES):
        return ""
    if missing := [name for name in NAMES if name not in weights]:
        return f"has no {missing[0]}; it is incomplete"
    points = len(weights[PLACES]) if weights[PLACES].ndim else 0
    sizes = {PLACES: (points, control_dim), MISSED: (points, latent_dim), WIDTHS: (points,), RADIUS: (1,)}
    for name, size in sizes.items():
        array = weights[name]
        if array.shape != size or not points:
            return f"has {name} of shape {array.shape}, which does not fit its network"
        if array.dtype != np.float32 or not np.isfinite(array).all():
            return f"has {name} with values that are not numbers"
    if min(weights[WIDTHS].min(), weights[RADIUS][0]) < LEAST or np.abs(weights[PLACES]).max() > LARGEST:
        return f"has {WIDTHS}, {RADIUS} or {PLACES} beyond what a map can be"
    return ""


class Residual:
    """The points of a terrain's residual in their cells, and what is to be added at places. Arrays are copied.

    control_dim and latent_dim as the arrays have them. Not for several threads at once.
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        x, z = weights[PLACES], weights[MISSED]
        self.radius = float(weights[RADIUS][0])
        axes = np.argsort(-np.ptp(x, axis=0), kind="stable")[:2]
        self._across, self._down = int(axes[0]), int(axes[-1])
        side = max(RADII * self.radius, float(np.ptp(x, axis=0).max()) / MOST_CELLS, 1e-6)
        self._side, self._low = side, (float(x[:, self._across].min()), float(x[:, self._down].min()))
        cells = self._cells(x)
        self._columns, self._rows = int(cells[:, 0].max()) + 1, int(cells[:, 1].max()) + 1
        number = cells[:, 1] * self._columns + cells[:, 0]
        order = _thinned(number, np.argsort(number, kind="stable"))
        self._x, self._z = np.ascontiguousarray(x[order]), np.ascontiguousarray(z[order])
        self._falls = np.float32(0.5) / weights[WIDTHS][order] ** 2
        self._starts = np.searchsorted(number[order], np.arange(self._columns * self._rows + 1)).tolist()
        self._limit = np.float32((RADII * self.radius) ** 2)
        most = max((b - a for row in range(self._rows) for a, b in self._spans(row)), default=0)
        self._away = np.zeros((3 * most, x.shape[1]), np.float32)
        self._squares, self._shares = np.zeros(3 * most, np.float32), np.zeros(3 * most, np.float32)
        self._fall = np.zeros(3 * most, np.float32)
        self._inside = np.zeros(3 * most, np.bool_)
        self._place = np.zeros(x.shape[1], np.float32)
        self._sum, self._part = np.zeros(z.shape[1], np.float32), np.zeros(z.shape[1], np.float32)

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The points as they are kept, ``[points, control_dim]``, what is missed there, and ``0.5 / width²``."""
        return self._x, self._z, self._falls

    def add(self, place: NDArray[np.floating], out: FloatArray) -> None:
        """Add to the latents ``out [latent_dim]`` of a ``place [control_dim]``. Takes no memory but for small views."""
        self._place[...] = place
        across, down = float(self._place[self._across]), float(self._place[self._down])
        if not (isfinite(across) and isfinite(down)):
            return
        across, down = (across - self._low[0]) / self._side, (down - self._low[1]) / self._side
        if not (-1 <= across < self._columns + 1 and -1 <= down < self._rows + 1):
            return
        spans, count = [], 0
        for begin, end in self._around(int(across // 1), int(down // 1)):
            np.subtract(self._x[begin:end], self._place, out=self._away[count : count + end - begin])
            spans.append((begin, end, count))
            count += end - begin
        if not count:
            return
        away, squares, shares = self._away[:count], self._squares[:count], self._shares[:count]
        np.multiply(away, away, out=away)
        np.add.reduce(away, axis=1, out=squares)
        least = np.float32(squares.min())
        if not least < self._limit:  # nor where a coordinate is no number
            return
        falls = self._fall[:count]
        for begin, end, at in spans:
            falls[at : at + end - begin] = self._falls[begin:end]
        self._weigh(squares, least, falls, shares, self._inside[:count])
        self._sum.fill(0.0)
        for begin, end, at in spans:
            np.dot(shares[at : at + end - begin], self._z[begin:end], out=self._part)
            np.add(self._sum, self._part, out=self._sum)
        np.multiply(self._sum, np.float32(self._near(float(least)) / float(shares.sum())), out=self._sum)
        np.add(out, self._sum, out=out)

    def added(self, places: NDArray[np.floating]) -> FloatArray:
        """What is to be added at ``places [points, control_dim]``: float32 ``[points, latent_dim]``; for many."""
        places = np.asarray(places, np.float32)
        out = np.zeros((len(places), self._z.shape[1]), np.float32)
        with np.errstate(invalid="ignore", over="ignore"):
            cells = self._cells(places)
        known = (cells >= -1).all(1) & (cells[:, 0] <= self._columns) & (cells[:, 1] <= self._rows)
        known &= np.isfinite(places).all(1)
        mine = np.flatnonzero(known)
        number = (cells[mine, 1] + 1) * (self._columns + 2) + cells[mine, 0] + 1
        mine = mine[np.argsort(number, kind="stable")]
        edges = np.flatnonzero(np.diff(np.sort(number), prepend=-1, append=-1))
        for first, last in pairwise(edges.tolist()):
            some = mine[first:last]
            spans = self._around(int(cells[some[0], 0]), int(cells[some[0], 1]))
            if not spans:
                continue
            x, z, falls = (np.concatenate([every[a:b] for a, b in spans]) for every in self.arrays)
            squares = np.zeros((len(some), len(x)), np.float32)
            for here, there in zip(places[some].T, x.T, strict=True):
                squares += (there - here[:, None]) ** 2
            least = squares.min(1, keepdims=True)
            shares = np.empty_like(squares)
            self._weigh(squares, least, falls, shares, np.empty(squares.shape, np.bool_))
            near = np.maximum((np.exp(least / (-2 * self.radius**2)) - FLOOR) / (1 - FLOOR), 0.0)
            whole = shares.sum(1, keepdims=True)
            out[some] = (shares @ z) * np.where(whole > 0, near / np.maximum(whole, 1e-30), 0.0)
        return out

    def _weigh(
        self,
        squares: FloatArray,
        least: FloatArray | np.float32,
        falls: FloatArray,
        shares: FloatArray,
        inside: NDArray[np.bool_],
    ) -> None:
        """How much points at squared distances count; none beyond three radii."""
        np.less(squares, self._limit, out=inside)
        np.subtract(least, squares, out=shares)
        np.multiply(shares, falls, out=shares)
        np.exp(shares, out=shares)
        np.multiply(shares, inside, out=shares)

    def _near(self, least: float) -> float:
        return max((exp(-least / (2 * self.radius**2)) - FLOOR) / (1 - FLOOR), 0.0)

    def _cells(self, x: FloatArray) -> NDArray[np.int64]:
        """Column and row of places, ``[points, 2]``; far outside they are bounded."""
        both = (x[:, [self._across, self._down]].astype(np.float64) - self._low) / self._side
        return np.floor(np.nan_to_num(np.clip(both, -9, 2 * MOST_CELLS), nan=-9.0)).astype(np.int64)

    def _around(self, column: int, row: int) -> list[tuple[int, int]]:
        """Where the points of a cell and the eight around it lie: up to three spans, none of them empty."""
        left, right = max(column - 1, 0), min(column + 1, self._columns - 1)
        found = []
        for near in range(max(row - 1, 0), min(row + 1, self._rows - 1) + 1):
            begin, end = self._starts[near * self._columns + left], self._starts[near * self._columns + right + 1]
            if begin < end:
                found.append((begin, end))
        return found

    def _spans(self, row: int) -> list[tuple[int, int]]:
        """The spans of three cells each along a row."""
        starts, first = self._starts, row * self._columns
        last = first + self._columns
        return [(starts[max(one - 1, first)], starts[min(one + 2, last)]) for one in range(first, last)]


def made_residual(
    x: FloatArray, missed: FloatArray, lengths: tuple[int, ...], height: float, strength: float
) -> dict[str, FloatArray]:
    """The arrays of a residual from all points of the lines; empty where no line moves, or nothing is to be added.

    x, missed: ``[points, …]``, in the order of the lines. lengths: points of each line. height: the map's shorter
    side: the radius is at most 0.12 of one 8 high. strength: what is missed is taken times this, 0 … 1.
    """
    if not len(x) or strength <= 0:
        return {}
    widths = WIDTH * _steps(np.asarray(x, np.float64), lengths)
    radius = USUAL_RADIUS * height
    kept = np.flatnonzero(widths >= LEAST)[:: -(-missed.size // MOST_NUMBERS)]
    if not len(kept) or radius < LEAST:
        return {}
    return {
        PLACES: np.array(x[kept], np.float32),
        MISSED: np.array(missed[kept] * strength, np.float32),
        WIDTHS: np.minimum(widths[kept], radius).astype(np.float32),
        RADIUS: np.array([radius], np.float32),
    }


def _steps(x: NDArray[np.float64], lengths: tuple[int, ...]) -> NDArray[np.float64]:
    """How far each point of the lines is from those before and after it, ``[points]``; 0 on lines that do not move.

    Not more than four and not less than a quarter of its line's median, so that a lifted pen or a pause is none.
    """
    found = np.zeros(len(x))
    end = 0
    for length in lengths:
        begin, end = end, end + length
        steps = np.sqrt((np.diff(x[begin:end], axis=0) ** 2).sum(1))
        if not steps.any():
            continue
        beside = (np.r_[steps[:1], steps] + np.r_[steps, steps[-1:]]) / 2
        usual = float(np.median(steps[steps > 0]))
        found[begin:end] = np.clip(beside, usual / 4, usual * 4)
    return found


def _thinned(number: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of points in the order of their cells, at most ``CELL_POINTS`` of each cell, evenly taken."""
    ordered = number[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    counts = np.diff(begins, append=len(ordered))
    place = np.arange(len(ordered)) - np.repeat(begins, counts)
    of = np.repeat(counts, counts)
    kept = np.minimum(of, CELL_POINTS)
    thinned: NDArray[np.int64] = order[(of <= CELL_POINTS) | ((place * kept) // of != ((place - 1) * kept) // of)]
    return thinned
