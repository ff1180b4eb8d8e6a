"""A surface in the window: what mouse and pen do goes to a hand, and a picture comes out."""

import time
from collections.abc import Mapping

from . import keys
from .look import Look
from .painter import CLEAR, Painter
from .pens import Pens
from .pointer import Button, Held, Move, Pointer, Press, Release, Touch, Wheel
from .shapes import Colour

DOUBLE_SECONDS, DOUBLE_PIXELS = 0.35, 6.0
BUTTONS: dict[int, Button] = {0: "left", 1: "right", 2: "middle"}


class SurfaceView:
    """A drawlist of the window with its painter. pens: those whose pressure counts; it closes them.

    What is shown says where events go: ``is_busy`` and ``touch``; and how large it is: ``scale``. Places of events
    are in pixels as designed, whatever the scale.
    """

    def __init__(self, parent: int, look: Look, fonts: Mapping[str, int], pens: Pens | None = None) -> None:
        import dearpygui.dearpygui as dpg

        self.size = (400, 300)
        width, height = self.size
        self.box: int = dpg.add_child_window(
            parent=parent, no_scrollbar=True, no_scroll_with_mouse=True, border=False, width=width, height=height
        )
        self.drawlist: int = dpg.add_drawlist(width, height, parent=self.box)
        self._ground = dpg.draw_rectangle((0, 0), self.size, parent=self.drawlist, fill=look.ground, color=(0, 0, 0, 0))
        self.textures: dict[str, int] = {}
        self.registry: int = dpg.add_texture_registry()
        self.painter = Painter(self.drawlist, fonts, self.textures)
        self._border: int = dpg.draw_rectangle((1, 1), self.size, parent=self.drawlist, thickness=2, show=False)
        self.corner = (0.0, 0.0)
        self._pens = pens
        self._last_press: tuple[float, tuple[float, float], Button] = (0.0, (0.0, 0.0), "left")
        self._moved: tuple[float | None, ...] = ()
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(callback=self._clicked)
            dpg.add_mouse_release_handler(callback=self._released)
            dpg.add_mouse_wheel_handler(callback=self._wheeled)

    @property
    def is_busy(self) -> bool:
        """Whether the hand is at work, and hears of what happens elsewhere too."""
        raise NotImplementedError

    def touch(self, touch: Touch) -> None:
        """Give the hand an event."""
        raise NotImplementedError

    @property
    def scale(self) -> float:
        """Pixels for each pixel as designed."""
        raise NotImplementedError

    @property
    def room(self) -> tuple[float, float]:
        """Its size in pixels as designed."""
        return self.size[0] / self.scale, self.size[1] / self.scale

    @property
    def is_inside(self) -> bool:
        """Whether the pointer is within it."""
        x, y = self._here()
        return 0 <= x < self.room[0] and 0 <= y < self.room[1]

    @property
    def is_over(self) -> bool:
        """Whether the pointer is on it, and nothing above it."""
        import dearpygui.dearpygui as dpg

        return bool(self.is_inside and dpg.is_item_hovered(self.box))

    def resize(self, width: int, height: int) -> bool:
        """Take a size in pixels. Gives whether it is another."""
        import dearpygui.dearpygui as dpg

        if (width, height) == self.size or width <= 0 or height <= 0:
            return False
        self.size = (width, height)
        for item in (self.box, self.drawlist):
            dpg.configure_item(item, width=width, height=height)
        dpg.configure_item(self._ground, pmax=self.size)
        dpg.configure_item(self._border, pmax=(width - 1, height - 1))
        return True

    def frame(self, colour: Colour | None) -> None:
        """Draw a frame around all of it, or none."""
        import dearpygui.dearpygui as dpg

        dpg.configure_item(self._border, show=colour is not None, color=colour or CLEAR)

    def repaint(self, look: Look) -> None:
        """Draw everything anew, as after another theme."""
        import dearpygui.dearpygui as dpg

        dpg.configure_item(self._ground, fill=look.ground)
        self.painter.redraw()

    def follow(self) -> None:
        """Once per frame: where it is in the window, and where the pointer is on it."""
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_item_state(self.drawlist).get("rect_min", self.corner)
        self.corner = float(x), float(y)
        mark = (*self._here(), self._pressure)
        if mark != self._moved:
            self._moved = mark
            if self.is_busy or self.is_over:
                self.touch(Move(self._pointer()))

    def close(self) -> None:
        """Follow no pen any more."""
        if self._pens is not None:
            self._pens.close()

    @property
    def _pressure(self) -> float | None:
        return self._pens.pressure if self._pens is not None else None

    def _here(self) -> tuple[float, float]:
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_mouse_pos(local=False)
        return (x - self.corner[0]) / self.scale, (y - self.corner[1]) / self.scale

    def _pointer(self) -> Pointer:
        return Pointer(self._here(), Held(*keys.held()), time.monotonic(), self._pressure)

    def _clicked(self, sender: int, code: int) -> None:
        button = BUTTONS.get(code)
        if button is None or not self.is_over:
            return
        pointer = self._pointer()
        then, there, which = self._last_press
        is_double = which == button and _is_near(pointer.place, there) and pointer.time - then < DOUBLE_SECONDS
        self._last_press = (0.0 if is_double else pointer.time, pointer.place, button)
        self.touch(Press(pointer, button, 2 if is_double else 1))

    def _released(self, sender: int, code: int) -> None:
        button = BUTTONS.get(code)
        if button is not None and self.is_busy:
            pointer = self._pointer()
            self.touch(Move(pointer))
            self.touch(Release(pointer, button))
            if not _is_near(pointer.place, self._last_press[1]):
                self._last_press = (0.0, pointer.place, button)  # a drag is no first half of a double click

    def _wheeled(self, sender: int, steps: float) -> None:
        if self.is_over:
            self.touch(Wheel(self._pointer(), float(steps)))


def _is_near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) < DOUBLE_PIXELS
