"""The sounds of the patch as a list: search, add, remove, reorder, cut, reveal, relink."""

from collections.abc import Callable
from functools import partial

from ...sound_list import listed
from ...surface import keys
from ..actions.sounds import SoundFact, add_sounds, ask_part, facts, relink, remove, reveal, shift, shown_node
from ..document.desk import Desk
from ..window.widgets import button, flat, look_of, px, tip, words
from .page import Page

# Rows that are made; more are found by the search.
MOST_ROWS = 400
# How often it is looked whether files are there.
LOOK_SECONDS = 3.0
NONE_YET = "No sounds yet. Add files or a whole folder, or drop them on the window."


class SoundsPage(Page):
    """The list of one encode node."""

    title, size = "Sounds of this patch", (760, 520)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._node = shown_node(desk)
        self._chosen: frozenset[int] = frozenset()
        self._anchor = 0
        self._shown: object = None
        self._facts: list[SoundFact] = []
        self._rows: dict[int, int] = {}
        self._looked_at = 0.0

    @property
    def is_typing(self) -> bool:
        """Whether the search has the keys."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.does_item_exist(self._search) and dpg.is_item_active(self._search))

    def fill(self, window: int) -> None:
        """The search, the list, and what is done with it."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        with dpg.group(horizontal=True, parent=window) as top:
            encoders = desk.palette.names(desk.patch, "encoder")
            if len(encoders) > 1:
                dpg.add_combo(encoders, default_value=self._node or "", width=px(desk, 150), callback=self._see)
            self._search: int = dpg.add_input_text(hint="Search sounds…", width=px(desk, 260), callback=self._refill)
            button(top, "Add sounds …", lambda: add_sounds(desk, self._node))
            self._count = words(desk, top, "")
        self._list: int = dpg.add_child_window(parent=window, height=-px(desk, 38), border=False)
        dpg.bind_item_theme(self._list, flat(desk))
        with dpg.group(horizontal=True, parent=window) as foot:
            for label, act, text in (
                ("Remove", self._remove, "Take the selected sounds out of the patch; their files stay (Delete)"),
                ("Up", partial(self._shift, -1), "Move up in the order"),
                ("Down", partial(self._shift, 1), "Move down in the order"),
                ("Part …", self._part, "Use only a part of the sound, in seconds"),
                ("Reveal", self._reveal, "Show the file in the file manager"),
                ("Relink …", self._relink, "Say where a missing file is now; others beside it are found too"),
            ):
                tip(desk, button(foot, label, act), text)

    def refresh(self, now: float) -> None:
        """Follow the patch, and look whether files are still there."""
        import dearpygui.dearpygui as dpg

        desk = self._desk
        if self._node not in desk.patch.nodes:
            self._node = shown_node(desk)
        sounds = listed(desk.patch, self._node) if self._node is not None else ()
        if now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._facts = facts(desk, self._node, dpg.get_value(self._search)) if self._node is not None else []
        if self._shown != (self._node, sounds, dpg.get_value(self._search), tuple(self._facts)):
            self._facts = facts(desk, self._node, dpg.get_value(self._search)) if self._node is not None else []
            self._shown = (self._node, sounds, dpg.get_value(self._search), tuple(self._facts))
            self._chosen = frozenset(index for index in self._chosen if index < len(sounds))
            self._make(len(sounds))
        if self._chosen and not self.is_typing and dpg.is_key_pressed(dpg.mvKey_Delete):
            self._remove()

    def _make(self, count: int) -> None:
        import dearpygui.dearpygui as dpg

        desk, look = self._desk, look_of(self._desk)
        dpg.delete_item(self._list, children_only=True)
        self._rows = {}
        found = len(self._facts)
        dpg.set_value(self._count, f"{found} of {count}" if found != count else f"{count} sounds")
        if not count:
            words(desk, self._list, NONE_YET)
            return
        with dpg.table(parent=self._list, header_row=True, policy=dpg.mvTable_SizingFixedFit, scrollY=True) as table:
            for label, width in (("", 34), ("name", 0), ("part", 110), ("folder", 250)):
                dpg.add_table_column(
                    label=label, width_stretch=not width, width_fixed=bool(width), init_width_or_weight=px(desk, width)
                )
        for one in self._facts[:MOST_ROWS]:
            with dpg.table_row(parent=table):
                row = dpg.add_selectable(
                    label=str(one.index + 1), span_columns=True, user_data=one.index, callback=self._press
                )
                name = f"{one.name}  (missing)" if one.is_missing else one.name
                dpg.add_text(name, color=look.warning if one.is_missing else look.text)
                dpg.add_text(one.part, color=look.quiet)
                tip(desk, dpg.add_text(_tail(one.folder), color=look.quiet), one.folder)
            self._rows[one.index] = row
        if found > MOST_ROWS:
            words(desk, self._list, f"showing the first {MOST_ROWS} of {found}; search for the others")
        self._mark()

    def _mark(self) -> None:
        import dearpygui.dearpygui as dpg

        for index, row in self._rows.items():
            dpg.set_value(row, index in self._chosen)

    def _press(self, sender: int, data: object, index: int) -> None:
        shift_held, command, *_ = keys.held()
        if shift_held:
            low, high = sorted((self._anchor, index))
            self._chosen |= {one for one in self._rows if low <= one <= high}
        else:
            self._chosen = self._chosen ^ {index} if command else frozenset({index})
            self._anchor = index
        self._mark()

    def _remove(self) -> None:
        def act(node: str) -> None:
            if remove(self._desk, node, self._chosen):
                self._chosen = frozenset()

        self._with_chosen(act)

    def _shift(self, by: int) -> None:
        def act(node: str) -> None:
            self._chosen = shift(self._desk, node, self._chosen, by)

        self._with_chosen(act)

    def _part(self) -> None:
        self._with_one(lambda node, one: ask_part(self._desk, node, one.index))

    def _reveal(self) -> None:
        self._with_one(lambda node, one: reveal(self._desk, one))

    def _relink(self) -> None:
        self._with_one(partial(relink, self._desk))

    def _with_chosen(self, act: Callable[[str], object]) -> None:
        if self._desk.is_locked:
            self._desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
        elif self._node is not None and self._chosen:
            act(self._node)
        else:
            self._desk.say("select sounds in the list first", "warning")

    def _with_one(self, act: Callable[[str, SoundFact], object]) -> None:
        chosen = next((one for one in self._facts if one.index in self._chosen), None)
        if chosen is None or self._node is None or len(self._chosen) != 1:
            self._desk.say("select one sound in the list first", "warning")
        else:
            act(self._node, chosen)

    def _see(self, sender: int, node: str) -> None:
        self._node, self._chosen, self._shown = node, frozenset(), None

    def _refill(self) -> None:
        self._shown = None


def _tail(folder: str, most: int = 36) -> str:
    """The end of a folder's path, which tells more than its beginning."""
    return folder if len(folder) <= most else f"…{folder[1 - most :]}"
