"""Where one is: the definitions from the patch to the one that is on the canvas, in its corner; a click goes there."""

from functools import partial

from ...patcher.window_requests import Ask
from ..document.desk import Desk
from ..document.scopes_shown import ROOT_LABEL, ScopeLevel
from ..window.panel import Place
from ..window.widgets import button, px, tip, unframed

GAP = 10.0


class ScopeTrail:
    """A window without a frame, while a definition is on the canvas."""

    name, title = "trail", "Definition"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Made once, filled when another definition is opened."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self.window = unframed(pos=(0, 0), min_size=(20, 20))
        self._row: int = dpg.add_group(horizontal=True, parent=self.window)
        self._shown: object = ()
        self._at: tuple[int, int] = (0, 0)

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Be there while a definition is shown, where the canvas begins."""
        import dearpygui.dearpygui as dpg

        desk, maps = self.desk, self.desk.maps
        is_covered = maps.is_alone or (maps.way == "full" and "map" in desk.settings.panels)
        is_shown = bool(desk.scopes.scope) and not is_covered
        if is_shown != dpg.is_item_shown(self.window):
            dpg.configure_item(self.window, show=is_shown)
        if not is_shown:
            return
        levels = desk.scopes.levels
        if levels != self._shown:
            self._shown = levels
            self._fill(levels)
        left, top = desk.canvas_corner
        at = int(left + px(desk, GAP)), int(top + px(desk, GAP))
        if at != self._at:
            self._at = at
            dpg.set_item_pos(self.window, [*at])

    def _fill(self, levels: tuple[ScopeLevel, ...]) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self._row, children_only=True)
        for index, level in enumerate(levels):
            label = level.scope or ROOT_LABEL
            if index:
                dpg.add_text(">", parent=self._row)
            if level is levels[-1]:
                dpg.add_text(label, parent=self._row)
                continue
            item = button(self._row, f"{label}##{index}", partial(self.desk.scopes.go, level))
            tip(self.desk, item, "Go there (Alt-Up: one up)")
