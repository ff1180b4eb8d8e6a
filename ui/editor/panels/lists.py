"""The history, to go back and forth in, and the log, to see what happened."""

import time
from dataclasses import dataclass
from typing import Any

from ...patcher.window_requests import Ask
from ..document.desk import Desk
from ..document.log import LogEntry
from ..window.panel import Place
from ..window.widgets import button, head, look_of, px, small, words
from .knobs import copy

SHOWN = 200
SEVERITIES = {"all": ("info", "warning", "error"), "warnings": ("warning", "error"), "errors": ("error",)}
OPENED = "Opened"


@dataclass(frozen=True)
class HistoryStep:
    """A step of the history. index: how many steps are made when one goes there."""

    index: int
    label: str
    is_now: bool
    is_undone: bool


def steps(desk: Desk) -> list[HistoryStep]:
    """The last steps, oldest first, with those that were undone."""
    history = desk.document.history
    labels = [OPENED, *history.labels]
    return [
        HistoryStep(index, label, index == history.done, index > history.done)
        for index, label in list(enumerate(labels))[-SHOWN:]
    ]


def steps_to(desk: Desk, index: int) -> None:
    """Undo or redo until so many steps are made; the sound follows once."""
    history = desk.document.history
    for _ in range(len(history.labels) + 1):
        done = history.done
        if done > index and history.can_undo:
            history.undo()
        elif done < index and history.can_redo:
            history.redo()
        else:
            break
    desk.end_gesture()


def found_entries(desk: Desk, text: str = "", which: str = "all") -> list[LogEntry]:
    """Entries of the log with these words in them, or of a node of that name; newest last."""
    wanted, known = text.strip().lower(), SEVERITIES.get(which, SEVERITIES["all"])
    return [
        one
        for one in desk.log.entries
        if one.severity in known and (wanted in one.text.lower() or wanted in one.node.lower())
    ][-SHOWN:]


def log_text(entries: list[LogEntry]) -> str:
    """Entries as lines for an e-mail, each with its traceback if it has one."""
    return "\n".join(
        f"{_moment(one)} {one.severity}{f' {one.node}' if one.node else ''}: {one.text}{_times(one)}"
        + (f"\n{one.details.rstrip()}" if one.details else "")
        for one in entries
    )


def go_to(desk: Desk, node: str) -> None:
    """Choose a node and see it; one that is no more is passed over."""
    name = desk.heard.name_of(node)
    if name:
        desk.select([name])
        desk.fit([name])


class HistoryList:
    """Every step, the undone ones quiet; a click goes there."""

    name, title = "history", "History"
    place: Place = "right"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """An empty list."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        head(desk, parent, "History")
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        self._mark: object = None

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Follow."""
        import dearpygui.dearpygui as dpg

        desk, history = self.desk, self.desk.document.history
        mark = (history.labels, history.done, desk.settings.theme)
        if mark == self._mark or not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        self._mark = mark
        dpg.delete_item(self._home, children_only=True)
        for step in steps(desk):
            if step.is_undone and step.index == history.done + 1:
                small(desk, self._home, "Undone")
            dpg.add_selectable(
                label=f"{step.label}##{step.index}",
                parent=self._home,
                default_value=step.is_now,
                user_data=step.index,
                callback=lambda sender, data, index: steps_to(desk, index),
            )
        dpg.set_y_scroll(self._home, -1.0)


class LogList:
    """Sentences, newest at the bottom; a click goes to the node, another shows the traceback of what it raised."""

    name, title = "log", "Log"
    place: Place = "bottom"

    def build(self, parent: int, desk: Desk) -> None:
        """A row of tools and a list."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._filter: int = 0
        with dpg.group(horizontal=True, parent=parent) as row:
            head(desk, row, "Log")
            self._filter = dpg.add_input_text(hint="filter", width=px(desk, 200))
            self._which: int = dpg.add_combo(list(SEVERITIES), default_value="all", width=px(desk, 110))
            button(row, "Copy", lambda: copy(log_text(self._entries())))
            button(row, "Clear", desk.log.clear)
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        self._mark: object = None
        self._detailed: set[tuple[str, str]] = set()
        self._was_asked = False

    @property
    def is_typing(self) -> bool:
        """Whether its filter has the keys."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.is_item_active(self._filter))

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Follow."""
        import dearpygui.dearpygui as dpg

        desk = self.desk
        mark = (desk.log.version, dpg.get_value(self._filter), dpg.get_value(self._which), desk.settings.theme)
        if mark == self._mark or not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        self._mark = mark
        look = look_of(desk)
        tints: dict[str, Any] = {"info": look.quiet, "warning": look.warning, "error": look.error}
        dpg.delete_item(self._home, children_only=True)
        found = self._entries()
        if not found:
            words(desk, self._home, "No messages")
        for one in found:
            with dpg.group(horizontal=True, parent=self._home) as row:
                words(desk, row, _moment(one))
                if one.node and desk.heard.name_of(one.node):
                    dpg.add_button(label=one.node, small=True, user_data=one.node, callback=self._go)
                words(desk, row, f"{one.text}{_times(one)}", tints[one.severity])
                if one.details:
                    self._offer_details(row, one)
        if not self._was_asked:
            dpg.set_y_scroll(self._home, -1.0)
        self._was_asked = False

    def _offer_details(self, row: int, one: LogEntry) -> None:
        key = (one.node, one.text)
        is_shown = key in self._detailed

        def toggle() -> None:
            self._detailed ^= {key}
            self._mark, self._was_asked = None, True

        button(row, "Hide details" if is_shown else "Show details", toggle)
        if is_shown:
            button(row, "Copy details", lambda: copy(one.details))
            words(self.desk, self._home, one.details.rstrip())

    def _entries(self) -> list[LogEntry]:
        import dearpygui.dearpygui as dpg

        return found_entries(self.desk, dpg.get_value(self._filter), dpg.get_value(self._which))

    def _go(self, sender: int, data: object, node: str) -> None:
        go_to(self.desk, node)


def _moment(entry: LogEntry) -> str:
    return time.strftime("%H:%M:%S", time.localtime(entry.time))


def _times(entry: LogEntry) -> str:
    return f"  ({entry.count} times)" if entry.count > 1 else ""
