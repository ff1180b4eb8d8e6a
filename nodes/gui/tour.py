"""A tour: one line that visits every sound on the canvas, for a first walk across a new land."""

from collections.abc import Sequence

import numpy as np

from .lines import Line
from .sampling import flatten_bezier


def tour(lines: Sequence[Line], smoothness: float = 0.35) -> Line:
    """A line along all lines, each to its nearest neighbour next, with curves between that leave and arrive smoothly.

    smoothness: how far a curve swings out, as part of the gap it bridges. Lines are walked whole, from whichever end
    is nearer. Raises CanvasError without lines.
    """
    left = [line.corners for line in lines]
    if not left:
        return Line(np.zeros((1, 2)))
    path = [left.pop(0)]
    while left:
        here = path[-1][-1]
        gaps = [min(np.linalg.norm(one[0] - here), np.linalg.norm(one[-1] - here)) for one in left]
        following = left.pop(int(np.argmin(gaps)))
        if np.linalg.norm(following[-1] - here) < np.linalg.norm(following[0] - here):
            following = following[::-1]
        path += [_bridge(path[-1], following, smoothness), following]
    return Line(np.concatenate(path), name="tour")


def _bridge(before: np.ndarray, after: np.ndarray, smoothness: float) -> np.ndarray:
    start, end = before[-1], after[0]
    gap = float(np.linalg.norm(end - start)) * smoothness
    out = start + _direction(before[::-1]) * -gap
    back = end - _direction(after) * gap
    return flatten_bezier(np.stack([start, out, back, end]), tolerance=0.02)[1:-1]


def _direction(corners: np.ndarray) -> np.ndarray:
    step = corners[min(1, len(corners) - 1)] - corners[0]
    length = float(np.linalg.norm(step))
    return step / length if length else step
