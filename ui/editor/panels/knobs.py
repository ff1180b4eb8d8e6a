"""Rows to turn: a bar, a switch, a list or a button for every param and setting, made from its declaration."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ....engine.declare import ParamSpec
from ....engine.labels import choice_label, label_of
from ....engine.setting_specs import SettingSpec
from ....graphs import unset_value
from ...patcher.described import described_param, described_setting, osc_address
from ...patcher.values import number, place_of, span_of, value_at
from ...patcher.window_requests import TypeValue
from ...surface.look import measure
from ..actions.edit import randomised
from ..document.controllers import controller_entries
from ..document.desk import Desk
from ..window.setting_values import put_value, setting_words
from ..window.widgets import CLEAR, look_of, px, tip
from .facts import SharedParam, shared_params, turn_all

LABEL, WIDTH, HEIGHT, LETTERS = 104, 180, 22, 14
FINE = 0.1
SEVERAL = "several"


def turned(share: float, pixels: float, width: float, is_fine: bool) -> float:
    """Where a bar stands, 0 … 1, after the hand went so far across it; fine: ten times as far for as much."""
    step = pixels / max(width, 1.0) * (FINE if is_fine else 1.0)
    return min(1.0, max(0.0, share + step))


def value_words(spec: ParamSpec, value: Any) -> str:
    """A value in a row; None where the chosen nodes differ."""
    if value is None:
        return SEVERAL
    return number(spec, float(value)) if isinstance(value, int | float) else choice_label(spec, str(value))


def to_default(desk: Desk, name: str) -> None:
    """Take a param of all that is chosen back to its default: one step."""
    nodes = [one for one in sorted(desk.selection) if name in desk.patch.nodes[one].values]
    desk.end_gesture()
    for node in nodes:
        desk.edit(partial(unset_value, node=node, key=name), f"reset {name}", f"default {nodes}")
    desk.end_gesture()


@dataclass
class _Knob:
    """A param's widget; show: lets it show a value. shown: the one that it shows. label: its name beside it."""

    spec: ParamSpec
    item: int
    show: Callable[[Any], None]
    is_bar: bool = False
    shown: object = SEVERAL
    label: int = 0


@dataclass
class _Turn:
    """A bar under the hand."""

    knob: _Knob
    span: tuple[float, float]
    share: float
    x: float


class Knobs:
    """The rows of what is chosen.

    Bars are turned as on cards: drag; Shift is finer; a double click takes one back, Ctrl and a click types.
    """

    def __init__(self, desk: Desk) -> None:
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._knobs: dict[str, _Knob] = {}
        self._turn: _Turn | None = None
        self._count = 0
        self._waiting = ""
        self._window: int = dpg.add_window(popup=True, show=False, autosize=True, min_size=(40, 20))
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(dpg.mvMouseButton_Left, callback=self._pressed)
            dpg.add_mouse_double_click_handler(dpg.mvMouseButton_Left, callback=self._pressed_twice)
            dpg.add_mouse_click_handler(dpg.mvMouseButton_Right, callback=self._pressed_right)
            dpg.add_mouse_release_handler(dpg.mvMouseButton_Left, callback=self._let_go)

    @property
    def is_turning(self) -> bool:
        """Whether the hand is on one now."""
        return self._turn is not None

    def forget(self) -> None:
        """The rows are gone."""
        self._let_go()
        self._knobs, self._waiting = {}, ""

    def add_params(self, home: int, params: Iterable[SharedParam]) -> None:
        """Rows for params that the chosen nodes have alike."""
        table = self._table(home)
        for one in params:
            self._param(table, one)

    def add_settings(self, home: int, node: str, settings: Iterable[SettingSpec]) -> None:
        """Rows for settings of a node."""
        table = self._table(home)
        for one in settings:
            self._setting(table, node, one)

    def follow(self) -> None:
        """Once per frame: turn what is under the hand, and show all values as they are."""
        if self._turn is not None:
            self._move(self._turn)
        if not self._knobs:
            return
        self._mark_waiting()
        for one in shared_params(self.desk):
            knob = self._knobs.get(one.spec.name)
            if knob is not None and knob.shown != one.value:
                knob.shown = one.value
                knob.show(one.value)

    def _mark_waiting(self) -> None:
        """The name of the param for which a controller is waited for, in colour."""
        import dearpygui.dearpygui as dpg

        wanted = self.desk.sound.learning
        waiting = wanted.param if wanted is not None and self.desk.selection == {wanted.node} else ""
        if waiting != self._waiting:
            for name, knob in self._knobs.items():
                look = look_of(self.desk)
                dpg.configure_item(knob.label, color=look.warning if name == waiting else look.text)
            self._waiting = waiting

    def is_refused(self) -> bool:
        """Whether the patch is locked for playing; says so."""
        if self.desk.is_locked:
            self.desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
        return self.desk.is_locked

    def _table(self, home: int) -> int:
        """Two columns: names, and what is turned."""
        import dearpygui.dearpygui as dpg

        table: int = dpg.add_table(parent=home, header_row=False, policy=dpg.mvTable_SizingStretchProp)
        dpg.add_table_column(parent=table, width_fixed=True, init_width_or_weight=px(self.desk, LABEL))
        dpg.add_table_column(parent=table)
        return table

    def _param(self, table: int, shared: SharedParam) -> None:
        import dearpygui.dearpygui as dpg

        spec, node = shared.spec, min(self.desk.selection)
        how: dict[str, Any] = {"callback": self._switched, "user_data": spec}
        with dpg.table_row(parent=table) as row:
            label = dpg.add_text(label_of(spec))
            match spec.kind:
                case "bool":
                    item: int = dpg.add_checkbox(**how)
                    knob = _Knob(spec, item, lambda value: dpg.set_value(item, bool(value)))
                case "choice":
                    item = dpg.add_combo(_shown(spec), width=px(self.desk, WIDTH), **how)
                    knob = _Knob(spec, item, lambda value: dpg.set_value(item, value_words(spec, value)))
                case _:
                    knob = self._bar(row, spec)
        knob.shown = shared.value
        knob.show(shared.value)
        self._knobs[spec.name] = knob
        knob.label = label
        for one in (label, knob.item):
            tip(self.desk, one, "\n".join(described_param(spec, node).lines))

    def _bar(self, row: int, spec: ParamSpec) -> _Knob:
        """A bar as on the cards, with its number in it."""
        import dearpygui.dearpygui as dpg

        desk, look = self.desk, look_of(self.desk)
        wide, high, size = (px(desk, one) for one in (WIDTH, HEIGHT, LETTERS))
        with dpg.group(parent=row, user_data=spec) as item:
            drawing: int = dpg.add_drawlist(wide, high)
        how: dict[str, Any] = {"parent": drawing, "color": CLEAR, "rounding": 4}
        dpg.draw_rectangle((0, 0), (wide, high), fill=look.well, **how)
        fill = dpg.draw_rectangle((0, 0), (0, high), fill=look.fill, **how)
        text = dpg.draw_text((0, 0), "", parent=drawing, size=size, color=look.text)

        def show(value: Any) -> None:
            words = value_words(spec, value)
            dpg.configure_item(fill, pmax=(round(wide * place_of(spec, value)), high))
            left = (wide - measure(words, size)) / 2
            dpg.configure_item(text, text=words, pos=(round(left), round((high - size) / 2)))

        return _Knob(spec, item, show, is_bar=True)

    def _menu(self, spec: ParamSpec) -> None:
        """What a right click offers; one window serves all rows."""
        import dearpygui.dearpygui as dpg

        desk, name, chosen = self.desk, spec.name, sorted(self.desk.selection)
        entries: list[tuple[str, Callable[[], object]]] = []
        if len(chosen) == 1:
            entries.append(("Type a value …", partial(desk.ask, TypeValue(chosen[0], name))))
        entries.append(("Reset to default", partial(to_default, desk, name)))
        if spec.kind in ("float", "int") and spec.randomize:
            entries.append(("Randomize", partial(self._randomize, name)))
        entries.append(("Copy OSC address", partial(copy, "\n".join(osc_address(node, name) for node in chosen))))
        entries += controller_entries(desk, chosen, name)
        dpg.delete_item(self._window, children_only=True)
        for label, act in entries:
            dpg.add_menu_item(label=label, parent=self._window, user_data=act, callback=lambda sender, data, act: act())
        dpg.configure_item(self._window, show=True)

    def _setting(self, table: int, node: str, spec: SettingSpec) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        value = desk.patch.nodes[node].values.get(spec.name, spec.default)
        how: dict[str, Any] = {"width": px(desk, WIDTH), "enabled": not desk.is_locked}

        def chosen(sender: int, given: Any) -> None:
            if not self.is_refused():
                put_value(desk, node, spec.name, _meant(spec, given))

        with dpg.table_row(parent=table):
            label = dpg.add_text(label_of(spec))
            if spec.choices:
                item = dpg.add_combo(_shown(spec), default_value=choice_label(spec, str(value)), callback=chosen, **how)
            elif isinstance(value, bool):
                item = dpg.add_checkbox(default_value=value, callback=chosen, enabled=not desk.is_locked)
            else:
                item = dpg.add_button(
                    label=f"{setting_words(spec, value)}##{spec.name}",
                    callback=lambda: self._asked(node, spec.name),
                    **how,
                )
        for one in (label, item):
            click = "click to choose a file" if spec.about.file else ""
            full = setting_words(spec, value, 400) if isinstance(value, str | list | tuple) else ""
            tip(desk, one, "\n".join(line for line in (*described_setting(spec).lines, full, click) if line))

    def _asked(self, node: str, name: str) -> None:
        if not self.is_refused():
            self.desk.ask(TypeValue(node, name))

    def _switched(self, sender: int, value: Any, spec: ParamSpec) -> None:
        """A switch or a list."""
        self._count += 1
        turn_all(self.desk, spec.name, _meant(spec, value), f"inspector {self._count}")
        self.desk.end_gesture()

    def _under_hand(self) -> _Knob | None:
        import dearpygui.dearpygui as dpg

        bars = (one for one in self._knobs.values() if one.is_bar)
        return next((one for one in bars if dpg.is_item_hovered(one.item)), None)

    def _pressed(self) -> None:
        import dearpygui.dearpygui as dpg

        knob = self._under_hand()
        if knob is None or self._turn is not None:
            return
        if _is_down("Control"):
            if len(self.desk.selection) == 1:
                self.desk.ask(TypeValue(min(self.desk.selection), knob.spec.name))
            return
        self._count += 1
        start = next((one.value for one in shared_params(self.desk) if one.spec.name == knob.spec.name), None)
        start = knob.spec.default if start is None else start
        span = span_of(knob.spec, start)
        self._turn = _Turn(knob, span, place_of(knob.spec, start, span), dpg.get_mouse_pos(local=False)[0])

    def _pressed_twice(self) -> None:
        knob = self._under_hand()
        if knob is not None:
            self._turn = None
            to_default(self.desk, knob.spec.name)

    def _pressed_right(self) -> None:
        import dearpygui.dearpygui as dpg

        hovered = (one for one in self._knobs.values() if any(map(dpg.is_item_hovered, (one.item, one.label))))
        knob = next(hovered, None)
        if knob is not None:
            self._menu(knob.spec)

    def _move(self, turn: _Turn) -> None:
        import dearpygui.dearpygui as dpg

        x = dpg.get_mouse_pos(local=False)[0]
        if x == turn.x:
            return
        spec = turn.knob.spec
        turn.share = turned(turn.share, x - turn.x, px(self.desk, WIDTH), _is_down("Shift"))
        turn.x = x
        turn_all(self.desk, spec.name, value_at(spec, turn.share, turn.span), f"inspector {self._count}")

    def _let_go(self) -> None:
        if self._turn is not None:
            self._move(self._turn)
            self._turn = None
            self.desk.end_gesture()

    def _randomize(self, name: str) -> None:
        for node in sorted(self.desk.selection):
            randomised(self.desk, (node, name))


def _shown(spec: ParamSpec | SettingSpec) -> list[str]:
    return [choice_label(spec, word) for word in spec.choices]


def _meant(spec: ParamSpec | SettingSpec, shown: Any) -> Any:
    """The choice that is shown so; other values as they are."""
    return next((word for word in spec.choices if choice_label(spec, word) == shown), shown)


def copy(text: str) -> None:
    """Put a text on the system's clipboard."""
    import dearpygui.dearpygui as dpg

    dpg.set_clipboard_text(text)


def _is_down(key: str) -> bool:
    import dearpygui.dearpygui as dpg

    codes = (getattr(dpg, f"mvKey_{side}{key}") for side in "LR")
    return any(map(dpg.is_key_down, codes))
