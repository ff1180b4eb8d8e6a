"""An engine in a process of its own, for clients that start one: it plays what they send, and outlives them a while.

It is told how (``Hosting``) by the process that starts it, says its address, and is heard through its clients from then
on. It ends when it is told to (SIGTERM, or by a client), with the process that owns it, or so long after its last
client has gone; once detached, only when it is told to.
"""

import signal
import threading
import time
from importlib import import_module

from ..messages.children import HostAddress, Hosting
from ..processes.alive import is_running, stop_signals
from ..processes.child import Parent
from .server import Server

LOOK_SECONDS = 0.1
PLAYER = "latent_terrain.engine.live.hosted:LivePlayer"


def serve(parent: Parent) -> None:
    """Play until nobody is there any more."""
    how = parent.order(Hosting)
    stopping = threading.Event()
    for number in stop_signals():
        signal.signal(number, lambda *_: stopping.set())
    module, _, name = (how.player or PLAYER).partition(":")
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
