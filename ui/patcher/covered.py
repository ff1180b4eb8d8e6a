"""Which cords pass behind cards that they have nothing to do with, so that they can be shown through them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...graphs import Cord
from .layout import Layout
from .routes import Route

# Points between two of a cord's own that are looked at.
BETWEEN = 3


def covered(layout: Layout) -> frozenset[Cord]:
    """Cords a part of which lies under a card at neither of their ends."""
    cords: Mapping[Cord, Route] = layout.cords
    if not cords or not layout.nodes:
        return frozenset()
    names = list(layout.nodes)
    boxes = np.array([(one.box.x0, one.box.y0, one.box.x1, one.box.y1) for one in layout.nodes.values()])
    extents = np.array([(way.extent.x0, way.extent.y0, way.extent.x1, way.extent.y1) for way in cords.values()])
    meets = (
        (extents[:, None, 0] < boxes[None, :, 2])
        & (boxes[None, :, 0] < extents[:, None, 2])
        & (extents[:, None, 1] < boxes[None, :, 3])
        & (boxes[None, :, 1] < extents[:, None, 3])
    )
    found = []
    for row, (cord, way) in zip(meets, cords.items(), strict=True):
        others = [one for one in np.flatnonzero(row) if names[one] not in (cord.source_node, cord.target_node)]
        if others and _is_under(way, boxes[others]):
            found.append(cord)
    return frozenset(found)


def _is_under(way: Route, boxes: NDArray[np.float64]) -> bool:
    points = np.asarray(way.points)
    steps = np.linspace(0, len(points) - 1, (len(points) - 1) * BETWEEN + 1)
    x, y = (np.interp(steps, np.arange(len(points)), points[:, axis])[:, None] for axis in (0, 1))
    return bool(((x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])).any())
