"""Pages over the canvas: the examples to start from, help on a node, the keys, settings and devices."""

import threading
from typing import Any

from ....graphs import load_file
from ....graphs.starters import STARTERS
from ..actions import ACTIONS
from ..actions.files import unless_unsaved
from ..asks import Ask, Show, ShowHelp
from ..canvas.look import THEMES
from ..desk import Desk
from ..keymap import Keymap
from ..sounding import Wish
from ..window.panel import Place

RATES, BLOCKS = ("44100", "48000", "88200", "96000"), ("64", "128", "256", "512", "1024")


def help_text(desk: Desk, type_: str) -> str:
    """The page of a node type, from its declaration."""
    spec = desk.palette.get(type_)
    if spec is None:
        return f"There is no node type {type_!r} here."
    lines = [spec.summary, "", *([spec.about, ""] if spec.about else [])]
    for port in spec.inputs.values():
        lines.append(f"in    {port.name}: {port.kind}")
    for port in spec.outputs.values():
        lines.append(f"out   {port.name}: {port.kind}")
    for param in spec.params.values():
        span = f", {param.low:g} to {param.high:g} {param.unit}".rstrip() if param.kind in ("float", "int") else ""
        words = f": {', '.join(param.choices)}" if param.choices else ""
        lines.append(f"param {param.name}{span}{words}. {param.help}".rstrip(". ") + ".")
    for setting in spec.settings.values():
        lines.append(f"set   {setting.name}: {setting.about.help or setting.default}")
    return "\n".join(lines)


def example_of(type_: str) -> str | None:
    """A starter patch that uses a node type."""
    for name, starter in STARTERS.items():
        if any(node.type == type_ for node in load_file(starter.file).nodes.values()):
            return name
    return None


class Pages:
    """One window at a time, closed by its cross."""

    name, title = "pages", "Pages"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before it is asked for."""
        self.desk = desk
        self._window: int | None = None
        self._learning_key = ""
        self._devices: list[dict[str, Any]] | None = None
        self._wants_devices = False

    def takes(self, ask: Ask) -> bool:
        """Open a page."""
        match ask:
            case ShowHelp(type_):
                self._help(type_)
            case Show("starters"):
                self._starters()
            case Show("keys"):
                self._keys()
            case Show("settings"):
                self._settings()
            case Show("devices"):
                self._list_devices()
            case _:
                return False
        return True

    def refresh(self, now: float) -> None:
        """Show devices once they are known."""
        if self._wants_devices and self._devices is not None:
            self._wants_devices = False
            self._choose_device(self._devices)

    def _open(self, title: str, width: int, height: int) -> int:
        import dearpygui.dearpygui as dpg

        self.close()
        across, down = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        window: int = dpg.add_window(
            label=title,
            width=width,
            height=height,
            pos=[max(0, (across - width) // 2), max(30, (down - height) // 3)],
            no_collapse=True,
            no_saved_settings=True,
            on_close=lambda: self.close(),
        )
        self._window = window
        return window

    def close(self) -> None:
        """Close the page."""
        import dearpygui.dearpygui as dpg

        if self._window is not None and dpg.does_item_exist(self._window):
            dpg.delete_item(self._window)
        self._window = None

    def _starters(self) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open("Start from an example", 640, 420)
        dpg.add_text("Each has learned already and sounds at once.", parent=window)
        for name, starter in STARTERS.items():
            with dpg.group(horizontal=True, parent=window):
                dpg.add_button(label=name, width=150, height=34, user_data=name, callback=self._start)
                dpg.add_text(starter.summary, wrap=420)
        dpg.add_separator(parent=window)
        with dpg.group(horizontal=True, parent=window):
            dpg.add_button(label="empty patch", width=150, callback=self._begin)
            for path in self.desk.settings.recent[:4]:
                dpg.add_button(label=path.rpartition("/")[2], user_data=path, callback=self._recent)

    def _start(self, sender: int, data: object, name: str) -> None:
        def begin() -> None:
            self.desk.start_from(name)
            self.desk.sound.switch(True)

        self.close()
        unless_unsaved(self.desk, begin)

    def _begin(self) -> None:
        self.close()
        unless_unsaved(self.desk, self.desk.begin)

    def _recent(self, sender: int, data: object, path: str) -> None:
        from ..actions.files import open_recent

        self.close()
        open_recent(self.desk, path)

    def _help(self, type_: str) -> None:
        import dearpygui.dearpygui as dpg

        if not type_:
            self._types()
            return
        window = self._open(type_.replace("_", " "), 620, 480)
        dpg.add_text(help_text(self.desk, type_), parent=window, wrap=590)
        example = example_of(type_)
        if example is not None:
            dpg.add_button(label=f"open the example {example}", parent=window, user_data=example, callback=self._start)

    def _help_on(self, sender: int, data: object, type_: str) -> None:
        self._help(type_)

    def _types(self) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open("Nodes", 620, 520)
        quiet = THEMES[self.desk.settings.theme].quiet
        for type_, spec in self.desk.palette.specs.items():
            with dpg.group(horizontal=True, parent=window):
                dpg.add_button(
                    label=type_, width=150, user_data=type_, callback=lambda sender, data, one: self._help(one)
                )
                dpg.add_text(spec.summary, wrap=420, color=quiet)

    def _keys(self) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open("Keys", 560, 560)
        keymap = Keymap({name: one.keys for name, one in ACTIONS.items()}, self.desk.settings)
        dpg.add_text(
            "Type another key into a box and press Enter; Ctrl+Shift+Z is how they are written.",
            parent=window,
            wrap=520,
        )
        for action in ACTIONS.values():
            with dpg.group(horizontal=True, parent=window):
                dpg.add_input_text(
                    default_value=", ".join(keymap.keys(action.name)),
                    width=190,
                    on_enter=True,
                    user_data=action.name,
                    callback=lambda sender, text, name: self._bind(keymap, name, text),
                )
                dpg.add_text(f"{action.menu}: {action.label}")

    def _bind(self, keymap: Keymap, action: str, text: str) -> None:
        wanted = [part.strip() for part in text.split(",") if part.strip()]
        if not wanted:
            self.desk.settings.keys[action] = []
            self.desk.settings.save()
            return
        for key in reversed(wanted):
            lost = keymap.bind(action, key)
            if lost is not None:
                self.desk.say(f"{key} was the key of {ACTIONS[lost].label}; it has lost it", "warning")

    def _settings(self) -> None:
        import dearpygui.dearpygui as dpg

        settings = self.desk.settings
        window = self._open("Settings", 420, 230)

        def put(sender: int, value: Any, name: str) -> None:
            setattr(settings, name, value)
            settings.save()

        dpg.add_combo(
            ["dark", "light"],
            label="theme",
            default_value=settings.theme,
            parent=window,
            width=140,
            user_data="theme",
            callback=put,
        )
        dpg.add_slider_float(
            label="size of everything (from the next start)",
            default_value=settings.ui_scale,
            min_value=0.75,
            max_value=3.0,
            parent=window,
            width=140,
            user_data="ui_scale",
            callback=put,
        )
        dpg.add_checkbox(
            label="learn by itself after an edit",
            default_value=settings.learns_by_itself,
            parent=window,
            user_data="learns_by_itself",
            callback=put,
        )
        dpg.add_slider_float(
            label="seconds between copies kept aside",
            default_value=settings.autosave_seconds,
            min_value=5,
            max_value=300,
            parent=window,
            width=140,
            user_data="autosave_seconds",
            callback=put,
        )

    def _list_devices(self) -> None:
        import dearpygui.dearpygui as dpg

        window = self._open("Devices", 560, 240)
        dpg.add_text("looking for devices …", parent=window)
        self._devices, self._wants_devices = None, True
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        """Off the window's thread: devices may take seconds to answer."""
        import json
        import subprocess
        import sys

        try:
            words = [sys.executable, "-m", "latent_terrain.ui.cli", "devices", "--json"]
            done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
            found = json.loads(done.stdout).get("devices", [])
        except (OSError, ValueError, subprocess.TimeoutExpired):
            found = []
        self._devices = [one for one in found if isinstance(one, dict)]

    def _choose_device(self, found: list[dict[str, Any]]) -> None:
        import dearpygui.dearpygui as dpg

        settings = self.desk.settings
        window = self._open("Devices", 560, 250)
        outs = ["the system's own", *(str(one["name"]) for one in found if one.get("outputs", 0))]
        ins = ["none", *(str(one["name"]) for one in found if one.get("inputs", 0))]
        out = dpg.add_combo(outs, label="output", default_value=settings.device or outs[0], parent=window, width=360)
        into = dpg.add_combo(ins, label="input", default_value=settings.input or "none", parent=window, width=360)
        rate = dpg.add_combo(list(RATES), label="Hz", default_value=str(settings.sample_rate), parent=window, width=120)
        how: dict[str, Any] = {"parent": window, "width": 120}
        block = dpg.add_combo(list(BLOCKS), label="samples a block", default_value=str(settings.block), **how)

        def use() -> None:
            chosen = dpg.get_value(out)
            settings.device = None if chosen == outs[0] else chosen
            settings.input = dpg.get_value(into)
            settings.sample_rate, settings.block = int(dpg.get_value(rate)), int(dpg.get_value(block))
            settings.save()
            self.desk.sound.use(Wish(settings.device, settings.input, settings.sample_rate, settings.block))
            self.close()

        dpg.add_button(label="Use", parent=window, callback=use)
        if not found:
            dpg.add_text("no device was found; latent-terrain doctor tells what is missing", parent=window)
