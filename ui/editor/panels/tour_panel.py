"""The tour in the window: a small panel that says what to do, and a frame around the control it is about."""

from ...patcher.window_requests import Ask
from ..document.desk import Desk
from ..document.tour import STEPS
from ..window.landmarks import box_of
from ..window.panel import Place
from ..window.widgets import button, head, look_of, loud, px, small, unframed, words

WIDTH, MARGIN, FRAME = 330, 18, 3.0


class TourPanel:
    """Stands at the bottom right, over everything but dialogs; nothing is locked meanwhile."""

    name, title = "tour", "Tour"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """A hidden window, and what frames are drawn on."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._shown: int | None = None
        self._framed: tuple[object, ...] | None = None
        self._drawing: int = dpg.add_viewport_drawlist(front=True)
        self.window = unframed(label="Tour")

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Follow the tour, and what it points at."""
        import dearpygui.dearpygui as dpg

        tour = self.desk.tour
        tour.tick(now)
        if tour.step != self._shown:
            self._shown = tour.step
            dpg.configure_item(self.window, show=tour.step is not None)
            if tour.step is not None:
                self._fill(tour.step)
        if tour.step is not None:
            wide, high = dpg.get_item_rect_size(self.window)
            room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
            margin = px(self.desk, MARGIN)
            dpg.set_item_pos(self.window, [int(room[0] - wide - margin), int(room[1] - high - margin)])
        self._frame()

    def _fill(self, number: int) -> None:
        import dearpygui.dearpygui as dpg

        desk, step = self.desk, STEPS[number]
        dpg.delete_item(self.window, children_only=True)
        small(desk, self.window, f"Tour, {number + 1} of {len(STEPS)}")
        head(desk, self.window, step.title, "head")
        words(desk, self.window, step.text, look_of(desk).text, px(desk, WIDTH))
        with dpg.group(horizontal=True, parent=self.window) as row:
            is_last = number + 1 == len(STEPS)
            following = button(row, "Finish" if is_last else "Next", desk.tour.next, px(desk, 90))
            dpg.bind_item_theme(following, loud(desk))
            button(row, "Leave the tour", desk.tour.leave, px(desk, 120))
            words(desk, row, "Esc")

    def _frame(self) -> None:
        """A frame around what the step is about, drawn anew only when that moves."""
        import dearpygui.dearpygui as dpg

        desk, step = self.desk, self.desk.tour.current
        box = box_of(step.points_at(desk)) if step is not None else None
        mark = (box, look_of(desk).name)
        if mark == self._framed:
            return
        self._framed = mark
        dpg.delete_item(self._drawing, children_only=True)
        if box is not None:
            x0, y0, x1, y1 = box
            edge = px(desk, FRAME)
            dpg.draw_rectangle(
                (x0 - edge, y0 - edge),
                (x1 + edge, y1 + edge),
                color=look_of(desk).chosen,
                thickness=edge,
                rounding=px(desk, 5),
                parent=self._drawing,
            )
