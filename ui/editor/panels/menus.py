"""The menu under the right button: what can be done with what is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ....engine.labels import choice_label
from ....graphs.arrange import remove_cords
from ...patcher.described import osc_address
from ...patcher.hand import choose
from ...patcher.hits import Hit, OnComment, OnControl, OnCord, OnGroup, OnNode, OnPort
from ...patcher.layout import ControlPlace
from ...patcher.window_requests import Ask, OpenMenu, OpenSearch, ShowHelp, TypeValue
from ...setting_edits import with_setting
from ...takes import takes_of
from ..actions import ACTIONS, perform
from ..actions.edit import randomised
from ..actions.take_menus import ask_which
from ..document.controllers import controller_entries
from ..document.desk import Desk
from ..window.panel import Place
from ..window.widgets import px
from .knobs import copy

NODE = (
    ("edit.open", "edit.unpack", "edit.make_unique", "edit.rename_definition"),
    ("edit.rename", "edit.mute", "edit.bypass", "edit.randomise", "edit.defaults"),
    ("edit.copy", "edit.cut", "edit.duplicate", "edit.duplicate_fed", "edit.group", "edit.encapsulate"),
    ("edit.delete", "edit.delete_join"),
    ("help.node",),
)
CANVAS = (
    ("edit.up", "edit.rename_definition"),
    ("edit.paste", "edit.comment"),
    ("edit.select_all", "view.fit"),
    ("edit.codec",),
)


@dataclass(frozen=True)
class MenuEntry:
    """A line of a menu. key: shown beside it. begins: whether a line is drawn above."""

    label: str
    act: Callable[[], object]
    key: str = ""
    begins: bool = False


def entries(desk: Desk, ask: OpenMenu) -> list[MenuEntry]:
    """What stands in the menu for what is under the hand; locked for playing, only what changes no structure."""
    return list(_entries(desk, ask.hit, ask))


def _entries(desk: Desk, hit: Hit, ask: OpenMenu) -> Iterator[MenuEntry]:
    match hit:
        case OnControl(control) if control.kind in ("menu", "number", "toggle"):
            yield from _control(desk, control)
        case OnNode(node, _):
            yield from _node(desk, node)
        case OnControl(control):
            yield from _node(desk, control.node)
        case OnCord(cord, _) if not desk.is_locked:
            yield MenuEntry("Insert a node …", partial(desk.ask, OpenSearch(ask.at, on_cord=cord)))
            cut = partial(desk.edit, lambda patch: remove_cords(patch, [cord]), f"disconnect {cord.target}")
            yield MenuEntry("Disconnect", cut)
        case OnPort(port):
            fed = [cord for cord in desk.patch.cords if port.end == (cord.target if port.is_input else cord.source)]
            if not desk.is_locked:
                yield MenuEntry("Add a node here …", partial(desk.ask, OpenSearch(ask.at, port)))
                if fed:
                    take = partial(desk.edit, lambda patch: remove_cords(patch, fed), f"disconnect {port.end}")
                    yield MenuEntry("Disconnect" if len(fed) == 1 else f"Disconnect {len(fed)} cords", take)
            yield MenuEntry("Help", partial(desk.ask, ShowHelp(desk.patch.nodes[port.node].type)))
        case OnGroup(name) | OnComment(name):
            if name not in desk.notes:
                desk.select(notes=[name])
            yield from _actions(desk, (("edit.delete",),))
        case _:
            if not desk.is_locked:
                yield MenuEntry("Add a node …", partial(desk.ask, OpenSearch(ask.at)), "Tab")
            yield from _actions(desk, CANVAS)


def _control(desk: Desk, control: ControlPlace) -> Iterator[MenuEntry]:
    """What a param or a setting on a card can be."""
    node, name = control.node, control.name
    spec = desk.layout.nodes[node].spec
    if spec is None or (control.is_setting and desk.is_locked):
        return
    if control.kind == "menu":
        declared = spec.settings[name] if control.is_setting else spec.params[name]
        for word in declared.choices:
            yield MenuEntry(choice_label(declared, word), partial(choose, desk, control, word))
    else:
        yield MenuEntry("Type a value …", partial(desk.ask, TypeValue(node, name)))
    usual = partial(with_setting, palette=desk.palette, node=node, setting=name, value=None)
    back = partial(desk.edit, usual, f"reset {node} {name}")
    yield MenuEntry("Reset to default", back, begins=control.kind == "menu")
    if control.kind == "number" and spec.params[name].randomize:
        yield MenuEntry("Randomize", partial(randomised, desk, (node, name)))
    if not control.is_setting:
        yield MenuEntry("Copy OSC address", partial(copy, osc_address(node, name)), begins=True)
        for label, act in controller_entries(desk, [node], name):
            yield MenuEntry(label, act)


def _node(desk: Desk, name: str) -> Iterator[MenuEntry]:
    if name not in desk.selection:
        desk.select([name])
    yield from _actions(desk, NODE)
    spec = desk.palette.get(desk.patch.nodes[name].type)
    if spec is not None and any(one.is_job for one in spec.offline.values()):
        yield MenuEntry("Retrain", partial(desk.sound.learn, desk.patch, only=name, again=True), begins=True)
    if takes_of(desk.patch, name) and not desk.is_locked:
        yield MenuEntry("Takes …", partial(ask_which, desk, name), begins=True)


def _actions(desk: Desk, groups: tuple[tuple[str, ...], ...]) -> Iterator[MenuEntry]:
    for names in groups:
        begins = True
        for action in (ACTIONS[name] for name in names):
            if action.is_enabled(desk) and not (desk.is_locked and action.is_structural):
                key = action.keys[0] if action.keys else ""
                yield MenuEntry(action.label, partial(perform, desk, action), key, begins)
                begins = False


class Menus:
    """One menu at a time."""

    name, title = "menus", "Menu"
    place: Place = "popup"

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._window: int | None = None
        self._age = 0
        self._is_closing = False
        with dpg.handler_registry():
            dpg.add_key_press_handler(dpg.mvKey_Escape, callback=self._escape)

    @property
    def is_typing(self) -> bool:
        """For the key that closed it."""
        return self._is_closing

    def takes(self, ask: Ask) -> bool:
        """Open it under the pointer."""
        import dearpygui.dearpygui as dpg

        if not isinstance(ask, OpenMenu):
            return False
        self._close()
        found = entries(self.desk, ask)
        if not found:
            return True
        x, y = dpg.get_mouse_pos(local=False)
        self._age = 0
        with dpg.window(
            no_title_bar=True,
            no_resize=True,
            no_move=True,
            autosize=True,
            pos=(int(x), int(y)),
            no_saved_settings=True,
            min_size=(40, 20),
        ) as window:
            for index, one in enumerate(found):
                if one.begins and index:
                    dpg.add_separator()
                dpg.add_menu_item(label=one.label, shortcut=one.key, user_data=one.act, callback=self._do)
        self._window = window
        dpg.focus_item(window)
        return True

    def refresh(self, now: float) -> None:
        """Keep it inside the window; close it when the hand goes elsewhere."""
        import dearpygui.dearpygui as dpg

        self._is_closing = False
        if self._window is None:
            return
        self._age += 1
        left, top = dpg.get_item_pos(self._window)
        wide, high = dpg.get_item_rect_size(self._window)
        if self._age < 4:
            room = dpg.get_viewport_client_width() - wide, dpg.get_viewport_client_height() - high
            dpg.set_item_pos(self._window, [max(0, min(left, room[0])), max(0, min(top, room[1]))])
            return
        x, y = dpg.get_mouse_pos(local=False)
        edge = px(self.desk, 2)
        is_over = left - edge <= x <= left + wide + edge and top - edge <= y <= top + high + edge
        is_down = any(map(dpg.is_mouse_button_down, (dpg.mvMouseButton_Left, dpg.mvMouseButton_Right)))
        if is_down and not is_over:
            self._close()

    def _escape(self) -> None:
        self._is_closing = self._window is not None
        self._close()

    def _do(self, sender: int, data: object, act: Callable[[], object]) -> None:
        self._close()
        act()

    def _close(self) -> None:
        import dearpygui.dearpygui as dpg

        if self._window is not None:
            dpg.delete_item(self._window)
            self._window = None
