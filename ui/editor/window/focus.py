"""Which pane has the keys: the one that was clicked last, as one sees on it."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from ...map.maps import PANES
from ...surface.look import mixed
from ...surface.window import SurfaceView
from ..document.desk import Desk
from .canvas_view import CanvasView
from .panel import Panel, Place
from .widgets import look_of, styled

TINT = 0.07


@runtime_checkable
class HasPanes(Protocol):
    """A panel that has panes of its own."""

    @property
    def panes(self) -> Mapping[str, int]:
        """Those that are seen, with their items by name; one inside another comes before it."""
        ...


class Focus:
    """Follows clicks; the name of the pane stands in ``desk.focus``: canvas, map, sounds, or that of a panel.

    homes: the items in which the panels of a place are.
    """

    def __init__(
        self,
        desk: Desk,
        canvas: CanvasView,
        map_view: SurfaceView | None,
        panels: Sequence[Panel],
        homes: Mapping[Place, int],
    ) -> None:
        import dearpygui.dearpygui as dpg

        self._desk, self._canvas, self._panels, self._homes = desk, canvas, panels, homes
        self._drawings = {"canvas": canvas} | ({"map": map_view} if map_view is not None else {})
        self._way = self._way_of_map
        self._shown: object = None
        self._tinted: tuple[int, int] | None = None
        """A list or panel that is tinted, with the theme that it had."""
        self._is_asked = False
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(callback=self._clicked)

    def tick(self) -> None:
        """Once per frame: a map that comes takes the keys, a pane that goes gives them to the canvas."""
        desk, panes = self._desk, self._panes()
        if self._is_asked:  # a click on a scroll bar or an edge hovers nothing, but the library focuses its pane then
            self._is_asked = False
            self._take("focused")
        way = self._way_of_map
        if way and way != self._way:
            desk.focus = "map"
        self._way = way
        if desk.focus not in panes:
            desk.focus = "map" if self._canvas.is_covered else "canvas"
        self._show(panes.get(desk.focus))

    def escape(self) -> bool:
        """Give up a gesture on the map, else give the keys to the canvas; False: it has them, or is covered."""
        desk = self._desk
        hand = desk.maps.current
        if desk.focus in PANES and hand is not None and hand.is_busy:
            hand.cancel()
            return True
        if desk.focus == "canvas" or self._canvas.is_covered:
            return False
        desk.focus = "canvas"
        return True

    @property
    def _way_of_map(self) -> str:
        return self._desk.maps.way if "map" in self._desk.settings.panels else ""

    def _panes(self) -> Mapping[str, int]:
        found: dict[str, int] = {} if self._canvas.is_covered else {"canvas": self._canvas.box}
        for panel in self._panels:
            if isinstance(panel, HasPanes):
                found |= panel.panes
            elif panel.place in self._homes and panel.name in self._desk.settings.panels:
                found[panel.name] = self._homes[panel.place]
        return found

    def _clicked(self) -> None:
        self._is_asked = not self._take("hovered")

    def _take(self, state: str) -> bool:
        """Give the keys to the first pane that is in a state, itself or something in it."""
        found = next((name for name, item in self._panes().items() if _has(item, state)), None)
        self._desk.focus = found or self._desk.focus
        return found is not None

    def _show(self, item: int | None) -> None:
        """A frame around a drawing that has the keys, a tint on a list or a panel."""
        import dearpygui.dearpygui as dpg

        look, focus = look_of(self._desk), self._desk.focus
        if (focus, item, look.name) == self._shown:
            return
        self._shown = focus, item, look.name
        for name, drawing in self._drawings.items():
            drawing.frame(look.chosen if name == focus else None)
        if self._tinted is not None and dpg.does_item_exist(self._tinted[0]):
            dpg.bind_item_theme(*self._tinted)
        self._tinted = None
        if item is not None and focus not in self._drawings:
            self._tinted = item, dpg.get_item_theme(item) or 0
            dpg.bind_item_theme(item, tinted(self._desk))


def tinted(desk: Desk) -> int:
    """The theme of a pane that has the keys: as any, in another colour."""
    import dearpygui.dearpygui as dpg

    look, scale = look_of(desk), desk.settings.ui_scale

    def make() -> None:
        dpg.add_theme_color(dpg.mvThemeCol_ChildBg, mixed(look.card, look.chosen, TINT))
        dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, 8 * scale, 6 * scale)

    return styled(f"focused {look.name} {scale}", make)


def _has(item: int, state: str) -> bool:
    """Whether an item, or one in it, is "hovered" (nothing lies above) or "focused"."""
    import dearpygui.dearpygui as dpg

    if not dpg.is_item_shown(item):
        return False
    return bool(dpg.get_item_state(item).get(state)) or any(_has(one, state) for one in dpg.get_item_children(item, 1))
