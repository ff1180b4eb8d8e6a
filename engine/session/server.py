"""The engine's side of a session: clients come and go, edit and turn, and none of them can stop the sound.

One thread per client reads, one writes, one thread compiles edits (the latest wins), one hands over turned params at
most every 2 ms. What a client sends is checked; a client that sends nonsense or never listens is let go.

Edits and turns are changes of what they change, in the order in which they came. Whatever reads or edits the document
first has all turns that wait put into it. A client is told, with every edit of another's, how many of its own the
document had by then: so it knows in which order they were made, and keeps to it.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from ...graphs import Patch
from ...graphs.delta import delta, followed
from ...graphs.frozen import Array
from ...graphs.turned import TurnedPatch
from .. import messages
from ..capture import with_takes
from ..declare import Scalar
from ..logs import details, failed
from ..problems import Problem
from ..processes.guard import Guard
from ..processes.priority import EDITS, raise_priority
from ..values import FloatArray
from .arrays import ArrayStore, named
from .attached import AttachedClient, accept_all
from .facts import KeptFacts
from .feed import Feed
from .player_protocol import Player
from .registry import announce, withdraw
from .turns import Turns

# How often it is looked whether a model has come that an edit had not waited for.
LOOK_SECONDS = 0.25
NO_BEAT = messages.Beat(beat=0.0, tempo=0.0, at=0.0)
log = logging.getLogger(__name__)


class Server:
    """Lets clients play a player. name, patch: shown to those who look for engines; see ``registry.announce``.

    is_stopping: somebody asked for the end, which is the owner's to bring about; is_detached: it is to go on without
    the program that started it.
    """

    def __init__(self, player: Player, name: str = "", patch: str = "") -> None:
        self.player = player
        self.is_stopping = self.is_detached = False
        self.learning: messages.LearnControl | None = None
        self.revision = self._compiled = 0
        self._document = TurnedPatch(player.patch)
        self._arrays, self._facts = ArrayStore(), KeptFacts()
        self._clients: list[AttachedClient] = []
        self._remember(delta(Patch(), player.patch)[1])
        self._lock = threading.RLock()
        self._changed, self._turned = (threading.Condition(self._lock) for _ in range(2))
        self._turns = Turns(player, self._document)
        self._opened: messages.OpenDocument | None = None
        self._instead: tuple[AttachedClient, messages.Audition] | None = None
        self._is_dirty = self._is_closed = False
        self._guard = Guard("a client", log.warning)
        self._feed = Feed(player, self._facts, self._broadcast, self._subscribed_to, self._complain)
        self.address, self._listener = announce(name, patch)
        self._threads = [
            threading.Thread(target=work, name=f"link {work.__name__}", daemon=True)
            for work in (self._accept, self._compile, self._turn)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def patch(self) -> Patch:
        """The document as all clients have it, with every param that has been turned until now."""
        with self._lock:
            self._make_turns()
            return self._document.patch

    @property
    def clients(self) -> int:
        """How many are attached now."""
        return len(self._clients)

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param as a client does: played at once, kept in the document, told to all (see ``Player.turn``)."""
        with self._lock:
            self._put_turn(None, messages.Turn(node=node, param=param, value=value, seconds=seconds, at=at))

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        """Edit the patch as it is now, as a client does. What ``change`` raises passes through, and nothing changes."""
        with self._lock:
            after = change(self.patch)
            self._take_edit(after, None)
            return after

    def keep_takes(self, seconds: float = 10.0) -> None:
        """Put what nodes have recorded into the document, before it is saved. Not for the audio thread."""
        self.wait(seconds)  # what the document has lost since must not come back
        played, taken = self.player.patch, self.player.gathered()
        self.edit(lambda patch: with_takes(patch, played, taken))

    def do(self, order: messages.Order) -> None:
        """Do what a client could ask for as well. Raises MessageError (see ``Player.do``)."""
        if isinstance(order, messages.LearnControl):
            self.learning = order if order.is_wanted else None
            self._broadcast(order)
        elif isinstance(order, messages.TellFacts):
            self._facts.take(order)
        else:
            self.player.do(order)

    def wait(self, seconds: float = 10.0) -> bool:
        """Until the patch as it is now plays, or so long; gives whether it does. Not for the audio thread."""
        with self._lock:
            wanted = self.revision
            return self._changed.wait_for(lambda: self._compiled >= wanted or self._is_closed, seconds)

    @property
    def latest_status(self) -> Mapping[str, Any]:
        """How it goes."""
        return self.player.status()

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now."""
        return self.player.reading(node, name)

    def tell(self, news: Iterable[Mapping[str, Any]]) -> None:
        """Tell every client what happened."""
        if found := [convert(one, messages.Note) for one in news]:
            self._broadcast(messages.News(news=found))

    def close(self) -> None:
        """Let all clients go and listen no more."""
        with self._lock:
            self._is_closed = True
            self._changed.notify_all()
            self._turned.notify_all()
            clients = list(self._clients)
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        withdraw(self.address)  # first, so that who sees its connection end finds no engine any more
        for client in clients:
            client.let_go()
        self._feed.close()
        for thread in self._threads[1:]:
            thread.join(2.0)

    def follow(self, client: AttachedClient, message: messages.Request) -> None:
        """Do what a client's message says. Raises MessageError."""
        match message:
            case messages.Piece():
                with self._lock:
                    client.blobs.take(message)
            case messages.Edit():
                self._edit(client, message)
            case messages.Turn():
                with self._lock:
                    client.edits += 1
                    self._put_turn(client, message)
            case messages.Audition():
                self._audition(client, message)
            case messages.Beat():
                client.counts = bool(message.tempo)
                self.do(message)
            case _ if isinstance(message, messages.Order):
                self.do(message)
            case messages.Ask():
                self._answer(client, message.number, self._status)
            case messages.Capture():
                self._answer(client, message.number, lambda: messages.Taken(taken=self._captured(client)))
            case messages.Keep():
                self._answer(client, message.number, self._kept)
            case messages.Subscribe():
                self._subscribe(client, frozenset(message.what))
            case messages.Stop():
                self._stop()
            case messages.Detach():
                self.is_detached = True
            case messages.Bye():
                client.let_go()
            case messages.Error():
                self._guard.say(messages.MessageError(f"it could not apply {message.text}"))
            case messages.Hello():
                raise messages.MessageError("hello: it has been said")

    def forget(self, client: AttachedClient) -> None:
        """A client has gone."""
        with self._lock:
            if client in self._clients:
                self._clients.remove(client)
            counted, client.counts = client.counts, False
            if self._instead is not None and self._instead[0] is client:
                self._play_instead(None)
        if counted:
            self.do(NO_BEAT)

    def _subscribe(self, client: AttachedClient, what: frozenset[str]) -> None:
        """From now on a client sees what nodes show, or how the engine is doing, or both, or no more."""
        with self._lock:
            client.wants = what
            if "readings" in what:
                client.send(self._feed.description)
            self._feed.look()

    def _complain(self, text: str) -> None:
        self.tell([{"kind": "error", "text": text}])

    def _subscribed_to(self) -> frozenset[str]:
        with self._lock:
            return frozenset[str]().union(*(client.wants for client in self._clients))

    def _answer(self, client: AttachedClient, number: int, make: Callable[[], messages.Message]) -> None:
        """Answer a question, also when the player can't: whoever asked waits."""
        try:
            answer = make()
        except Exception as error:
            text = f"the engine could not tell ({type(error).__name__}: {error})"
            answer = messages.Error(text=failed(log, text, error))
        client.send(replace(answer, number=number))

    def _edit(self, client: AttachedClient, message: messages.Edit) -> None:
        with self._lock:
            before = self.patch
            client.edits += 1
            try:
                after = followed(before, message.change, {**self._arrays.known, **client.blobs.known})
            except ValueError as error:
                client.send(messages.Refused(text=f"an edit could not be made: {error}", seen=client.edits))
                self._send_whole(client)
                return
            if isinstance(message, messages.OpenDocument):
                self._opened = message
            self._take_edit(after, client)
            client.blobs.known.clear()
            client.send(messages.Accepted(revision=self.revision, seen=client.edits))

    def _audition(self, client: AttachedClient, message: messages.Audition) -> None:
        with self._lock:
            try:
                followed(self.patch, message.change, {})
            except ValueError as error:
                raise messages.MessageError(f"audition: {error}") from None
            self._play_instead((client, message) if message.change else None)

    def _play_instead(self, what: tuple[AttachedClient, messages.Audition] | None) -> None:
        self._instead, self._is_dirty = what, True
        self._changed.notify_all()

    def _heard(self, patch: Patch) -> Patch:
        """What is played of a document: something else while somebody has that, as far as it fits."""
        if self._instead is not None:
            with suppress(ValueError):
                return followed(patch, self._instead[1].change, {})
        return patch

    def _take_edit(self, after: Patch, editor: AttachedClient | None) -> None:
        """The document is another now: tell all but who has edited it, and have it compiled."""
        change, arrays = delta(self._document.patch, after)
        if not change and editor is None:
            return
        self._document.patch, self.revision = after, self.revision + 1
        for client in self._clients:
            if client is not editor:
                client.send_arrays(arrays)
                self._tell_edit(client, change)
            else:
                client.sent |= arrays.keys()
        if "nodes" in change or any({"content", "dropped"} & one.keys() for one in change.get("edited", {}).values()):
            self._remember(arrays)
        self._is_dirty = True
        self._changed.notify_all()

    def _tell_edit(self, client: AttachedClient, change: dict[str, Any], is_whole: bool = False) -> None:
        client.send(messages.Changed(change=change, revision=self.revision, seen=client.edits, is_whole=is_whole))

    def _remember(self, arrays: Mapping[str, Array]) -> None:
        """Keep what an edit brought. What is not in the patch, a client may have forgotten."""
        forgotten = self._arrays.keep(self._document.patch, arrays)
        held = self._arrays.of(self._document.patch) if self._clients else set()
        for client in self._clients:
            client.sent &= held
            if forgotten:
                client.send(messages.Forgot(arrays=forgotten))

    def _send_whole(self, client: AttachedClient) -> None:
        change, arrays = delta(Patch(), self._document.patch)
        client.send_arrays(arrays)
        self._tell_edit(client, change, is_whole=True)

    def _stop(self) -> None:
        """Somebody asked for the end: what was recorded goes to all clients first."""
        try:
            self.keep_takes()
        except Exception as error:
            self._complain(failed(log, f"the recording was lost ({type(error).__name__}: {error})", error))
        self.is_stopping = True
        self._broadcast(messages.Stopping())

    def _status(self) -> messages.Status:
        more = {"clients": self.clients, "is_detached": self.is_detached, "facts": self._facts.now()}
        return messages.Status(status={**self.player.status(), **more})

    def _kept(self) -> messages.Kept:
        self.keep_takes()
        return messages.Kept(revision=self.revision)

    def _captured(self, client: AttachedClient) -> dict[str, dict[str, str]]:
        """Send what has been recorded, and give the names of the arrays by node."""
        self.wait()  # until then the nodes of the patch before tell what they recorded
        found, arrays = named(self.player.gathered())
        client.sent -= arrays.keys() - self._arrays.of(self._document.patch)  # what it may have forgotten
        client.send_arrays(arrays)
        return found

    def _broadcast(self, message: messages.Message, what: str = "") -> None:
        """Send a message to all clients, or to those who have subscribed to something."""
        with self._lock:
            for client in self._clients:
                if not what or what in client.wants:
                    client.send(message)

    def _accept(self) -> None:
        accept_all(self._listener, lambda one: AttachedClient(self, one), lambda: self._is_closed)

    def handshake(self, client: AttachedClient) -> None:
        """Give a client that has proved itself what it needs to begin."""
        with self._lock:
            if self._is_closed:
                client.let_go()
                return
            self._make_turns()
            self._clients.append(client)
            client.send(messages.Hello(protocol=messages.PROTOCOL))
            self._send_whole(client)
            client.send(self.learning or messages.LearnControl())

    def _compile(self) -> None:
        raise_priority(EDITS)
        while True:
            with self._lock:
                while not (self._is_dirty or self._is_closed or self.player.wants_again()):
                    self._changed.wait(LOOK_SECONDS)
                if self._is_closed:
                    return
                patch, revision = self._heard(self.patch), self.revision
                self._is_dirty, self._turns.meanwhile = False, {}
                opened, self._opened = self._opened, None
            try:
                if opened is not None:
                    self.player.do(opened)
                found = [*self.player.update(patch)]
            except Exception as error:
                text = f"this edit failed: {type(error).__name__}: {error}"
                found = [Problem("", "", failed(log, text, error), details=details(error))]
            with self._lock:
                turned, self._turns.meanwhile = self._turns.meanwhile or {}, None
                for one in turned.values():  # the plan made meanwhile knew none of them
                    self.player.turn(one.node, one.param, one.value, one.seconds, one.at)
                self._compiled = revision
                self._changed.notify_all()
            self._broadcast(messages.Compiled(revision=revision, problems=found))

    def _turn(self) -> None:
        raise_priority(EDITS)
        while True:
            with self._lock:
                self._turned.wait_for(lambda: bool(self._turns) or self._is_closed)
                if self._is_closed:
                    return
                pause = self._turns.pause
            time.sleep(pause)
            with self._lock:
                if not self._turns.pause:
                    self._make_turns()

    def _put_turn(self, client: AttachedClient | None, turn: messages.Turn) -> None:
        """Have a turn made, soon where others just were."""
        self._turns.put(client, turn)
        if self._turns.pause:
            self._turned.notify()
        else:
            self._make_turns()

    def _make_turns(self) -> None:
        """Make the turns that wait, and tell each client those of others."""
        for client in self._clients if (told := self._turns.make()) else ():
            values = [(one.node, one.param, one.value) for turner, one in told if turner is not client]
            if values:
                client.send(messages.Turned(values=values, seen=client.edits))
