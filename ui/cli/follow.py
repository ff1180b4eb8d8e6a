"""Following: a program beside an engine (pad, OSCQuery, listen) takes up the next one, or says so and ends with it."""

import threading
import time
from typing import TYPE_CHECKING

from .output import say

if TYPE_CHECKING:
    from ...engine.session import Client

# For the engine that is started in place of one that ended.
WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.25


class Following:
    """Has a client take up what plays after its engine under the same name, or with the same patch.

    what: what the program is called in sentences. ``look`` belongs to one thread.
    """

    def __init__(self, client: "Client", what: str) -> None:
        self._client, self._what = client, what
        self._lost_at: float | None = None

    def look(self) -> bool:
        """Whether there is an engine, or one may still come; what changes is said. Call a few times a second."""
        from ...engine.session import EngineGone
        from ...engine.session.registry import find_engines

        if self._client.engine is not None:
            self._lost_at = None
            return True
        now = time.monotonic()
        if self._lost_at is None:
            self._lost_at = now
            say(f"the engine stopped; {self._what} waits {WAIT_SECONDS:g} s for a new one")
        before = self._client.address
        for one in find_engines():
            if one.mark != before.mark and (one.name == before.name or (one.patch and one.patch == before.patch)):
                try:
                    self._client.take_up(one)
                except EngineGone:
                    continue
                self._lost_at = None
                say(f"{self._what} goes on with the engine {one.name}")
                return True
        if now - self._lost_at < WAIT_SECONDS:
            return True
        say(f"no new engine started; {self._what} stops")
        return False

    def stay(self, ended: threading.Event) -> None:
        """Look until it is asked to end, or the engine has."""
        while not ended.wait(LOOK_SECONDS) and self.look():
            pass
