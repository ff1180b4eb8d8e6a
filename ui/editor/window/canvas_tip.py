"""The words that come when the pointer rests on a card's title, a port or a control of the canvas."""

from ...patcher.described import Description, description_at
from ...patcher.hits import Hit
from ..document.desk import Desk
from .widgets import font, look_of, px

REST_SECONDS = 0.5
WIDTH = 300


class CanvasTip:
    """As the tips of other widgets, but of what is drawn: words by the pointer that never take a click.

    box: what is drawn on. A window of our own would lie in the way of the control beside.
    """

    def __init__(self, desk: Desk, box: int) -> None:
        import dearpygui.dearpygui as dpg

        self._desk = desk
        self._hit: Hit | None = None
        self._since = 0.0
        self._shown: Description | None = None
        self.window: int = dpg.add_tooltip(box, show=False)

    @property
    def shown(self) -> Description | None:
        """What it says now."""
        return self._shown

    def follow(self, hit: Hit, now: float) -> None:
        """Once per frame. hit: what the pointer is on, seconds ``now``; nothing while a gesture goes on."""
        import dearpygui.dearpygui as dpg

        is_pressed = dpg.is_mouse_button_down(dpg.mvMouseButton_Left)
        if hit != self._hit or is_pressed:
            self._hit, self._since = hit, now
        found = description_at(self._desk.layout, hit) if now - self._since >= REST_SECONDS else None
        if found == self._shown:
            return
        self._shown = found
        dpg.configure_item(self.window, show=found is not None)
        if found is not None:
            self._fill(found)

    def _fill(self, found: Description) -> None:
        import dearpygui.dearpygui as dpg

        desk, look = self._desk, look_of(self._desk)
        dpg.delete_item(self.window, children_only=True)
        title = dpg.add_text(found.title, parent=self.window, wrap=px(desk, WIDTH))
        face = font(desk, "title")
        if face is not None:
            dpg.bind_item_font(title, face)
        for line in found.lines:
            dpg.add_text(line, parent=self.window, wrap=px(desk, WIDTH))
        if found.keys:
            dpg.add_text(found.keys, parent=self.window, wrap=px(desk, WIDTH), color=look.quiet)
