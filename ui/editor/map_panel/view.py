"""The map in the window: the hand in, the picture out."""

import sys
from collections.abc import Mapping

import numpy as np

from ....engine.values import FloatArray
from ...map.hand import MapHand
from ...map.scene import MapScene, Trails
from ...map.tiles import WHOLE, Tiles
from ...surface.look import THEMES, Look
from ...surface.pens import Pens
from ...surface.pointer import Touch
from ...surface.view import View
from ...surface.window import SurfaceView
from ...terrain_image.terrain import Shown
from ..document.desk import Desk


class MapView(SurfaceView):
    """Shows the map that the desk's maps have in sight, and gives its hand what mouse and pen do."""

    def __init__(self, parent: int, desk: Desk, fonts: Mapping[str, int]) -> None:
        self.desk = desk
        super().__init__(parent, self.look, fonts, Pens() if sys.platform == "linux" else None)
        self._scene = MapScene()
        self._trails: tuple[MapHand | None, Trails] = (None, Trails())
        self._tiles = Tiles(self._upload, self._drop)

    @property
    def look(self) -> Look:
        """The present theme."""
        return THEMES[self.desk.settings.theme]

    @property
    def hand(self) -> MapHand | None:
        """The hand on the map that is seen."""
        return self.desk.maps.current

    @property
    def scale(self) -> float:
        """As all of the window."""
        return self.desk.settings.ui_scale

    @property
    def is_busy(self) -> bool:
        """Whether the hand is at work."""
        return self.hand is not None and self.hand.is_busy

    def touch(self, touch: Touch) -> None:
        """Give the hand an event."""
        if self.hand is not None:
            self.hand.touch(touch)

    def restyle(self) -> None:
        """After another theme."""
        self.repaint(self.look)

    def tick(self, terrain: Shown | None) -> bool:
        """Once per frame: follow the pointer, paint. Gives whether something moves."""
        hand = self.hand
        if hand is not None and hand.sheet.view.size != self.room:
            hand.sheet.view = hand.sheet.view.resized(self.room)
        self.follow()
        if hand is None:
            self.painter.paint({}, View(), self.size)
            return False
        return self._paint(hand, terrain) or hand.is_busy

    def _paint(self, hand: MapHand, terrain: Shown | None) -> bool:
        node = hand.sheet.node
        if self._trails[0] is not hand:
            self._trails = (hand, Trails())
        trails = self._trails[1]
        places: FloatArray | None = self.desk.heard.reading(node, "places") if self.desk.sound.status.is_on else None
        before = trails.places
        trails.add(places)
        shown = self._tiles.take(*((terrain.pixels, terrain.view) if terrain is not None else (None, WHOLE)))
        picture = self._scene.picture(hand, self.look, trails, shown)
        self.painter.paint(picture, View(hand.sheet.view.corner, self.scale), self.size)
        self._tiles.tidy()
        return self._tiles.is_busy or before.shape != trails.places.shape or not np.array_equal(before, trails.places)

    def _upload(self, name: str, pixels: FloatArray) -> None:
        import dearpygui.dearpygui as dpg

        rows, columns = pixels.shape[:2]
        self.textures[name] = dpg.add_static_texture(columns, rows, pixels.reshape(-1), parent=self.registry)

    def _drop(self, name: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self.textures.pop(name))
