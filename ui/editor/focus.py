"""Which pane has the keys: the one that was clicked last, as one sees on it."""

from collections.abc import Mapping, Sequence
from functools import partial

from ..surface.look import mixed
from .actions.keymap import MAP_PANES
from .document.desk import Desk
from .map_panel.panel import MapPanel
from .panels.pages import Pages
from .window.canvas_view import CanvasView
from .window.panel import Panel
from .window.widgets import look_of, styled

TINT = 0.07


class Focus:
    """Follows clicks; the name of the pane stands in ``desk.focus``: canvas, map, sounds, or that of a panel.

    side, bottom: the items in which the panels of those places are.
    """

    def __init__(self, desk: Desk, canvas: CanvasView, panels: Sequence[Panel], side: int, bottom: int) -> None:
        import dearpygui.dearpygui as dpg

        self._desk, self._canvas, self._panels = desk, canvas, panels
        self._homes = {"right": side, "bottom": bottom}
        self._map = next((panel for panel in panels if isinstance(panel, MapPanel)), None)
        self._way = self._way_of_map
        self._shown: object = None
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
        self._show(panes)

    def escape(self) -> bool:
        """Give up a gesture on the map, else give the keys to the canvas; False: it has them, or is covered."""
        desk = self._desk
        hand = desk.maps.current
        if desk.focus in MAP_PANES and hand is not None and hand.is_busy:
            hand.cancel()
            return True
        if desk.focus == "canvas" or self._canvas.is_covered:
            return False
        desk.focus = "canvas"
        return True

    @property
    def _way_of_map(self) -> str:
        return self._desk.maps.way if self._map is not None and self._map.is_open else ""

    def _panes(self) -> Mapping[str, int]:
        """The panes that are seen, with their items; one inside another comes before it."""
        found: dict[str, int] = {} if self._canvas.is_covered else {"canvas": self._canvas.box}
        if self._map is not None and self._map.is_open:
            found |= {"sounds": self._map.side, "map": self._map.window or self._map.home}
        for panel in self._panels:
            if panel.place in self._homes and panel.name in self._desk.settings.panels:
                found[panel.name] = self._homes[panel.place]
            elif isinstance(panel, Pages) and panel.window is not None:
                found[panel.name] = panel.window
        return found

    def _clicked(self) -> None:
        self._is_asked = not self._take("hovered")

    def _take(self, state: str) -> bool:
        """Give the keys to the first pane that is in a state, itself or something in it."""
        found = next((name for name, item in self._panes().items() if _has(item, state)), None)
        self._desk.focus = found or self._desk.focus
        return found is not None

    def _show(self, panes: Mapping[str, int]) -> None:
        """A frame around a drawing that has the keys, a tint on a list or a panel."""
        import dearpygui.dearpygui as dpg

        look, focus = look_of(self._desk), self._desk.focus
        shown = focus, look.name, tuple(panes.items())
        if shown == self._shown:
            return
        self._shown = shown
        self._canvas.frame(look.chosen if focus == "canvas" else None)
        items = set(self._homes.values())
        if self._map is not None:
            self._map.view.frame(look.chosen if focus == "map" else None)
            items.add(self._map.side)
        tint = mixed(look.card, look.chosen, TINT)
        theme = styled(f"focused {look.name}", partial(dpg.add_theme_color, dpg.mvThemeCol_ChildBg, tint))
        for item in items:
            dpg.bind_item_theme(item, theme if focus not in ("canvas", "map") and panes[focus] == item else 0)


def _has(item: int, state: str) -> bool:
    """Whether an item, or one in it, is "hovered" (nothing lies above) or "focused"."""
    import dearpygui.dearpygui as dpg

    if not dpg.is_item_shown(item):
        return False
    return bool(dpg.get_item_state(item).get(state)) or any(_has(one, state) for one in dpg.get_item_children(item, 1))
