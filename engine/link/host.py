"""An engine in a process of its own, for clients that start one: it plays what they send, and outlives them a while.

``python -m latent_terrain.engine.link.host '{"device": …}'`` with the keys of ``Hosting``; says its address as one
line of JSON and then nothing more. It ends when it is told to (SIGTERM), or so long after its last client has gone.
"""

import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ...graphs import Patch
from .player import Player
from .server import Server

LOOK_SECONDS = 0.1


def main() -> None:
    """Play until nobody is there any more."""
    how: Mapping[str, Any] = json.loads(sys.argv[1])
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    module, _, name = (how["player"] or f"{__name__}:LivePlayer").partition(":")
    player = getattr(import_module(module), name)(how)
    server = Server(player)
    address = server.address
    line = {"process": address.process, "where": address.where, "key": address.key.hex(), "mark": address.mark}
    print(json.dumps(line), flush=True)
    alone_since = time.monotonic()
    while not stopping.wait(LOOK_SECONDS):
        now = time.monotonic()
        server.tell(player.look_after(now))
        if server.clients:
            alone_since = now
        elif now - alone_since > how["linger_seconds"]:
            break
    server.close()
    player.close()


class LivePlayer(Player):
    """A live performance as the link plays it."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        from ..drivers import Wanted
        from ..live import Live, LiveSetup, Performance
        from ..palette import load_palette

        self._said: list[dict[str, Any]] = []
        setup = LiveSetup(sample_rate=float(how["sample_rate"]), block=int(how["block"]))
        self.live = Live(Patch(), load_palette(), Path(how["folder"]), setup)
        wanted = Wanted(
            device=how["device"], input=how["input"], sample_rate=int(how["sample_rate"]), block=int(how["block"])
        )
        self.performance = Performance(
            self.live, wanted, lambda text: self._said.append({"kind": "device", "text": text})
        )
        self.performance.start(time.monotonic())
        self.update, self.turn, self.panic = self.live.update, self.live.turn, self.live.panic  # type: ignore[method-assign]
        self.status, self.gathered = self.performance.status, self.live.gathered  # type: ignore[method-assign]

    @property
    def patch(self) -> Patch:
        """The patch as last edited."""
        return self.live.patch

    def look_after(self, now: float) -> list[dict[str, Any]]:
        """Call ten times a second; gives the news."""
        self.performance.look_after(now)
        said, self._said = self._said, []
        return [*said, *self.live.news()]

    def close(self) -> None:
        """End it."""
        self.performance.stop()


if __name__ == "__main__":
    main()
