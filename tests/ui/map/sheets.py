"""A canvas with sounds to draw for, without a window, and a hand on it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.map.hand import MapHand
from latent_terrain.ui.map.sheet import Sheet
from latent_terrain.ui.surface.pointer import NOTHING_HELD, Button, Held, Move, Pointer, Press, Release

PALETTE = load_palette()
Place = tuple[float, float]


def map_node(frames: Sequence[int] = (22, 33, 41), **values: object) -> Patch:
    """
    sounds (takes of so many latents) --> map.latents, terrain.latents        map.coordinates --> terrain.coordinates
    """
    takes = {f"takes/{index + 1:04d}": np.zeros((count, 4), np.float32) for index, count in enumerate(frames)}
    patch = add_node(Patch(), "gui", name="map", values=dict(values))
    patch = add_node(patch, "record", name="sounds", content=takes)
    patch = add_node(patch, "terrain", name="terrain")
    patch = connect(patch, "map.coordinates", "terrain.coordinates")
    return connect(patch, "sounds.takes", "terrain.latents")


def sheet_of(patch: Patch) -> Sheet:
    desk = Desk(PALETTE, SilentEditorSound(), Settings(learns_by_itself=False))
    desk.begin(patch)
    sheet = Sheet(desk, "map")
    sheet.view = sheet.view.resized((600.0, 150.0))
    sheet.habits.keeps_inside = False
    return sheet


class Hands:
    """Presses and drags at places in value units; of the default box and size, a unit is 18.75 pixels."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.hand, self.time = sheet, MapHand(sheet), 0.0

    @property
    def desk(self) -> Desk:
        assert isinstance(self.sheet.desk, Desk)
        return self.sheet.desk

    def pointer(self, place: Place, held: Held = NOTHING_HELD) -> Pointer:
        self.time += 0.01
        x, y = self.sheet.view.to_screen(place)
        return Pointer((float(x), float(y)), held, self.time)

    def press(self, place: Place, held: Held = NOTHING_HELD, button: Button = "left", clicks: int = 1) -> None:
        self.hand.touch(Press(self.pointer(place, held), button, clicks))

    def move(self, place: Place, held: Held = NOTHING_HELD) -> None:
        self.hand.touch(Move(self.pointer(place, held)))

    def let_go(self, place: Place, held: Held = NOTHING_HELD, button: Button = "left") -> None:
        self.hand.touch(Release(self.pointer(place, held), button))

    def drag(self, *places: Place, held: Held = NOTHING_HELD, button: Button = "left") -> None:
        self.press(places[0], held, button)
        for begin, end in pairwise(places):
            for share in (0.5, 1.0):
                self.move((begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])), held)
        self.let_go(places[-1], held, button)

    def click(self, place: Place, held: Held = NOTHING_HELD, clicks: int = 1) -> None:
        self.press(place, held, clicks=clicks)
        self.let_go(place, held)

    def anchors(self, number: int = 0) -> list[list[float]]:
        found: list[list[float]] = np.round(line_of(self.sheet.lines[number]).anchors, 3).tolist()
        return found

    @property
    def last(self) -> str:
        return self.desk.document.history.undo_label

    @property
    def steps(self) -> int:
        count = 0
        while self.desk.document.history.undo_label:
            self.desk.undo()
            count += 1
        for _ in range(count):
            self.desk.redo()
        return count
