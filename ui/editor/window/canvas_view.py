"""The canvas of a patch in the window."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ....graphs import Cord
from ...patcher.ground import ground
from ...patcher.hand import PatchHand
from ...patcher.hits import OnCord, OnPort
from ...patcher.minimap import minimap_cards, minimap_frame
from ...patcher.overlay import NOTHING
from ...patcher.scene import Scene, SceneState, detail_of
from ...surface.hits import OnNothing
from ...surface.look import THEMES, Look
from ...surface.painter import Painter
from ...surface.pointer import Press, Touch
from ...surface.shapes import Picture, ShapeGroup
from ...surface.view import View
from ...surface.window import SurfaceView
from ..document.controllers import waiting_words
from ..document.desk import Desk
from .canvas_tip import CanvasTip

QUIETEST = 1e-4
# Frames between two looks at what the engine shows; all else is looked at every frame.
LIVELY_EVERY = 2


def _nothing(cord: Cord) -> float:
    return 0.0


def _dark(node: str, name: str) -> None:
    return None


class CanvasView(SurfaceView):
    """Shows the desk's patch and gives its hand what the mouse does."""

    def __init__(self, parent: int, desk: Desk, fonts: Mapping[str, int]) -> None:
        self.desk, self.hand = desk, PatchHand(desk)
        super().__init__(parent, self.look, fonts)
        self._scene, self._small = Scene(), Painter(self.drawlist, fonts, self.textures)
        self._mapped: tuple[object, ShapeGroup] | None = None
        self._space_used = False
        self._peaks: dict[str, tuple[int, float]] = {}
        self._pictures: dict[str, np.ndarray[Any, Any]] = {}
        self._pictured: tuple[SceneState, Picture] | None = None
        self._lines: ShapeGroup | None = None
        self._frame, self._scope = 0, ""
        self._tip = CanvasTip(desk)
        self.is_covered = False
        """Whether nothing of it is to be seen."""

    @property
    def look(self) -> Look:
        """The present theme."""
        return THEMES[self.desk.settings.theme]

    @property
    def scale(self) -> float:
        """As all of the window."""
        return self.desk.settings.ui_scale

    @property
    def is_busy(self) -> bool:
        """Whether the hand is at work."""
        return self.hand.is_busy

    def touch(self, touch: Touch) -> None:
        """Give the hand an event."""
        if isinstance(touch, Press) and touch.pointer.held.space:
            self._space_used = True
        self.hand.touch(touch)

    def restyle(self) -> None:
        """After another theme."""
        self.repaint(self.look)
        self._pictured = None
        self._small.redraw()

    def show_pictures(self, pictures: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Show these and no others: uint8 ``[rows, columns, 4]`` by name; cards that show them are drawn anew."""
        import dearpygui.dearpygui as dpg

        for name, pixels in pictures.items():
            if self._pictures.get(name) is pixels:
                continue
            flat = np.ascontiguousarray(pixels, np.float32).reshape(-1) / 255.0
            known = self.textures.get(name)
            if known is not None:
                dpg.set_value(known, flat)
            else:
                rows, columns = pixels.shape[:2]
                self.textures[name] = dpg.add_dynamic_texture(columns, rows, flat, parent=self.registry)
        self._pictures = dict(pictures)

    def forget(self) -> None:
        """Another document is open: nothing of the one before is shown."""
        self._pictures = {}
        self._peaks.clear()

    def tick(self) -> bool:
        """Once per frame: follow the pointer, paint. Gives whether a gesture is going on."""
        self._frame += 1
        if self.room != self.desk.window_size:
            self.desk.resized(self.room)
        if self._scope != self.desk.scopes.scope:
            self._scope = self.desk.scopes.scope
            self.hand.cancel()
        self.follow()
        self.desk.canvas_corner = self.corner
        if not self.is_covered:
            self._paint()
        is_resting = not self.is_covered and not self.hand.is_busy and self.is_over
        self._tip.follow(self.hand.hovered if is_resting else OnNothing(), time.monotonic())
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
        loads = desk.heard.loads if desk.shows_loads else {}
        problems = {
            name: (found[0].text, any(one.severity == "error" for one in found))
            for name, found in desk.heard.problems.items()
            if name and found
        }
        wanted = desk.sound.learning
        if wanted is not None and wanted.node:
            problems[desk.heard.shown_at(wanted.node)] = (waiting_words(desk), False)
        state = SceneState(
            layout=desk.layout,
            look=self.look,
            detail=detail_of(desk.view.scale * self.scale),
            selection=desk.selection,
            cords=desk.cords,
            notes=desk.notes,
            overlay=self.hand.overlay or NOTHING,
            problems=problems,
            loads=loads,
            trainings=desk.heard.trainings,
            activity=self._activity,
            reading=desk.heard.reading,
            hovered=marked,
            pictures=frozenset(self._pictures),
            shows_loads=desk.shows_loads,
        )
        mark = replace(state, activity=_nothing, reading=_dark, loads=dict(loads))
        is_lively = desk.sound.status.is_on and self._frame % LIVELY_EVERY == 0
        if is_lively or self._pictured is None or mark != self._pictured[0]:
            self._pictured = mark, self._scene.picture(state)
        picture = {"ground": self._ground_lines(), **self._pictured[1]}
        self.painter.paint(picture, replace(desk.view, scale=desk.view.scale * self.scale), self.size)
        self._paint_minimap()

    def _ground_lines(self) -> ShapeGroup:
        """The same piece while panning shows none that it has not."""
        fresh = ground(self.desk.view, self.desk.window_size, self.look)
        if self._lines is None or self._lines != fresh:
            self._lines = fresh
        return self._lines

    def _paint_minimap(self) -> None:
        desk, found = self.desk, self.desk.minimap
        if found is None:
            self._small.paint({}, View(), self.size)
            self._mapped = None
            return
        mark = (found, desk.layout, desk.selection, self.look)
        if self._mapped is None or self._mapped[0] != mark:
            self._mapped = mark, minimap_cards(found, desk.layout, desk.selection, self.look)
        frame = minimap_frame(found, desk.view, desk.window_size, self.look)
        self._small.paint({"minimap": self._mapped[1], "frame": frame}, View(scale=self.scale), self.size)

    def _activity(self, cord: Cord) -> float:
        """How loud what flows along a cord is, looked up at most every fourth frame."""
        known = self._peaks.get(cord.source)
        if known is not None and self._frame - known[0] < 4:
            return known[1]
        node, _, port = cord.source.partition(".")
        reading = self.desk.heard.reading(node, f"peak.{port}")
        level = 0.0
        if reading is not None and reading.size:
            peak = float(np.max(np.abs(reading)))
            level = min(1.0, max(0.0, 1.0 + np.log10(max(peak, QUIETEST)) / 3.0)) if peak > QUIETEST else 0.0
        self._peaks[cord.source] = (self._frame, level)
        return level
