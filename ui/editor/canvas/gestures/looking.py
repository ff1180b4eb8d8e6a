"""Looking around: pulling the canvas."""

from ..pointer import Pointer
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
