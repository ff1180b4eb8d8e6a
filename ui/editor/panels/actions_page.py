"""Everything that can be done, found by its name and done by Enter: each action has a way by keys alone."""

from ..actions import ACTIONS, perform
from ..document.desk import Desk
from ..window.centred import Floating
from ..window.widgets import flat, look_of, words
from .keys_page import KeyRow, key_rows
from .page import Page

MOST_ROWS = 60


class ActionsPage(Page):
    """A search and what it finds; Enter does the first, arrows choose. floating: the window that is closed first."""

    title, size = "Search actions", (560, 420)

    def __init__(self, desk: Desk, floating: Floating) -> None:
        self._desk, self._floating = desk, floating
        self._box = self._list = 0
        self._shown: str | None = None
        self._found: list[KeyRow] = []
        self._rows: list[int] = []
        self._at = 0
        self._fresh_frames = 3
        self._keys = 0

    @property
    def is_typing(self) -> bool:
        """All keys are for the search."""
        return True

    def fill(self, window: int) -> None:
        """The box and the list."""
        import dearpygui.dearpygui as dpg

        self._box = dpg.add_input_text(parent=window, width=-1, hint="What to do…")
        self._list = dpg.add_child_window(parent=window, border=False)
        dpg.bind_item_theme(self._list, flat(self._desk))
        with dpg.handler_registry() as registry:
            dpg.add_key_press_handler(callback=self._key)
        self._keys = registry

    def refresh(self, now: float) -> None:
        """Follow what is typed."""
        import dearpygui.dearpygui as dpg

        if self._fresh_frames:
            self._fresh_frames -= 1
            dpg.focus_item(self._box)
        text = dpg.get_value(self._box)
        if text != self._shown:
            self._shown, self._at = text, 0
            self._found = can_be_done(self._desk, text)[:MOST_ROWS]
            self._make()

    def close(self) -> None:
        """Hear no more keys."""
        import dearpygui.dearpygui as dpg

        if self._keys:
            dpg.delete_item(self._keys)
            self._keys = 0

    def _make(self) -> None:
        import dearpygui.dearpygui as dpg

        desk, quiet = self._desk, look_of(self._desk).quiet
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        if not self._found:
            words(desk, self._list, "No match, or not possible now.")
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingStretchProp) as table:
            for weight in (5.0, 1.6, 1.6):
                dpg.add_table_column(init_width_or_weight=weight)
        for index, one in enumerate(self._found):
            with dpg.table_row(parent=table):
                row = dpg.add_selectable(
                    label=one.label,
                    span_columns=True,
                    default_value=index == self._at,
                    user_data=index,
                    callback=lambda sender, data, index: self._do(index),
                )
                dpg.add_text(one.menu, color=quiet)
                dpg.add_text(one.keys[0] if one.keys else "", color=quiet)
            self._rows.append(row)

    def _do(self, index: int) -> None:
        if 0 <= index < len(self._found):
            action = ACTIONS[self._found[index].action]
            self._floating.dismiss()
            perform(self._desk, action)

    def _key(self, sender: int, code: int) -> None:
        import dearpygui.dearpygui as dpg

        if code in (dpg.mvKey_Return, dpg.mvKey_NumPadEnter):
            self.refresh(0.0)
            self._do(self._at)
        elif code in (dpg.mvKey_Down, dpg.mvKey_Up) and self._rows:
            dpg.set_value(self._rows[self._at], False)
            self._at = (self._at + (1 if code == dpg.mvKey_Down else -1)) % len(self._rows)
            dpg.set_value(self._rows[self._at], True)


def can_be_done(desk: Desk, text: str) -> list[KeyRow]:
    """Actions that are possible now, those first whose name begins so; the one that opens this list left out."""
    wanted = text.strip().lower()
    found = [
        one for one in key_rows(desk, text) if ACTIONS[one.action].is_enabled(desk) and one.action != "help.actions"
    ]
    return sorted(found, key=lambda one: not one.label.lower().startswith(wanted))
