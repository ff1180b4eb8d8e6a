"""Looking around: pulling the canvas."""

from ...surface.pointer import Pointer
from ..minimap import Minimap
from .gesture import Bench, Gesture


class Pan(Gesture):
    """The canvas follows the hand."""

    def __init__(self, bench: Bench, pointer: Pointer) -> None:
        super().__init__(bench)
        self._began, self._last = bench.view, pointer.place

    def move(self, pointer: Pointer) -> None:
        """Pull it."""
        by = pointer.place[0] - self._last[0], pointer.place[1] - self._last[1]
        self.bench.view, self._last = self.bench.view.panned(by), pointer.place

    def cancel(self) -> None:
        """Back to where it was."""
        self.bench.view = self._began


class GoTo(Gesture):
    """The window goes where the hand points on the minimap, which stays as it was meanwhile."""

    def __init__(self, bench: Bench, pointer: Pointer, found: Minimap) -> None:
        super().__init__(bench)
        self._began, self._minimap = bench.view, found
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Go there."""
        self.bench.view = self._minimap.centred(self.bench.view, pointer.place, self.bench.window_size)

    def cancel(self) -> None:
        """Back to where it was."""
        self.bench.view = self._began
