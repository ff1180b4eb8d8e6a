"""Controls: what is listened to, the snapshots, and every controller that turns something, on one page."""

import webbrowser
from dataclasses import replace
from functools import partial
from typing import Any

from ....engine.missing_package import command_in
from ....engine.snapshots import slots
from ....graphs import Patch
from ...control.mapping import CURVES, FOLLOW, MODES, ControlMapping, can_follow, mapped, mappings_of, without
from ...surface.look import elided
from ..actions.control_processes import KINDS, ControlProcesses, Kind, is_open_to_phones
from ..actions.snapshots import next_slot, recall, remove, store
from ..document.controllers import learn
from ..document.desk import Desk
from ..window.widgets import button, look_of, px, small, tip, words
from .knobs import copy
from .page import Page

# Modules of white around a code, and how large each is drawn.
QUIET, CELL = 2, 4
# The size of letters, and the room for an address, which is copied in full.
LETTERS, ADDRESS = 15.0, 340.0
PHONES = next(one for one in KINDS if one.name == "pad-open")
OPEN = "anyone on this network with the code can play"


def changed(patch: Patch, old: ControlMapping, **values: Any) -> Patch:
    """The patch with a mapping changed. Raises EditError."""
    new = replace(old, **values)
    return mapped(without(patch, old), new)


def modes_of(one: ControlMapping) -> list[str]:
    """The modes that a mapping may have, as its controller is."""
    return [mode for mode in MODES if mode != FOLLOW or can_follow(one.source)]


def forgotten(desk: Desk, one: ControlMapping) -> bool:
    """Remove one mapping, as a step of undo."""
    return desk.edit(lambda patch: without(patch, one), f"remove mapping of {one.target}")


class ControlsPage(Page):
    """Three lists."""

    title, size = "Controls", (1060, 640)

    def __init__(self, desk: Desk, processes: ControlProcesses) -> None:
        self._desk, self._processes = desk, processes
        self._home = self._seconds = 0
        self._morph = 2.0
        self._shown: object = None

    def fill(self, window: int) -> None:
        """An empty list."""
        import dearpygui.dearpygui as dpg

        self._home = dpg.add_child_window(parent=window, border=False)

    def refresh(self, now: float) -> None:
        """Follow what runs and what is in the patch."""
        desk = self._desk
        runs = tuple((self._processes.is_on(one.name), self._processes.problem(one.name)) for one in KINDS)
        shown = (mappings_of(desk.patch), slots(desk.patch), runs, dict(self._processes.addresses), desk.settings.theme)
        if shown != self._shown:
            self._shown = shown
            self._list()

    def _list(self) -> None:
        import dearpygui.dearpygui as dpg

        place = dpg.get_y_scroll(self._home)
        dpg.delete_item(self._home, children_only=True)
        self._listening()
        self._snapshots()
        self._mappings()
        dpg.set_y_scroll(self._home, place)

    def _listening(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        small(desk, self._home, "Inputs")
        for kind in KINDS:
            is_on, why = self._processes.is_on(kind.name), self._processes.problem(kind.name)
            address = self._processes.addresses.get(kind.name, "")
            with dpg.group(horizontal=True, parent=self._home) as row:
                dpg.add_checkbox(label=kind.label, default_value=is_on, callback=partial(self._switch, kind))
                if why:
                    self._problem(row, kind, why)
                else:
                    dpg.add_text(elided(address, LETTERS, ADDRESS) or kind.says)
                if kind.name.startswith("pad") and address:
                    self._reached(row, kind, address)
            if kind.name.startswith("pad") and is_open_to_phones(address):
                self._code(address)

    def _switch(self, kind: Kind) -> None:
        try:
            self._processes.switch(kind)
        except OSError as error:
            self._desk.say(f"{kind.label} can't be started ({error})", "warning")

    def _problem(self, row: int, kind: Kind, why: str) -> None:
        """Why it runs no more, and what to do about it."""
        desk, command = self._desk, command_in(why)
        words(desk, row, why.removesuffix(f"; run: {command}"), look_of(desk).warning, px(desk, 620))
        if command:
            tip(desk, button(row, f"Copy install command##{kind.name}", partial(copy, command)), command)
        button(row, f"Retry##{kind.name}", partial(self._switch, kind))

    def _reached(self, row: int, kind: Kind, address: str) -> None:
        """What is done with a pad's address: opened, copied, or changed for one that phones can reach."""
        button(row, f"Open in browser##{kind.name}", partial(webbrowser.open, address))
        button(row, f"Copy##{kind.name}", partial(copy, address))
        is_open = is_open_to_phones(address)
        if not is_open and self._processes.is_on(PHONES.name):
            return
        if not is_open:
            button(row, "Use on a phone:##pad", partial(self._open_to_phones, kind))
        words(self._desk, row, OPEN)

    def _open_to_phones(self, kind: Kind) -> None:
        """The address that phones can reach in place of this computer's own."""
        self._switch(kind)
        self._switch(PHONES)

    def _code(self, address: str) -> None:
        """The address to scan, dark on white whatever the theme."""
        import dearpygui.dearpygui as dpg

        try:
            import segno
        except ImportError:
            return
        rows = [bytes(row) for row in segno.make(address, error="l").matrix]
        cell = px(self._desk, CELL)
        side = (len(rows) + 2 * QUIET) * cell
        with dpg.drawlist(side, side, parent=self._home):
            dpg.draw_rectangle((0, 0), (side, side), color=(255, 255, 255, 255), fill=(255, 255, 255, 255))
            for down, row in enumerate(rows):
                for right, is_dark in enumerate(row):
                    if is_dark:
                        x, y = (right + QUIET) * cell, (down + QUIET) * cell
                        dpg.draw_rectangle((x, y), (x + cell, y + cell), color=(0, 0, 0, 0), fill=(0, 0, 0, 255))

    def _snapshots(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        small(desk, self._home, "Snapshots")
        with dpg.group(horizontal=True, parent=self._home) as row:
            button(row, "Store snapshot", lambda: store(desk, next_slot(desk.patch)))
            dpg.add_input_float(
                label="Morph time (s)",
                default_value=self._morph,
                width=px(desk, 110),
                min_value=0.0,
                min_clamped=True,
                max_value=600.0,
                max_clamped=True,
                callback=self._set_morph,
            )
            button(row, "Recall by program change", lambda: learn(desk, "", "", by_number=True, seconds=self._morph))
        for slot in slots(desk.patch):
            with dpg.group(horizontal=True, parent=self._home) as row:
                button(row, f"Recall {slot}##recall", partial(self._recall, slot), px(desk, 140))
                button(row, f"Overwrite##{slot}", partial(store, desk, slot))
                button(row, f"MIDI/OSC Learn##{slot}", partial(self._learn, slot))
                button(row, f"Remove##snapshot {slot}", partial(remove, desk, slot))

    def _recall(self, slot: str) -> None:
        recall(self._desk, slot, self._morph)

    def _learn(self, slot: str) -> None:
        learn(self._desk, "", slot, seconds=self._morph)

    def _set_morph(self, sender: int, value: float) -> None:
        self._morph = float(value)

    def _mappings(self) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk
        small(desk, self._home, "Controllers")
        found = mappings_of(desk.patch)
        if not found:
            words(
                desk,
                self._home,
                "No mappings yet: right-click a parameter, choose MIDI/OSC Learn, then move a controller.",
                wrap=px(desk, 700),
            )
            return
        with dpg.table(parent=self._home, header_row=True, policy=dpg.mvTable_SizingFixedFit) as table:
            for label, wide in (("Source", 220), ("Target", 150), ("Min", 76), ("Max", 76), ("Curve", 90)):
                dpg.add_table_column(label=label, width_fixed=True, init_width_or_weight=px(desk, wide))
            for label, wide in (("Mode", 120), ("Pickup", 62), ("Morph (s)", 66), ("", 76)):
                dpg.add_table_column(label=label, width_fixed=True, init_width_or_weight=px(desk, wide))
            for one in found:
                self._row(table, one)

    def _row(self, table: int, one: ControlMapping) -> None:
        import dearpygui.dearpygui as dpg

        desk = self._desk

        def change(sender: int, value: Any, key: str) -> None:
            desk.edit(lambda patch: changed(patch, one, **{key: value}), f"mapping of {one.target}")

        def number(key: str, value: float) -> None:
            dpg.add_input_float(default_value=value, step=0, width=-1, on_enter=True, user_data=key, callback=change)

        # a cell of what means nothing for this mapping is empty
        is_followed, turns = one.mode == FOLLOW, bool(one.node)
        with dpg.table_row(parent=table) as row:
            dpg.add_text(one.source)
            dpg.add_text(one.target)
            number("low", one.low) if turns or is_followed else dpg.add_text("")
            number("high", one.high) if turns and not is_followed else dpg.add_text("")
            if turns and not is_followed:
                dpg.add_combo(list(CURVES), default_value=one.curve, width=-1, user_data="curve", callback=change)
            else:
                dpg.add_text("")
            if turns:
                dpg.add_combo(modes_of(one), default_value=one.mode, width=-1, user_data="mode", callback=change)
            else:
                dpg.add_text("by number" if is_followed else "trigger")
            if turns and not is_followed:
                dpg.add_checkbox(default_value=one.pickup, user_data="pickup", callback=change)
            else:
                dpg.add_text("")
            dpg.add_text("") if turns else number("seconds", one.seconds)
            button(row, f"Remove##{one.source} {one.node} {one.param}", partial(forgotten, desk, one))
