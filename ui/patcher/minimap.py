"""The minimap: all of the patch in a corner, where one is in it, and a way to go elsewhere."""

from dataclasses import dataclass, replace

from ...graphs import Point
from ..surface.look import Look, faded
from ..surface.shapes import Box, Rectangle, Shape, ShapeGroup
from ..surface.view import View
from .layout import Layout

LARGEST = (190.0, 120.0)
GAP, EDGE = 14.0, 6.0


@dataclass(frozen=True)
class Minimap:
    """box: where it is in the window, pixels; part: what of the canvas it shows; scale: pixels per canvas unit."""

    box: Box
    part: Box
    scale: float

    def to_window(self, place: Point) -> Point:
        """Where a canvas point is shown."""
        x, y = self.box.x0 + EDGE, self.box.y0 + EDGE
        return x + (place[0] - self.part.x0) * self.scale, y + (place[1] - self.part.y0) * self.scale

    def to_canvas(self, place: Point) -> Point:
        """Which canvas point is shown at a pixel."""
        x, y = place[0] - self.box.x0 - EDGE, place[1] - self.box.y0 - EDGE
        return self.part.x0 + x / self.scale, self.part.y0 + y / self.scale

    def centred(self, view: View, place: Point, size: Point) -> View:
        """A view with what the minimap shows at a pixel in its middle."""
        x, y = self.to_canvas(place)
        return replace(view, corner=(x - size[0] / 2 / view.scale, y - size[1] / 2 / view.scale))


def minimap(layout: Layout, view: View, size: Point) -> Minimap | None:
    """The minimap of a window of so many pixels; None while all of the patch is in sight, or there is no room."""
    bounds, seen = layout.bounds, view.seen(size)
    if bounds is None or size[0] < 2.5 * LARGEST[0] or size[1] < 2.0 * LARGEST[1]:
        return None
    is_seen = seen.holds((bounds.x0, bounds.y0)) and seen.holds((bounds.x1, bounds.y1))
    if is_seen:
        return None
    part = bounds.joined(seen)
    scale = min((LARGEST[0] - 2 * EDGE) / max(part.width, 1.0), (LARGEST[1] - 2 * EDGE) / max(part.height, 1.0))
    wide, high = part.width * scale + 2 * EDGE, part.height * scale + 2 * EDGE
    x, y = size[0] - GAP, size[1] - GAP
    return Minimap(Box(x - wide, y - high, x, y), part, scale)


def minimap_cards(found: Minimap, layout: Layout, selection: frozenset[str], look: Look) -> ShapeGroup:
    """All cards as small panels; the same until the patch, or what the minimap shows of the canvas, changes."""
    shapes: list[Shape] = [Rectangle(found.box, fill=faded(look.card, 0.9), line=look.edge, rounding=4.0)]
    for name, place in layout.nodes.items():
        fill = look.chosen if name in selection else look.quiet
        shapes.append(Rectangle(_shown(found, place.box), fill=faded(fill, 0.8)))
    return ShapeGroup((0.0, 0.0), tuple(shapes), found.box)


def minimap_frame(found: Minimap, view: View, size: Point, look: Look) -> ShapeGroup:
    """The window as a frame among them."""
    seen = _shown(found, view.seen(size))
    return ShapeGroup((0.0, 0.0), (Rectangle(seen, fill=faded(look.chosen, 0.1), line=look.chosen),), found.box, 1)


def _shown(found: Minimap, box: Box) -> Box:
    (x0, y0), (x1, y1) = found.to_window((box.x0, box.y0)), found.to_window((box.x1, box.y1))
    return Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
