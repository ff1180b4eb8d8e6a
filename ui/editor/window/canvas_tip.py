"""The words that come when the pointer rests on a card's title, a port or a control of the canvas."""

from ...patcher.described import Description, description_at
from ...patcher.hits import Hit
from ...surface.look import measure, wrapped
from ..document.desk import Desk
from .themes import SIZES
from .widgets import font, look_of, px

REST_SECONDS = 0.5
# Pixels at scale 1: of a line's text at most, from the pointer, around the text, from line to line.
WIDTH, AWAY, PAD, LINE = 300, 16, 9, 19


class CanvasTip:
    """As the tips of other widgets, but of what is drawn.

    It is painted over everything: a window by the pointer would take the clicks for the control beside.
    """

    def __init__(self, desk: Desk) -> None:
        import dearpygui.dearpygui as dpg

        self._desk = desk
        self._hit: Hit | None = None
        self._since = 0.0
        self._shown: Description | None = None
        self._drawing: int = dpg.add_viewport_drawlist(front=True)

    @property
    def shown(self) -> Description | None:
        """What it says now."""
        return self._shown

    def follow(self, hit: Hit, now: float) -> None:
        """Once per frame. hit: what the pointer is on, seconds ``now``; nothing while a gesture goes on."""
        import dearpygui.dearpygui as dpg

        if hit != self._hit or dpg.is_mouse_button_down(dpg.mvMouseButton_Left):
            self._hit, self._since = hit, now
        found = description_at(self._desk.layout, hit) if now - self._since >= REST_SECONDS else None
        if found == self._shown:
            return
        self._shown = found
        dpg.delete_item(self._drawing, children_only=True)
        if found is not None:
            self._paint(found)

    def _paint(self, found: Description) -> None:
        import dearpygui.dearpygui as dpg

        desk, look = self._desk, look_of(self._desk)
        said = [(found.title, "title", look.text), *((one, "text", look.text) for one in found.lines)]
        if found.keys:
            said.append((found.keys, "text", look.quiet))
        lines = [
            (line, face, colour) for text, face, colour in said for line in wrapped(text, SIZES[face], WIDTH, face)
        ]
        pad, high = px(desk, PAD), px(desk, LINE)
        width = px(desk, max(measure(line, SIZES[face], face) for line, face, _ in lines)) + 2 * pad
        height = high * len(lines) + 2 * pad
        x, y = dpg.get_mouse_pos(local=False)
        away, room = px(desk, AWAY), (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        left = x + away if x + away + width <= room[0] else max(0.0, x - away - width)
        top = y + away if y + away + height <= room[1] else max(0.0, y - away - height)
        dpg.draw_rectangle(
            (left, top),
            (left + width, top + height),
            color=look.edge,
            fill=look.card,
            rounding=px(desk, 5),
            parent=self._drawing,
        )
        for index, (line, face, colour) in enumerate(lines):
            place = (left + pad, top + pad + index * high)
            item = dpg.draw_text(place, line, color=colour, size=px(desk, SIZES[face]), parent=self._drawing)
            made = font(desk, face)
            if made is not None:
                dpg.bind_item_font(item, made)
