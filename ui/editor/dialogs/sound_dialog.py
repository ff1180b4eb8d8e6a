"""The window in which sounds are chosen: many files, or a folder with all that is in it."""

from pathlib import Path

from ....nodes.audiofile import SUFFIXES
from ...patcher.window_requests import ChooseFile, ChooseSounds
from ...surface import keys
from ..document.desk import Desk
from ..window.centred import Floating
from ..window.widgets import button, loud, px, words
from .file_dialog import Choosing
from .file_list import FileEntry

NOTHING_CHOSEN = "select sounds, or add the whole folder"


class ChoosingSounds(Choosing):
    """One choice, from its opening to its end. The folder that was used last is shown first, and remembered.

    A click selects a sound, with Ctrl one more, with Shift all between; a double click adds it. A click on a folder
    goes into it, with Ctrl it is selected.
    """

    def __init__(self, desk: Desk, floating: Floating, ask: ChooseSounds) -> None:
        self._sounds = ask
        self._entries: list[FileEntry] = []
        self._chosen: set[int] = set()
        self._anchor = 0
        super().__init__(desk, floating, ChooseFile(ask.title, SUFFIXES, False, lambda path: None), lambda path: None)

    def accept(self) -> None:
        """Add what is selected."""
        import dearpygui.dearpygui as dpg

        if not self._chosen:
            dpg.set_value(self._complaint, NOTHING_CHOSEN)
            return
        self._add(tuple(self._entries[index].path for index in sorted(self._chosen)))

    def accept_folder(self) -> None:
        """Add all sounds in the folder that is shown, and in the folders in it."""
        self._add((self._folder,))

    def _begin(self) -> Path:
        return self._sounds.begin

    def _name(self, row: int) -> None:
        words(self._desk, row, "Ctrl-click and Shift-click select more; folders are added with all sounds in them.")

    def _answers(self, foot: int) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        self._add_selected: int = button(foot, "Add selected", self.accept, px(desk, 130))
        dpg.bind_item_theme(self._add_selected, loud(desk))
        button(foot, "Add whole folder", self.accept_folder, px(desk, 130))

    @property
    def _shows_all(self) -> bool:
        return False

    def _fill(self, found: list[FileEntry]) -> None:

        self._entries, self._chosen, self._anchor = found, set(), 0
        super()._fill(found)
        self._mark()

    def _pressed(self, sender: int, data: object, entry: FileEntry) -> None:
        index = self._entries.index(entry)
        shift, command, *_ = keys.held()
        if entry.is_folder and not (shift or command):
            self.go(entry.path)
            return
        if shift:
            low, high = sorted((self._anchor, index))
            self._chosen |= set(range(low, high + 1))
        elif command:
            self._chosen ^= {index}
        else:
            self._chosen = {index}
        self._anchor = index
        if self._is_twice(entry) and not (shift or command):
            self._chosen = {index}
            self.accept()
            return
        self._mark()

    def _mark(self) -> None:
        import dearpygui.dearpygui as dpg

        for index, row in enumerate(self._rows):
            dpg.set_value(row, index in self._chosen)
        count = len(self._chosen)
        dpg.configure_item(self._add_selected, label=f"Add {count} selected" if count else "Add selected")

    def _add(self, paths: tuple[Path, ...]) -> None:
        self._desk.settings.sound_folder = str(self._folder)
        self._floating.close()
        self._sounds.then(paths)
