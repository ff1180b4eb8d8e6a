"""The map's own window: tools above, sounds beside, the drawing in the middle; docked, floating, or all there is."""

from collections.abc import Callable, Mapping
from functools import partial

from ....graphs.printable import counted
from ...map.hand import MapHand, Wanted
from ...map.sound_search import SoundSearch
from ...patcher.window_requests import Ask
from ..document.desk import Desk
from ..window.landmarks import landmark
from ..window.panel import Place
from ..window.panes import DragBar, thickness
from ..window.widgets import px
from .images import ImagePanel
from .menu import open_menu
from .pair_rows import PairRows
from .queries import Queries
from .sound_rows import SoundRows
from .toolbar import HIGH, MapToolbar
from .view import MapView

LEAST_LIST, FOOT = 150, 26


class MapPanel:
    """Shows the map that the desk's maps have in sight. is_alone: without tools and list, in all of the window."""

    name, title = "map", "Map"
    place: Place = "centre"

    @property
    def is_typing(self) -> bool:
        """Whether the search of its list has the keys."""
        return self.is_open and self.rows.is_typing

    def __init__(self, images: Callable[[Desk], ImagePanel] = ImagePanel, *, is_alone: bool = False) -> None:
        self._make_images, self._is_alone = images, is_alone

    def build(self, parent: int, desk: Desk) -> None:
        """The widgets, once."""
        import dearpygui.dearpygui as dpg

        self.desk, self._parent = desk, parent
        self.window: int | None = None
        self.images = self._make_images(desk)
        self.queries = Queries(desk, SoundSearch())
        self.home: int = dpg.add_child_window(parent=parent, border=False, no_scrollbar=True, show=False, height=300)
        with dpg.group(parent=self.home, show=not self._is_alone) as top:
            self.toolbar = MapToolbar(desk, self.images, top)
        with dpg.group(horizontal=True, parent=self.home) as row:
            self._side: int = dpg.add_child_window(width=px(desk, LEAST_LIST), border=False)
            self._bar = DragBar(desk, row, "list_width", self._widen)
            self._centre: int = dpg.add_group()
        self.rows = SoundRows(self._side, desk)
        self.pairs = PairRows(self._side, desk, self.images)
        self.view = MapView(self._centre, desk, self.fonts)
        landmark(self.view.drawlist, "map")
        self._foot: int = dpg.add_text("", parent=self._centre)

    fonts: Mapping[str, int] = {}
    """Fonts by face, given by the window before it builds."""

    @property
    def is_open(self) -> bool:
        """Whether it is to be seen."""
        return self.name in self.desk.settings.panels

    @property
    def panes(self) -> Mapping[str, int]:
        """The list of sounds and the map with its tools, while they are seen."""
        return {"sounds": self._side, "map": self.window or self.home} if self.is_open else {}

    def resize(self, width: int, height: int) -> None:
        """Take a size in pixels."""
        import dearpygui.dearpygui as dpg

        desk = self.desk
        dpg.configure_item(self.home, width=width, height=height)
        if self._is_alone:
            dpg.configure_item(self._side, show=False)
            dpg.configure_item(self._foot, show=False)
            self.view.resize(max(40, width), max(40, height))
            return
        self.toolbar.resize(width)
        wanted = min(px(desk, max(LEAST_LIST, desk.settings.list_width)), width // 2)
        side = wanted if width > px(desk, 3 * LEAST_LIST) else 0
        room = max(40, height - px(desk, HIGH) - px(desk, FOOT))
        dpg.configure_item(self._side, width=max(1, side), height=room, show=side > 0)
        self._bar.place((thickness(desk), room) if side else None)
        self.view.resize(max(40, width - side - thickness(desk) - px(desk, 24)), room)

    def refresh(self, now: float) -> None:
        """Show what is; called every frame."""
        import dearpygui.dearpygui as dpg

        self.desk.maps.follow(self.desk.selection)
        self.queries.tick(now)
        self._dock()
        self._bar.tick(now)
        if not self.is_open:
            return
        hand = self.desk.maps.current
        terrain = self.images.tick(hand, self.view.size, now)
        self.is_moving = self.view.tick(terrain) or self.images.is_busy
        self.rows.refresh(hand)
        self.pairs.refresh(hand)
        self.toolbar.mark(hand)
        dpg.set_value(self._foot, foot_words(hand, self.queries.words or self.images.legend))
        if hand is not None:
            while hand.wanted:
                self._want(hand, hand.wanted.pop(0), now)

    is_moving = False

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    @property
    def finder(self) -> Callable[..., None] | None:
        """What finds sound files on the map that the pointer is on; None beside it, or where it has no sounds yet."""
        hand = self.desk.maps.current
        if hand is None or not hand.sheet.sounds or not self.is_open or not self.view.is_inside:
            return None
        return partial(self.queries.find, hand.sheet)

    def _widen(self, start: float, right: float, down: float) -> None:
        """The list of sounds is so much wider."""
        self.desk.settings.list_width = round(max(LEAST_LIST, start + right / self.desk.settings.ui_scale))

    def restyle(self) -> None:
        """After another theme."""
        self.view.restyle()
        self.toolbar.restyle()

    def close(self) -> None:
        """End what it started."""
        self.queries.close()
        self.images.close()
        self.view.close()

    def _dock(self) -> None:
        """Be where the desk's maps say; put away, among the panes of the middle."""
        import dearpygui.dearpygui as dpg

        floats = self.is_open and self.desk.maps.way == "floating"
        if floats and self.window is None:
            self.window = dpg.add_window(
                label="Map", width=px(self.desk, 900), height=px(self.desk, 460), pos=(80, 120), on_close=self._closed
            )
            dpg.move_item(self.home, parent=self.window)
        elif not floats and self.window is not None:
            dpg.move_item(self.home, parent=self._parent)
            dpg.delete_item(self.window)
            self.window = None
        if self.window is not None:
            width, height = dpg.get_item_width(self.window), dpg.get_item_height(self.window)
            self.resize(max(100, (width or 900) - 20), max(100, (height or 460) - 40))

    def _closed(self) -> None:
        """The floating window was closed by its cross."""
        self.desk.maps.way = "docked"
        if self.name in self.desk.settings.panels:
            self.desk.settings.panels.remove(self.name)

    def _want(self, hand: MapHand, wanted: Wanted, now: float) -> None:
        import dearpygui.dearpygui as dpg

        if wanted.what == "menu":
            x, y = self.view.corner
            across, down = px(self.desk, wanted.at[0]), px(self.desk, wanted.at[1])
            open_menu(self.desk, hand, wanted.hit, (x + across, y + down))
        elif wanted.what == "find" and wanted.path is not None:
            self.queries.find(hand.sheet, wanted.path)
        elif wanted.what == "paste":
            self.queries.paste(hand.sheet, str(dpg.get_clipboard_text()))
        elif wanted.what == "record":
            self.queries.record(hand.sheet, now)
        elif wanted.path is not None:
            self.images.export(hand, wanted.path)
        else:
            self.images.listen(hand, wanted.hit, is_compared=wanted.what == "compare")


def foot_words(hand: MapHand | None, legend: str) -> str:
    """What is said under the map."""
    if hand is None:
        return "no map in this patch: add a Map node to draw"
    sheet = hand.sheet
    drawing, sounds = sheet.drawing, len(sheet.sounds)
    done = sum(1 for number in drawing.lines if (found := sheet.completion(number)) is not None and found.complete)
    words = [
        f"{len(drawing.lines)} of {sounds} lines drawn, {done} at full length"
        if sounds
        else f"{len(drawing.lines)} lines"
    ]
    if drawing.play:
        words.append(counted(len(drawing.play), "path"))
    if drawing.pads:
        words.append(f"{len(drawing.pads)} pads")
    if legend:
        words.append(legend)
    return "   ".join(words)
