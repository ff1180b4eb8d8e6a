"""Keys: every action with its keys, to be looked up and to be changed by pressing others."""

from dataclasses import dataclass
from functools import partial

from ..actions import ACTIONS, MENUS
from ..actions.keymap import Keymap
from ..document.desk import Desk
from ..window.widgets import button, look_of, px, small, words
from .page import Page

PRESS = "Press a key …"


@dataclass(frozen=True)
class KeyRow:
    """An action with its keys. is_own: changed by whoever plays."""

    action: str
    menu: str
    label: str
    keys: tuple[str, ...]
    is_own: bool


def key_rows(desk: Desk, text: str = "") -> list[KeyRow]:
    """The actions in the order of the menus; those of whose name, menu or key the text is a part."""
    keymap = keymap_of(desk)
    found = []
    for menu in MENUS:
        for action in ACTIONS.values():
            if action.top != menu:
                continue
            row = KeyRow(action.name, menu, action.label, keymap.keys(action.name), action.name in desk.settings.keys)
            if text.strip().lower() in f"{menu} {action.label} {' '.join(row.keys)}".lower():
                found.append(row)
    return found


def keymap_of(desk: Desk) -> Keymap:
    """The keys as they are."""
    return Keymap({name: one.keys for name, one in ACTIONS.items()}, desk.settings)


def bind(desk: Desk, action: str, key: str) -> None:
    """Give an action a key; says so when another loses it."""
    lost = keymap_of(desk).bind(action, key)
    if lost is not None:
        desk.say(f"{key} is now {ACTIONS[action].label}; it was {ACTIONS[lost].label}", "warning")


def unbind(desk: Desk, action: str) -> None:
    """Take all keys from an action."""
    desk.settings.keys[action] = []
    desk.settings.save()


class KeysPage(Page):
    """A search, and a row for every action."""

    title, size = "Keys", (640, 580)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._box = self._home = self._handlers = 0
        self._catching: str | None = None
        self._was_catching = False
        self._shown: object = None

    @property
    def is_typing(self) -> bool:
        """Whether the search has the keys, or a key is waited for."""
        import dearpygui.dearpygui as dpg

        is_search = dpg.does_item_exist(self._box) and dpg.is_item_active(self._box)
        return bool(is_search) or self._catching is not None or self._was_catching

    def fill(self, window: int) -> None:
        """The search and an empty list."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        words(desk, window, "Click a shortcut, then press the new one.", wrap=px(desk, 600))
        with dpg.group(horizontal=True, parent=window) as row:
            self._box = dpg.add_input_text(parent=row, width=px(desk, 380), hint="Search actions and keys…")
            button(row, "Reset all", self._reset_all)
        self._home = dpg.add_child_window(parent=window, border=False)
        with dpg.handler_registry() as self._handlers:
            dpg.add_key_press_handler(callback=self._pressed)

    def refresh(self, now: float) -> None:
        """Follow the search and the keys."""
        import dearpygui.dearpygui as dpg

        self._was_catching = False
        text = dpg.get_value(self._box)
        rows = key_rows(self._desk, text)
        shown = (tuple(rows), self._catching, self._desk.settings.theme)
        if shown != self._shown:
            self._shown = shown
            self._list(rows)

    def close(self) -> None:
        """Listen no more."""
        import dearpygui.dearpygui as dpg

        if dpg.does_item_exist(self._handlers):
            dpg.delete_item(self._handlers)

    def _list(self, rows: list[KeyRow]) -> None:
        import dearpygui.dearpygui as dpg

        desk, place = self._desk, dpg.get_y_scroll(self._home)
        dpg.delete_item(self._home, children_only=True)
        if not rows:
            words(desk, self._home, "No match.")
        menu = ""
        table = 0
        for row in rows:
            if row.menu != menu:
                menu = row.menu
                small(desk, self._home, menu)
                table = dpg.add_table(parent=self._home, header_row=False, policy=dpg.mvTable_SizingFixedFit)
                dpg.add_table_column(parent=table, width_stretch=True)
                for wide in (230, 62, 62):
                    dpg.add_table_column(parent=table, width_fixed=True, init_width_or_weight=px(desk, wide))
            with dpg.table_row(parent=table) as line:
                dpg.add_text(row.label, color=look_of(desk).chosen if row.is_own else look_of(desk).text)
                is_caught = row.action == self._catching
                shown = PRESS if is_caught else ", ".join(row.keys) or "none"
                button(line, f"{shown}##{row.action}", partial(self._catch, row.action), px(desk, 224))
                button(line, f"Clear##{row.action}", partial(unbind, desk, row.action), px(desk, 58))
                if row.is_own:
                    button(line, f"Reset##{row.action}", partial(keymap_of(desk).reset, row.action), px(desk, 58))
        dpg.set_y_scroll(self._home, place)

    def _catch(self, action: str) -> None:
        self._catching = None if self._catching == action else action

    def _pressed(self, sender: int, code: int) -> None:
        from ...surface import keys

        if self._catching is None or code not in keys.names():
            return
        name = keys.named(code)
        if name is None:
            return
        action, self._catching, self._was_catching = self._catching, None, True
        bind(self._desk, action, name)

    def _reset_all(self) -> None:
        self._desk.settings.keys.clear()
        self._desk.settings.save()
