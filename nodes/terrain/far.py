"""Places far from every line, and what is to sound there: a blend of the lines around, so that no terrain is grey.

A network that learns lines alone gives nearly the mean of all sounds wherever no line is near: on half the map of
eight sounds. So it is also trained, at some hundred places between the lines, what the lines around give, each
weighed by one over its distance to the sixth power: close to a line nearly its sound alone, in the middle a mixture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .basis import no_check

if TYPE_CHECKING:
    from .network import FloatArray

# Places nearer to a line than this are none of these, of the map's shorter side.
CLEARANCE = 0.7 / 8
# How far outside of the box they may lie, of each side.
BEYOND = 0.05
# Of more points on lines so many are blended, evenly taken.
MOST_POINTS = 8192
USUAL_CYCLES, MOST_TIMES = 1.6, 4.0
# Places looked at between two checks.
PIECE = 64


def far_count(count: int, cycles: float) -> int:
    """How many places are tried: ``count`` up to 1.6 cycles over the map, more for rougher terrains, up to fourfold.

    cycles: the roughness times the square root of the map's area. A rough terrain fills what it is not told of with
    its mean again, and needs places as close as its waves.
    """
    return round(count * min(max(cycles / USUAL_CYCLES, 1.0), MOST_TIMES))


def far_targets(
    x: FloatArray,
    z: FloatArray,
    low: FloatArray,
    high: FloatArray,
    count: int,
    seed: int,
    check_stop: Callable[[], None] = no_check,
) -> tuple[FloatArray, FloatArray]:
    """Places far from every point, float32 ``[up to count, axes]``, and latents for them ``[as many, latents]``.

    x, z: all points of the lines and their latents. low, high: corners of the map. count: places tried; those
    nearer to a line than ``CLEARANCE`` of the map's shorter side, or, where lines lie dense, than half of the
    places tried, are left out. Equal seeds give equal places. check_stop: called between pieces of work.
    """
    random = np.random.default_rng(seed)
    sides = np.asarray(high, np.float64) - low
    places = low + sides * random.uniform(-BEYOND, 1 + BEYOND, (count, len(sides)))
    wanted, nearest = np.empty((count, z.shape[1])), np.empty(count)
    taken = slice(None, None, -(-len(x) // MOST_POINTS))
    points, latents = np.asarray(x[taken], np.float64), np.asarray(z[taken], np.float64)
    for begin in range(0, count, PIECE):
        part = slice(begin, begin + PIECE)
        squares = np.zeros((len(places[part]), len(points)))
        for here, there in zip(places[part].T, points.T, strict=True):
            squares += (here[:, None] - there) ** 2
        least = np.maximum(squares.min(1), 1e-12 * float(sides.max()) ** 2)
        closeness = least[:, None] / np.maximum(squares, least[:, None])
        shares = closeness * closeness * closeness
        wanted[part] = (shares @ latents) / shares.sum(1, keepdims=True)
        nearest[part] = np.sqrt(least)
        check_stop()
    height = max(float(sides.min()), float(sides.max()) / 16)
    far = nearest >= min(CLEARANCE * height, float(np.median(nearest)))
    return places[far].astype(np.float32), wanted[far].astype(np.float32)
