"""Showing: what nodes show and how the engine is doing, told to those who look on, and made for nobody else."""

import logging
import threading
from collections.abc import Callable, Set

from ..logs import failed
from ..messages import BoardAt, Message, Status
from ..processes.priority import raise_priority
from .board_publisher import LOOKS, Publisher
from .facts import KeptFacts
from .player_protocol import Player

STATUS_SECONDS = 0.1
log = logging.getLogger(__name__)


class Feed:
    """Begins with the first who looks on, rests when the last has gone. Its methods are for any thread.

    tell: sends a message to all who have subscribed to something. wanted: what anybody has subscribed to.
    complain: gets a sentence, once for each kind of thing that goes wrong.
    """

    def __init__(
        self,
        player: Player,
        facts: KeptFacts,
        tell: Callable[[Message, str], None],
        wanted: Callable[[], Set[str]],
        complain: Callable[[str], None],
    ) -> None:
        self._player, self._facts = player, facts
        self._tell, self._wanted, self._complain = tell, wanted, complain
        self._publisher = Publisher(player.readings, self._tell_board, complain)
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._complaints: set[str] = set()
        self._is_closed = False

    @property
    def description(self) -> BoardAt:
        """The board as it is now, for a client that has just come; nowhere when there is none."""
        return self._publisher.description

    def look(self) -> None:
        """Somebody looks on, or no more; whoever calls this must not do so from two threads at once."""
        self._woken.set()
        if self._thread is None and not self._is_closed:
            thread = threading.Thread(target=self._run, name="link status", daemon=True)
            thread.start()
            self._thread = thread  # only now: whoever closes waits for it

    def close(self) -> None:
        """End it."""
        self._is_closed = True
        self._woken.set()
        if self._thread is not None:
            self._thread.join(2.0)

    def _run(self) -> None:
        raise_priority(LOOKS)
        while not self._is_closed:
            self._woken.clear()
            wanted = self._wanted()
            if "readings" in wanted:
                self._publisher.start()
            else:
                self._publisher.close()
            if wanted:
                self._look(wanted)
            self._woken.wait(STATUS_SECONDS if wanted else None)
        self._publisher.close()

    def _look(self, wanted: Set[str]) -> None:
        """Ask how the engine is doing; readings follow the pace that its governor allows."""
        try:
            status = {**self._player.status(), **self._facts.for_all()}
            self._publisher.pace = float(status.get("pace", 1.0))
            if "status" in wanted:
                self._tell(Status(status=status), "status")
        except Exception as error:
            kind = type(error).__name__
            if kind not in self._complaints:
                self._complaints.add(kind)
                text = f"the engine status can't be sent ({kind}: {error})"
                failed(log, text, error)
                self._complain(text)

    def _tell_board(self, description: BoardAt) -> None:
        self._tell(description, "readings")
