"""The ground of the canvas: lines to move cards by."""

from math import floor

from ...graphs import Point
from ..surface.look import Look
from ..surface.shapes import Box, Shape, ShapeGroup, Stroke
from ..surface.view import View

# Canvas units between lines; from farther than this scale there are none, where they would cost more than they tell.
STEP, FARTHEST = 64.0, 0.45
# Lines are drawn so many steps beyond what is seen, so that panning draws none anew for a while.
MARGIN = 8
NOTHING = ShapeGroup((0.0, 0.0), (), Box(0.0, 0.0, 0.0, 0.0))


def ground(view: View, size: Point, look: Look) -> ShapeGroup:
    """Lines over what a window of so many pixels shows of the canvas, and some way beyond."""
    step = STEP
    if view.scale < FARTHEST:
        return NOTHING
    seen, beyond = view.seen(size), MARGIN * step
    left, top = (floor(edge / beyond) * beyond for edge in (seen.x0, seen.y0))
    right, bottom = ((floor(edge / beyond) + 1) * beyond for edge in (seen.x1, seen.y1))
    shapes: list[Shape] = []
    for index in range(round((right - left) / step) + 1):
        x = left + index * step
        shapes.append(Stroke(((x, top), (x, bottom)), look.grid, 1.0))
    for index in range(round((bottom - top) / step) + 1):
        y = top + index * step
        shapes.append(Stroke(((left, y), (right, y)), look.grid, 1.0))
    return ShapeGroup((0.0, 0.0), tuple(shapes), Box(left, top, right, bottom))
