"""The map in the window: the hand in, the picture out."""

import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from ....engine.values import FloatArray
from ...map.hand import MapHand
from ...map.scene import MapScene, Trails
from ...map.tiles import WHOLE, Tiles
from ...surface import keys
from ...surface.look import THEMES, Look
from ...surface.painter import Painter
from ...surface.pens import Pens
from ...surface.pointer import Button, Held, Move, Pointer, Press, Release, Wheel
from ...surface.view import View
from ..document.desk import Desk

DOUBLE_SECONDS, DOUBLE_PIXELS = 0.35, 6.0
BUTTONS: dict[int, Button] = {0: "left", 1: "right", 2: "middle"}
Corners = tuple[float, float, float, float]


class ImageShown(Protocol):
    """A picture of the terrain: RGBA ``[rows, columns, 4]`` uint8, and left, top, right, bottom in value units."""

    @property
    def pixels(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """The picture; the same array until there is a newer one."""
        ...

    @property
    def view(self) -> Corners:
        """What it shows."""
        ...


class MapView:
    """A drawlist that shows a canvas and gives its hand what the mouse does."""

    def __init__(self, parent: int, desk: Desk, fonts: Mapping[str, int]) -> None:
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self.box: int = dpg.add_child_window(
            parent=parent, no_scrollbar=True, no_scroll_with_mouse=True, border=False, width=400, height=200
        )
        self.drawlist: int = dpg.add_drawlist(400, 200, parent=self.box)
        self.textures: dict[str, int] = {}
        self._ground = dpg.draw_rectangle(
            (0, 0), (400, 200), parent=self.drawlist, fill=self.look.ground, color=(0, 0, 0, 0)
        )
        self._scene, self._painter = MapScene(), Painter(self.drawlist, fonts, self.textures)
        self._registry = dpg.add_texture_registry()
        self._trails: dict[str, Trails] = {}
        self._pens = Pens() if sys.platform == "linux" else None
        self._tiles = Tiles(self._upload, self._drop)
        self.corner, self.size = (0.0, 0.0), (400, 200)
        self._last_press = (0.0, (0.0, 0.0), "left")
        self._moved: tuple[float | None, ...] = ()
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(callback=self._clicked)
            dpg.add_mouse_release_handler(callback=self._released)
            dpg.add_mouse_wheel_handler(callback=self._wheeled)

    @property
    def look(self) -> Look:
        """The present theme."""
        return THEMES[self.desk.settings.theme]

    @property
    def hand(self) -> MapHand | None:
        """The hand on the canvas that is seen."""
        return self.desk.maps.current

    @property
    def is_over(self) -> bool:
        """Whether the pointer is on it, and nothing above it."""
        import dearpygui.dearpygui as dpg

        return bool(self.is_inside and dpg.is_item_hovered(self.box))

    @property
    def is_inside(self) -> bool:
        """Whether the pointer is within it."""
        x, y = self._here()
        return 0 <= x < self.size[0] and 0 <= y < self.size[1]

    def resize(self, width: int, height: int) -> None:
        """Take a size in pixels."""
        import dearpygui.dearpygui as dpg

        if (width, height) != self.size and width > 0 and height > 0:
            self.size = (width, height)
            for item in (self.box, self.drawlist):
                dpg.configure_item(item, width=width, height=height)
            dpg.configure_item(self._ground, pmax=(width, height))

    def close(self) -> None:
        """Follow no pen any more."""
        if self._pens is not None:
            self._pens.close()

    @property
    def _pressure(self) -> float | None:
        return self._pens.pressure if self._pens is not None else None

    def restyle(self) -> None:
        """After another theme."""
        import dearpygui.dearpygui as dpg

        dpg.configure_item(self._ground, fill=self.look.ground)
        self._painter.redraw()

    def tick(self, terrain: ImageShown | None) -> bool:
        """Once per frame: follow the pointer, paint. Gives whether something moves."""
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_item_state(self.drawlist).get("rect_min", self.corner)
        self.corner = float(x), float(y)
        hand = self.hand
        self.desk.maps.has_pointer = hand is not None and (self.is_over or hand.is_busy)
        if hand is None:
            self._painter.paint({}, View(), self.size)
            return False
        if hand.sheet.view.size != self.size:
            hand.sheet.view = hand.sheet.view.resized((float(self.size[0]), float(self.size[1])))
        mark = (*self._here(), self._pressure)
        if mark != self._moved:
            self._moved = mark
            if hand.is_busy or self.is_over:
                hand.touch(Move(self._pointer()))
        return self._paint(hand, terrain) or hand.is_busy

    def _paint(self, hand: MapHand, terrain: ImageShown | None) -> bool:
        node = hand.sheet.node
        trails = self._trails.setdefault(node, Trails())
        places: FloatArray | None = self.desk.sound.reading(node, "places") if self.desk.sound.status.is_on else None
        before = trails.places
        trails.add(places)
        shown = self._tiles.take(*((terrain.pixels, terrain.view) if terrain is not None else (None, WHOLE)))
        picture = self._scene.picture(hand, self.look, trails, shown)
        self._painter.paint(picture, View(hand.sheet.view.corner, 1.0), self.size)
        self._tiles.tidy()
        return self._tiles.is_busy or before.shape != trails.places.shape or not np.array_equal(before, trails.places)

    def _upload(self, name: str, pixels: FloatArray) -> None:
        import dearpygui.dearpygui as dpg

        rows, columns = pixels.shape[:2]
        self.textures[name] = dpg.add_static_texture(columns, rows, pixels.reshape(-1), parent=self._registry)

    def _drop(self, name: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self.textures.pop(name))

    def _here(self) -> tuple[float, float]:
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_mouse_pos(local=False)
        return x - self.corner[0], y - self.corner[1]

    def _pointer(self) -> Pointer:
        return Pointer(self._here(), Held(*keys.held()), time.monotonic(), self._pressure)

    def _clicked(self, sender: int, code: int) -> None:
        button, hand = BUTTONS.get(code), self.hand
        if button is None or hand is None or not self.is_over:
            return
        pointer = self._pointer()
        then, there, which = self._last_press
        is_near = abs(pointer.place[0] - there[0]) + abs(pointer.place[1] - there[1]) < DOUBLE_PIXELS
        is_double = which == button and is_near and pointer.time - then < DOUBLE_SECONDS
        self._last_press = (0.0 if is_double else pointer.time, pointer.place, button)
        hand.touch(Press(pointer, button, 2 if is_double else 1))

    def _released(self, sender: int, code: int) -> None:
        button, hand = BUTTONS.get(code), self.hand
        if button is not None and hand is not None and hand.is_busy:
            pointer = self._pointer()
            hand.touch(Move(pointer))
            hand.touch(Release(pointer, button))
            here, (_, there, _) = pointer.place, self._last_press
            if abs(here[0] - there[0]) + abs(here[1] - there[1]) >= DOUBLE_PIXELS:
                self._last_press = (0.0, here, button)

    def _wheeled(self, sender: int, steps: float) -> None:
        hand = self.hand
        if hand is not None and self.is_over:
            hand.touch(Wheel(self._pointer(), float(steps)))
