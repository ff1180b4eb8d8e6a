"""A client's connection to an engine: what is on its way, and what both sides are known to have."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from ...graphs import Patch
from ...graphs.delta import applied
from ...graphs.frozen import Array, array_sha256
from ..messages import FROM_ENGINE, PROTOCOL, Bye, Changed, Error, Hello, Message, Piece, check_protocol, decode
from ..processes.wire import read_body, with_length
from .outbox import Outbox
from .pieces import Blobs
from .registry import Address, connect
from .starter import EngineGone

BYE_SECONDS = 1.0


@dataclass
class Connection:
    """One connection, and which arrays both sides are known to have.

    patch, revision: the engine's when it was joined. folder: of the document, as the engine knows it.
    """

    stream: socket.socket
    outbox: Outbox
    patch: Patch = field(default_factory=Patch)
    revision: int = 0
    folder: str = ""
    sent: set[str] = field(default_factory=set)
    blobs: Blobs = field(default_factory=Blobs)

    def put(self, *messages: Message) -> None:
        """Have messages on their way, in order."""
        self.outbox.put(tuple(map(with_length, messages)))

    def hang_up(self) -> None:
        """End the connection, politely if the engine listens; whoever waits at it is woken."""
        self.put(Bye())
        self.outbox.end(BYE_SECONDS)
        with suppress(OSError):
            self.stream.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self.stream.close()


def joined(address: Address, seconds: float) -> Connection:
    """A connection to an engine, with its patch as it is now. seconds: to wait for each word. Raises EngineGone."""
    connection: socket.socket | None = None
    try:
        connection = connect(address, seconds)
        connection.settimeout(seconds)
        connection.sendall(with_length(Hello(protocol=PROTOCOL, key=address.key)))
        match decode(read_body(connection.recv) or b"", FROM_ENGINE):
            case Hello() as hello:
                check_protocol(hello)
            case Error(text=text):
                raise EngineGone(text)
            case _:
                raise EngineGone("the engine does not greet")
        link = Connection(connection, Outbox(connection, "tell engine"))
        message: object = None
        while not isinstance(message, Changed) and (body := read_body(connection.recv)) is not None:
            message = decode(body, FROM_ENGINE)
            if isinstance(message, Piece):
                link.blobs.take(message)
        if not isinstance(message, Changed):
            raise EngineGone("the engine closed the connection")
        link.patch = applied(Patch(), message.change, link.blobs.known)
        link.revision = message.revision
        link.sent |= set(link.blobs.known)
        connection.settimeout(None)
        return link
    except (OSError, ValueError, KeyError, TypeError) as error:
        if connection is not None:
            connection.close()
        raise EngineGone(f"the engine can't be reached ({error})") from None


def arrays_of(*patches: Patch) -> dict[str, Array]:
    """The arrays of patches, by sha256."""
    nodes = (node for patch in patches for node in patch.nodes.values())
    return {array_sha256(array): array for node in nodes for array in node.content.values()}


class ShowOnce:
    """Lets an exception be seen as one that ends a thread is, once for each kind; it goes on."""

    def __init__(self) -> None:
        self._shown: set[type] = set()

    def __call__(self, error: Exception) -> None:
        """Show it, if none of its kind has been shown."""
        if type(error) in self._shown:
            return
        self._shown.add(type(error))
        thread = threading.current_thread()
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))
