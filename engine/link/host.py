"""An engine in a process of its own, for clients that start one: it plays what they send, and outlives them a while.

``python -m latent_terrain.engine.link.host '{"device": …}'`` with the keys of ``Hosting``; says its address as one
line of JSON and then nothing more. It ends when it is told to (SIGTERM, or by a client), with the process that owns it,
or so long after its last client has gone; once detached, only when it is told to.
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
from ..processes.alive import is_running, stop_signals
from .server import Server

LOOK_SECONDS = 0.1
USUAL_RATE = 48_000
"""Hz, where neither a device nor a client says."""


def main() -> None:
    """Play until nobody is there any more."""
    how: Mapping[str, Any] = json.loads(sys.argv[1])
    stopping = threading.Event()
    for number in stop_signals():
        signal.signal(number, lambda *_: stopping.set())
    module, _, name = (how["player"] or f"{__name__}:LivePlayer").partition(":")
    host = getattr(import_module(module), name)(how)
    owner = int(how.get("owner", 0))
    server = Server(host.player, how.get("name", ""), how.get("patch", ""))
    address = server.address
    line = {"process": address.process, "where": address.where, "key": address.key.hex(), "mark": address.mark}
    print(json.dumps(line), flush=True)
    alone_since = time.monotonic()
    while not stopping.wait(LOOK_SECONDS):
        now = time.monotonic()
        server.tell(host.look_after(now))
        if server.is_stopping:
            break
        if server.is_detached:
            continue
        if owner and not is_running(owner):
            break
        if server.clients:
            alone_since = now
        elif now - alone_since > how["linger_seconds"]:
            break
    server.close()
    host.close()


class LivePlayer:
    """A live performance of whatever the clients send, to begin with of nothing."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        from ..drivers import Wanted, playing_rate
        from ..live import Live, LiveSetup, Performance
        from ..palette import load_palette

        rate = playing_rate(how["device"], int(how["sample_rate"]) or None, USUAL_RATE)
        self._said: list[dict[str, Any]] = [{"kind": "device", "text": rate.why}] if rate.why else []
        setup = LiveSetup(sample_rate=float(rate.hz), block=int(how["block"]))
        wanted = Wanted(device=how["device"], input=how["input"], sample_rate=rate.hz, block=int(how["block"]))
        live = Live(Patch(), load_palette(), Path(how["folder"]), setup)
        self.player = Performance(live, wanted, lambda text: self._said.append({"kind": "device", "text": text}))
        self.player.start(time.monotonic())

    def look_after(self, now: float) -> list[dict[str, Any]]:
        """Call ten times a second; gives the news."""
        self.player.look_after(now)
        said, self._said = self._said, []
        return [*said, *self.player.live.news()]

    def close(self) -> None:
        """End it."""
        self.player.stop()


if __name__ == "__main__":
    main()
