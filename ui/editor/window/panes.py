"""How the window is shared out: the patch, the map, the panels beside and below, and the bars between them to drag."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...surface.look import mixed
from ..document.desk import Desk
from ..document.settings import MAP_SHARES, Settings
from .widgets import look_of, px, styled

# Pixels at scale 1: the bar that is dragged, and the least that stays of a pane.
BAR, LEAST, LEAST_SIDE, LEAST_MAP, LEAST_PATCH = 5, 120, 220, 220, 90
TWICE_SECONDS = 0.35

Size = tuple[int, int]


@dataclass(frozen=True)
class Panes:
    """Sizes in pixels; 0 for what is not shown. map_size: None where the map is not docked."""

    side: int
    bottom: int
    patch: Size
    map_size: Size | None


def shared_out(
    room: Size, settings: Settings, *, has_side: bool, has_bottom: bool, map_way: Literal["none", "docked", "full"]
) -> Panes:
    """Who gets how much of the room under the menus."""
    scale = settings.ui_scale
    bar = round(BAR * scale)
    width, height = room

    def within(wanted: float, least: float, whole: int, left: float) -> int:
        return round(max(min(wanted * scale, whole - left * scale), min(least * scale, whole / 2)))

    side = within(settings.side_width, LEAST_SIDE, width, LEAST) if has_side else 0
    bottom = within(settings.bottom_height, LEAST, height, LEAST) if has_bottom else 0
    width = max(50, width - side - (bar if side else 0))
    height = max(50, height - bottom - (bar if bottom else 0))
    if map_way == "none":
        return Panes(side, bottom, (width, height), None)
    if map_way == "full":
        return Panes(side, bottom, (width, 0), (width, height))
    across = settings.map_side == "beside"
    whole = (width if across else height) - bar
    wanted = settings.map_share * whole / scale
    share = within(wanted, LEAST_MAP, whole, LEAST_PATCH)
    if across:
        return Panes(side, bottom, (max(50, whole - share), height), (share, height))
    return Panes(side, bottom, (width, max(50, whole - share)), (width, share))


def dragged_share(settings: Settings, start: float, room: Size, by: tuple[float, float]) -> float:
    """The map's share after its bar was dragged so far from a share, in a room that patch and map have together."""
    across = settings.map_side == "beside"
    whole = max(1.0, room[0] if across else room[1])
    step = by[0] / whole if across else by[1] / whole
    low, high = MAP_SHARES
    return min(high, max(low, start + (step if settings.map_side == "above" else -step)))


class DragBar:
    """A bar between two panes, which changes a setting. A double click takes that back to its default.

    moved: gets the setting as it was at the press, and pixels right and down since then.
    """

    def __init__(self, desk: Desk, parent: int, setting: str, moved: Callable[[float, float, float], None]) -> None:
        import dearpygui.dearpygui as dpg

        self._desk, self._setting, self._moved = desk, setting, moved
        self.item: int = dpg.add_button(label="", parent=parent, show=False, width=1, height=1)
        self._from: tuple[float, float] | None = None
        self._start = 0.0
        self._pressed_at = -1.0
        self._theme = 0

    def place(self, size: Size | None) -> None:
        """Take a size; None hides it."""
        import dearpygui.dearpygui as dpg

        if size is None:
            dpg.configure_item(self.item, show=False)
            return
        dpg.configure_item(self.item, show=True, width=max(1, size[0]), height=max(1, size[1]))
        theme = bar_theme(self._desk)
        if theme != self._theme:
            self._theme = theme
            dpg.bind_item_theme(self.item, theme)

    def tick(self, now: float) -> bool:
        """Once per frame: follow the hand. Gives whether it is on the bar."""
        import dearpygui.dearpygui as dpg

        if not dpg.is_item_shown(self.item) or not dpg.is_item_active(self.item):
            self._from = None
            return False
        x, y = dpg.get_mouse_pos(local=False)
        if self._from is None:
            self._from = (x, y)
            if now - self._pressed_at < TWICE_SECONDS:
                setattr(self._desk.settings, self._setting, getattr(Settings(), self._setting))
            self._start = float(getattr(self._desk.settings, self._setting))
            self._pressed_at = now
        self._moved(self._start, x - self._from[0], y - self._from[1])
        return True


def bar_theme(desk: Desk) -> int:
    """The look of a bar: hardly to be seen until the pointer is on it."""
    import dearpygui.dearpygui as dpg

    look = look_of(desk)

    def make() -> None:
        dpg.add_theme_color(dpg.mvThemeCol_Button, mixed(look.card, look.edge, 0.5))
        dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, look.chosen)
        dpg.add_theme_color(dpg.mvThemeCol_ButtonActive, look.chosen)
        dpg.add_theme_style(dpg.mvStyleVar_FrameRounding, 0)
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 0, 0)

    return styled(f"pane bar {look.name}", make)


def thickness(desk: Desk) -> int:
    """Of a bar, in pixels."""
    return px(desk, BAR)


class PaneBars:
    """The three bars of the window, and the room of patch and map between which the first one lies.

    Made where the panes are made: ``middle`` is the group in which patch and map stand.
    """

    def __init__(self, desk: Desk, middle: int, left: int, outer: int) -> None:
        self._desk, self._middle = desk, middle
        self._room: Size = (1, 1)
        self._order = ""
        self.map = DragBar(desk, middle, "map_share", self._share)
        self.bottom = DragBar(desk, left, "bottom_height", self._bottom)
        self.side = DragBar(desk, outer, "side_width", self._side)

    def order(self, patch: int, map_: int) -> None:
        """Put patch and map one above, below or beside the other."""
        import dearpygui.dearpygui as dpg

        side = self._desk.settings.map_side
        if dpg.get_item_parent(map_) != self._middle:
            side = ""  # it floats, and comes back to the end
        if side == self._order:
            return
        self._order = side
        if not side:
            return
        dpg.configure_item(self._middle, horizontal=side == "beside", horizontal_spacing=0)
        for item in (map_, self.map.item, patch) if side == "above" else (patch, self.map.item, map_):
            dpg.move_item(item, parent=self._middle)

    def place(self, panes: Panes, left: int, height: int) -> None:
        """Where the panes are so large; left: width of all but the side panel."""
        bar = thickness(self._desk)
        across = self._desk.settings.map_side == "beside"
        middle = height - panes.bottom - (bar if panes.bottom else 0)
        self._room = (left, middle)
        is_split = panes.map_size is not None and panes.patch[1] > 0
        self.map.place(None if not is_split else (bar, middle) if across else (left, bar))
        self.bottom.place((left, bar) if panes.bottom else None)
        self.side.place((bar, height) if panes.side else None)

    def tick(self, now: float) -> bool:
        """Once per frame. Gives whether one is being dragged."""
        dragged = [one.tick(now) for one in (self.map, self.bottom, self.side)]
        return True in dragged

    def _share(self, start: float, right: float, down: float) -> None:
        self._desk.settings.map_share = dragged_share(self._desk.settings, start, self._room, (right, down))

    def _bottom(self, start: float, right: float, down: float) -> None:
        self._desk.settings.bottom_height = round(max(LEAST, start - down / self._desk.settings.ui_scale))

    def _side(self, start: float, right: float, down: float) -> None:
        self._desk.settings.side_width = round(max(LEAST_SIDE, start - right / self._desk.settings.ui_scale))


def without_gaps(desk: Desk) -> int:
    """The theme of what holds the panes: no space between them."""
    import dearpygui.dearpygui as dpg

    return styled("panes", lambda: dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, 0, 0))


def with_gaps(desk: Desk) -> int:
    """The theme of what is in a pane: spaces as everywhere."""
    import dearpygui.dearpygui as dpg

    scale = desk.settings.ui_scale
    return styled(f"pane {scale}", lambda: dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, 8 * scale, 6 * scale))
