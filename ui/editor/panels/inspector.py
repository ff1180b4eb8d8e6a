"""The inspector: all there is to know and to turn of what is chosen, made from its declaration."""

from functools import partial
from pathlib import Path

from ....engine.compile.infer import USE_ONE_CODEC
from ....engine.declare import NodeSpec
from ....engine.labels import title_of
from ....graphs import set_title
from ....graphs.printable import counted
from ....graphs.scopes import instances_of, short_name
from ...patch_files import Named
from ...patcher.window_requests import Ask, ShowHelp, TypeText
from ...takes import takes_of
from ..actions import ACTIONS, perform
from ..actions.named_files import ask_where, locate, missing_files
from ..actions.take_menus import ask_what, ask_which, take_words
from ..document.desk import Desk
from ..window.panel import Place
from ..window.widgets import button, folded, head, look_of, mark, px, small, tight, tip, words
from .facts import (
    PortFacts,
    SharedParam,
    content_words,
    flowing,
    ports_of_node,
    seeded,
    shared_params,
    spec_of,
    unused_by_all,
)
from .knobs import Knobs, copy

# How often it is looked whether files are there, while nothing is chosen.
LOOK_AGAIN_SECONDS = 2.0
FLOWS_EVERY_SECONDS = 0.1

SHOWN_TAKES = 12
PORTS_OF_DEFINITIONS = "Add nodes of type inlet, outlet or param: its instances have ports and params of their names."
NOT_USED, ADVANCED = "Not used in this mode", "Advanced settings (restart the node)"


class Inspector:
    """Beside the canvas."""

    name, title = "inspector", "Inspector"
    place: Place = "right"

    def build(self, parent: int, desk: Desk) -> None:
        """An empty column; it is filled for what is chosen."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        dpg.bind_item_theme(self._home, tight(desk))
        self._knobs = Knobs(desk)
        self._mark: object = None
        self._seed: int | None = None
        self._flows: list[tuple[PortFacts, int, int]] = []
        self._flowed_at = self._looked_at = 0.0
        self._missing: list[Named] = []

    @property
    def is_typing(self) -> bool:
        """Whether one of its boxes has the keys."""
        import dearpygui.dearpygui as dpg

        is_seed = self._seed is not None and dpg.does_item_exist(self._seed) and dpg.is_item_active(self._seed)
        return bool(is_seed)

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Fill it anew when something else is chosen; else follow the values."""
        import dearpygui.dearpygui as dpg

        if not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        chosen = tuple(sorted(self.desk.selection))
        if not chosen and now - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at, self._missing = now, missing_files(self.desk)
        shown = self._shown(chosen)
        if shown != self._mark and not self.is_typing and not self._knobs.is_turning:
            self._mark = shown
            self._fill(chosen)
        self._knobs.follow()
        if now - self._flowed_at > FLOWS_EVERY_SECONDS:
            self._flowed_at = now
            for port, row, item in self._flows:
                text = flowing(self.desk, port)
                dpg.set_value(item, text)
                dpg.configure_item(row, show=bool(text))

    def _shown(self, chosen: tuple[str, ...]) -> object:
        """All that decides which rows there are; values are followed without making rows anew."""
        desk = self.desk
        nodes = tuple(
            (name, node.type, node.title, node.muted, node.bypassed, *self._made_of(name))
            for name, node in ((name, desk.patch.nodes[name]) for name in chosen)
        )
        problems = tuple(str(one) for name in (chosen or ("",)) for one in desk.heard.problems.get(name, ()))
        cords = tuple(one for one in desk.patch.cords if one.source_node in chosen or one.target_node in chosen)
        whole = (
            desk.scopes.scope,
            len(desk.patch.nodes),
            len(desk.patch.cords),
            desk.patch.seed,
            desk.document.name,
            *self._missing,
        )
        untrusted = tuple(desk.untrusted.of(name) for name in chosen)
        hidden = unused_by_all(desk), *(desk.faces.now.get(name) for name in chosen)
        return nodes, problems, cords, hidden, untrusted, desk.settings.theme, desk.is_locked, None if chosen else whole

    def _made_of(self, name: str) -> tuple[object, ...]:
        node = self.desk.patch.nodes[name]
        spec = self.desk.palette.get(node.type)
        settings = tuple((key, repr(one)) for key, one in node.values.items() if spec is None or key in spec.settings)
        return settings, tuple(node.content), id(node.content)

    def _fill(self, chosen: tuple[str, ...]) -> None:
        import dearpygui.dearpygui as dpg

        dpg.delete_item(self._home, children_only=True)
        self._knobs.forget()
        self._flows, self._seed = [], None
        match chosen:
            case () if self.desk.scopes.scope:
                self._definition(self.desk.scopes.scope)
            case ():
                self._patch()
            case (name,):
                self._node(name)
            case _:
                self._several(chosen)

    def _definition(self, name: str) -> None:
        desk, home, shown = self.desk, self._home, self.desk.scopes.patch
        head(desk, home, name)
        instances = counted(len(instances_of(desk.patch, name)), "instance")
        words(desk, home, f"Definition: {counted(len(shown.nodes), 'node')}, {counted(len(shown.cords), 'cord')}")
        words(desk, home, f"{instances} in this patch")
        self._problems("")
        self._actions("edit.up", "edit.rename_definition")
        small(desk, home, "ports")
        words(desk, home, PORTS_OF_DEFINITIONS)

    def _patch(self) -> None:
        import dearpygui.dearpygui as dpg

        desk, home, patch = self.desk, self._home, self.desk.patch
        head(desk, home, desk.document.name)
        words(desk, home, f"{counted(len(patch.nodes), 'node')}, {counted(len(patch.cords), 'cord')}")
        with dpg.group(horizontal=True, parent=home):
            dpg.add_text("seed")
            seed: int = dpg.add_input_text(
                default_value=str(patch.seed),
                width=px(desk, 140),
                decimal=True,
                on_enter=True,
                callback=lambda sender, text: desk.edit(partial(seeded, text=text), "seed"),
            )
        self._seed = seed
        tip(desk, seed, "seed of all random numbers; the same seed gives the same sound")
        self._problems("")
        if self._missing:
            small(desk, home, "missing files")
            for gone in self._missing:
                words(desk, home, gone.words(), look_of(desk).warning)
                button(home, "Locate …", partial(self._locate, gone))
        if patch.assets:
            small(desk, home, "files")
            for name, asset in patch.assets.items():
                words(
                    desk, home, f"{name}  {asset.size / 1024:.0f} kB{' embedded' if asset.embedded is not None else ''}"
                )
        small(desk, home, "getting started")
        words(desk, home, "Tab or double-click adds a node.\nDrag from port to port to connect.\nF1 opens help.")

    def _several(self, chosen: tuple[str, ...]) -> None:
        desk, home = self.desk, self._home
        head(desk, home, f"{len(chosen)} nodes")
        words(desk, home, ", ".join(chosen))
        for name in chosen:
            self._problems(name)
        used, folded = self._params()
        if used:
            self._knobs.add_params(home, used)
            words(desk, home, "changes apply to all selected nodes")
        if folded:
            self._knobs.add_params(self._fold(NOT_USED), folded)
        self._actions("edit.mute", "edit.bypass", "edit.randomise", "edit.group")

    def _node(self, name: str) -> None:
        desk, home, node = self.desk, self._home, self.desk.patch.nodes[name]
        spec = spec_of(desk, name)
        self._title(name, spec)
        if spec is None:
            text = f"Unknown node type {node.type!r}: it is silent, and its values are kept."
            words(desk, home, text, look_of(desk).error)
            for key, value in node.values.items():
                words(desk, home, f"{key}: {value}"[:200])
            return
        words(desk, home, spec.summary)
        for model in desk.untrusted.of(name):
            words(desk, home, f"Untrusted model file: {model}", look_of(desk).warning)
            button(home, "Inspect and trust…", partial(desk.untrusted.ask, model))
        self._problems(name)
        params, folded_params = self._params()
        if params:
            small(desk, home, "parameters")
            self._knobs.add_params(home, params)
        hidden = unused_by_all(desk)
        used = [one for one in spec.settings.values() if one.name not in hidden]
        settings = [one for one in used if not one.about.advanced]
        advanced = [one for one in used if one.about.advanced]
        folded_settings = [one for one in spec.settings.values() if one.name in hidden]
        if settings:
            small(desk, home, "settings (restart the node)")
            self._knobs.add_settings(home, name, settings)
        if advanced:
            self._knobs.add_settings(self._fold(ADVANCED), name, advanced)
        if folded_params or folded_settings:
            fold = self._fold(NOT_USED)
            self._knobs.add_params(fold, folded_params)
            self._knobs.add_settings(fold, name, folded_settings)
        small(desk, home, "ports")
        for port in ports_of_node(desk, name, spec):
            self._port(port)
        held = content_words(node, desk.palette.role(node.type))
        if held:
            small(desk, home, "stored data")
            words(desk, home, "\n".join(held))
        takes = takes_of(desk.patch, name)
        if takes:
            small(desk, home, "takes")
        for index, take in enumerate(takes[:SHOWN_TAKES]):
            button(home, f"{take_words(index + 1, take)}##{index}", partial(ask_what, desk, name, index))
        if len(takes) > SHOWN_TAKES:
            button(home, f"All {len(takes)} takes …", partial(ask_which, desk, name))
        if desk.scopes.is_instance(name):
            self._actions("edit.unpack", "edit.make_unique")
        self._actions("edit.mute", "edit.bypass", "edit.randomise", "edit.defaults")
        if any(one.is_job for one in spec.offline.values()):
            button(home, "Retrain", lambda: desk.sound.learn(desk.patch, only=name, again=True))

    def _params(self) -> tuple[list[SharedParam], list[SharedParam]]:
        """The params that the chosen nodes have alike: those in use, and those that are not as the nodes are set."""
        hidden, shared = unused_by_all(self.desk), shared_params(self.desk)
        return (
            [one for one in shared if one.spec.name not in hidden],
            [one for one in shared if one.spec.name in hidden],
        )

    def _fold(self, label: str) -> int:
        """What is folded away until somebody wants it."""
        import dearpygui.dearpygui as dpg

        fold: int = dpg.add_collapsing_header(label=label, parent=self._home, default_open=False)
        dpg.bind_item_theme(fold, folded(self.desk))
        return fold

    def _title(self, name: str, spec: NodeSpec | None) -> None:
        import dearpygui.dearpygui as dpg

        desk, node = self.desk, self.desk.patch.nodes[name]
        with dpg.group(horizontal=True, parent=self._home) as row:
            head(desk, row, node.title or short_name(name))
            if desk.scopes.is_instance(name):
                button(row, "Open", partial(desk.open_definition, name))
            button(row, "Title …", partial(self._entitle, name))
            if spec is not None:
                button(row, "Help", partial(desk.ask, ShowHelp(node.type)))
        flags = [word for word, is_so in (("muted", node.muted), ("bypassed", node.bypassed)) if is_so]
        named = [name] if node.title and node.title != name else []
        words(desk, self._home, "   ".join([title_of(spec) if spec is not None else node.type, *named, *flags]))

    def _entitle(self, name: str) -> None:
        desk = self.desk

        def titled(text: str) -> None:
            desk.edit(lambda patch: set_title(patch, name, text.strip()), f"title of {name}")

        if not self._knobs.is_refused():
            desk.ask(TypeText(f"Title of {name}", desk.patch.nodes[name].title or name, titled))

    def _port(self, port: PortFacts) -> None:
        import dearpygui.dearpygui as dpg

        desk, width = self.desk, dpg.get_item_width(dpg.get_item_parent(dpg.get_item_parent(self._home))) or 0
        with dpg.group(horizontal=True, parent=self._home) as row:
            mark(desk, row, port.kind)
            item = dpg.add_text(
                f"{'in' if port.is_input else 'out'}  {port.words()}", wrap=max(0, width - px(desk, 20))
            )
        tip(desk, item, f"{port.help}\n{port.kind}, {'an input' if port.is_input else 'an output'}".lstrip())
        with dpg.group(horizontal=True, parent=self._home, show=False) as row:
            mark(desk, row, None)
            self._flows.append((port, row, words(desk, row, "")))

    def _problems(self, name: str) -> None:
        look = look_of(self.desk)
        for one in self.desk.heard.problems.get(name, ()):
            words(self.desk, self._home, str(one), look.error if one.severity == "error" else look.warning)
            if one.details:
                button(self._home, "Copy details", partial(copy, one.details))
            if USE_ONE_CODEC in one.text:
                codec = ACTIONS["edit.codec"]
                button(self._home, codec.label, partial(perform, self.desk, codec))

    def _actions(self, *names: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.add_spacer(parent=self._home, height=px(self.desk, 4))
        for pair in (names[:2], names[2:]):
            with dpg.group(horizontal=True, parent=self._home) as row:
                for name in pair:
                    action = ACTIONS[name]
                    button(row, action.label, partial(perform, self.desk, action), px(self.desk, 142))

    def _locate(self, gone: Named) -> None:
        ask_where(self.desk, gone, lambda path: self._located(gone, path))

    def _located(self, gone: Named, path: Path) -> None:
        locate(self.desk, gone, path)
        self._looked_at = 0.0
