"""The painter: keeps DearPyGui's drawing as the picture is, touching only what changed.

Every piece is a draw node of its own with a translation; the whole hangs on one transform. So panning moves one matrix,
dragging a card one, and zooming re-sizes what the library does not scale by itself (letters, circles, thicknesses) of
the pieces that are seen. Pieces out of sight are hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .shapes import Curve, Disc, Image, Label, Path, Picture, Polygon, Rectangle, Shape, ShapeGroup, Stroke
from .view import View

LAYERS = 8
CLEAR = (0, 0, 0, 0)
FINE = 0.42
# The library counts a letter's height otherwise than layouts do.
LETTERS = 1.13
# Pixels; smaller letters are not drawn.
SMALLEST_TEXT = 4.0


@dataclass
class _Kept:
    """A piece as it is drawn: its node, its items that change with the scale, and at which scale they are."""

    piece: ShapeGroup
    node: int
    sized: list[tuple[int, Callable[[float], dict[str, Any]]]] = field(default_factory=list)
    scale: float = 0.0
    is_shown: bool = True


class Painter:
    """Draws pictures on a drawlist. fonts: bound to letters by face. textures: by name, for images."""

    def __init__(self, drawlist: int, fonts: Mapping[str, int], textures: Mapping[str, int]) -> None:
        import dearpygui.dearpygui as dpg

        self._fonts, self._textures = fonts, textures
        self._root = dpg.add_draw_node(parent=drawlist)
        self._layers = [dpg.add_draw_node(parent=self._root) for _ in range(LAYERS)]
        self._kept: dict[str, _Kept] = {}
        self._view: View | None = None

    def paint(self, picture: Picture, view: View, size: tuple[float, float]) -> None:
        """Let the drawing be this picture through this view; size: of the canvas in pixels."""
        import dearpygui.dearpygui as dpg

        if self._view is None or view != self._view:
            x, y = view.corner
            scaling = dpg.create_scale_matrix([view.scale, view.scale, 1.0])
            dpg.apply_transform(self._root, scaling * dpg.create_translation_matrix([-x, -y, 0.0]))
            self._view = view
        seen = view.seen(size).grown(20 / view.scale)
        for name in self._kept.keys() - picture.keys():
            dpg.delete_item(self._kept.pop(name).node)
        for name, piece in picture.items():
            kept = self._kept.get(name)
            if kept is None:
                kept = self._kept[name] = _Kept(piece, dpg.add_draw_node(parent=self._layers[piece.layer]))
                self._place(kept)
                self._draw(kept, view.scale)
            elif kept.piece is not piece:
                before, kept.piece = kept.piece, piece
                if before.place != piece.place:
                    self._place(kept)
                if before.shapes is not piece.shapes and before.shapes != piece.shapes:
                    self._draw(kept, view.scale)
            x, y = piece.place
            is_seen = seen.meets(piece.extent.moved((x, y)))
            if is_seen != kept.is_shown:
                dpg.configure_item(kept.node, show=is_seen)
                kept.is_shown = is_seen
            if is_seen and kept.scale != view.scale:
                for item, sizes in kept.sized:
                    dpg.configure_item(item, **sizes(view.scale))
                kept.scale = view.scale

    def redraw(self) -> None:
        """Draw everything anew, as after another theme or a texture of another size."""
        import dearpygui.dearpygui as dpg

        for kept in self._kept.values():
            dpg.delete_item(kept.node)
        self._kept.clear()
        self._view = None

    def _place(self, kept: _Kept) -> None:
        import dearpygui.dearpygui as dpg

        x, y = kept.piece.place
        dpg.apply_transform(kept.node, dpg.create_translation_matrix([x, y, 0.0]))

    def _draw(self, kept: _Kept, scale: float) -> None:
        import dearpygui.dearpygui as dpg

        if kept.sized or kept.scale:
            dpg.delete_item(kept.node, children_only=True)
        kept.sized, kept.scale = [], scale
        for shape in kept.piece.shapes:
            self._add(kept, shape, scale)

    def _add(self, kept: _Kept, shape: Shape, scale: float) -> None:
        import dearpygui.dearpygui as dpg

        node = kept.node
        match shape:
            case Rectangle(box, fill, line, thickness, rounding):

                def panel_sizes(scale: float) -> dict[str, Any]:
                    return {"thickness": whole(thickness * scale), "rounding": rounding * scale}

                item = dpg.draw_rectangle(
                    (box.x0, box.y0),
                    (box.x1, box.y1),
                    parent=node,
                    color=line or CLEAR,
                    fill=fill or CLEAR,
                    **panel_sizes(scale),
                )
                kept.sized.append((item, panel_sizes))
            case Stroke(points, colour, thickness):
                item = dpg.draw_polyline(
                    points.listed() if isinstance(points, Path) else points,
                    parent=node,
                    color=colour,
                    thickness=whole(thickness * scale),
                )
                kept.sized.append((item, _thick(thickness)))
            case Curve(begin, pull, push, end, colour, thickness):
                item = dpg.draw_bezier_cubic(
                    begin,
                    pull,
                    push,
                    end,
                    parent=node,
                    color=colour,
                    **_curved(thickness)(scale),
                )
                kept.sized.append((item, _curved(thickness)))
            case Disc(centre, radius, fill, line, thickness):

                def disc_sizes(scale: float) -> dict[str, Any]:
                    return {"radius": radius * scale, "thickness": whole(thickness * scale)}

                item = dpg.draw_circle(
                    centre, parent=node, color=line or fill or CLEAR, fill=fill or CLEAR, **disc_sizes(scale)
                )
                kept.sized.append((item, disc_sizes))
            case Polygon(points, fill, line, thickness):
                closed = [list(point) for point in (*points, points[0])]
                item = dpg.draw_polygon(
                    closed,
                    parent=node,
                    color=line or fill or CLEAR,
                    fill=fill or CLEAR,
                    thickness=whole(thickness * scale),
                )
                kept.sized.append((item, _thick(thickness)))
            case Label(place, text, size, colour, face):

                def label_sizes(scale: float) -> dict[str, Any]:
                    return {"size": LETTERS * size * scale, "show": size * scale >= SMALLEST_TEXT}

                item = dpg.draw_text(place, text, parent=node, color=colour, **label_sizes(scale))
                font = self._fonts.get(face)
                if font is not None:
                    dpg.bind_item_font(item, font)
                kept.sized.append((item, label_sizes))
            case Image():
                self._image(node, shape)

    def _image(self, node: int, image: Image) -> None:
        import dearpygui.dearpygui as dpg

        texture, box = self._textures.get(image.name), image.box
        if texture is not None:
            x0, y0, x1, y1 = image.inside
            dpg.draw_image(texture, (box.x0, box.y0), (box.x1, box.y1), uv_min=(x0, y0), uv_max=(x1, y1), parent=node)


def _thick(thickness: float, least: float = 1.0) -> Callable[[float], dict[str, Any]]:
    return lambda scale: {"thickness": whole(thickness * scale, least)}


def whole(pixels: float, least: float = 1.0) -> float:
    """A line's thickness in whole pixels, which the library draws from a texture, in half the time."""
    return max(least, float(round(pixels)))


def _curved(thickness: float) -> Callable[[float], dict[str, Any]]:
    """From afar a curve needs fewer pieces."""
    return lambda scale: {"thickness": whole(thickness * scale), "segments": 28 if scale > FINE else 10}
