"""The publisher: puts what an engine's nodes show on the board, thirty times a second, in small pieces.

It works for a tenth of a millisecond, then rests, so that a block of sound never waits for all of it. And it must not
be polite: as a thread of low priority it was sent off by other processes while it held the interpreter, for which the
audio thread then waited. Measured with 200 nodes at block 256 beside three busy processes, 1500 blocks: 92 and 268
missed; with this priority 0 to 3, as without a publisher, and 99 in 100 blocks ready in 1.9 ms, without it in 1.6.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from ..logs import failed
from ..messages import BoardAt, Slot
from ..processes.priority import raise_priority
from ..values import Reading
from .board import Board

# Its real-time priority: before all ordinary threads, after sound, frames and edits.
LOOKS = 10
PUBLISH_SECONDS = 1 / 30
PIECE_SECONDS, REST_SECONDS = 0.0001, 0.001
SLOWEST = 0.1
log = logging.getLogger(__name__)
Some = TypeVar("Some")


class Publisher:
    """Copies readings to a board. A new board is made when nodes come, go or show another shape.

    readings: what is shown now, best one by one. describe: gets each new board's place, and none when
    there is none. complain: gets a sentence, once for each kind of thing that goes wrong.
    """

    def __init__(
        self,
        readings: Callable[[], Iterable[Reading]],
        describe: Callable[[BoardAt], None],
        complain: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._readings, self._describe, self._complain = readings, describe, complain
        self._board: Board | None = None
        self._shapes: list[tuple[str, str, tuple[int, ...]]] = []
        self._complaints: set[str] = set()
        self.pace = 1.0
        """How often to publish, of thirty times a second; the governor lowers it when sound needs the time."""
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def description(self) -> BoardAt:
        """The board as it is now, for a client that has just come; nowhere when there is none."""
        board = self._board
        return board.description() if board is not None else BoardAt()

    def start(self) -> None:
        """Publish on a thread of its own until closed; then it may be started again."""
        if self._thread is not None:
            return
        self._end.clear()
        self._thread = threading.Thread(target=self._run, name="publish readings", daemon=True)
        self._thread.start()

    def publish(self) -> None:
        """Put everything on the board as it is now."""
        found = list(_in_pieces(self._readings()))
        shapes = [(one.node, one.name, one.array.shape) for one in found]
        if shapes != self._shapes:
            self._renew(shapes)
        board = self._board
        if board is not None:
            for one in _in_pieces(found):
                board.write(one.node, one.name, one.array)

    def close(self) -> None:
        """Stop, and take the board away."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._renew([])

    def _renew(self, shapes: list[tuple[str, str, tuple[int, ...]]]) -> None:
        before = self._board
        self._board, self._shapes = None, []  # should there be no room for another
        try:
            if shapes:
                self._board, self._shapes = Board(Slot(*shape) for shape in shapes), shapes
        finally:
            self._tell_of(before)

    def _tell_of(self, before: Board | None) -> None:
        if before is not None or self._board is not None:
            self._describe(self.description)
        if before is not None:
            before.close()

    def _run(self) -> None:
        raise_priority(LOOKS)
        while not self._end.wait(PUBLISH_SECONDS / max(self.pace, SLOWEST)):
            try:
                self.publish()
            except Exception as error:
                kind = type(error).__name__
                if kind not in self._complaints:
                    self._complaints.add(kind)
                    text = f"meters and scopes can't be shown ({kind}: {error})"
                    failed(log, text, error)
                    self._complain(text)


def _in_pieces(found: Iterable[Some]) -> Iterator[Some]:
    """One after the other, with a rest whenever a piece of work has been done."""
    began = time.perf_counter()
    for one in found:
        yield one
        if time.perf_counter() - began > PIECE_SECONDS:
            time.sleep(REST_SECONDS)
            began = time.perf_counter()
