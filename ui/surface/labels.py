"""Names beside their marks, placed so that none lies on another; one that finds no room is left out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...graphs import Point

# Left, top, right, bottom in pixels.
Rectangle = tuple[float, float, float, float]
# So many names are placed at most: beyond, a map is too full to be read anyhow.
MOST = 400


def placed(
    marks: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    radius: float,
    within: Rectangle | None = None,
    busy: ArrayLike = (),
) -> list[Rectangle | None]:
    """Where each name goes, the first ones first; None: it finds no room.

    marks: centres of the discs that are named, none of which is covered; radius: of each. sizes: width and height of
    each name, (0, 0) for none. within: what no name leaves. busy: points ``[n, 2]``; a name hides as few as it can.
    """
    taken: NDArray[np.float64] = np.array([(x - radius, y - radius, x + radius, y + radius) for x, y in marks])
    points = np.asarray(busy, np.float64).reshape(-1, 2)
    found: list[Rectangle | None] = [None] * len(marks)
    for index, ((x, y), (wide, high)) in enumerate(zip(marks[:MOST], sizes[:MOST], strict=True)):
        if wide <= 0:
            continue
        near, across = radius + 3.0, y - high / 2
        corners = np.array(
            [
                (x + near, across),
                (x - near - wide, across),
                (x - wide / 2, y - near - high),
                (x - wide / 2, y + near),
                (x + near * 0.7, y - near - high * 0.7),
                (x + near * 0.7, y + near - high * 0.3),
                (x - near * 0.7 - wide, y - near - high * 0.7),
                (x - near * 0.7 - wide, y + near - high * 0.3),
            ]
        )
        areas = np.hstack([corners, corners + np.array([wide, high])])
        free = ~_meet(areas, taken).any(axis=1)
        if within is not None:
            free &= (areas[:, :2] >= within[:2]).all(axis=1) & (areas[:, 2:] <= within[2:]).all(axis=1)
        if free.any():
            hidden = np.array([_holds(area, points) for area in areas])
            best = areas[int(np.argmin(np.where(free, hidden, len(points) + 1)))]
            found[index] = (float(best[0]), float(best[1]), float(best[2]), float(best[3]))
            taken = np.vstack([taken, best])
    return found


def _meet(areas: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the areas ``[n, 4]`` lie on which of the others ``[m, 4]``: ``[n, m]``."""
    one, other = areas[:, np.newaxis], others[np.newaxis]
    met: NDArray[np.bool_] = np.all((one[..., :2] < other[..., 2:]) & (other[..., :2] < one[..., 2:]), axis=-1)
    return met


def _holds(area: NDArray[np.float64], points: NDArray[np.float64]) -> int:
    return int(((points >= area[:2]) & (points <= area[2:])).all(axis=1).sum())
