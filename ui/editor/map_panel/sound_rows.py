"""The list beside the map: every sound with its picture, its length, and whether it has its line."""

from functools import partial
from typing import Any

import numpy as np

from ...map.hand import MapHand
from ...map.plane import Floats
from ...map.sheet import Sheet
from ...map.sounds import MapSound
from ...surface.shapes import Colour
from ...terrain_image.lines import line_colour
from ..actions import ACTIONS, perform
from ..document.desk import Desk
from ..window.landmarks import landmark
from ..window.widgets import button, flat, look_of, px, tip
from .sound_menu import sound_entries

PICTURE = (56, 20)
MOST = 500
NO_SOUNDS = "No sounds yet. Add files or a folder, drop them here, or connect an encode or record node to this map."


def thumbnail(sound: MapSound, columns: int, rows: int, ink: Colour) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A sound at a glance, RGBA ``[rows, columns, 4]`` 0 … 1: its wave, or its latents where nobody heard it."""
    if not len(sound.outline):
        return strip(sound, columns, rows)
    picture = np.zeros((rows, columns, 4), np.float32)
    peaks = np.interp(np.linspace(0, 1, columns), np.linspace(0, 1, len(sound.outline)), sound.outline)
    shown = np.sqrt(np.clip(peaks / max(float(peaks.max()), 1e-6), 0.0, 1.0))
    height = np.abs(np.arange(rows) - (rows - 1) / 2)[:, None] / (rows / 2)
    picture[..., :3] = np.array(ink[:3], np.float32) / 255.0
    picture[..., 3] = height <= np.maximum(shown, 1 / rows)
    return picture


def strip(sound: MapSound, columns: int, rows: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A sound's latents over time as a small picture, RGBA ``[rows, columns, 4]`` 0 … 1; one row of it per latent."""
    picture = np.zeros((rows, columns, 4), np.float32)
    if not sound.frames or not sound.latents.shape[1]:
        return picture
    latents: Floats = np.nan_to_num(np.asarray(sound.latents, np.float64))
    across = np.linspace(0, len(latents) - 1, columns).round().astype(int)
    down = np.minimum(np.arange(rows) * latents.shape[1] // rows, latents.shape[1] - 1)
    level = np.clip(latents[across][:, down].T / 3.0, -1.0, 1.0)
    picture[..., 0] = 0.12 + 0.88 * np.maximum(level, 0.0)
    picture[..., 1] = 0.13 + 0.55 * np.abs(level)
    picture[..., 2] = 0.17 + 0.83 * np.maximum(-level, 0.0)
    picture[..., 3] = 1.0
    return picture


class SoundRows:
    """Rows that are made anew when the sounds change, and marked when their lines do. A click chooses a sound."""

    def __init__(self, parent: int, desk: Desk) -> None:
        import dearpygui.dearpygui as dpg

        self.desk, self._parent = desk, parent
        self._registry: int = dpg.add_texture_registry()
        self._made_of: tuple[Any, ...] = ()
        self._sounds: tuple[MapSound, ...] | None = None
        self._marked_as: tuple[Any, ...] = ()
        self._rows: dict[int, int] = {}
        self._states: dict[int, int] = {}
        with dpg.group(horizontal=True, parent=parent) as row:
            add = button(row, "Add sounds …", partial(perform, desk, ACTIONS["file.add_sounds"]))
            landmark(add, "add more sounds")
            tip(desk, add, f"Files and folders to train the map from ({ACTIONS['file.add_sounds'].keys[0]})")
            tip(desk, button(row, "List", partial(perform, desk, ACTIONS["file.sounds"])), "Remove, reorder, relink")
        self._search: int = dpg.add_input_text(
            hint="Search sounds…", parent=parent, width=-1, callback=lambda: self._find()
        )
        self._found, self._history = "", desk.document.history
        self._group: int = dpg.add_group(parent=parent)
        self._menu: int = dpg.add_window(popup=True, show=False, autosize=True, min_size=(40, 20))
        with dpg.handler_registry():
            dpg.add_mouse_click_handler(dpg.mvMouseButton_Right, callback=self._pressed_right)

    @property
    def is_typing(self) -> bool:
        """Whether the search has the keys."""
        import dearpygui.dearpygui as dpg

        return bool(dpg.is_item_active(self._search))

    def refresh(self, hand: MapHand | None) -> None:
        """Show what is; another patch begins without a search."""
        import dearpygui.dearpygui as dpg

        if self.desk.document.history is not self._history:
            self._history, self._found = self.desk.document.history, ""
            dpg.set_value(self._search, "")
        sheet = hand.sheet if hand is not None else None
        sounds = sheet.sounds if sheet is not None else ()
        mark = (sheet and sheet.node, self._found, look_of(self.desk).name)
        if mark != self._made_of or sounds is not self._sounds:
            self._made_of, self._marked_as, self._sounds = mark, (), sounds
            self._make(sounds)
        if sheet is not None:
            self._mark(sheet)

    def _make(self, sounds: tuple[MapSound, ...]) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        dpg.delete_item(self._group, children_only=True)
        dpg.delete_item(self._registry, children_only=True)
        self._rows, self._states = {}, {}
        wanted = self._found.casefold().split()
        found = [
            (number, sound)
            for number, sound in enumerate(sounds)
            if all(word in sound.name.casefold() for word in wanted)
        ]
        if not found:
            dpg.add_text(
                f"no sound is called {self._found}" if sounds else NO_SOUNDS,
                wrap=px(desk, 170),
                parent=self._group,
                color=look_of(desk).quiet,
            )
            return
        (columns, rows), look = PICTURE, look_of(desk)
        for number, sound in found[:MOST]:
            colour = (*line_colour(number), 255)
            texture = dpg.add_static_texture(
                columns, rows, thumbnail(sound, columns, rows, look.quiet).ravel(), parent=self._registry
            )
            with dpg.group(horizontal=True, parent=self._group):
                with dpg.drawlist(px(desk, 14), px(desk, 18)):
                    middle = (px(desk, 7), px(desk, 9))
                    self._states[number] = dpg.draw_circle(middle, px(desk, 5), color=colour, fill=(0, 0, 0, 0))
                dpg.add_image(texture, width=px(desk, columns), height=px(desk, 18))
                row = dpg.add_selectable(label=sound.name, user_data=number, callback=self._choose)
                tip(desk, row, f"{sound.name}: {sound.frames} latents. Click, then draw its line on the map.")
            self._rows[number] = row
        dpg.bind_item_theme(self._group, flat(desk))

    def _mark(self, sheet: Sheet) -> None:
        import dearpygui.dearpygui as dpg

        lines = sheet.drawing.lines
        mark = (sheet.drawing, sheet.number, sheet.layer, sheet.density)
        if self._marked_as and mark[0] is self._marked_as[0] and mark[1:] == self._marked_as[1:]:
            return
        self._marked_as = mark
        upcoming = sheet.next_number() if sheet.layer == "learn" else None
        for number, row in self._rows.items():
            colour = (*line_colour(number), 255)
            done = sheet.completion(number)
            is_full = number in lines and (done is None or done.complete)
            fill = colour if is_full else (*colour[:3], 90) if number in lines else (0, 0, 0, 0)
            dpg.configure_item(self._states[number], fill=fill)
            dpg.set_value(row, sheet.layer == "learn" and (number in sheet.chosen or number == upcoming))

    def _find(self) -> None:
        import dearpygui.dearpygui as dpg

        self._found = str(dpg.get_value(self._search)).strip()

    def _pressed_right(self) -> None:
        """What can be done with the sound under the pointer."""
        import dearpygui.dearpygui as dpg

        number = next((one for one, row in self._rows.items() if dpg.is_item_hovered(row)), None)
        hand = self.desk.maps.current
        if number is None or hand is None or number >= len(hand.sheet.sounds):
            return
        dpg.delete_item(self._menu, children_only=True)
        for label, act in sound_entries(self.desk, hand, number):
            dpg.add_menu_item(label=label, parent=self._menu, user_data=act, callback=lambda sender, data, act: act())
        dpg.configure_item(self._menu, show=True, pos=[round(one) for one in dpg.get_mouse_pos(local=False)])

    def _choose(self, sender: int, data: object, number: Any) -> None:
        hand = self.desk.maps.current
        if hand is None:
            return
        sheet = hand.sheet
        sheet.show("learn")
        sheet.number = number
        sheet.choose({number} if number in sheet.drawing.lines else frozenset())
        sheet.number = number
        self._marked_as = ()
