"""Showing: what nodes show and how the engine is doing, told to those who look on, and to nobody else."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ..processes.wire import Message
from .player import Player
from .publisher import Publisher

STATUS_SECONDS = 0.1


class Showing:
    """Starts when somebody looks on for the first time. tell: sends to all who do, and gives whether there are any."""

    def __init__(self, player: Player, tell: Callable[[Message], bool], complain: Callable[[str], None]) -> None:
        self._player, self._tell = player, tell
        self._publisher = Publisher(player.readings, self._tell_board, complain)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def description(self) -> Mapping[str, Any]:
        """The board as it is now, for a client that has just come."""
        return self._publisher.description

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._thread is None:
            self._publisher.start()
            self._thread = threading.Thread(target=self._run, name="link status", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End it."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(2.0)
            self._publisher.close()

    def _run(self) -> None:
        """Ten times a second; the publisher follows the governor's pace, and rests while nobody looks on."""
        while not self._end.wait(STATUS_SECONDS):
            status = dict(self._player.status())
            is_seen = self._tell({"op": "status", "status": status})
            self._publisher.pace = float(status.get("pace", 1.0)) if is_seen else 0.0

    def _tell_board(self, description: Mapping[str, Any]) -> None:
        self._tell({"op": "board", "board": dict(description)})
