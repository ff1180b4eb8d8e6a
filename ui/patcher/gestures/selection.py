"""Choosing: a box around nodes; and a knife through cords."""

from ....graphs import Cord
from ....graphs.arrange import remove_cords
from ...surface.pointer import Pointer
from ...surface.shapes import Box
from ..overlay import Overlay
from ..routes import crosses
from .gesture import Bench, Gesture


class BoxSelect(Gesture):
    """What the box touches is chosen; adds: besides what was chosen before."""

    def __init__(self, bench: Bench, pointer: Pointer, adds: bool) -> None:
        super().__init__(bench)
        self._from = self.at(pointer)
        self._before = (bench.selection, bench.cords, bench.notes)
        self._adds = adds
        if not adds:
            bench.select()

    def move(self, pointer: Pointer) -> None:
        """Stretch the box."""
        (ax, ay), (bx, by) = self._from, self.at(pointer)
        box = Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        self.overlay = Overlay(box=box)
        found = frozenset(name for name, one in self.bench.layout.nodes.items() if one.box.meets(box))
        notes = frozenset(one.name for one in self.bench.layout.comments.values() if Box(*one.box).meets(box))
        nodes, cords, kept = self._before
        if self._adds:
            self.bench.select(found | nodes, cords, notes | kept)
        else:
            self.bench.select(found, (), notes)

    def cancel(self) -> None:
        """As it was chosen before."""
        self.bench.select(*self._before)


class Knife(Gesture):
    """Cords that the stroke crosses are cut when the hand lets go."""

    def __init__(self, bench: Bench, pointer: Pointer) -> None:
        super().__init__(bench)
        self._stroke = [self.at(pointer)]
        self._cut: set[Cord] = set()

    def move(self, pointer: Pointer) -> None:
        """Draw on."""
        here = self.at(pointer)
        for cord, way in self.bench.layout.cords.items():
            if crosses(way.points, self._stroke[-1], here):
                self._cut.add(cord)
        self._stroke.append(here)
        hint = f"cut {len(self._cut)}" if self._cut else ""
        self.overlay = Overlay(knife=tuple(self._stroke), cords=frozenset(self._cut), hint=hint, hint_at=here)

    def end(self, pointer: Pointer) -> None:
        """Cut."""
        if self._cut:
            self.bench.edit(lambda patch: remove_cords(patch, self._cut), f"cut {len(self._cut)} cords")
