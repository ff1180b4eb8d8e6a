"""A tour: one line that visits every sound on the canvas, for a first walk across a new land."""

from collections.abc import Sequence

import numpy as np

from .lines import Line
from .sampling import flatten_bezier
from .units import Box, Floats

MOST_STARTS = 64
"""Beginnings that are tried for the shortest way; with more lines only the first of them."""


def tour(lines: Sequence[Line], box: Box, smoothness: float = 0.35) -> Line:
    """A line along all lines, each to its nearest neighbour next, with curves between that leave and arrive smoothly.

    smoothness: how far a curve swings out, as part of the gap it bridges. Lines are walked whole, from whichever end
    is nearer; the beginning is the one that makes the gaps shortest in sum. The curves stay inside the box.
    """
    paths = [line.corners for line in lines]
    if not paths:
        return Line(np.zeros((1, 2)))
    starts = [(first, turned) for first in range(min(len(paths), MOST_STARTS)) for turned in (False, True)]
    _, order = min((_order(paths, first, turned) for first, turned in starts), key=lambda found: found[0])
    path = [order[0]]
    for following in order[1:]:
        path += [_bridge(path[-1], following, box, smoothness), following]
    return Line(np.concatenate(path), name="tour")


def _order(paths: list[Floats], first: int, turned: bool) -> tuple[float, list[Floats]]:
    """The sum of the gaps, and the lines in order and direction, always going on with the nearest end."""
    left = list(paths)
    start = left.pop(first)
    order, total = [start[::-1] if turned else start], 0.0
    while left:
        here = order[-1][-1]
        ends = np.array([(np.linalg.norm(one[0] - here), np.linalg.norm(one[-1] - here)) for one in left])
        nearest, end = np.unravel_index(int(np.argmin(ends)), ends.shape)
        following = left.pop(int(nearest))
        order.append(following[::-1] if end else following)
        total += float(ends[nearest, end])
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
