"""What stands on an empty canvas: the ways to begin, in its middle."""

from functools import partial

from ...patcher.window_requests import Ask, OpenSearch, Show
from ..actions.sounds import add_sounds
from ..document.desk import Desk
from ..window.landmarks import landmark
from ..window.panel import Place
from ..window.widgets import button, head, loud, px, unframed, words

WIDTH = 420


class EmptyCanvas:
    """A window without a frame, while the patch has no nodes and nothing else is asked."""

    name, title = "empty", "Begin"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Made once, shown when there is nothing else."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self.window = unframed()
        head(desk, self.window, "An empty patch")
        words(desk, self.window, "Drop sounds or folders anywhere on the window, or begin with:", wrap=px(desk, WIDTH))
        with dpg.group(horizontal=True, parent=self.window) as row:
            sounds = button(row, "Add sounds …", partial(add_sounds, desk), px(desk, 126))
            dpg.bind_item_theme(sounds, loud(desk))
            landmark(sounds, "add sounds")
            button(row, "Example …", partial(desk.ask, Show("starters")), px(desk, 126))
            button(row, "Add a node …", lambda: desk.ask(OpenSearch(desk.pointer)), px(desk, 126))

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Be there while the patch is empty, in the middle of its canvas."""
        import dearpygui.dearpygui as dpg

        is_shown = not self.desk.patch.nodes and not self.desk.is_locked
        if is_shown != dpg.is_item_shown(self.window):
            dpg.configure_item(self.window, show=is_shown)
        if is_shown:
            left, top = self.desk.canvas_corner
            wide, high = dpg.get_item_rect_size(self.window)
            across, down = (px(self.desk, one) for one in self.desk.window_size)
            dpg.set_item_pos(self.window, [int(left + (across - wide) / 2), int(top + (down - high) / 2.5)])
