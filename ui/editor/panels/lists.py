"""The history, to go back and forth in, and the log, to see what happened."""

import time

from ..asks import Ask
from ..canvas.look import THEMES
from ..desk import Desk
from ..window.panel import Place

SHOWN = 200


def steps_to(desk: Desk, index: int) -> None:
    """Undo or redo until so many steps are made."""
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


class HistoryList:
    """Every step, the undone ones quiet; a click goes there."""

    name, title = "history", "History"
    place: Place = "right"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """An empty list."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        self._mark: object = None

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Follow."""
        import dearpygui.dearpygui as dpg

        history = self.desk.document.history
        mark = (history.labels, history.done)
        if mark == self._mark or not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        self._mark = mark
        dpg.delete_item(self._home, children_only=True)
        dpg.add_text("History", parent=self._home)
        rows = [(0, "as it was opened"), *enumerate(history.labels, 1)][-SHOWN:]
        for index, label in rows:
            dpg.add_selectable(
                label=f"{label}##{index}",
                parent=self._home,
                default_value=index == history.done,
                user_data=index,
                callback=lambda sender, data, index: steps_to(self.desk, index),
            )


class LogList:
    """Sentences, newest at the bottom; a click goes to the node."""

    name, title = "log", "Log"
    place: Place = "bottom"

    def build(self, parent: int, desk: Desk) -> None:
        """A row of tools and a list."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        with dpg.group(horizontal=True, parent=parent):
            dpg.add_text("Log")
            self._filter = dpg.add_input_text(hint="filter", width=200)
            dpg.add_button(label="Copy", callback=lambda: dpg.set_clipboard_text(self.text()))
            dpg.add_button(label="Clear", callback=desk.log.clear)
        self._home: int = dpg.add_child_window(parent=parent, border=False)
        self._mark: object = None

    @property
    def is_typing(self) -> bool:
        """Whether its filter has the keys."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.is_item_active(self._filter))

    def text(self) -> str:
        """All of it, as lines."""
        return "\n".join(
            f"{time.strftime('%H:%M:%S', time.localtime(one.time))} {one.severity}: {one.text}"
            for one in self.desk.log.entries
        )

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Follow."""
        import dearpygui.dearpygui as dpg

        words = dpg.get_value(self._filter).lower()
        mark = (self.desk.log.version, words, self.desk.settings.theme)
        if mark == self._mark or not dpg.is_item_shown(dpg.get_item_parent(self._home)):
            return
        self._mark = mark
        look = THEMES[self.desk.settings.theme]
        tints = {"info": look.quiet, "warning": look.warning, "error": look.error}
        dpg.delete_item(self._home, children_only=True)
        for one in [one for one in self.desk.log.entries if words in one.text.lower()][-SHOWN:]:
            moment = time.strftime("%H:%M:%S", time.localtime(one.time))
            times = f"  ({one.count} times)" if one.count > 1 else ""
            with dpg.group(horizontal=True, parent=self._home):
                dpg.add_text(f"{moment}  {one.text}{times}", color=tints[one.severity])
                if one.node and one.node in self.desk.patch.nodes:
                    dpg.add_button(label=one.node, small=True, user_data=one.node, callback=self._go)
        dpg.set_y_scroll(self._home, -1.0)

    def _go(self, sender: int, data: object, node: str) -> None:
        if node in self.desk.patch.nodes:
            self.desk.select([node])
            self.desk.fit([node])
