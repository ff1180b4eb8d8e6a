"""A tour: one line that visits every sound on the canvas, for a first walk across a new land."""

from collections.abc import Sequence

import numpy as np

from .lines import MAX_ANCHORS, Line
from .sampling import flatten_bezier
from .units import Box, Floats

MOST_STARTS, MOST_TRIED = 64, 6_000
"""Beginnings that are tried for the shortest way; with more lines only the first of them, and of very many fewer."""


def tour(lines: Sequence[Line], box: Box, smoothness: float = 0.35) -> Line:
    """A line along all lines, each to its nearest neighbour next, with curves between that leave and arrive smoothly.

    smoothness: how far a curve swings out, as part of the gap it bridges. Lines are walked whole, from whichever end
    is nearer; the beginning is the one that makes the gaps shortest in sum. The curves stay inside the box.
    """
    paths = [line.corners for line in lines]
    if not paths:
        return Line(np.zeros((1, 2)))
    ends = np.array([(one[0], one[-1]) for one in paths])
    tried = max(1, min(len(paths), MOST_STARTS, MOST_TRIED // len(paths)))
    starts = [(first, turned) for first in range(tried) for turned in (0, 1)]
    _, order = min((_order(ends, first, turned) for first, turned in starts), key=lambda found: found[0])
    path: list[Floats] = []
    for index, turned in order:
        following = paths[index][::-1] if turned else paths[index]
        path += [_bridge(path[-1], following, box, smoothness), following] if path else [following]
    anchors = np.concatenate(path)
    if len(anchors) > MAX_ANCHORS:
        anchors = anchors[np.linspace(0, len(anchors) - 1, MAX_ANCHORS).astype(int)]
    return Line(anchors, name="tour")


def _order(ends: Floats, first: int, turned: int) -> tuple[float, list[tuple[int, int]]]:
    """The sum of the gaps, and which line comes next and whether turned, always going on with the nearest end.

    ends: first and last corner of each line, ``[n, 2, 2]``.
    """
    left = ends.copy()
    here, order, total = ends[first, 1 - turned], [(first, turned)], 0.0
    left[first] = np.inf
    for _ in range(len(ends) - 1):
        away = left - here
        nearest = int(np.argmin(np.einsum("nec,nec->ne", away, away)))
        index, end = divmod(nearest, 2)
        total += float(np.sqrt(np.sum((ends[index, end] - here) ** 2)))
        order.append((index, end))
        here = ends[index, 1 - end]
        left[index] = np.inf
    return total, order


def _bridge(before: Floats, after: Floats, box: Box, smoothness: float) -> Floats:
    start, end = before[-1], after[0]
    gap = float(np.linalg.norm(end - start)) * smoothness
    out = start + _direction(before[::-1]) * -gap
    back = end - _direction(after) * gap
    return flatten_bezier(np.stack([start, box.clamp(out), box.clamp(back), end]), tolerance=0.02)[1:-1]


def _direction(corners: Floats) -> Floats:
    step = corners[min(1, len(corners) - 1)] - corners[0]
    length = float(np.linalg.norm(step))
    direction: Floats = step / length if length else step
    return direction
