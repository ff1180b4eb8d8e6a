"""Selecting: a box around nodes; and a knife through cords."""

from ....graphs import Cord
from ....graphs.arrange import remove_cords
from ...surface.gesture import BoxSelect
from ...surface.pointer import Pointer
from ...surface.shapes import Box
from ..overlay import PatchOverlay
from ..routes import crosses
from .gesture import Bench, PatchGesture


def box_select(bench: Bench, pointer: Pointer, adds: bool) -> BoxSelect[PatchOverlay]:
    """A frame in canvas units: nodes and comments that it touches are selected; adds: besides what was."""
    nodes, cords, notes = bench.selection, bench.cords, bench.notes

    def select(box: Box | None) -> None:
        layout = bench.layout
        found = {name for name, one in layout.nodes.items() if box is not None and one.box.meets(box)}
        commented = {one.name for one in layout.comments.values() if box is not None and Box(*one.box).meets(box)}
        if adds:
            bench.select(found | nodes, cords, commented | notes)
        else:
            bench.select(found, (), commented)

    return BoxSelect(
        bench,
        pointer,
        lambda box: PatchOverlay(box=box),
        select,
        lambda: bench.select(nodes, cords, notes),
        lambda pixel: bench.view.to_canvas(pixel),
    )


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
