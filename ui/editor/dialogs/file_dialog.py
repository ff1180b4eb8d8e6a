"""The window in which a file is chosen."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ....graphs.printable import printable
from ...patcher.window_requests import ChooseFile
from ..document.desk import Desk
from ..window.centred import Floating
from ..window.widgets import button, flat, head, look_of, loud, px, words
from .file_list import FileEntry, listed, meant, nothing_words, places, size_words

TWICE_SECONDS = 0.45
SIDE, SIZES, HEIGHT = 150, 76, 300


class Choosing:
    """One choice of a file, from its opening to its end. done: gets the path; the window is closed by then."""

    def __init__(self, desk: Desk, floating: Floating, ask: ChooseFile, done: Callable[[Path], None]) -> None:
        import dearpygui.dearpygui as dpg

        self._desk, self._floating, self._ask, self._done = desk, floating, ask, done
        self._folder = self._begin()
        self._clicked: tuple[Path | None, float] = (None, 0.0)
        self._rows: list[int] = []
        window = floating.open(ask.title, 720, 440)
        with dpg.group(horizontal=True, parent=window) as top:
            button(top, "Up", lambda: self.go(self._folder.parent))
            self._path: int = dpg.add_input_text(
                width=-1, on_enter=True, callback=lambda sender, text: self._typed_folder(text)
            )
        with dpg.group(horizontal=True, parent=window) as middle:
            self._places(middle)
            self._list: int = dpg.add_child_window(height=px(desk, HEIGHT), border=False)
            dpg.bind_item_theme(self._list, flat(desk))
        with dpg.group(horizontal=True, parent=window) as below:
            self._name(below)
        with dpg.group(horizontal=True, parent=window) as foot:
            self._answers(foot)
            button(foot, "Cancel", floating.dismiss, px(desk, 90))
            self._complaint = words(desk, foot, "", look_of(desk).warning)
        self.go(self._folder)

    @property
    def is_typing_folder(self) -> bool:
        """Whether Enter belongs to the box of the folder."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.does_item_exist(self._path) and dpg.is_item_active(self._path))

    def go(self, folder: Path) -> None:
        """Look into a folder."""
        import dearpygui.dearpygui as dpg

        found, complaint = listed(folder, self._ask, self._shows_all)
        if complaint and not found:
            dpg.set_value(self._complaint, complaint)
            return
        self._folder = folder
        dpg.set_value(self._path, printable(str(folder)))
        dpg.set_value(self._complaint, complaint)
        self._clicked = (None, 0.0)
        self._fill(found)

    def accept(self) -> None:
        """Take what stands in the box; a folder is gone into, unless a folder is what is wanted."""
        import dearpygui.dearpygui as dpg

        typed = dpg.get_value(self.box)
        try:
            path = self._folder if self._ask.is_folder and not typed.strip() else meant(self._folder, typed, self._ask)
        except (ValueError, OSError) as error:
            dpg.set_value(self._complaint, str(error))
            return
        if path.is_dir() and not self._ask.is_folder:
            dpg.set_value(self.box, "")
            self.go(path)
            return
        self._floating.close()
        self._done(path)

    def _begin(self) -> Path:
        """The folder that is shown first."""
        return self._desk.document.folder

    def _name(self, row: int) -> None:
        """What stands between the list and the buttons."""
        import dearpygui.dearpygui as dpg

        ask = self._ask
        dpg.add_text("folder" if ask.is_folder else "name", parent=row)
        self.box: int = dpg.add_input_text(
            default_value="" if ask.is_folder else ask.name, width=px(self._desk, 420), parent=row
        )
        self._all: int = dpg.add_checkbox(label="All files", parent=row, callback=lambda: self.go(self._folder))

    def _answers(self, foot: int) -> None:
        """The buttons before *Cancel*."""
        import dearpygui.dearpygui as dpg

        ask = self._ask
        label = "Save" if ask.is_saving else "Choose" if ask.is_folder else "Open"
        dpg.bind_item_theme(button(foot, label, self.accept, px(self._desk, 90)), loud(self._desk))

    @property
    def _shows_all(self) -> bool:
        """Whether files of other kinds are listed."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.get_value(self._all))

    def _typed_folder(self, text: str) -> None:
        import dearpygui.dearpygui as dpg

        path = self._folder / os.path.expanduser(text.strip())
        if path.is_file() and not self._ask.is_folder:
            dpg.set_value(self.box, path.name)
            path = path.parent
        self.go(path)

    def _places(self, parent: int) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        with dpg.child_window(parent=parent, width=px(desk, SIDE), height=px(desk, HEIGHT), border=False) as side:
            head(desk, side, "Places")
            for name, path in places(desk):
                button(side, f"{name}##{path}", partial(self.go, path), px(desk, SIDE - 12))

    def _fill(self, found: list[FileEntry]) -> None:
        import dearpygui.dearpygui as dpg

        desk, quiet = self._desk, look_of(self._desk).quiet
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        if not found:
            words(desk, self._list, nothing_words(self._ask.kinds))
            return
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit) as table:
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column(width_fixed=True, init_width_or_weight=px(desk, SIZES))
        for entry in found:
            with dpg.table_row(parent=table):
                row = dpg.add_selectable(label=entry.name, span_columns=True, user_data=entry, callback=self._pressed)
                self._rows.append(row)
                dpg.add_text("" if entry.is_folder else size_words(entry.size), color=quiet)

    def _pressed(self, sender: int, data: object, entry: FileEntry) -> None:
        """A click chooses, a second one opens; folders are gone into at once."""
        import dearpygui.dearpygui as dpg

        dpg.set_value(sender, False)
        if entry.is_folder:
            self.go(entry.path)
            return
        dpg.set_value(self.box, entry.path.name)
        if self._is_twice(entry):
            self.accept()

    def _is_twice(self, entry: FileEntry) -> bool:
        """Whether this press on an entry is the second of a double click."""
        now = time.monotonic()
        is_second = self._clicked[0] == entry.path and now - self._clicked[1] < TWICE_SECONDS
        self._clicked = (entry.path, now)
        return is_second
