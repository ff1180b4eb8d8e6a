"""The top of the window: menus made from the actions, and the sound: on or off, how loud, how it is doing."""

import time
from collections.abc import Mapping
from math import log10

import numpy as np

from ....engine.values import FloatArray
from ...patcher.window_requests import Ask
from ...surface.look import elided
from ...surface.shapes import Colour
from ..actions import ACTIONS, MENUS, Action, perform
from ..actions.files import open_recent
from ..actions.keymap import Keymap
from ..document.controllers import waiting_words
from ..document.desk import Desk
from ..window.landmarks import landmark
from ..window.panel import Place
from ..window.widgets import CLEAR, button, lit, look_of, px, tip

FLOOR_DB, LOUD_DB, CLIPPING_DB = -60.0, -9.0, -0.1
FALL_DB_PER_SECOND = 30.0
METER = (132, 22)
DEVICE = 200.0
MENUS_EVERY_SECONDS = 0.1
# Learning that works less than this share of the time is held back by more than a moment's load.
SLOWED = 0.95


def sound_words(desk: Desk) -> tuple[str, str]:
    """What the bar says of the sound, and more for who points at it."""
    status = desk.sound.status
    if status.is_starting:
        return "Starting audio …", "The audio engine is starting; you can keep working."
    if not status.is_on:
        return "", "Press Ctrl-/ or Space to turn audio on."
    if not status.numbers.get("is_playing", True):
        return "No audio", "The engine is running but processes no audio; turn audio off and on (Space)."
    device = elided(status.device, 15.0, DEVICE) if status.is_heard else "No audio device"
    parts = [device, f"CPU {100 * status.load:.0f} %"]
    found = desk.dropouts
    if found.is_recent and found.xruns:
        parts.append(f"{found.xruns} xrun{'s' if found.xruns != 1 else ''}")
    if found.is_recent and found.late_frames:
        parts.append(f"{found.late_frames} dropout{'s' if found.late_frames != 1 else ''}")
    return "   ".join(parts), latency_words(desk)


def latency_words(desk: Desk) -> str:
    """Where the latency comes from, and what went wrong so far, in lines."""
    status = desk.sound.status
    rate = float(status.numbers.get("sample_rate", desk.settings.sample_rate))
    lines = [f"{status.device} at {rate:g} Hz" if status.is_heard else "No audio device; playing without audio output"]
    latency = status.numbers.get("latency_ms")
    if status.latency_ms:
        lines.append(f"total latency {status.latency_ms:.0f} ms:")
    if isinstance(latency, Mapping):
        named = {"device": "device", "block": "buffer", "codec": "codec"}
        lines += [f"   {words} {latency[name]:.1f} ms" for name, words in named.items() if latency.get(name)]
    lines.append(f"CPU {100 * status.load:.0f} % (99th percentile)")
    lines.append(f"{desk.dropouts.xruns} xruns, {desk.dropouts.late_frames} dropouts (late codec frames)")
    return "\n".join(lines)


def loudness(desk: Desk) -> tuple[float, float] | None:
    """The output's peaks left and right in dB; None when nothing is known.

    Of more channels the loudest of the odd ones and of the even ones.
    """
    for name in desk.palette.names(desk.patch, "device_output"):
        peaks = desk.heard.reading(name, "peak")
        peaks = peaks if peaks is not None and peaks.size else _fed(desk, name)
        if peaks is not None and peaks.size:
            channels = [abs(float(one)) for one in peaks.ravel()]
            left, right = max(channels[::2]), max(channels[1::2] or channels)
            return 20 * log10(max(left, 1e-6)), 20 * log10(max(right, 1e-6))
    return None


def fallen(before: float, now: float, seconds: float) -> float:
    """What a meter shows: up at once, down slowly, so that short peaks are seen."""
    return max(now, before - FALL_DB_PER_SECOND * seconds, FLOOR_DB)


def is_marked(desk: Desk, action: str) -> bool | None:
    """Whether an action's menu item has a tick; None for those that never have one."""
    group, _, what = action.partition(".")
    if group == "view" and what in ("inspector", "history", "log", "scopes"):
        return what in desk.settings.panels
    marked = {
        "view.lock": desk.is_locked,
        "view.loads": desk.shows_loads,
        "sound.switch": desk.sound.status.is_on,
        "sound.record": desk.recording_to is not None,
    }
    return marked.get(action)


def work_words(desk: Desk) -> str:
    """What is being learned or written, in one line; first of all whether learning is held back for the sound."""
    work = (*desk.trainings, *desk.exports)
    if not work:
        return ""
    first, *others = work
    pace = float(desk.sound.status.numbers.get("pace", 1.0))
    slowed = f"slowed to {round(100 * pace)} % for the sound · " if desk.sound.trainings and pace < SLOWED else ""
    return f"{slowed}{first.node}: {first.text or first.job}{f' and {len(others)} more' if others else ''}"


def _fed(desk: Desk, node: str) -> FloatArray | None:
    """The peaks of what feeds an output, at the output's level."""
    cord = next((one for one in desk.patch.cords if one.target == f"{node}.audio"), None)
    peaks = desk.heard.reading(cord.source_node, f"peak.{cord.source_port}") if cord is not None else None
    level = desk.patch.nodes[node].values.get("level", 0.0)
    if peaks is None or not isinstance(level, int | float):
        return peaks
    return peaks * np.float32(10.0 ** (level / 20.0))


class MenuBar:
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
        self._shown: dict[tuple[int, str], object] = {}
        self._lit: tuple[bool, str] = (False, "")
        self._levels, self._looked_at = [FLOOR_DB, FLOOR_DB], 0.0
        self._followed_at = 0.0
        self._recording_since: float | None = None
        self._recent_shown: list[str] | None = None
        with dpg.viewport_menu_bar():
            for menu in MENUS:
                with dpg.menu(label=menu) as made:
                    self._menu(menu, made)
        dpg.add_spacer(height=px(desk, 16), parent=parent)
        with dpg.group(horizontal=True, parent=parent) as row:
            self._switch = button(row, "Sound off", lambda: perform(desk, ACTIONS["sound.switch"]), px(desk, 84))
            panic = button(row, "Panic", lambda: perform(desk, ACTIONS["sound.panic"]))
            self._record = button(row, "Record", lambda: perform(desk, ACTIONS["sound.record"]), px(desk, 100))
            self._meter(row)
            self._status = dpg.add_text("")
            with dpg.tooltip(self._status):
                self._more = dpg.add_text("")
            self._lock = dpg.add_text("locked", show=False)
            self._learning = dpg.add_progress_bar(width=px(desk, 120), height=px(desk, 23), show=False)
            self._stop = button(row, "Stop", lambda: perform(desk, ACTIONS["learn.stop"]))
            self._training = dpg.add_text("")
            self._waiting = dpg.add_text("")
        for item, name in ((self._switch, "sound"), (self._record, "record"), (self._learning, "training")):
            landmark(item, name)
        tip(desk, self._switch, "Audio on/off (Ctrl-/ or Space)")
        tip(desk, panic, "Silence all sound now (Ctrl-.)")
        tip(desk, self._record, "Record output to WAV")
        tip(desk, self._stop, "Stop training and keep the best result so far")

    def refresh(self, now: float) -> None:
        """Levels, load, learning, and which menu items can be chosen."""
        desk, look = self.desk, look_of(self.desk)
        status, trainings = desk.sound.status, desk.trainings
        work = (*trainings, *desk.exports)
        text, more = sound_words(desk)
        self._put(self._status, default_value=text)
        self._put(self._status, color=look.warning if desk.dropouts.is_recent or not status.is_heard else look.quiet)
        self._put(self._more, default_value=more)
        self._put(self._switch, label="Sound on" if status.is_on else "Sound off")
        self._light(status.is_on)
        self._put(self._record, label=self._record_words(now))
        self._put(self._learning, show=bool(work))
        self._put(self._stop, show=bool(trainings))
        self._put(self._training, default_value=elided(work_words(desk), 15.0, 330.0))
        self._put(self._training, color=look.quiet)
        self._put(self._waiting, default_value=elided(waiting_words(desk), 15.0, 420.0))
        self._put(self._waiting, color=look.warning)
        if work:
            self._put(self._learning, default_value=round(work[0].done, 2))
        self._put(self._lock, show=desk.is_locked or desk.keys.is_on)
        self._put(self._lock, default_value="MIDI keyboard on" if desk.keys.is_on else "locked")
        self._put(self._lock, color=look.warning)
        self._show_levels(now)
        if now - self._followed_at > MENUS_EVERY_SECONDS:
            self._followed_at = now
            self._follow_menus()

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def _menu(self, menu: str, made: int) -> None:
        import dearpygui.dearpygui as dpg

        inner: dict[str, int] = {"": made}
        for action in ACTIONS.values():
            if action.top == menu:
                sub = action.menu.partition("/")[2]
                if sub not in inner:
                    inner[sub] = dpg.add_menu(label=sub, parent=made)
                if action.begins:
                    dpg.add_separator(parent=inner[sub])
                self._items[action.name] = dpg.add_menu_item(
                    label=action.label,
                    parent=inner[sub],
                    check=is_marked(self.desk, action.name) is not None,
                    user_data=action,
                    callback=self._chosen,
                )
        if menu == "File":
            self._recent: int = dpg.add_menu(label="Recent", parent=made, before=self._items["file.save"])

    def _meter(self, row: int) -> None:
        """Two bars, drawn by hand: left above right."""
        import dearpygui.dearpygui as dpg

        wide, high = (px(self.desk, size) for size in METER)
        self._drawing: int = dpg.add_drawlist(wide, high, parent=row)
        self._wells: list[int] = []
        self._bars: list[int] = []
        for top in (0.12 * high, 0.56 * high):
            edges = ((0, top), (wide, top + 0.34 * high))
            self._wells.append(dpg.draw_rectangle(*edges, parent=self._drawing, color=CLEAR, rounding=2))
            self._bars.append(dpg.draw_rectangle(*edges, parent=self._drawing, color=CLEAR, rounding=2))
        self._db: int = dpg.add_text("", parent=row)

    def _light(self, is_on: bool) -> None:
        """The button is lit while there is sound."""
        import dearpygui.dearpygui as dpg

        mark = (is_on, look_of(self.desk).name)
        if self._lit != mark:
            self._lit = mark
            dpg.bind_item_theme(self._switch, lit(self.desk) if is_on else 0)

    def _show_levels(self, now: float) -> None:
        look, desk = look_of(self.desk), self.desk
        found = loudness(desk) if desk.sound.status.is_on else None
        seconds, self._looked_at = max(0.0, now - self._looked_at), now
        wide, high = (px(desk, size) for size in METER)
        for index, (well, bar) in enumerate(zip(self._wells, self._bars, strict=True)):
            level = fallen(self._levels[index], found[index] if found is not None else FLOOR_DB, seconds)
            self._levels[index] = level
            share = 1.0 - max(level, FLOOR_DB) / FLOOR_DB
            top = (0.12, 0.56)[index] * high
            self._put(well, fill=look.well)
            self._put(bar, fill=_tint(level, look.good, look.warning, look.error))
            self._put(bar, pmax=(round(wide * min(1.0, share)), top + 0.34 * high))
        loudest = max(self._levels)
        self._put(self._db, default_value=f"{loudest:.0f} dB" if loudest > FLOOR_DB else "")
        self._put(self._db, color=look.quiet)

    def _record_words(self, now: float) -> str:
        if self.desk.recording_to is None:
            self._recording_since = None
            return "Record"
        self._recording_since = now if self._recording_since is None else self._recording_since
        return f"Stop {time.strftime('%M:%S', time.gmtime(now - self._recording_since))}"

    def _follow_menus(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        for name, item in self._items.items():
            keys = self._keymap.keys(name)
            self._put(item, shortcut=keys[0] if keys else "")
            self._put(item, enabled=ACTIONS[name].is_enabled(desk))
            marked = is_marked(desk, name)
            if marked is not None and dpg.get_value(item) != marked:
                dpg.set_value(item, marked)
        if self._recent_shown != desk.settings.recent:
            self._recent_shown = list(desk.settings.recent)
            dpg.delete_item(self._recent, children_only=True)
            for path in self._recent_shown:
                dpg.add_menu_item(label=path, parent=self._recent, user_data=path, callback=self._reopen)
            if not self._recent_shown:
                dpg.add_menu_item(label="(empty)", parent=self._recent, enabled=False)

    def _put(self, item: int, **how: object) -> None:
        """Configure one thing of an item, if it is another than before: a frame costs what has changed."""
        import dearpygui.dearpygui as dpg

        ((key, value),) = how.items()
        mark = item, key
        if self._shown.get(mark, self) == value:
            return
        self._shown[mark] = value
        if key == "default_value":
            dpg.set_value(item, value)
        else:
            dpg.configure_item(item, **how)

    def _chosen(self, sender: int, data: object, action: Action) -> None:
        perform(self.desk, action)

    def _reopen(self, sender: int, data: object, path: str) -> None:
        open_recent(self.desk, path)


def _tint(level: float, good: Colour, warning: Colour, error: Colour) -> Colour:
    return error if level > CLIPPING_DB else warning if level > LOUD_DB else good
