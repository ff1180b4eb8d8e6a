"""Turned params on their way into the document and to whatever plays it, a few at a time."""

import time
from typing import TYPE_CHECKING, TypeAlias

from ...graphs import EditError
from ...graphs.turned import TurnedPatch
from ..messages import Error, Turn
from .player_protocol import Player

if TYPE_CHECKING:
    from .attached import AttachedClient

TURN_SECONDS = 0.002
Place: TypeAlias = tuple[str, str, float]
"""A node, its param, and when it is to be turned."""


class Turns:
    """Those that wait, the newest of each place; for whoever holds the server's lock.

    meanwhile: what was turned since it was last made empty; None: nobody asks.
    """

    def __init__(self, player: Player, document: TurnedPatch) -> None:
        self._player, self._document = player, document
        self._waiting: dict[Place, tuple[AttachedClient | None, Turn]] = {}
        self._made_at = 0.0
        self.meanwhile: dict[Place, Turn] | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def pause(self) -> float:
        """Seconds until the next may be made."""
        return max(0.0, self._made_at + TURN_SECONDS - time.monotonic())

    def put(self, client: "AttachedClient | None", turn: Turn) -> None:
        """Have a turn made; turns are made in the order in which they came last."""
        place = (turn.node, turn.param, turn.at)
        self._waiting.pop(place, None)
        self._waiting[place] = client, turn

    def make(self) -> list[tuple["AttachedClient | None", Turn]]:
        """Play them and put them into the document; gives what has another value now, and who turned it."""
        if not self._waiting:
            return []
        waiting, self._waiting, self._made_at = self._waiting, {}, time.monotonic()
        found: dict[tuple[str, str], tuple[AttachedClient | None, Turn]] = {}
        for place, (client, one) in waiting.items():
            try:
                is_another = self._document.put(one.node, one.param, one.value)
            except EditError as error:
                if client is not None:
                    client.send(Error(text=str(error)))
                continue
            self._player.turn(one.node, one.param, one.value, one.seconds, one.at)
            if self.meanwhile is not None:
                self.meanwhile[place] = one
            if is_another:
                found[one.node, one.param] = client, one
        return [*found.values()]
