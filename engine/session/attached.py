"""A client of the engine, seen from the engine: what it has, and what waits to be sent to it."""

import hmac
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from ...graphs.frozen import Array
from ..logs import failed
from ..messages import (
    FROM_CLIENT,
    Error,
    Hello,
    Message,
    MessageError,
    News,
    Piece,
    Request,
    Status,
    check_protocol,
    decode,
)
from ..processes.priority import EDITS, raise_priority
from ..processes.wire import WireError, read_body, with_length
from .outbox import Outbox
from .pieces import Blobs, pieces
from .registry import Address

# So many messages of a client in so short a time; more wait in the socket.
BURST, BURST_SECONDS = 16, 0.002
HELLO_SECONDS, LARGEST_HELLO = 5.0, 1 << 16
MOST_WAITING, MOST_NEWS_WAITING = 100_000, 256
MOST_BYTES_WAITING = 1 << 30
# When the system has no more files or threads for a client, the next one is let in so much later.
NO_ROOM_SECONDS = 0.1
log = logging.getLogger(__name__)


class Host(Protocol):
    """What clients come to."""

    address: Address

    def handshake(self, client: "AttachedClient") -> None:
        """Give a client that has proved itself what it needs to begin."""
        ...

    def follow(self, client: "AttachedClient", message: Request) -> None:
        """Do what a client's message says. Raises MessageError."""
        ...

    def forget(self, client: "AttachedClient") -> None:
        """A client has gone."""
        ...


class AttachedClient:
    """One client, with a thread that reads. counts: it has told the beat of a clock.

    edits: how many edits and turns of it have come.
    """

    def __init__(self, server: Host, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.blobs = Blobs()
        self.sent: set[str] = set()
        self.edits = 0
        self.counts = False
        self.wants: frozenset[str] = frozenset()
        self._is_gone = False
        self._outbox = Outbox(connection, "client write", self._end)
        threading.Thread(target=self._read, name="client read", daemon=True).start()

    def send(self, message: Message) -> None:
        """Put a message on its way; never waits. News of a client that does not listen are dropped, then it is."""
        data = with_length(message)
        is_passing = isinstance(message, News | Status) and not message.number
        waiting = len(self._outbox)
        if is_passing and waiting > MOST_NEWS_WAITING:
            return
        if waiting >= MOST_WAITING or self._outbox.bytes_waiting + len(data) > MOST_BYTES_WAITING:
            self.let_go()
        else:
            self._outbox.put((data,))

    def send_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Send those that it does not have, by sha256."""
        for key in sorted(arrays.keys() - self.sent):
            for piece in pieces(key, arrays[key]):
                self.send(piece)
        self.sent |= arrays.keys()

    def let_go(self) -> None:
        """End the connection."""
        self._is_gone = True
        self._outbox.end()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        raise_priority(EDITS)
        try:
            self.connection.settimeout(HELLO_SECONDS)
            self._greet(decode(read_body(self.connection.recv, LARGEST_HELLO) or b"", FROM_CLIENT))
            self.connection.settimeout(None)
            self.server.handshake(self)
            began, count = time.monotonic(), 0
            while not self._is_gone and (body := read_body(self.connection.recv)) is not None:
                message: Request | None = None
                try:
                    message = decode(body, FROM_CLIENT)
                    self.server.follow(self, message)
                except MessageError as error:
                    self.send(Error(text=str(error), number=error.number))
                except Exception as error:  # the player's: whoever asked hears of it, and is not let go
                    text = f"it could not be done ({type(error).__name__}: {error})"
                    number = message.number if message is not None else 0
                    self.send(Error(text=failed(log, text, error), number=number))
                count += 1
                if count % BURST == 0 and not isinstance(message, Piece):
                    ahead = BURST_SECONDS - (time.monotonic() - began)
                    if ahead > 0:
                        time.sleep(ahead)
                    began = time.monotonic()
        except (MessageError, WireError) as error:
            with suppress(OSError):
                self.connection.sendall(with_length(Error(text=str(error))))
        except OSError:
            pass
        finally:
            self._end()
            self.connection.close()

    def _greet(self, hello: Request) -> None:
        """Raises MessageError for who may not come in."""
        if not isinstance(hello, Hello):
            raise MessageError("say hello first")
        check_protocol(hello)
        if not hmac.compare_digest(hello.key, self.server.address.key):
            raise MessageError("the key is not this engine's")

    def _end(self) -> None:
        self.server.forget(self)
        self.let_go()


def accept_all(
    listener: socket.socket, let_in: Callable[[socket.socket], object], is_closed: Callable[[], bool]
) -> None:
    """Let clients in until it is closed; one for whom the system has no room is no reason to let in no more."""
    while not is_closed():
        try:
            connection = listener.accept()[0]
        except OSError:
            if not is_closed():
                time.sleep(NO_ROOM_SECONDS)
            continue
        try:
            let_in(connection)
        except (OSError, RuntimeError):  # no more threads
            connection.close()
            time.sleep(NO_ROOM_SECONDS)
