"""A client's connection to an engine: what is on its way, and what both sides are known to have."""

import queue
import socket
import threading
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from ...graphs import EditError, Patch
from ...graphs.delta import applied, rebased
from ...graphs.frozen import Array, array_sha256
from ...graphs.turning import Turning
from ..declare import Scalar
from ..messages import FROM_ENGINE, PROTOCOL, Bye, Changed, Error, Hello, Message, Piece, check_protocol, decode
from ..processes.wire import framed, read_body
from .pieces import Blobs
from .registry import Address, connect
from .starting import EngineGone


@dataclass(frozen=True)
class PendingTurn:
    """A param turned here that the engine has not been heard to have turned yet. number: counted with the edits."""

    number: int
    node: str
    param: str
    value: Scalar

    def on(self, confirmed: Turning) -> None:
        """Turn it, unless the node has gone."""
        with suppress(EditError):
            confirmed.turn(self.node, self.param, self.value)


@dataclass(frozen=True)
class PendingEdit:
    """An edit made here that the engine has not been heard to have made yet."""

    number: int
    before: Patch
    after: Patch

    def on(self, confirmed: Turning) -> None:
        """Make it."""
        confirmed.patch = rebased(self.before, self.after, confirmed.patch)


@dataclass
class Link:
    """One connection and what both sides are known to have.

    confirmed: the engine's patch as far as it has been heard of; waiting: what was done here since, in order; edits:
    how many edits and turns have been sent; refused: those that the engine could not make. folder: of the document, as
    the engine knows it.
    """

    connection: socket.socket
    writer: threading.Thread = field(default_factory=threading.Thread)
    revision: int = 0
    sent: set[str] = field(default_factory=set)
    edits: int = 0
    refusals: int = 0
    confirmed: Turning = field(default_factory=lambda: Turning(Patch()))
    folder: str = ""
    waiting: "deque[PendingTurn | PendingEdit]" = field(default_factory=deque)
    refused: list[PendingEdit] = field(default_factory=list)
    blobs: Blobs = field(default_factory=Blobs)
    outgoing: "queue.SimpleQueue[Iterable[Message]]" = field(default_factory=queue.SimpleQueue)

    def turned(self, node: str, param: str, value: Scalar) -> None:
        """A turn is on its way; of those of one param since the last edit only the newest is kept."""
        self.edits += 1
        for one in reversed(self.waiting):
            if isinstance(one, PendingEdit):
                break
            if (one.node, one.param) == (node, param):
                self.waiting.remove(one)
                break
        self.waiting.append(PendingTurn(self.edits, node, param, value))

    def edited(self, before: Patch, after: Patch) -> None:
        """An edit is on its way."""
        self.edits += 1
        self.waiting.append(PendingEdit(self.edits, before, after))

    def has_made(self, seen: int) -> None:
        """The engine has made so many of the edits and turns that were sent."""
        while self.waiting and self.waiting[0].number <= seen:
            self.waiting.popleft().on(self.confirmed)

    def has_accepted(self, seen: int, revision: int) -> None:
        """The engine has made an edit."""
        self.refusals, self.revision = 0, revision
        self.has_made(seen)

    def has_refused(self, number: int) -> None:
        """The engine could not make an edit; what was sent before it, it has made."""
        self.refusals += 1
        self.has_made(number - 1)
        if self.waiting and self.waiting[0].number == number:
            one = self.waiting.popleft()
            self.refused += [one] if isinstance(one, PendingEdit) else []

    @property
    def expected(self) -> Patch:
        """The engine's patch once it has made all that is on its way."""
        found = Turning(self.confirmed.patch)
        for one in self.waiting:
            one.on(found)
        return found.patch

    def is_turning(self, node: str, param: str) -> bool:
        """Whether a turn of this param is on its way."""
        return any(isinstance(one, PendingTurn) and (one.node, one.param) == (node, param) for one in self.waiting)

    @property
    def patches(self) -> tuple[Patch, ...]:
        """All patches whose arrays the engine takes to be known here."""
        edits = [one for one in self.waiting if isinstance(one, PendingEdit)]
        return self.confirmed.patch, *(patch for one in edits for patch in (one.before, one.after))

    @property
    def is_waiting(self) -> bool:
        """Whether an edit is on its way."""
        return any(isinstance(one, PendingEdit) for one in self.waiting)

    def write(self) -> None:
        """Send what waits, on a thread of its own, so that nobody waits for an engine that does not listen."""
        with suppress(OSError):
            while True:
                for message in self.outgoing.get():
                    self.connection.sendall(framed(message))
                    if isinstance(message, Bye):
                        return

    def hang_up(self) -> None:
        """End the connection; whoever waits at it is woken."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self.connection.close()


def joined(address: Address, seconds: float) -> Link:
    """A connection to an engine, with its patch as it is now. seconds: to wait for each word. Raises EngineGone."""
    connection: socket.socket | None = None
    try:
        connection = connect(address, seconds)
        connection.settimeout(seconds)
        connection.sendall(framed(Hello(protocol=PROTOCOL, key=address.key)))
        match decode(read_body(connection.recv) or b"", FROM_ENGINE):
            case Hello() as hello:
                check_protocol(hello)
            case Error(text=text):
                raise EngineGone(text)
            case _:
                raise EngineGone("the engine does not greet")
        link = Link(connection)
        message: object = None
        while not isinstance(message, Changed) and (body := read_body(connection.recv)) is not None:
            message = decode(body, FROM_ENGINE)
            if isinstance(message, Piece):
                link.blobs.take(message)
        if not isinstance(message, Changed):
            raise EngineGone("the engine hung up")
        link.confirmed.patch = applied(Patch(), message.change, link.blobs.known)
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
