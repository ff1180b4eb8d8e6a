"""The map's toolbar: which map, which layer, the tools, and what is shown; what has no room is in *More*."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ...map.hand import MapHand
from ...map.sheet import Tool
from ..actions import ACTIONS, perform
from ..actions.map import TOOLS
from ..document.desk import Desk
from ..window.icons import icon_button, icon_texture, icon_theme, icon_width
from ..window.landmarks import landmark
from ..window.widgets import look_of, px, styled, tip
from .images import ImagePanel

# Pixels at scale 1: of the whole, of what stands before the tools, and between two.
HIGH, BEFORE, BETWEEN = 44, 364, 6
TITLES: Mapping[Tool, str] = {
    "line": "Line",
    "free": "Free",
    "pen": "Pen",
    "point": "Point",
    "erase": "Erase",
    "move": "Move",
    "pad": "Pad",
    "record": "Record",
    "hand": "Hand",
}
# Tools after which there is a gap: drawing, changing, playing.
ENDS: tuple[Tool, ...] = ("point", "move")
PLACES = tuple(f"view.map_{place}" for place in ("above", "below", "beside", "floating", "window", "full"))
# Buttons that open more: the drawing and the word of each.
POPUPS = (("more", "More"), ("options", "Show"), ("place", "Place"))
HABITS = (
    ("snaps", "Snap to grid", "Points snap to the grid and to other points; hold Alt to draw freely (S)"),
    ("keeps_inside", "Keep on canvas", "Points stay on the map"),
    ("keeps_length", "Limit to sound length", "A line ends where its sound ends"),
)


class MapToolbar:
    """One row. Belongs to the window's thread."""

    def __init__(self, desk: Desk, images: ImagePanel, parent: int) -> None:
        import dearpygui.dearpygui as dpg

        self._desk = desk
        self._tools: dict[Tool, int] = {}
        self._gaps: dict[Tool, int] = {}
        self._layers: dict[str, int] = {}
        self._habits: dict[str, int] = {}
        self._shown: tuple[Any, ...] = ()
        self._fitting = -1
        with dpg.group(horizontal=True, parent=parent) as row:
            self._which: int = dpg.add_combo((), width=px(desk, 110), callback=self._see)
            for layer, label, words in (
                ("learn", "Training lines", "Lines that train the terrain, one for each sound"),
                ("play", "Playback paths", "Paths that the playheads follow"),
            ):
                item = dpg.add_button(label=label, user_data=layer, callback=self._show_layer)
                self._layers[layer] = item
                tip(desk, item, f"{words} ({ACTIONS['map.layer'].keys[0]})")
            for tool, label, key in TOOLS:
                self._tools[tool] = icon_button(desk, row, tool, TITLES[tool], partial(self._act, f"map.{tool}"))
                tip(desk, self._tools[tool], f"{label} ({key})")
                landmark(self._tools[tool], f"tool {tool}")
                if tool in ENDS:
                    self._gaps[tool] = dpg.add_spacer(width=px(desk, 6))
            self._more = self._popup_button(row, *POPUPS[0], "Tools that have no room")
            self._options = self._popup_button(row, *POPUPS[1], "How lines are drawn, and what is shown")
            self._place = self._popup_button(row, *POPUPS[2], "Where the map stands")
        self._menus = {item: self._popup() for item in (self._more, self._options, self._place)}
        for tool, label, key in TOOLS:
            self._entry(self._menus[self._more], f"{label}\t{key}", f"map.{tool}")
        for action in PLACES:
            keys = ACTIONS[action].keys
            self._entry(self._menus[self._place], f"{ACTIONS[action].label}\t{keys[0] if keys else ''}", action)
        with dpg.group(parent=self._menus[self._options]):
            for name, label, words in HABITS:
                self._habits[name] = dpg.add_checkbox(label=label, callback=partial(self._habit, name))
                tip(desk, self._habits[name], words)
            dpg.add_separator()
            images.build(desk)

    def resize(self, width: int) -> None:
        """Show as many tools as there is room for."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        after = sum(icon_width(word) + 2 * BETWEEN for word in ("Show", "Place")) + 12 * len(ENDS)
        left = width / desk.settings.ui_scale - BEFORE - after
        needed = [icon_width(TITLES[tool]) + 2 * BETWEEN + 2 for tool, _, _ in TOOLS]
        fitting = len(needed)
        if sum(needed) > left:
            left -= icon_width("More") + 2 * BETWEEN
            fitting = next((count for count in range(len(needed), 0, -1) if sum(needed[:count]) <= left), 0)
        if fitting == self._fitting:
            return
        self._fitting = fitting
        for index, (tool, _, _) in enumerate(TOOLS):
            dpg.configure_item(self._tools[tool], show=index < fitting)
            if tool in self._gaps:
                dpg.configure_item(self._gaps[tool], show=index < fitting)
        dpg.configure_item(self._more, show=fitting < len(TOOLS))
        for index, item in enumerate(dpg.get_item_children(self._menus[self._more], 1)):
            dpg.configure_item(item, show=index >= fitting)

    def mark(self, hand: MapHand | None) -> None:
        """Let tools and layers look as they are; only what changed is touched."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        sheet = hand.sheet if hand is not None else None
        look = look_of(desk)
        habits = tuple(getattr(sheet.habits, name) for name in self._habits) if sheet is not None else ()
        shown = (desk.maps.names, sheet and (sheet.node, sheet.tool, sheet.layer), habits, look.name, self._fitting)
        if shown == self._shown:
            return
        is_restyled = not self._shown or self._shown[3] != look.name
        self._shown = shown
        dpg.configure_item(self._which, items=list(desk.maps.names))
        dpg.set_value(self._which, sheet.node if sheet is not None else "")
        for tool, item in self._tools.items():
            dpg.bind_item_theme(item, icon_theme(desk, is_on=sheet is not None and sheet.tool == tool))
            if is_restyled:
                dpg.configure_item(item, texture_tag=icon_texture(desk, tool, TITLES[tool]))
        for item, (name, word) in zip((self._more, self._options, self._place), POPUPS, strict=True):
            hidden = self._fitting if item == self._more else len(TOOLS)
            is_in_it = sheet is not None and sheet.tool in [tool for tool, _, _ in TOOLS[hidden:]]
            dpg.bind_item_theme(item, icon_theme(desk, is_on=is_in_it))
            if is_restyled:
                dpg.configure_item(item, texture_tag=icon_texture(desk, name, word))
        chosen = styled(f"map chosen {look.name}", partial(dpg.add_theme_color, dpg.mvThemeCol_Button, look.fill))
        for layer, item in self._layers.items():
            dpg.bind_item_theme(item, chosen if sheet is not None and sheet.layer == layer else 0)
        for item, is_on in zip(self._habits.values(), habits, strict=False):
            dpg.set_value(item, is_on)

    def restyle(self) -> None:
        """After another theme."""
        self._shown = ()

    def _popup_button(self, row: int, name: str, word: str, words: str) -> int:
        def act() -> None:
            self._open(item)

        item = icon_button(self._desk, row, name, word, act)
        tip(self._desk, item, words)
        return item

    def _popup(self) -> int:
        import dearpygui.dearpygui as dpg

        window: int = dpg.add_window(popup=True, show=False, autosize=True, min_size=(40, 20))
        return window

    def _entry(self, menu: int, label: str, action: str) -> None:
        import dearpygui.dearpygui as dpg

        words, _, key = label.partition("\t")
        dpg.add_menu_item(
            label=words,
            shortcut=key,
            parent=menu,
            user_data=action,
            callback=lambda sender, data, action: self._act(action),
        )

    def _open(self, item: int) -> None:
        import dearpygui.dearpygui as dpg

        (x, y), (_, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
        dpg.configure_item(self._menus[item], show=True, pos=[round(x), round(y + high)])

    def _act(self, action: str) -> None:
        perform(self._desk, ACTIONS[action])

    def _show_layer(self, sender: int, data: object, layer: Any) -> None:
        hand = self._desk.maps.current
        if hand is not None:
            hand.finish()
            hand.sheet.show(layer)

    def _see(self, sender: int, name: str) -> None:
        self._desk.maps.see(name)

    def _habit(self, name: str, sender: int, is_on: bool) -> None:
        hand = self._desk.maps.current
        if hand is not None:
            setattr(hand.sheet.habits, name, is_on)
