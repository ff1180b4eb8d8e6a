"""The inspector: all there is to know and to turn of what is chosen, made from its declaration."""

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from ....engine.declare import NodeSpec, ParamSpec
from ....graphs import Node, Patch, set_seed, set_value, unset_value
from ..actions import ACTIONS, perform
from ..actions.editing import randomised
from ..asks import Ask, ShowHelp, TypeValue
from ..canvas.look import THEMES
from ..canvas.values import number, place_of, value_at
from ..desk import Desk
from ..window.panel import Place

WIDE = 300


def shared_params(desk: Desk) -> list[ParamSpec]:
    """The params that all chosen nodes have, when they are of one type; of one node all of its."""
    types = {desk.patch.nodes[name].type for name in desk.selection}
    spec = desk.palette.get(next(iter(types))) if len(types) == 1 else None
    return list(spec.params.values()) if spec is not None else []


def turn_all(desk: Desk, param: str, value: Any, gesture: str) -> None:
    """Turn a param of all chosen nodes: one step of undo."""
    names = sorted(desk.selection)
    if len(names) == 1:
        desk.turn(names[0], param, value, gesture)
        return

    def change(patch: Patch) -> Patch:
        return reduce(lambda after, name: set_value(after, name, param, value), names, patch)

    for name in names:
        desk.sound.turn(name, param, value)
    desk.edit(change, f"{len(names)} nodes' {param}", gesture)


def content_words(node: Node) -> list[str]:
    """What a node holds, by kind: how many, how much."""
    kinds: dict[str, list[int]] = {}
    for name, array in node.content.items():
        kinds.setdefault(name.partition("/")[0], []).append(array.nbytes)
    return [f"{kind}: {len(sizes)}, {sum(sizes) / 1024:.0f} kB" for kind, sizes in sorted(kinds.items())]


def port_words(desk: Desk, name: str, spec: NodeSpec) -> list[str]:
    """The ports of a node with what flows, and where it is patched."""
    lines = []
    for port in spec.inputs.values():
        cord = next((one for one in desk.patch.cords if one.target == f"{name}.{port.name}"), None)
        lines.append(f"in   {port.name}: {port.kind}{f', from {cord.source}' if cord else ''}")
    for port in spec.outputs.values():
        to = [one.target for one in desk.patch.cords if one.source == f"{name}.{port.name}"]
        lines.append(f"out  {port.name}: {port.kind}{', to ' + ', '.join(to) if to else ''}")
    return lines


class Inspector:
    """Beside the canvas."""

    name, title = "inspector", "Inspector"
    place: Place = "right"

    def build(self, parent: int, desk: Desk) -> None:
        """An empty column; it is filled for what is chosen."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        self._mark: object = None
        self._widgets: dict[str, tuple[int, Callable[[Any], Any]]] = {}
        self._texts: list[int] = []
        self._turning: tuple[str, int] | None = None
        self._count = 0

    @property
    def is_typing(self) -> bool:
        """Whether one of its boxes has the keys."""
        import dearpygui.dearpygui as dpg

        return any(dpg.does_item_exist(item) and dpg.is_item_active(item) for item in self._all())

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Fill it anew when something else is chosen; else follow the values."""
        import dearpygui.dearpygui as dpg

        desk = self.desk
        if not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        chosen = tuple(sorted(desk.selection))
        types = tuple(desk.patch.nodes[name].type for name in chosen)
        problems = tuple(str(one) for name in (chosen or ("",)) for one in desk.problems.get(name, ()))
        flags = tuple((desk.patch.nodes[name].muted, desk.patch.nodes[name].bypassed) for name in chosen)
        settings = tuple(self._settings_of(name) for name in chosen)
        cords = sum(cord.source_node in chosen or cord.target_node in chosen for cord in desk.patch.cords)
        mark = (
            chosen,
            types,
            problems,
            flags,
            settings,
            cords,
            desk.settings.theme,
            None if chosen else len(desk.patch.nodes),
        )
        if mark != self._mark and not self.is_typing:
            self._mark = mark
            self._fill(chosen)
        self._follow(chosen)

    def _settings_of(self, name: str) -> tuple[tuple[str, str], ...]:
        node = self.desk.patch.nodes[name]
        spec = self.desk.palette.get(node.type)
        return tuple((key, repr(one)) for key, one in node.values.items() if spec is None or key in spec.settings)

    def _all(self) -> list[int]:
        return [item for item, _ in self._widgets.values()] + self._texts

    def _fill(self, chosen: tuple[str, ...]) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self._home, children_only=True)
        self._widgets.clear()
        self._texts.clear()
        if not chosen:
            self._patch()
        elif len(chosen) == 1:
            self._node(chosen[0])
        else:
            self._heading(f"{len(chosen)} nodes")
            params = shared_params(self.desk)
            if params:
                self._quiet("turned together")
            for param in params:
                self._param(chosen[0], param)
            self._action("edit.group")
            self._action("edit.mute")

    def _patch(self) -> None:
        import dearpygui.dearpygui as dpg

        desk, patch = self.desk, self.desk.patch
        self._heading(desk.document.name)
        self._quiet(f"{len(patch.nodes)} nodes, {len(patch.cords)} cords")
        with dpg.group(horizontal=True, parent=self._home):
            dpg.add_text("seed")
            box = dpg.add_input_text(
                default_value=str(patch.seed),
                width=140,
                decimal=True,
                on_enter=True,
                callback=lambda sender, text: desk.edit(partial(_seeded, text=text), "seed"),
            )
        self._texts.append(box)
        self._tip(box, "what all that is random starts from; equal seeds sound equal")
        for one in desk.problems.get("", ()):
            self._wrong(one.text, one.severity == "error")
        for name, asset in patch.assets.items():
            here = (desk.document.folder / asset.path).exists() or asset.embedded is not None
            self._quiet(f"{name}: {asset.path}{'' if here else ' is missing'}")
        self._quiet("Tab or a double click adds a node; F1 helps.")

    def _node(self, name: str) -> None:
        import dearpygui.dearpygui as dpg

        desk, node = self.desk, self.desk.patch.nodes[name]
        spec = desk.palette.get(node.type)
        self._heading(node.title or name)
        self._quiet(f"{node.type.replace('_', ' ')}   {name}")
        if spec is None:
            self._wrong(f"there is no node type {node.type!r} here; its values are kept as they are", True)
            return
        text = dpg.add_text(spec.summary, parent=self._home, wrap=WIDE)
        dpg.configure_item(text, color=THEMES[desk.settings.theme].quiet)
        for one in desk.problems.get(name, ()):
            self._wrong(str(one), one.severity == "error")
        dpg.add_separator(parent=self._home)
        for param in spec.params.values():
            self._param(name, param)
        if spec.settings:
            dpg.add_separator(parent=self._home)
            self._quiet("settings (turning one makes the node anew)")
            for setting in spec.settings.values():
                value = node.values.get(setting.name, setting.default)
                self._setting(name, setting.name, setting.choices, value, setting.about.help, bool(setting.about.file))
        dpg.add_separator(parent=self._home)
        for line in port_words(desk, name, spec):
            self._quiet(line)
        for line in content_words(node):
            self._quiet(line)
        with dpg.group(horizontal=True, parent=self._home):
            dpg.add_button(label="Dice", callback=lambda: randomised(desk))
            dpg.add_button(
                label="Mute" if not node.muted else "Unmute", callback=lambda: perform(desk, ACTIONS["edit.mute"])
            )
            dpg.add_button(label="Bypass", callback=lambda: perform(desk, ACTIONS["edit.bypass"]))
            dpg.add_button(label="Help", callback=lambda: desk.ask(ShowHelp(node.type)))

    def _param(self, node: str, spec: ParamSpec) -> None:
        import dearpygui.dearpygui as dpg

        value = self.desk.patch.nodes[node].values.get(spec.name, spec.default)
        with dpg.group(horizontal=True, parent=self._home):
            match spec.kind:
                case "bool":
                    item = dpg.add_checkbox(
                        label=spec.name, default_value=bool(value), callback=self._turned, user_data=spec
                    )
                case "choice":
                    item = dpg.add_combo(
                        list(spec.choices),
                        label=spec.name,
                        default_value=str(value),
                        width=150,
                        callback=self._turned,
                        user_data=spec,
                    )
                case _:
                    item = self._slider(spec, float(value) if isinstance(value, int | float) else float(spec.default))
        self._widgets[spec.name] = (item, partial(place_of, spec) if spec.kind == "float" else type(spec.default))
        words = [spec.help] if spec.help else []
        if spec.kind in ("float", "int"):
            words.append(
                f"{number(spec, spec.low)} to {number(spec, spec.high)}, usually {number(spec, float(spec.default))}"
            )
        words.append(f"OSC /node/{node}/{spec.name}")
        self._tip(item, "\n".join(words))
        with dpg.popup(item):
            name = spec.name
            dpg.add_menu_item(label="Type a value …", callback=lambda: self.desk.ask(TypeValue(node, name)))
            dpg.add_menu_item(
                label="Back to its default",
                callback=lambda: self.desk.edit(partial(unset_value, node=node, key=name), f"{node} {name}"),
            )
            dpg.add_menu_item(label="Throw the dice", callback=lambda: randomised(self.desk, (node, name)))
            dpg.add_menu_item(label="Copy OSC address", callback=lambda: dpg.set_clipboard_text(f"/node/{node}/{name}"))

    def _slider(self, spec: ParamSpec, value: float) -> int:
        """A slider over a param's range; one with a curve of its own runs from 0 to 1 and says what that means."""
        import dearpygui.dearpygui as dpg

        how: dict[str, Any] = {"label": spec.name, "width": 150, "callback": self._turned, "user_data": spec}
        if spec.kind == "int":
            low, high = int(spec.low), int(spec.high)
            whole: int = dpg.add_slider_int(
                default_value=round(value), min_value=low, max_value=high, clamped=True, **how
            )
            return whole
        share = place_of(spec, value)
        made: int = dpg.add_slider_float(
            default_value=share, min_value=0.0, max_value=1.0, clamped=True, format=_literal(spec, value), **how
        )
        return made

    def _setting(self, node: str, name: str, choices: tuple[str, ...], value: Any, help_: str, is_file: bool) -> None:
        import dearpygui.dearpygui as dpg

        def chosen(sender: int, given: Any) -> None:
            self.desk.edit(partial(set_value, node=node, key=name, value=given), f"{node} {name}")

        with dpg.group(horizontal=True, parent=self._home):
            if choices:
                item = dpg.add_combo(list(choices), label=name, default_value=str(value), width=150, callback=chosen)
            elif isinstance(value, bool):
                item = dpg.add_checkbox(label=name, default_value=value, callback=chosen)
            else:
                words = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                item = dpg.add_button(
                    label=f"{words[:34] or '…'}", width=190, callback=lambda: self.desk.ask(TypeValue(node, name))
                )
                dpg.add_text(name)
        self._tip(item, help_ + ("\nclick to choose a file" if is_file else ""))

    def _turned(self, sender: int, value: Any, spec: ParamSpec) -> None:
        import dearpygui.dearpygui as dpg

        if spec.kind == "float":
            value = value_at(spec, float(value))
            dpg.configure_item(sender, format=_literal(spec, value))
        if self._turning is None or self._turning[0] != spec.name:
            self._count += 1
            self._turning = (spec.name, self._count)
        turn_all(self.desk, spec.name, value, f"inspector {spec.name} {self._turning[1]}")
        if not dpg.is_item_active(sender):
            self.desk.end_gesture()
            self._turning = None

    def _follow(self, chosen: tuple[str, ...]) -> None:
        import dearpygui.dearpygui as dpg

        if self._turning is not None:
            known = self._widgets.get(self._turning[0])
            if known is None or not dpg.is_item_active(known[0]):
                self.desk.end_gesture()
                self._turning = None
        if not chosen:
            return
        node = self.desk.patch.nodes.get(chosen[0])
        spec = self.desk.palette.get(node.type) if node is not None else None
        for name, (widget, kind) in self._widgets.items():
            if node is None or spec is None or name not in spec.params or dpg.is_item_active(widget):
                continue
            try:
                value = kind(node.values.get(name, spec.params[name].default))
            except (TypeError, ValueError):
                continue
            if dpg.get_value(widget) != value:
                dpg.set_value(widget, value)
                if spec.params[name].kind == "float":
                    given = node.values.get(name, spec.params[name].default)
                    dpg.configure_item(widget, format=_literal(spec.params[name], given))

    def _heading(self, text: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.add_text(text, parent=self._home, wrap=WIDE)

    def _quiet(self, text: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.add_text(text, parent=self._home, wrap=WIDE, color=THEMES[self.desk.settings.theme].quiet)

    def _wrong(self, text: str, is_error: bool) -> None:
        import dearpygui.dearpygui as dpg

        look = THEMES[self.desk.settings.theme]
        dpg.add_text(text, parent=self._home, wrap=WIDE, color=look.error if is_error else look.warning)

    def _tip(self, item: int, text: str) -> None:
        import dearpygui.dearpygui as dpg

        if text:
            with dpg.tooltip(item, delay=0.5):
                dpg.add_text(text, wrap=320)

    def _action(self, name: str) -> None:
        import dearpygui.dearpygui as dpg

        action = ACTIONS[name]
        dpg.add_button(label=action.label, parent=self._home, callback=lambda: perform(self.desk, action))


def _seeded(patch: Patch, text: str) -> Patch:
    return set_seed(patch, int(text or 0))


def _literal(spec: ParamSpec, value: Any) -> str:
    """A value as the words on a slider."""
    words = number(spec, float(value)) if isinstance(value, int | float) else str(value)
    return words.replace("%", "%%")
