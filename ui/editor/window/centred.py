"""A window above the canvas: in its middle, no larger than there is room, closed by its cross or by Escape."""

from collections.abc import Callable

from ..document.desk import Desk
from .widgets import px

TOP = 60
# Frames after one that is first has been closed.
REST_FRAMES = 3


def placed(size: tuple[int, int], room: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a window of a size goes in a room, and how large it may be, in pixels."""
    width, height = (min(wanted, max(120, there - 16)) for wanted, there in zip(size, room, strict=True))
    return (max(0, (room[0] - width) // 2), max(0, (room[1] - height) // 3)), (width, height)


class Floating:
    """One such window at a time. The sound, and the canvas behind it, go on.

    closed: called when it is closed by hand. is_first: whether it is answered before anything else, which is dimmed.
    """

    def __init__(self, desk: Desk, closed: Callable[[], None] = lambda: None, *, is_first: bool = False) -> None:
        import dearpygui.dearpygui as dpg

        self._desk, self._closed, self._is_first = desk, closed, is_first
        self.window: int | None = None
        self._is_closing, self._rest = False, 0
        with dpg.handler_registry():
            dpg.add_key_press_handler(dpg.mvKey_Escape, callback=self._escape)

    @property
    def is_open(self) -> bool:
        """Whether it is open now."""
        return self.window is not None

    @property
    def holds_keys(self) -> bool:
        """Whether it is open, or was closed just now by a key that nobody else shall hear."""
        return self.window is not None or self._is_closing

    def open(self, title: str, width: int, height: int) -> int:
        """Open it in place of what it showed; sizes as designed. Gives the window."""
        import dearpygui.dearpygui as dpg

        self.close()
        size = (px(self._desk, width), px(self._desk, height))
        room = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        pos, (wide, high) = placed(size, room)
        window: int = dpg.add_window(
            label=title,
            width=wide,
            height=high,
            pos=list(pos),
            no_collapse=True,
            no_saved_settings=True,
            modal=self._is_first,
            on_close=lambda: self.dismiss(),
        )
        self.window = window
        return window

    def dismiss(self) -> None:
        """Close it as by hand."""
        if self.window is not None:
            self.close()
            self._closed()

    def close(self) -> None:
        """Close it."""
        import dearpygui.dearpygui as dpg

        if self.window is not None and dpg.does_item_exist(self.window):
            dpg.delete_item(self.window)
        if self.window is not None:
            self._is_closing, self._rest = True, REST_FRAMES if self._is_first else 0
        self.window = None

    def tick(self) -> None:
        """Once per frame, after the keys."""
        self._is_closing = False
        self._rest = max(0, self._rest - 1)

    @property
    def is_free(self) -> bool:
        """Whether another can be opened: the library shows none that is first while the one before is still going."""
        return self.window is None and self._rest == 0

    def _escape(self) -> None:
        self.dismiss()
