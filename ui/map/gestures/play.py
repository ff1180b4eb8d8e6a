"""Playing by hand: the terrain is heard where the pointer is, and the ink shows where it was."""

from dataclasses import dataclass, field

import numpy as np

from ...surface.pointer import Pointer
from ..sheet import Sheet
from .gesture import MapGesture

# So many places of ink are kept; the oldest dry up.
MOST_INK = 4000
# What a mouse counts as, which has none (spec §11.5).
MOUSE_PRESSURE = 0.4


@dataclass
class Ink:
    """Strokes of the hand, ``(x, y, pressure)`` in value units; a stroke each."""

    strokes: list[list[tuple[float, float, float]]] = field(default_factory=list)
    version: int = 0

    def begin(self) -> None:
        """Another stroke."""
        self.strokes.append([])

    def add(self, x: float, y: float, pressure: float) -> None:
        """Go on with the latest stroke."""
        if not self.strokes:
            self.begin()
        self.strokes[-1].append((x, y, pressure))
        self.version += 1
        while sum(len(one) for one in self.strokes) > MOST_INK and len(self.strokes) > 1:
            self.strokes.pop(0)
        if len(self.strokes[-1]) > MOST_INK:
            del self.strokes[-1][: -MOST_INK // 2]

    def clear(self) -> None:
        """Wipe it all."""
        self.strokes.clear()
        self.version += 1


class HandPlay(MapGesture):
    """The pointer is the playhead while it is down. It is no edit, as playing an instrument is none.

    pressure: of a mouse; a pen has its own.
    """

    def __init__(self, sheet: Sheet, pointer: Pointer, ink: Ink, pressure: float = MOUSE_PRESSURE) -> None:
        super().__init__(sheet, pointer)
        self._ink, self.pressure = ink, pressure
        if sheet.value("mode") != "hand":
            sheet.desk.turn(sheet.node, "mode", "hand", self.name)
            sheet.desk.end_gesture()
        ink.begin()
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Sound here."""
        place = self.sheet.view.to_values(pointer.place)
        x, y = (float(one) for one in np.clip(place, -1e5, 1e5))
        pressure = self.pressure if pointer.pressure is None else pointer.pressure
        self._ink.add(x, y, pressure)
        self._turn(hand_x=x, hand_y=y, pressure=pressure)

    def end(self, pointer: Pointer) -> None:
        """The hand is off; the place is held, or springs back if the node is set so."""
        self._turn(pressure=0.0)

    def cancel(self) -> None:
        """As letting go."""
        self._turn(pressure=0.0)

    def _turn(self, **values: float) -> None:
        for name, value in values.items():
            self.sheet.desk.sound.turn(self.sheet.node, name, value)
