"""The canvas in the window: hands in, picture out."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ....graphs import Cord
from ...patcher.hand import PatchHand
from ...patcher.hits import OnCord, OnPort
from ...patcher.minimap import minimap_cards, minimap_frame
from ...patcher.overlay import NOTHING
from ...patcher.scene import Scene, SceneState, detail_of
from ...surface import keys
from ...surface.look import THEMES, Look
from ...surface.painter import Painter
from ...surface.pointer import Button, Held, Move, Pointer, Press, Release, Wheel
from ...surface.shapes import Picture, ShapeGroup
from ...surface.view import View
from ..document.desk import Desk

DOUBLE_SECONDS, DOUBLE_PIXELS = 0.35, 6.0
BUTTONS: dict[int, Button] = {0: "left", 1: "right", 2: "middle"}
QUIETEST = 1e-4
PLAIN = View()
LIVELY_EVERY = 2
"""Frames between two looks at what the engine shows; all else is looked at every frame."""


def _nothing(cord: Cord) -> float:
    return 0.0


def _dark(node: str, name: str) -> None:
    return None


class CanvasView:
    """A drawlist that shows the desk's patch and gives its hand what the mouse does."""

    def __init__(self, parent: int, desk: Desk, fonts: Mapping[str, int]) -> None:
        import dearpygui.dearpygui as dpg

        self.desk, self.hand = desk, PatchHand(desk)
        self.box: int = dpg.add_child_window(
            parent=parent, no_scrollbar=True, no_scroll_with_mouse=True, border=False, width=400, height=300
        )
        self.drawlist: int = dpg.add_drawlist(400, 300, parent=self.box)
        self.textures: dict[str, int] = {}
        self._ground = dpg.draw_rectangle(
            (0, 0), (400, 300), parent=self.drawlist, fill=self.look.ground, color=(0, 0, 0, 0)
        )
        self._scene, self._painter = Scene(), Painter(self.drawlist, fonts, self.textures)
        self._small = Painter(self.drawlist, fonts, self.textures)
        self._mapped: tuple[object, ShapeGroup] | None = None
        self.corner = (0.0, 0.0)
        self._size = (400, 300)
        self._last_press = (0.0, (0.0, 0.0), "left")
        self._moved: tuple[float, float] = (-1.0, -1.0)
        self._space_used = False
        self._peaks: dict[str, tuple[int, float]] = {}
        self._pictured: tuple[SceneState, Picture] | None = None
        self._frame = 0
        self.is_covered = False
        """Whether nothing of it is to be seen."""
        self._registry = dpg.add_texture_registry()
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(callback=self._clicked)
            dpg.add_mouse_release_handler(callback=self._released)
            dpg.add_mouse_wheel_handler(callback=self._wheeled)

    @property
    def look(self) -> Look:
        """The present theme."""
        return THEMES[self.desk.settings.theme]

    def resize(self, width: int, height: int) -> None:
        """Take a size in pixels."""
        import dearpygui.dearpygui as dpg

        if (width, height) != self._size and width > 0 and height > 0:
            self._size = (width, height)
            dpg.configure_item(self.box, width=width, height=height)
            dpg.configure_item(self.drawlist, width=width, height=height)
            dpg.configure_item(self._ground, pmax=(width, height))
            self.desk.window_size = (float(width), float(height))

    def restyle(self) -> None:
        """After another theme."""
        import dearpygui.dearpygui as dpg

        dpg.configure_item(self._ground, fill=self.look.ground)
        self._pictured = None
        self._painter.redraw()
        self._small.redraw()

    def show_picture(self, name: str, pixels: np.ndarray[Any, Any]) -> None:
        """Take pixels ``[rows, columns, 4]`` uint8 under a name; cards that show it are drawn anew."""
        import dearpygui.dearpygui as dpg

        flat = np.ascontiguousarray(pixels, np.float32).reshape(-1) / 255.0
        known = self.textures.get(name)
        if known is not None:
            dpg.set_value(known, flat)
            return
        rows, columns = pixels.shape[:2]
        self.textures[name] = dpg.add_dynamic_texture(columns, rows, flat, parent=self._registry)

    def tick(self) -> bool:
        """Once per frame: follow the pointer, paint. Gives whether a gesture is going on."""
        import dearpygui.dearpygui as dpg

        self._frame += 1
        x, y = dpg.get_item_state(self.drawlist).get("rect_min", self.corner)
        self.corner = float(x), float(y)
        here = self._here()
        if here != self._moved:
            self._moved = here
            if self.hand.is_busy or dpg.is_item_hovered(self.box):
                self.hand.touch(Move(self._pointer()))
        if not self.is_covered:
            self._paint()
        return self.hand.is_busy

    def space_was_used(self) -> bool:
        """Whether the canvas was pulled with the space bar since last asked."""
        was, self._space_used = self._space_used, False
        return was

    def _paint(self) -> None:
        desk = self.desk
        hovered = self.hand.hovered
        marked = (
            hovered.port.end
            if isinstance(hovered, OnPort)
            else hovered.cord
            if isinstance(hovered, OnCord) and not self.hand.is_busy
            else None
        )
        status = desk.sound.status
        loads = status.numbers.get("node_us", {}) if desk.shows_loads else {}
        problems = {
            name: (found[0].text, any(one.severity == "error" for one in found))
            for name, found in desk.problems.items()
            if name and found
        }
        state = SceneState(
            layout=desk.layout,
            look=self.look,
            detail=detail_of(desk.view.scale),
            selection=desk.selection,
            cords=desk.cords,
            notes=desk.notes,
            overlay=self.hand.overlay or NOTHING,
            problems=problems,
            loads=loads,
            trainings={one.node: one.done for one in desk.sound.trainings},
            activity=self._activity,
            reading=desk.sound.reading,
            hovered=marked,
            pictures=frozenset(self.textures),
            shows_loads=desk.shows_loads,
        )
        mark = replace(state, activity=_nothing, reading=_dark, loads=dict(loads))
        is_lively = desk.sound.status.is_on and self._frame % LIVELY_EVERY == 0
        if is_lively or self._pictured is None or mark != self._pictured[0]:
            self._pictured = mark, self._scene.picture(state)
        self._painter.paint(self._pictured[1], desk.view, desk.window_size)
        self._paint_minimap()

    def _paint_minimap(self) -> None:
        desk, found = self.desk, self.desk.minimap
        if found is None:
            self._small.paint({}, PLAIN, desk.window_size)
            self._mapped = None
            return
        mark = (found, desk.layout, desk.selection, self.look)
        if self._mapped is None or self._mapped[0] != mark:
            self._mapped = mark, minimap_cards(found, desk.layout, desk.selection, self.look)
        frame = minimap_frame(found, desk.view, desk.window_size, self.look)
        self._small.paint({"minimap": self._mapped[1], "frame": frame}, PLAIN, desk.window_size)

    def _activity(self, cord: Cord) -> float:
        """How loud what flows along a cord is, looked up at most every fourth frame."""
        known = self._peaks.get(cord.source)
        if known is not None and self._frame - known[0] < 4:
            return known[1]
        node, _, port = cord.source.partition(".")
        reading = self.desk.sound.reading(node, f"peak.{port}")
        level = 0.0
        if reading is not None and reading.size:
            peak = float(np.max(np.abs(reading)))
            level = min(1.0, max(0.0, 1.0 + np.log10(max(peak, QUIETEST)) / 3.0)) if peak > QUIETEST else 0.0
        self._peaks[cord.source] = (self._frame, level)
        return level

    def _here(self) -> tuple[float, float]:
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_mouse_pos(local=False)
        return x - self.corner[0], y - self.corner[1]

    def _pointer(self) -> Pointer:
        return Pointer(self._here(), Held(*keys.held()), time.monotonic())

    def _is_over(self) -> bool:
        import dearpygui.dearpygui as dpg

        x, y = self._here()
        inside = 0 <= x < self._size[0] and 0 <= y < self._size[1]
        return bool(inside and dpg.is_item_hovered(self.box))

    def _clicked(self, sender: int, code: int) -> None:
        button = BUTTONS.get(code)
        if button is None or not self._is_over():
            return
        pointer = self._pointer()
        if pointer.held.space:
            self._space_used = True
        then, there, which = self._last_press
        is_near = abs(pointer.place[0] - there[0]) + abs(pointer.place[1] - there[1]) < DOUBLE_PIXELS
        is_double = which == button and is_near and pointer.time - then < DOUBLE_SECONDS
        self._last_press = (0.0 if is_double else pointer.time, pointer.place, button)
        self.hand.touch(Press(pointer, button, 2 if is_double else 1))

    def _released(self, sender: int, code: int) -> None:
        button = BUTTONS.get(code)
        if button is not None and self.hand.is_busy:
            self.hand.touch(Move(self._pointer()))
            self.hand.touch(Release(self._pointer(), button))
            here, (_, there, _) = self._here(), self._last_press
            if abs(here[0] - there[0]) + abs(here[1] - there[1]) >= DOUBLE_PIXELS:
                self._last_press = (0.0, here, button)  # a drag is no first half of a double click

    def _wheeled(self, sender: int, steps: float) -> None:
        if self._is_over():
            self.hand.touch(Wheel(self._pointer(), float(steps)))
