"""A tour: one way round that visits every sound on the map, for a first walk across a new terrain."""

from collections.abc import Mapping, Sequence

import numpy as np

from .line_samples import flatten_bezier
from .lines import MAX_ANCHORS, Polyline
from .timed_paths import Tour
from .units import Floats, MapBox

# Beginnings that are tried for the shortest way; with more lines only the first of them, and of very many fewer.
MOST_STARTS, MOST_TRIED = 128, 12_000
# Latent frames from one line to the next at most: half a second of most codecs, so that a tour is mostly sounds.
LONGEST_CROSSING = 24.0


def tour(
    lines: Sequence[Polyline],
    box: MapBox,
    frames: Sequence[int],
    density: float,
    smoothness: float = 0.35,
    order: Sequence[int] = (),
) -> Tour:
    """A way round along all lines, each from its start to its end, to the nearest start next, and back to the first.

    frames: latent frames of each line's sound; so long its line is walked for. density: value units per frame on the
    crossings between, which are quicker where they would last longer than half a second. smoothness: how far a crossing
    swings out, as part of the gap it bridges. order: which line is walked when; by default they follow each other so
    that gaps are short, from the first one that makes them shortest in sum. Crossings stay inside the box.
    """
    paths = [line.corners for line in lines]
    if not paths:
        return Tour(np.zeros((1, 3)))
    if not order:
        tried = max(1, min(len(paths), MOST_STARTS, MOST_TRIED // len(paths)))
        ends = np.array([(one[0], one[-1]) for one in paths])
        _, order = min((_order(ends, first) for first in range(tried)), key=lambda found: found[0])
    pieces: list[Floats] = []
    now = 0.0
    for index, following in zip(order, [*order[1:], order[0]], strict=True):
        path, next_ = paths[index], paths[following]
        # a line is learned from its first frame to its last, which is one step less than there are frames
        pieces.append(np.column_stack([now + _shares(path) * max(frames[index] - 1, 0), path]))
        crossing = np.concatenate([path[-1:], _bridge(path, next_, box, smoothness), next_[:1]])
        lasts = min(Polyline(crossing).length / max(density, 1e-6), LONGEST_CROSSING)
        now = float(pieces[-1][-1, 0])
        pieces.append(np.column_stack([now + _shares(crossing) * lasts, crossing])[1:-1])
        now += lasts
    pieces.append(np.array([[now, *paths[order[0]][0]]]))
    moments = np.concatenate(pieces)
    if len(moments) > MAX_ANCHORS:
        moments = moments[np.linspace(0, len(moments) - 1, MAX_ANCHORS).astype(int)]
    return Tour(moments, name="tour")


def order_led_on(walked: Floats, before: Mapping[int, Polyline], lines: Mapping[int, Polyline]) -> list[int]:
    """The numbers of lines in the order in which a tour passed those that were there; new ones where it is nearest.

    walked: the tour's places ``[n, 2]`` along the lines ``before``.
    """
    passed = {
        number: int(np.argmin(np.linalg.norm(walked - line.corners[0], axis=1)))
        for number, line in before.items()
        if number in lines
    }
    order = sorted(passed, key=lambda number: (passed[number], number))
    for number in sorted(lines.keys() - passed.keys()):
        if order:
            starts = np.array([lines[one].corners[0] for one in order])
            ends = np.roll([lines[one].corners[-1] for one in order], 1, axis=0)
            first, last = lines[number].corners[[0, -1]]
            way = np.linalg.norm(first - ends, axis=1) + np.linalg.norm(starts - last, axis=1)
            order.insert(int(np.argmin(way - np.linalg.norm(starts - ends, axis=1))), number)
        else:
            order = [number]
    return order


def _order(ends: Floats, first: int) -> tuple[float, list[int]]:
    """The sum of the gaps, and which line comes next, always going on with the nearest start.

    ends: first and last corner of each line, ``[n, 2, 2]``.
    """
    starts = ends[:, 0].copy()
    order, total = [first], 0.0
    starts[first] = np.inf
    for _ in range(len(ends) - 1):
        away = starts - ends[order[-1], 1]
        squares = np.einsum("nc,nc->n", away, away)
        nearest = int(np.argmin(squares))
        total += float(np.sqrt(squares[nearest]))
        order.append(nearest)
        starts[nearest] = np.inf
    return total, order


def _shares(way: Floats) -> Floats:
    """How far along a way each of its corners is, 0 … 1; evenly where it has no length."""
    distances: Floats = np.concatenate(([0.0], np.cumsum(Polyline(way).segment_lengths)))
    return distances / distances[-1] if distances[-1] > 0 else np.linspace(0.0, 1.0, len(way))


def _bridge(before: Floats, after: Floats, box: MapBox, smoothness: float) -> Floats:
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
