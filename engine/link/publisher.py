"""The publisher: puts what an engine's nodes show on the board, thirty times a second, and gives way to all else."""

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..processes.priority import give_way
from .board import Board, Reading, Slot

PUBLISH_SECONDS = 1 / 30
NICENESS = 10
SLOWEST = 0.1
Tell = Callable[[Mapping[str, Any]], None]


class Publisher:
    """Copies readings to a board. A new board is made when nodes come, go or show another shape.

    readings: what is shown now. describe: gets each new board's description, and an empty map when there is none.
    complain: gets a sentence, once for each thing that goes wrong.
    """

    def __init__(
        self,
        readings: Callable[[], Iterable[Reading]],
        describe: Tell,
        complain: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._readings, self._describe, self._complain = readings, describe, complain
        self._board: Board | None = None
        self._shapes: list[tuple[str, str, tuple[int, ...]]] = []
        self._complaints: set[str] = set()
        self.pace = 1.0
        """How often to publish, of thirty times a second; 0: not at all."""
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def description(self) -> Mapping[str, Any]:
        """The board as it is now, for a client that has just come; empty when there is none."""
        board = self._board
        return board.description() if board is not None else {}

    def start(self) -> None:
        """Publish on a thread of its own until closed."""
        self._thread = threading.Thread(target=self._run, name="publish readings", daemon=True)
        self._thread.start()

    def publish(self) -> None:
        """Put everything on the board as it is now."""
        found = list(self._readings())
        shapes = [(one.node, one.name, one.array.shape) for one in found]
        if shapes != self._shapes:
            self._renew(shapes)
        board = self._board
        if board is not None:
            for one in found:
                board.write(one.node, one.name, one.array)

    def close(self) -> None:
        """Stop, and take the board away."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        self._renew([])

    def _renew(self, shapes: list[tuple[str, str, tuple[int, ...]]]) -> None:
        before = self._board
        self._board = Board(Slot(*shape) for shape in shapes) if shapes else None
        self._shapes = shapes
        if before is not None or self._board is not None:
            self._describe(self.description)
        if before is not None:
            before.close()

    def _run(self) -> None:
        if sys.platform == "linux":  # where each thread has a niceness of its own
            give_way(NICENESS)
        while not self._end.wait(PUBLISH_SECONDS / max(self.pace, SLOWEST)):
            if self.pace == 0.0:
                continue
            try:
                self.publish()
            except Exception as error:
                text = f"meters and scopes can't be shown ({type(error).__name__}: {error})"
                if text not in self._complaints:
                    self._complaints.add(text)
                    self._complain(text)
