"""Following: a program beside an engine (pad, OSCQuery, listen) takes up the next one, or says so and ends with it."""

import threading
import time
from typing import TYPE_CHECKING, Any

from .output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...engine import FloatArray
    from ...engine.declare import Scalar
    from ...engine.link import Client
    from ...graphs import Patch

WAIT_SECONDS = 10.0
"""For the engine that is started in place of one that ended."""
LOOK_SECONDS = 0.25


class Following:
    """A client of what plays, and of what plays after it under the same name or with the same patch.

    what: what it is called in sentences. wanted: what is subscribed to. ``look`` belongs to one thread.
    """

    def __init__(self, client: "Client", what: str, wanted: "tuple[str, ...]") -> None:
        self._client, self._what, self._wanted = client, what, wanted
        self._lost_at: float | None = None
        client.subscribe(wanted)

    @property
    def patch(self) -> "Patch":
        """The patch as it is now, or was when the engine ended."""
        return self._client.patch

    @property
    def latest_status(self) -> "Mapping[str, Any]":
        """How the engine is doing; empty without one."""
        return self._client.latest_status

    def turn(self, node: str, param: str, value: "Scalar", seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param. Raises EditError for a node that is not there."""
        self._client.turn(node, param, value, seconds, at)

    def reading(self, node: str, name: str) -> "FloatArray | None":
        """What a node shows now."""
        return self._client.reading(node, name)

    def edit(self, change: "Callable[[Patch], Patch]") -> "Patch":
        """Edit the patch."""
        return self._client.edit(change)

    def keep_takes(self) -> None:
        """Put what was recorded into the patch. Raises EngineGone."""
        self._client.keep_takes()

    def panic(self) -> None:
        """Silence, then play on."""
        self._client.panic()

    def follow_beat(self, beat: float, tempo: float, when: float) -> None:
        """Play to a clock outside."""
        self._client.follow_beat(beat, tempo, when)

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until what was edited plays."""
        return self._client.wait(seconds)

    def look(self) -> bool:
        """Whether there is an engine, or one may still come; what changes is said. Call a few times a second."""
        from ...engine.link import Client, EngineGone
        from ...engine.link.registry import find_engines

        if self._client.engine is not None:
            self._lost_at = None
            return True
        now = time.monotonic()
        if self._lost_at is None:
            self._lost_at = now
            say(f"the engine has ended; {self._what} waits {WAIT_SECONDS:g} s for the next one")
        before = self._client.address
        for one in find_engines():
            if one.mark != before.mark and (one.name == before.name or (one.patch and one.patch == before.patch)):
                try:
                    client = Client.attach(one, lambda news: None)
                except EngineGone:
                    continue
                client.subscribe(self._wanted)
                self._client, gone = client, self._client
                gone.close()
                self._lost_at = None
                say(f"{self._what} goes on with the engine {one.name}")
                return True
        if now - self._lost_at < WAIT_SECONDS:
            return True
        say(f"no engine has come in place of the one that ended; {self._what} ends")
        return False

    def stay(self, ended: threading.Event) -> None:
        """Look until it is asked to end, or the engine has."""
        while not ended.wait(LOOK_SECONDS) and self.look():
            pass

    def close(self) -> None:
        """Leave what plays."""
        self._client.close()
