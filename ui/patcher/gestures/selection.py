"""Selecting: a box around nodes; and a knife through cords."""

from collections.abc import Collection
from typing import TypeAlias

from ....graphs import Cord, Point
from ....graphs.arrange import remove_cords
from ...surface.gesture import BoxSelect
from ...surface.pointer import Pointer
from ...surface.shapes import Box
from ..overlay import PatchOverlay
from ..routes import crosses
from .gesture import Bench, PatchGesture

Selected: TypeAlias = tuple[Collection[str], Collection[Cord], Collection[str]]
"""Nodes, cords, notes."""


class BoxSelectCards(BoxSelect[PatchOverlay, Selected]):
    """The nodes and comments that a frame touches are selected."""

    def __init__(self, bench: Bench, pointer: Pointer, adds: bool) -> None:
        self.bench = bench
        super().__init__(bench, pointer, adds)

    def at(self, pointer: Pointer) -> Point:
        """In canvas units."""
        return self.bench.view.to_canvas(pointer.place)

    def framed(self, box: Box) -> PatchOverlay:
        """In canvas units."""
        return PatchOverlay(box=box)

    def selected(self) -> Selected:
        """Of the desk."""
        return self.bench.selection, self.bench.cords, self.bench.notes

    def select(self, chosen: Selected) -> None:
        """On the desk."""
        self.bench.select(*chosen)

    def touched(self, box: Box | None) -> Selected:
        """Cards that have a point in the box, and what was selected before."""
        layout = self.bench.layout
        found = {name for name, one in layout.nodes.items() if box is not None and one.box.meets(box)}
        notes = {one.name for one in layout.comments.values() if box is not None and Box(*one.box).meets(box)}
        nodes, cords, kept = self.before if self.adds else ((), (), ())
        return found.union(nodes), cords, notes.union(kept)


class Knife(PatchGesture):
    """Cords that the stroke crosses are cut when the hand lets go."""

    def __init__(self, bench: Bench, pointer: Pointer) -> None:
        super().__init__(bench, pointer)
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
        self.overlay = PatchOverlay(knife=tuple(self._stroke), cords=frozenset(self._cut), hint=hint, hint_at=here)

    def end(self, pointer: Pointer) -> None:
        """Cut."""
        if self._cut:
            self.bench.edit(lambda patch: remove_cords(patch, self._cut), f"cut {len(self._cut)} cords")
