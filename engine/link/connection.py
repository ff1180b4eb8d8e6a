"""A client's connection to an engine: what is on its way, and what both sides are known to have."""

import queue
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from ..processes.wire import Message, pack
from .messages import Blobs


@dataclass
class Link:
    """One connection and what both sides are known to have."""

    connection: socket.socket
    writer: threading.Thread = field(default_factory=threading.Thread)
    revision: int = 0
    sent: set[str] = field(default_factory=set)
    edits: int = 0
    refusals: int = 0
    blobs: Blobs = field(default_factory=Blobs)
    outgoing: "queue.SimpleQueue[Iterable[Message]]" = field(default_factory=queue.SimpleQueue)

    def write(self) -> None:
        """Send what waits, on a thread of its own, so that nobody waits for an engine that does not listen."""
        with suppress(OSError):
            while True:
                for message in self.outgoing.get():
                    self.connection.sendall(pack(message))
                    if message["op"] == "bye":
                        return

    def hang_up(self) -> None:
        """End the connection; whoever waits at it is woken."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self.connection.close()
