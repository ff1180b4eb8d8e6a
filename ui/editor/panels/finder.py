"""Adding by search: a box, a list of what fits, Enter."""

from ..asks import Ask, OpenSearch
from ..desk import Desk
from ..search import Found, find
from ..window.panel import Place

SHOWN = 12


class Finder:
    """Opens at once where it is asked for, with the keys in its box."""

    name, title = "finder", "Add a node"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Make the window, hidden."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._ask: OpenSearch | None = None
        self._found: list[Found] = []
        self._at, self._shown = 0, ""
        self._is_fresh = 0
        self._window: int = dpg.add_window(
            show=False, no_title_bar=True, no_resize=True, no_move=True, width=420, height=392, no_saved_settings=True
        )
        self._box: int = dpg.add_input_text(parent=self._window, width=-1, hint="what shall it do?", on_enter=False)
        self._rows: int = dpg.add_group(parent=self._window)
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._key)

    @property
    def is_typing(self) -> bool:
        """While it is open."""
        return self._ask is not None

    def takes(self, ask: Ask) -> bool:
        """Open."""
        import dearpygui.dearpygui as dpg

        if not isinstance(ask, OpenSearch):
            return False
        self._ask, self._at, self._shown = ask, 0, "?"
        dpg.set_value(self._box, "")
        x, y = dpg.get_mouse_pos(local=False)
        width, height = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        place = [max(0, min(int(x) - 20, width - 430)), max(0, min(int(y) - 20, height - 400))]
        dpg.configure_item(self._window, show=True, pos=place)
        dpg.focus_item(self._window)
        self._is_fresh = 3
        return True

    def refresh(self, now: float) -> None:
        """Follow what is typed."""
        import dearpygui.dearpygui as dpg

        if self._ask is None:
            return
        if self._is_fresh:
            self._is_fresh -= 1
            dpg.focus_item(self._box)
        elif dpg.is_mouse_button_down(dpg.mvMouseButton_Left) and not dpg.is_item_hovered(self._window):
            self.close()
            return
        words = dpg.get_value(self._box)
        if words != self._shown:
            self._shown, self._at = words, 0
            self._found = find(self.desk.palette, words, self._ask.cord_from, list(self.desk.recent_types))[:SHOWN]
            self._list()

    def choose(self, index: int) -> None:
        """Add what stands at a place of the list."""
        ask, found = self._ask, self._found
        self.close()
        if ask is not None and 0 <= index < len(found):
            self.desk.add(found[index].type, ask.at, ask.cord_from, found[index].port, ask.on_cord)

    def close(self) -> None:
        """Give it up."""
        import dearpygui.dearpygui as dpg

        self._ask = None
        dpg.configure_item(self._window, show=False)

    def _list(self) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self._rows, children_only=True)
        for index, one in enumerate(self._found):
            dpg.add_selectable(
                label=f"{one.type.replace('_', ' ')}   {one.summary}",
                parent=self._rows,
                default_value=index == self._at,
                user_data=index,
                callback=lambda sender, data, index: self.choose(index),
            )
        if not self._found:
            dpg.add_text("nothing of that name; try what it does", parent=self._rows)

    def _key(self, sender: int, code: int) -> None:
        import dearpygui.dearpygui as dpg

        if self._ask is None:
            return
        if code == dpg.mvKey_Escape:
            self.close()
        elif code in (dpg.mvKey_Return, getattr(dpg, "mvKey_NumPadEnter", dpg.mvKey_Return)):
            self.refresh(0.0)
            self.choose(self._at)
        elif code in (dpg.mvKey_Down, dpg.mvKey_Up) and self._found:
            self._at = (self._at + (1 if code == dpg.mvKey_Down else -1)) % len(self._found)
            self._list()
