"""The words that come when the pointer rests on a card's title, a port or a control of the canvas."""

from ...patcher.described import Description, description_at
from ...patcher.hits import Hit
from ..document.desk import Desk
from .widgets import font, look_of, px

REST_SECONDS = 0.5
WIDTH, AWAY = 300, 18


class CanvasTip:
    """A small window beside the pointer, as the tips of other widgets; nothing can be clicked in it."""

    def __init__(self, desk: Desk) -> None:
        import dearpygui.dearpygui as dpg

        self._desk = desk
        self._hit: Hit | None = None
        self._since = 0.0
        self._shown: Description | None = None
        self.window: int = dpg.add_window(
            show=False,
            no_title_bar=True,
            no_resize=True,
            no_move=True,
            no_saved_settings=True,
            no_focus_on_appearing=True,
            no_scrollbar=True,
            autosize=True,
        )

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
        # Beside the pointer, where there is room: a window under it would take the canvas's clicks.
        x, y = dpg.get_mouse_pos(local=False)
        away, wide, high = px(desk, AWAY), px(desk, WIDTH + 24), px(desk, 26 * (len(found.lines) + 3))
        room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        left = x + away if x + away + wide <= room[0] else x - away - wide
        top = y + away if y + away + high <= room[1] else y - away - high
        dpg.set_item_pos(self.window, [max(0, int(left)), max(0, int(top))])
