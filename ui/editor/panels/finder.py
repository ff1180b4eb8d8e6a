"""Adding by search: a box, a list of what fits, Enter."""

from ....engine.values import Kind
from ...patcher.ports import PortPlace, ports_of
from ...patcher.window_requests import Ask, OpenSearch
from ...surface.look import measure
from ..document.desk import Desk
from ..window.panel import Place
from ..window.themes import SIZES
from ..window.widgets import draw_mark, flat, look_of, px, words
from .node_search import FoundNode, find

WIDTH, ROWS, ROW, MARKS, NAME = 590, 12, 27, 54, 118
# What a summary has of the width, the scroll bar and the gaps between columns taken off.
SUMMARY = WIDTH - MARKS - NAME - 44.0
EMPTY = "No match. Search for what it does, or for its name in another program."


def matching(desk: Desk, ask: OpenSearch, text: str) -> list[FoundNode]:
    """What fits, the best first: what was added lately when nothing is typed, and only what the cord can meet."""
    found = find(desk.palette, text, ask.cord_from, list(desk.recent_types))
    if ask.cord_from is not None and not text.strip():
        found.sort(key=lambda one: not _is_direct(desk, one, ask.cord_from))
    if ask.on_cord is not None:
        found = [one for one in found if desk.pair_for(one.type, ask.on_cord) is not None]
    return found


def elided(text: str, width: float) -> str:
    """A text in one line of a width, pixels at scale 1: what is too long ends with three dots."""
    if measure(text, SIZES["text"]) <= width:
        return text
    while text and measure(f"{text}…", SIZES["text"]) > width:
        text = text[:-1]
    return f"{text.rstrip(' ,;:.')}…"


def _is_direct(desk: Desk, one: FoundNode, wanted: PortPlace | None) -> bool:
    """Whether what the cord carries flows into it, or out of it, without being converted."""
    ports = ports_of(desk.palette[one.type])
    return wanted is not None and any(port.port == one.port and port.kind == wanted.kind for port in ports)


def kinds_of(desk: Desk, type_: str) -> tuple[tuple[Kind, ...], tuple[Kind, ...]]:
    """The kinds that a type takes and gives, each once."""
    spec = desk.palette.get(type_)
    ports = list(ports_of(spec)) if spec is not None else []
    ins: dict[Kind, None] = dict.fromkeys(one.kind for one in ports if one.is_input and not one.is_param)
    outs: dict[Kind, None] = dict.fromkeys(one.kind for one in ports if not one.is_input)
    return tuple(ins), tuple(outs)


def promise(ask: OpenSearch, one: FoundNode | None) -> str:
    """What Enter will do."""
    if one is None:
        return ""
    name = one.title
    if ask.on_cord is not None:
        return f"Enter: insert {name} between {ask.on_cord.source} and {ask.on_cord.target}"
    if ask.cord_from is not None and one.port:
        return f"Enter: add {name} and connect its {one.port} to {ask.cord_from.end}"
    return f"Enter: add {name}"


class NodeFinder:
    """Opens at once where it is asked for, with the keys in its box."""

    name, title = "finder", "Add a node"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Make the window, hidden."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._ask: OpenSearch | None = None
        self._found: list[FoundNode] = []
        self._rows: list[int] = []
        self._at, self._shown = 0, ""
        self._is_fresh = 0
        self._is_closing = False
        self._window: int = dpg.add_window(
            show=False, no_title_bar=True, no_resize=True, no_move=True, no_scrollbar=True, no_saved_settings=True
        )
        self._box: int = dpg.add_input_text(parent=self._window, width=-1, hint="Search nodes…", on_enter=False)
        self._list: int = dpg.add_child_window(parent=self._window, border=False, height=px(desk, ROWS * ROW))
        self._promise = words(desk, self._window, "")
        dpg.bind_item_theme(self._list, flat(desk))
        with dpg.handler_registry():
            dpg.add_key_press_handler(callback=self._key)

    @property
    def is_typing(self) -> bool:
        """While it is open, and for the key that closed it."""
        return self._ask is not None or self._is_closing

    def takes(self, ask: Ask) -> bool:
        """Open."""
        import dearpygui.dearpygui as dpg

        if not isinstance(ask, OpenSearch):
            return False
        if self.desk.is_locked:
            self.desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
            return True
        desk = self.desk
        desk.scopes.look_at_library()
        self._ask, self._at, self._shown = ask, 0, "?"
        dpg.set_value(self._box, "")
        x, y = dpg.get_mouse_pos(local=False)
        width, height = px(desk, WIDTH), px(desk, ROWS * ROW + 84)
        room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        place = [max(0, min(int(x) - 20, room[0] - width - 10)), max(0, min(int(y) - 20, room[1] - height - 10))]
        dpg.configure_item(self._window, show=True, pos=place, width=width, height=height)
        dpg.focus_item(self._window)
        self._is_fresh = 3
        return True

    def refresh(self, now: float) -> None:
        """Follow what is typed."""
        import dearpygui.dearpygui as dpg

        self._is_closing = False
        if self._ask is None:
            return
        if self._is_fresh:
            self._is_fresh -= 1
            dpg.focus_item(self._box)
        elif dpg.is_mouse_button_down(dpg.mvMouseButton_Left) and not self._is_pointed_at():
            self.close()
            return
        text = dpg.get_value(self._box)
        if text != self._shown:
            self._shown, self._at = text, 0
            self._found = matching(self.desk, self._ask, text)
            self._fill()

    def choose(self, index: int) -> None:
        """Add what stands at a place of the list."""
        ask, found = self._ask, self._found
        self.close()
        if ask is not None and 0 <= index < len(found):
            self.desk.add(found[index].type, ask.at, ask.cord_from, found[index].port, ask.on_cord)

    def close(self) -> None:
        """Give it up."""
        import dearpygui.dearpygui as dpg

        self._is_closing = self._ask is not None
        self._ask = None
        dpg.configure_item(self._window, show=False)

    def _is_pointed_at(self) -> bool:
        import dearpygui.dearpygui as dpg

        x, y = dpg.get_mouse_pos(local=False)
        left, top = dpg.get_item_pos(self._window)
        wide, high = dpg.get_item_width(self._window) or 0, dpg.get_item_height(self._window) or 0
        return bool(left <= x < left + wide and top <= y < top + high)

    def _fill(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        if not self._found:
            words(desk, self._list, EMPTY)
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(desk, MARKS))
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(desk, NAME))
            dpg.add_table_column(width_stretch=True)
        for index, one in enumerate(self._found):
            with dpg.table_row(parent=table) as row:
                self._marks(row, one.type)
                item = dpg.add_selectable(
                    label=one.title,
                    span_columns=True,
                    default_value=index == self._at,
                    user_data=index,
                    callback=lambda sender, data, index: self.choose(index),
                )
                words(desk, row, elided(one.words(), SUMMARY))
            self._rows.append(item)
        dpg.set_y_scroll(self._list, 0.0)
        self._tell()

    def _marks(self, row: int, type_: str) -> None:
        """What it takes, and what it gives."""
        import dearpygui.dearpygui as dpg

        desk, look = self.desk, look_of(self.desk)
        step, middle = px(desk, 11), px(desk, 9)
        drawing: int = dpg.add_drawlist(px(desk, MARKS), px(desk, 15), parent=row)
        ins, outs = kinds_of(desk, type_)
        divide = px(desk, 26)
        for index, kind in enumerate(reversed(ins[:2])):
            draw_mark(drawing, kind, (divide - step * (index + 0.9), middle), px(desk, 4), look.kind(kind))
        for index, kind in enumerate(outs[:2]):
            draw_mark(drawing, kind, (divide + step * (index + 0.9), middle), px(desk, 4), look.kind(kind))
        dpg.draw_line((divide, middle - 5), (divide, middle + 5), color=look.edge, parent=drawing)

    def _tell(self) -> None:
        import dearpygui.dearpygui as dpg

        if self._ask is not None:
            one = self._found[self._at] if self._at < len(self._found) else None
            dpg.set_value(self._promise, promise(self._ask, one))

    def _go(self, steps: int) -> None:
        """Go up or down the list, and keep in sight what would be added."""
        import dearpygui.dearpygui as dpg

        dpg.set_value(self._rows[self._at], False)
        self._at = (self._at + steps) % len(self._found)
        dpg.set_value(self._rows[self._at], True)
        high = px(self.desk, ROW)
        top = dpg.get_y_scroll(self._list)
        if not top <= self._at * high <= top + (ROWS - 2) * high:
            dpg.set_y_scroll(self._list, max(0.0, (self._at - ROWS // 2) * high))
        self._tell()

    def _key(self, sender: int, code: int) -> None:
        import dearpygui.dearpygui as dpg

        if self._ask is None:
            return
        if code == dpg.mvKey_Escape:
            self.close()
        elif code in (dpg.mvKey_Return, getattr(dpg, "mvKey_NumPadEnter", dpg.mvKey_Return)):
            self.refresh(0.0)
            self.choose(self._at)
        elif code in (dpg.mvKey_Down, dpg.mvKey_Up) and self._rows:
            self._go(1 if code == dpg.mvKey_Down else -1)
