"""Which cords pass behind cards that they have nothing to do with, so that they can be shown through them."""

import numpy as np
from numpy.typing import NDArray

from ...graphs import Cord
from ..surface.shapes import Box
from .layout import Layout
from .routes import Route

# Points between two of a cord's own that are looked at.
BETWEEN = 3


class CoveredCords:
    """Cords a part of which lies under a card at neither of their ends.

    After an edit only those are looked at that were moved, or that pass where a card was or is that was.
    """

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._found: frozenset[Cord] = frozenset()

    def of(self, layout: Layout) -> frozenset[Cord]:
        """Those of a layout."""
        before = self._layout
        if layout is before:
            return self._found
        self._layout = layout
        known = before.nodes if before is not None else {}
        moved = [one.box for name, one in layout.nodes.items() if known.get(name) is not one]
        moved += [one.box for name, one in known.items() if layout.nodes.get(name) is not one]
        boxes = np.array([_edges(one.box) for one in layout.nodes.values()]).reshape(-1, 4)
        names = list(layout.nodes)
        found = set()
        for cord, way in layout.cords.items():
            is_same = before is not None and before.cords.get(cord) is way
            if is_same and not any(way.extent.meets(box) for box in moved):
                if cord in self._found:
                    found.add(cord)
            elif _is_covered(cord, way, boxes, names):
                found.add(cord)
        self._found = frozenset(found)
        return self._found


def _is_covered(cord: Cord, way: Route, boxes: NDArray[np.float64], names: list[str]) -> bool:
    x0, y0, x1, y1 = _edges(way.extent)
    meets = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
    others = [one for one in np.flatnonzero(meets) if names[one] not in (cord.source_node, cord.target_node)]
    return bool(others) and _is_under(way, boxes[others])


def _is_under(way: Route, boxes: NDArray[np.float64]) -> bool:
    points = np.asarray(way.points)
    steps = np.linspace(0, len(points) - 1, (len(points) - 1) * BETWEEN + 1)
    x, y = (np.interp(steps, np.arange(len(points)), points[:, axis])[:, None] for axis in (0, 1))
    return bool(((x > boxes[:, 0]) & (x < boxes[:, 2]) & (y > boxes[:, 1]) & (y < boxes[:, 3])).any())


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1
