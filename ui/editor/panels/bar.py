"""The top of the window: menus made from the actions, and the sound: on or off, how loud, how it is doing."""

from math import log10

import numpy as np

from ..actions import ACTIONS, MENUS, Action, perform
from ..actions.files import open_recent
from ..asks import Ask
from ..canvas.look import THEMES
from ..desk import Desk
from ..keymap import Keymap
from ..window.panel import Place

TOAST_SECONDS = 6.0
FLOOR_DB = -60.0


def sound_words(desk: Desk) -> tuple[str, str]:
    """What the bar says of the sound, and more for who points at it."""
    status = desk.sound.status
    if status.is_starting:
        return "sound is starting …", "the engine starts in a process of its own"
    if not status.is_on:
        return "sound is off", "Ctrl-/ or space switches it on"
    device = status.device if status.is_heard else f"{status.device} is not heard"
    latency = status.numbers.get("latency_ms")
    parts = (
        ", ".join(f"{name} {latency[name]:.1f} ms" for name in ("device", "block", "codec") if name in latency)
        if isinstance(latency, dict)
        else ""
    )
    more = f"latency {status.latency_ms:.0f} ms{f' ({parts})' if parts else ''}; late frames {status.late_frames}"
    return f"{device}   load {100 * status.load:.0f} %   xruns {status.xruns}", more


def level(desk: Desk, channel: int) -> float:
    """How loud the output is, 0 … 1 over 60 dB; 0 when nothing is known."""
    for name, node in desk.patch.nodes.items():
        if node.type == "audio_out":
            peaks = desk.sound.reading(name, "peak")
            peaks = peaks if peaks is not None else _fed(desk, name)
            if peaks is not None and peaks.size:
                flat = np.ravel(peaks)
                loud = 20 * log10(max(float(flat[min(channel, len(flat) - 1)]), 1e-6))
                return min(1.0, max(0.0, 1.0 - loud / FLOOR_DB))
    return 0.0


def _fed(desk: Desk, node: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None":
    """The peaks of what feeds an output."""
    cord = next((one for one in desk.patch.cords if one.target_node == node), None)
    return desk.sound.reading(cord.source_node, f"peak.{cord.source_port}") if cord is not None else None


class Bar:
    """Menus and sound."""

    name, title = "bar", "Sound"
    place: Place = "bar"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Make the menu bar and the row under it."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._keymap = Keymap({name: one.keys for name, one in ACTIONS.items()}, desk.settings)
        self._items: dict[str, int] = {}
        with dpg.viewport_menu_bar():
            for menu in MENUS:
                with dpg.menu(label=menu) as made:
                    for action in ACTIONS.values():
                        if action.menu == menu:
                            keys = self._keymap.keys(action.name)
                            self._items[action.name] = dpg.add_menu_item(
                                label=action.label,
                                shortcut=keys[0] if keys else "",
                                user_data=action,
                                callback=lambda sender, data, action: perform(desk, action),
                            )
                    if menu == "File":
                        self._recent: int = dpg.add_menu(label="Recent", parent=made)
        self._recent_shown: list[str] = []
        dpg.add_spacer(height=16, parent=parent)
        with dpg.group(horizontal=True, parent=parent):
            self._switch = dpg.add_button(label="Sound", width=74, callback=self._on_switch)
            dpg.add_button(label="Panic", callback=self._do, user_data=ACTIONS["sound.panic"])
            self._record = dpg.add_button(
                label="Record", width=86, callback=self._do, user_data=ACTIONS["sound.record"]
            )
            self._left = dpg.add_progress_bar(width=90, default_value=0.0)
            self._right = dpg.add_progress_bar(width=90, default_value=0.0)
            self._status = dpg.add_text("")
            with dpg.tooltip(self._status):
                self._more = dpg.add_text("")
            self._learning = dpg.add_progress_bar(width=220, show=False)
            self._stop = dpg.add_button(label="Stop", show=False, callback=self._do, user_data=ACTIONS["learn.stop"])
            self._lock = dpg.add_text("locked", show=False)
            self._toast = dpg.add_text("")

    def refresh(self, now: float) -> None:
        """Levels, load, learning, toasts, and which menu items can be chosen."""
        import dearpygui.dearpygui as dpg

        desk, look = self.desk, THEMES[self.desk.settings.theme]
        words, more = sound_words(desk)
        dpg.set_value(self._status, words)
        dpg.set_value(self._more, more)
        is_on = desk.sound.status.is_on
        dpg.configure_item(self._switch, label="Sound on" if is_on else "Sound off")
        dpg.configure_item(self._record, label="Stop rec." if desk.recording_to is not None else "Record")
        dpg.set_value(self._left, level(desk, 0) if is_on else 0.0)
        dpg.set_value(self._right, level(desk, 1) if is_on else 0.0)
        lessons = desk.sound.lessons
        dpg.configure_item(self._learning, show=bool(lessons))
        dpg.configure_item(self._stop, show=bool(lessons))
        if lessons:
            first = lessons[0]
            dpg.configure_item(self._learning, overlay=f"{first.node}: {first.text or first.job}"[:44])
            dpg.set_value(self._learning, first.done)
        dpg.configure_item(self._lock, show=desk.is_locked, color=look.warning)
        text, since = desk.toast
        dpg.set_value(self._toast, text[:150] if text and now - since < TOAST_SECONDS else "")
        dpg.configure_item(self._toast, color=look.warning)
        for name, item in self._items.items():
            dpg.configure_item(item, enabled=ACTIONS[name].is_enabled(desk))
        if self._recent_shown != desk.settings.recent:
            self._recent_shown = list(desk.settings.recent)
            dpg.delete_item(self._recent, children_only=True)
            for path in self._recent_shown:
                dpg.add_menu_item(
                    label=path,
                    parent=self._recent,
                    user_data=path,
                    callback=lambda sender, data, path: open_recent(desk, path),
                )

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def _on_switch(self) -> None:
        perform(self.desk, ACTIONS["sound.switch"])

    def _do(self, sender: int, data: object, action: Action) -> None:
        perform(self.desk, action)
