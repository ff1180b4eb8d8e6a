"""An engine in a process of its own, for clients that start one: it plays what they send, and outlives them a while.

It is told how (``Hosting``) by the process that starts it, says its address, and is heard through its clients from then
on. It ends when it is told to (SIGTERM, or by a client), with the process that owns it, or so long after its last
client has gone; once detached, only when it is told to.
"""

import signal
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...graphs import Patch
from ..messages.children import HostAddress, Hosting
from ..processes.alive import is_running, stop_signals
from ..processes.child import Parent
from .server import Server

if TYPE_CHECKING:
    from ..drivers import Means, Wanted
    from ..live import Live, Performance

LOOK_SECONDS = 0.1
USUAL_RATE = 48_000
"""Hz, where neither a device nor a client says."""


def serve(parent: Parent) -> None:
    """Play until nobody is there any more."""
    how = parent.order(Hosting)
    stopping = threading.Event()
    for number in stop_signals():
        signal.signal(number, lambda *_: stopping.set())
    module, _, name = (how.player or f"{__name__}:LivePlayer").partition(":")
    host = getattr(import_module(module), name)(how)
    server = Server(host.player, how.name, how.patch)
    found = server.address
    parent.send(HostAddress(process=found.process, where=found.where, key=found.key, mark=found.mark))
    alone_since = time.monotonic()
    while not stopping.wait(LOOK_SECONDS):
        now = time.monotonic()
        server.tell(host.look_after(now))
        if server.is_stopping:
            break
        if server.is_detached:
            continue
        if how.owner and not is_running(how.owner):
            break
        if server.clients:
            alone_since = now
        elif now - alone_since > how.linger_seconds:
            break
    server.close()
    host.close()


class LivePlayer:
    """A live performance of whatever the clients send, to begin with of nothing. means: in place of devices, for tests.

    Raises DeviceError where the device is not there.
    """

    def __init__(self, how: Hosting, means: "Means | None" = None) -> None:
        from ..drivers import NOBODY, Wanted, playing_rate
        from ..live import Live, LiveSetup
        from ..palette import load_palette

        self._said: list[dict[str, Any]] = []
        rate = playing_rate(how.device if means is None else NOBODY, how.sample_rate or None, USUAL_RATE)
        if rate.why:
            self._tell(rate.why)
        setup = LiveSetup(sample_rate=float(rate.hz), block=how.block)
        wanted = Wanted(device=how.device, input=how.input, sample_rate=rate.hz, block=how.block)
        self.player = self._made(Live(Patch(), load_palette(), Path(how.folder), setup), wanted, means)
        self.player.start(time.monotonic())

    def look_after(self, now: float) -> list[dict[str, Any]]:
        """Call ten times a second; gives the news."""
        self.player.look_after(now)
        said, self._said = self._said, []
        return [*said, *self.player.live.news()]

    def close(self) -> None:
        """End it; what is being recorded is finished first."""
        self.player.stop()

    def _made(self, live: "Live", wanted: "Wanted", means: "Means | None") -> "Performance":
        from ..live import Performance

        return Performance(live, wanted, self._tell, means)

    def _tell(self, text: str, kind: str = "device", severity: str = "warning") -> None:
        self._said.append({"kind": kind, "text": text, "severity": severity})
