"""Lines for sounds that came later, laid out beside those that are there, of which none moves."""

import math
from collections.abc import Sequence

import numpy as np

from .cells import Cell
from .layout import crowded, curve_in, path_length
from .lines import Polyline
from .units import Floats, MapBox

# What is free is measured at so many places for each line, within these limits.
PLACES_PER_LINE, FEWEST_PLACES, MOST_PLACES = 64, 4096, 160_000
# So many places are tried for a line, and how much a missing unit of length counts against one of distance.
TRIES, SHORTNESS = 6, 1.5
# How often lines may come nearer to each other where the box is full; points on them lie near enough for that.
HALVINGS = 3
POINTS_PER_STEP = 4
DIRECTIONS = np.stack([np.cos(np.arange(32) / 16 * math.pi), np.sin(np.arange(32) / 16 * math.pi)], axis=1)


def laid_beside(
    lines: Sequence[Polyline],
    lengths: Sequence[float],
    targets: Sequence[Floats | None],
    box: MapBox,
    randoms: Sequence[np.random.Generator],
) -> list[Polyline]:
    """New lines between those that are there, one after the other; none touches another.

    lengths: how long each should be, value units; where less is free it is shorter. targets: near which point ``[2]``
    it should lie, None: where most is free. Raises MapError where the box is full.
    """
    count = len(lines) + len(lengths)
    gap = min(0.12 * math.sqrt(float(np.prod(box.size)) / count), 0.2 * min(box.size))
    free = _FreePlaces(box, count, max(lengths, default=0.0) / 2 + gap)
    for old in lines:
        free.take(old)
    made: list[Polyline] = []
    for length, target, random in zip(lengths, targets, randoms, strict=True):
        tried = (_placed(free, length, target, gap / 2**halving, random) for halving in range(HALVINGS))
        line = next((one for one in tried if one is not None), None)
        if line is None:
            raise crowded(count, gap / 2 ** (HALVINGS - 1))
        free.take(line)
        made.append(line)
    return made


class _FreePlaces:
    """How far places all over a box are from any line and from the edge, up to ``farthest``."""

    def __init__(self, box: MapBox, lines: int, farthest: float) -> None:
        self.low, self.high = box.corners
        self.farthest = farthest
        wanted = min(max(PLACES_PER_LINE * lines, FEWEST_PLACES), MOST_PLACES)
        self.step = math.sqrt(float(np.prod(box.size)) / wanted)
        self.x, self.y = (
            np.linspace(low, high, max(round((high - low) / self.step), 8) + 2)[1:-1]
            for low, high in zip(self.low, self.high, strict=True)
        )
        across = np.minimum(self.x - self.low[0], self.high[0] - self.x)
        down = np.minimum(self.y - self.low[1], self.high[1] - self.y)
        self.room = np.minimum(np.minimum(across[np.newaxis], down[:, np.newaxis]), farthest)
        self.taken: list[Floats] = []

    def take(self, line: Polyline) -> None:
        """A line lies there from now on."""
        count = min(math.ceil(POINTS_PER_STEP * line.length / self.step) + 1, 4096)
        corners = np.asarray(line.corners[:, :2])
        # corners too: on a line drawn by hand they may lie between the points that are evenly apart
        points = np.concatenate([line.positions_at(np.linspace(0.0, line.length, count))[:2].T, corners])
        self.taken.append(points)
        spans = []
        for axis, places in enumerate((self.x, self.y)):
            near = points[:, axis].min() - self.farthest, points[:, axis].max() + self.farthest
            spans.append(slice(int(np.searchsorted(places, near[0])), int(np.searchsorted(places, near[1]))))
        x, y = self.x[spans[0]], self.y[spans[1]]
        part = self.room[spans[1], spans[0]]
        for some in np.array_split(points, math.ceil(len(points) / 64)):
            away = (x[np.newaxis, :, np.newaxis] - some[:, 0]) ** 2 + (y[:, np.newaxis, np.newaxis] - some[:, 1]) ** 2
            np.minimum(part, np.sqrt(away.min(axis=2)), out=part)


def _placed(
    free: _FreePlaces, length: float, target: Floats | None, gap: float, random: np.random.Generator
) -> Polyline | None:
    """The best line of some places; None where nothing is so free."""
    x, y = np.meshgrid(free.x, free.y)
    away = np.zeros_like(x) if target is None else np.hypot(x - target[0], y - target[1])
    cost = np.where(free.room > 1.1 * gap, away + SHORTNESS * np.maximum(length - 2 * free.room, 0.0), np.inf)
    points = np.concatenate(free.taken) if free.taken else np.zeros((0, 2))
    best, least = None, math.inf
    for _ in range(TRIES):
        place = int(np.argmin(cost))
        if not np.isfinite(cost.flat[place]):
            break
        centre = np.array([x.flat[place], y.flat[place]])
        cost[np.hypot(x - centre[0], y - centre[1]) < max(length / 4, free.step)] = np.inf
        cell = _cell_at(centre, points, gap, free, length)
        curve = curve_in(cell, random, 4)
        made = path_length(curve)
        far = 0.0 if target is None else float(np.linalg.norm(cell.middle - target))
        loss = far + SHORTNESS * max(length - made, 0.0)
        if loss < least:
            best, least = Polyline(cell.middle + (curve - cell.middle) * min(length / max(made, 1e-12), 1.0)), loss
    return best


def _cell_at(centre: Floats, points: Floats, gap: float, free: _FreePlaces, reach: float) -> Cell:
    """A convex part of the map around a place, a gap away from all points: walls against the nearest of them first.

    Source: the half-planes of Deits and Tedrake 2015 (IRIS), without its ellipses.
    """
    sides = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    edges = np.minimum(np.concatenate((free.high, -free.low)), sides @ centre + reach)
    normals, limits = list(sides), list(edges)
    away = points - centre
    away = away[np.abs(away).max(axis=1) < 2 * reach + gap]
    far = np.linalg.norm(away, axis=1)
    order = np.argsort(far, kind="stable")
    away, far = away[order], far[order]
    while len(far):
        normal = away[0] / far[0]
        normals.append(normal)
        limits.append(float(normal @ centre) + far[0] - gap)
        left = away @ normal < far[0] * (1 - 1e-9)
        away, far = away[left], far[left]
    walls, ends = np.array(normals), np.array(limits)
    facing, slack = DIRECTIONS @ walls.T, ends - walls @ centre
    rooms = np.divide(slack, facing, out=np.full(facing.shape, np.inf), where=facing > 1e-12).min(axis=1)
    rim = centre + DIRECTIONS * rooms[:, np.newaxis]
    return Cell(rim.mean(axis=0), walls, ends, np.cov(rim.T))
