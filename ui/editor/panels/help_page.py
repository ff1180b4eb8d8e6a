"""Help: the page of a node type, made from its declaration, and the list of all types."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ....engine.declare import NodeSpec, ParamSpec
from ....engine.labels import choice_label, label_of, title_of
from ....engine.param_numbers import takes_cords
from ....engine.setting_specs import SettingSpec
from ....engine.values import Kind, UsedWhen
from ....graphs import Patch, PatchFileError
from ....graphs.examples import example
from ...patcher.values import number
from ..actions.files import unless_unsaved
from ..document.desk import Desk
from ..window.widgets import button, head, look_of, mark, px, small, words
from .node_search import find
from .page import Page


@dataclass(frozen=True)
class HelpLine:
    """A port, a param or a setting: its name, what it is in short, and its sentence."""

    name: str
    short: str
    text: str
    kind: Kind | None = None


@dataclass(frozen=True)
class NodeHelp:
    """All that is said of a node type. other_names: what it is called in other programs."""

    type: str
    summary: str
    about: tuple[str, ...]
    inputs: tuple[HelpLine, ...]
    outputs: tuple[HelpLine, ...]
    params: tuple[HelpLine, ...]
    settings: tuple[HelpLine, ...]
    other_names: tuple[str, ...]


def help_of(desk: Desk, type_: str) -> NodeHelp | None:
    """The page of a node type; None where there is no such type."""
    spec = desk.palette.get(type_)
    if spec is None:
        return None
    return NodeHelp(
        type_,
        spec.summary,
        paragraphs(spec.about),
        tuple(
            HelpLine(label_of(one), f"{one.kind}, optional" if one.optional else one.kind, one.help, one.kind)
            for one in spec.inputs.values()
        ),
        tuple(HelpLine(label_of(one), one.kind, one.help, one.kind) for one in spec.outputs.values()),
        tuple(_param(one) for one in spec.params.values()),
        tuple(_setting(one) for one in spec.settings.values()),
        spec.other_names,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """A text without the line breaks of its source; a new paragraph only where there is an empty line."""
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return tuple(part for part in parts if part)


def _param(spec: ParamSpec) -> HelpLine:
    if spec.kind in ("float", "int"):
        short = f"{number(spec, spec.low)} … {number(spec, spec.high)}, default {number(spec, float(spec.default))}"
    elif spec.kind == "choice":
        short = ", ".join(choice_label(spec, word) for word in spec.choices)
    else:
        short = "on by default" if spec.default else "off by default"
    return HelpLine(label_of(spec), short, _about(spec.help, spec.used_when), "signal" if takes_cords(spec) else None)


def _setting(spec: SettingSpec) -> HelpLine:
    default = ", ".join(map(str, spec.default)) if isinstance(spec.default, tuple) else str(spec.default)
    choices = ", ".join(choice_label(spec, word) for word in spec.choices)
    return HelpLine(label_of(spec), choices or f"default {default or 'none'}", _about(spec.about.help, spec.used_when))


def _about(help_: str, used_when: UsedWhen | None) -> str:
    if used_when is None:
        return help_
    return "; ".join(part for part in (help_.rstrip("."), used_when.words) if part)


class HelpPage(Page):
    """The page of one type. close: closes it."""

    size = (640, 560)

    def __init__(self, desk: Desk, type_: str, close: Callable[[], None]) -> None:
        self._desk, self._type, self._close = desk, type_, close
        self._play: int | None = None
        spec = desk.palette.get(type_)
        self.title = title_of(spec) if spec is not None else type_

    def fill(self, window: int) -> None:
        """The text, the example, its ports and params with their marks."""
        desk, found = self._desk, help_of(self._desk, self._type)
        if found is None:
            words(desk, window, f"Unknown node type {self._type!r}: its values are kept.")
            return
        head(desk, window, self.title, "head")
        words(desk, window, found.summary, look_of(desk).text)
        for part in found.about:
            words(desk, window, part)
        self._example(window)  # before the lists, which may be longer than the page
        for heading, lines in (
            ("inputs", found.inputs),
            ("outputs", found.outputs),
            ("parameters (a mark: takes a cord)", found.params),
            ("settings (restart the node)", found.settings),
        ):
            if lines:
                small(desk, window, heading)
                self._lines(window, lines)
        if found.other_names:
            small(desk, window, "also known as")
            words(desk, window, ", ".join(found.other_names))

    def refresh(self, now: float) -> None:
        """Follow the preview of the example."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        if self._play is not None:
            dpg.configure_item(self._play, label=f"{'Stop' if desk.preview.name == self._name else 'Play'}##example")

    def close(self) -> None:
        """The example is not heard any more."""
        self._desk.preview.stop()

    @property
    def _name(self) -> str:
        return f"example of {self._type}"

    def _example(self, window: int) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        try:
            patch = example(self._type)
        except PatchFileError:
            return  # a starter that has been taken away; the page is of use without it
        if patch is None:
            return
        small(desk, window, "example")
        with dpg.group(horizontal=True, parent=window) as row:
            if desk.palette.names(patch, "device_output"):
                self._play = button(row, "Play##example", partial(self._switch, patch), px(desk, 80))
            button(row, "Open the example", partial(self._open, patch))

    def _switch(self, patch: Patch) -> None:
        preview = self._desk.preview
        if preview.name == self._name:
            preview.stop()
        else:
            preview.play(self._name, patch)

    def _lines(self, window: int, lines: tuple[HelpLine, ...]) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        with dpg.table(parent=window, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            for wide in (18, 112):
                dpg.add_table_column(width_fixed=True, init_width_or_weight=px(desk, wide))
            dpg.add_table_column(width_stretch=True)
        for line in lines:
            with dpg.table_row(parent=table) as row:
                mark(desk, row, line.kind)
                dpg.add_text(line.name)
                joint = ". " if line.text[:1].isupper() else "; "
                text = f"{line.short}{joint}{line.text}" if line.text else line.short
                words(desk, row, text)

    def _open(self, patch: Patch) -> None:
        desk = self._desk

        def begin() -> None:
            desk.begin(patch, self._type)
            desk.sound.switch(True)

        self._close()
        unless_unsaved(desk, begin)


class AllNodesPage(Page):
    """All types, to be searched. choose: gets the type whose page is wanted."""

    title, size = "Nodes", (640, 560)

    def __init__(self, desk: Desk, choose: Callable[[str], None]) -> None:
        self._desk, self._choose = desk, choose
        self._box = self._home = 0
        self._shown: str | None = None

    @property
    def is_typing(self) -> bool:
        """Whether its search has the keys."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.does_item_exist(self._box) and dpg.is_item_active(self._box))

    def fill(self, window: int) -> None:
        """A search and a list."""
        import dearpygui.dearpygui as dpg

        self._box = dpg.add_input_text(parent=window, width=-1, hint="search")
        self._home = dpg.add_child_window(parent=window, border=False)

    def refresh(self, now: float) -> None:
        """Follow the search."""
        import dearpygui.dearpygui as dpg

        text = dpg.get_value(self._box)
        if text == self._shown:
            return
        self._shown = text
        dpg.delete_item(self._home, children_only=True)
        for spec in nodes_listed(self._desk, text):
            with dpg.group(horizontal=True, parent=self._home) as row:
                button(row, title_of(spec), partial(self._choose, spec.type), px(self._desk, 130))
                words(self._desk, row, spec.summary)


def nodes_listed(desk: Desk, text: str) -> list[NodeSpec]:
    """Types by name, or those that a search finds, the best first."""
    if not text.strip():
        return [desk.palette[type_] for type_ in sorted(desk.palette.specs)]
    return [desk.palette[one.type] for one in find(desk.palette, text)]
