"""The menu under the right button: what can be done with what is there."""

from collections.abc import Callable, Iterator
from functools import partial

from ....graphs import unset_value
from ....graphs.arrange import remove_cords
from ..actions import ACTIONS, perform
from ..actions.editing import randomised
from ..asks import Ask, OpenMenu, OpenSearch, ShowHelp, TypeValue
from ..canvas.hand import choose
from ..canvas.hits import Hit, OnComment, OnControl, OnCord, OnGroup, OnNode, OnPort
from ..desk import Desk
from ..window.panel import Place

Entry = tuple[str, str, Callable[[], object]]
"""Words, key, and what is done."""
NODE = (
    "edit.rename",
    "edit.duplicate",
    "edit.duplicate_fed",
    "edit.mute",
    "edit.bypass",
    "edit.randomise",
    "edit.defaults",
    "edit.group",
    "edit.copy",
    "edit.cut",
    "edit.delete",
    "edit.delete_join",
    "help.node",
)
CANVAS = ("edit.paste", "edit.comment", "edit.select_all", "view.fit")


def entries(desk: Desk, ask: OpenMenu) -> list[Entry]:
    """What stands in the menu for what is under the hand."""
    return list(_entries(desk, ask.hit, ask))


def _entries(desk: Desk, hit: Hit, ask: OpenMenu) -> Iterator[Entry]:
    match hit:
        case OnControl(control) if control.kind == "menu":
            spec = desk.layout.nodes[control.node].spec
            if spec is not None:
                known = spec.settings[control.name].choices if control.is_setting else spec.params[control.name].choices
                for word in known:
                    yield word, "", partial(choose, desk, control, word)
        case OnControl(control) if control.kind in ("number", "toggle"):
            node, name = control.node, control.name
            yield "Type a value …", "", partial(desk.ask, TypeValue(node, name))
            yield (
                "Back to its default",
                "",
                partial(desk.edit, partial(unset_value, node=node, key=name), f"{node} {name}"),
            )
            if control.kind == "number":
                yield "Throw the dice", "", partial(randomised, desk, (node, name))
        case OnNode() | OnControl():
            yield from _actions(desk, NODE)
        case OnCord(cord, _):
            yield "Put a node on it …", "", partial(desk.ask, OpenSearch(ask.at, on_cord=cord))
            yield "Cut it", "", partial(desk.edit, lambda patch: remove_cords(patch, [cord]), f"unpatch {cord.target}")
        case OnPort(port):
            yield "Add a node here …", "", partial(desk.ask, OpenSearch(ask.at, port))
            fed = [cord for cord in desk.patch.cords if port.end == (cord.target if port.is_input else cord.source)]
            if fed:
                yield "Take its cords out", "", partial(desk.edit, lambda patch: remove_cords(patch, fed), "unpatch")
            yield "Help", "", partial(desk.ask, ShowHelp(desk.patch.nodes[port.node].type))
        case OnGroup() | OnComment():
            yield from _actions(desk, ("edit.delete",))
        case _:
            yield "Add a node …", "Tab", partial(desk.ask, OpenSearch(ask.at))
            yield from _actions(desk, CANVAS)


def _actions(desk: Desk, names: tuple[str, ...]) -> Iterator[Entry]:
    for name in names:
        action = ACTIONS[name]
        if action.is_enabled(desk):
            yield action.label, action.keys[0] if action.keys else "", partial(perform, desk, action)


class Menus:
    """One menu at a time."""

    name, title = "menus", "Menu"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        self.desk = desk
        self._window: int | None = None
        self._age = 0

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
        high = 26 * len(found) + 20
        place = [int(x), max(0, min(int(y), dpg.get_viewport_client_height() - high))]
        self._age = 0
        with dpg.window(
            no_title_bar=True, no_resize=True, no_move=True, autosize=True, pos=place, no_saved_settings=True
        ) as window:
            for label, key, act in found:
                dpg.add_menu_item(label=label, shortcut=key, user_data=act, callback=self._do)
        self._window = window
        dpg.focus_item(window)
        return True

    def refresh(self, now: float) -> None:
        """Close it when the hand goes elsewhere."""
        import dearpygui.dearpygui as dpg

        if self._window is None:
            return
        self._age += 1
        is_down = any(map(dpg.is_mouse_button_down, (dpg.mvMouseButton_Left, dpg.mvMouseButton_Right)))
        if self._age > 3 and is_down and not dpg.is_item_hovered(self._window):
            self._close()

    def _do(self, sender: int, data: object, act: Callable[[], object]) -> None:
        self._close()
        act()

    def _close(self) -> None:
        import dearpygui.dearpygui as dpg

        if self._window is not None:
            dpg.delete_item(self._window)
            self._window = None
