"""The minimap under the hand."""

from ...surface.pointer import Pointer
from ..minimap import Minimap
from .gesture import Bench, PatchGesture


class GoTo(PatchGesture):
    """The window goes where the hand points on the minimap, which stays as it was meanwhile."""

    def __init__(self, bench: Bench, pointer: Pointer, found: Minimap) -> None:
        super().__init__(bench, pointer)
        self._before, self._minimap = bench.view, found
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Go there."""
        self.bench.view = self._minimap.centred(self.bench.view, pointer.place, self.bench.window_size)

    def end(self, pointer: Pointer) -> None:
        """Stay there; nothing was edited."""

    def cancel(self) -> None:
        """Back to where it was."""
        self.bench.view = self._before
