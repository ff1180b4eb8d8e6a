"""The client's side of a session: an editor or a script plays an engine in another process, and never waits for it.

The client's patch is the truth it goes by: when the engine dies, another is started and given that patch.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from ...graphs import Patch
from ...graphs.delta import named_arrays
from .. import messages
from ..declare import Scalar
from ..problems import Problem
from ..processes.guard import Guard
from ..processes.wire import WireError, read_body, with_length
from ..values import Content, FloatArray
from .board_watch import BoardWatch
from .connection import Connection, ShowOnce, arrays_of, joined
from .pieces import pieces
from .questions import Failed, Questions, ignore
from .registry import Address, find_engines
from .replica import Replica
from .starter import EngineGone, EngineKeeper, Hosting

__all__ = ["Client", "EngineGone", "Hosting"]
WATCHED: tuple[messages.Watched, ...] = ("readings", "status")
CONNECT_SECONDS = 5.0


class Client:
    """Plays an engine. ``heard`` is called with every piece of news, on a thread of the client's own.

    News are maps with ``kind`` (as the engine's, and ``engine`` for what happens to the engine itself) and ``text``.
    """

    def __init__(
        self, patch: Patch | None, heard: Callable[[Mapping[str, Any]], None], hosting: Hosting | None = None
    ) -> None:
        self._heard = heard
        self._keeper = EngineKeeper(hosting, self._join, self._leave, self._tell_engine)
        self._replica = Replica(patch)
        self._folder = hosting.folder if hosting is not None else ""
        self._lasting: dict[type[messages.Order], messages.Order] = {}
        self._problems: tuple[Problem, ...] = ()
        self._played, self._lost, self._lock = threading.Condition(), threading.Event(), threading.RLock()
        self._played_patch: Patch | None = None
        self._connection: Connection | None = None
        self._pending, self.was_stopped = 0, False
        self._questions, self._board, self._show = Questions(self._send), BoardWatch(), ShowOnce()
        self._guard = Guard("the engine", lambda text: self._heard({"kind": "error", "text": text}))

    @classmethod
    def attach(cls, address: Address | None = None, heard: Callable[[Mapping[str, Any]], None] = print) -> "Client":
        """A client of an engine that runs already (the newest, or that at an address). Raises EngineGone."""
        found = [address] if address else find_engines()
        if not found:
            raise EngineGone("no engine is running; start one with latent-terrain run PATCH")
        client = cls(None, heard)
        client._join(found[0])
        return client

    @classmethod
    def start(cls, patch: Patch, hosting: Hosting, heard: Callable[[Mapping[str, Any]], None] = print) -> "Client":
        """A client of a new engine that plays a patch. Raises EngineGone."""
        client = cls(patch, heard, hosting)
        try:
            client._keeper.start()
        except EngineGone:
            client.close()
            raise
        return client

    @classmethod
    def begin(cls, patch: Patch, hosting: Hosting, heard: Callable[[Mapping[str, Any]], None] = print) -> "Client":
        """``start`` without waiting: what is done until the engine is there reaches it then. See ``has_failed``."""
        client = cls(patch, heard, hosting)
        client._keeper.restart()
        return client

    def take_up(self, address: Address) -> None:
        """Play what another engine plays, in place of one that has gone. Raises EngineGone."""
        self._replica.takes_all = True
        self._join(address)

    def restart(self, hosting: Hosting, before: Callable[[], None] = lambda: None) -> None:
        """End the engine that this client started, and start another that plays the same; returns at once.

        before: done first, beside whoever asks. Orders that last (a device, a recording) are repeated to it.
        """
        self._keeper.restart(hosting, before)

    @property
    def has_failed(self) -> bool:
        """Whether there is no engine, and none comes before ``restart``: none could be started, or it kept ending."""
        return self._keeper.has_failed

    @property
    def patch(self) -> Patch:
        """The patch as it is here, others' edits and what hands turn included."""
        with self._lock:
            return self._replica.patch

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the engine said of the patch it compiled last."""
        return self._problems

    @property
    def engine(self) -> int | None:
        """The engine's process number, while one is attached."""
        return self._address.process if self._connection is not None else None

    @property
    def address(self) -> Address:
        """Where the engine is that is attached, or was last."""
        return self._address

    def update(self, patch: Patch) -> None:
        """Play an edited patch; returns at once (see ``wait`` and ``problems``)."""
        with self._lock:
            self._replica.update(patch)
            self._send_edit()

    def open(self, patch: Patch, folder: str, is_other: bool = True) -> None:
        """Play another document with its files in a folder; or, ``is_other`` False, the same, which lies elsewhere."""
        with self._lock:
            self._folder = folder
            self._replica.update(patch)
            self._send_edit(is_other)

    def try_again(self) -> None:
        """Have tried once more what could not be played of the patch."""
        with self._lock:
            self._send_edit(is_forced=True)

    def do(self, order: messages.Order) -> None:
        """Have an engine do something beside; which device it plays on and what it records, those after it do too."""
        with self._lock:
            if isinstance(order, messages.UseDevice | messages.RecordTo | messages.LearnControl | messages.RowsAt):
                self._lasting[type(order)] = order
            if self._send(order):
                self._note_recording()

    @property
    def learning(self) -> messages.LearnControl | None:
        """What the next controller that moves is to do, whoever asked for it."""
        order = self._lasting.get(messages.LearnControl)
        return order if isinstance(order, messages.LearnControl) and order.is_wanted else None

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        """Make an edit of the patch as it is at that moment, so that no other client's edit is lost between."""
        with self._lock:
            self.update(change(self.patch))
            return self.patch

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param: heard at once, and kept in the patch. Raises EditError for a node that is not there.

        seconds: how long a number glides, at least 10 ms. at: when, in seconds since 1970.
        """
        with self._lock:
            if self._replica.turn(node, param, value, self._connection is not None):
                self._send(messages.Turn(node=node, param=param, value=value, seconds=seconds, at=at))

    def subscribe(self, what: Collection[str] = WATCHED) -> None:
        """From now on have readings, and a status ten times a second, of this engine and of those after it.

        what: ``readings``, ``status``, or both; nothing ends it, which an engine that nobody watches is glad of.
        """
        self._board.wanted = tuple(one for one in WATCHED if one in what)
        self._send(messages.Subscribe(what=list(self._board.wanted)))
        self._board.keep_only(self._board.wanted)

    @property
    def latest_status(self) -> Mapping[str, Any]:
        """The last that came, empty before the first and without an engine; see ``Live.status`` for what is in it.

        Its ``pace``, 0.05 … 1, is the share of its time that work beside the sound may use: whoever learns or makes
        pictures hands it on (``Trainer.pace``), and the engine's own readings follow it.
        """
        return self._board.status

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now (see ``engine/readings.py``), None for nothing of that name. Never waits."""
        return self._board.read(node, name)

    def status(self, seconds: float = 5.0) -> Mapping[str, Any]:
        """How the engine is doing, asked and waited for. Raises EngineGone."""
        return self._questions.wait(messages.Ask(), messages.Status, seconds).status

    def capture(self, seconds: float = 30.0) -> Mapping[str, Content]:
        """What the engine's nodes have recorded, by node. Raises EngineGone."""
        return self._taken(self._questions.wait(messages.Capture(), messages.Taken, seconds))

    def ask_capture(self, then: Callable[[Mapping[str, Content]], None], failed: Failed = ignore) -> None:
        """``capture`` without waiting; one of both is called once, on a thread of the client's own."""
        self._questions.ask(messages.Capture(), messages.Taken, lambda answer: then(self._taken(answer)), failed)

    def keep_takes(self, seconds: float = 30.0) -> None:
        """Have what the engine's nodes recorded put into the patch, before it is saved. Raises EngineGone."""
        self._questions.wait(messages.Keep(), messages.Kept, seconds)

    def detach(self) -> None:
        """Let the engine play on when this program ends, until somebody stops it."""
        self._send(messages.Detach())

    def stop_engine(self, seconds: float = 10.0) -> bool:
        """End the engine, whoever started it, and leave it; whether it has ended within so long."""
        connection, is_own = self._connection, self._keeper.hosting is not None
        self._keeper.closing.set()
        self._send(messages.Stop())
        has_ended = connection is None or self._lost.wait(seconds)
        self.close(stops_engine=is_own)
        return has_ended or is_own

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until the engine has compiled the patch as it is here; whether it has."""
        with self._played:
            return self._played.wait_for(lambda: self._pending == 0 and self._played_patch is not None, seconds)

    def close(self, stops_engine: bool = False) -> None:
        """Leave the engine, which plays on; or end it, if this client started it. One still on its way is ended."""
        self._keeper.closing.set()
        self._board.close()
        if not self._leave() or stops_engine:
            self._keeper.end()

    def _leave(self) -> bool:
        """Leave the engine; whether one was there."""
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.hang_up()
        return connection is not None

    def _join(self, address: Address) -> None:
        connection = joined(address, CONNECT_SECONDS)
        with self._lock:
            if self._keeper.closing.is_set():
                connection.hang_up()
                raise EngineGone("this client is closed")
            self._address, takes_all, self.was_stopped = address, self._replica.takes_all, False
            self._replica.join(connection.patch, connection.revision)
            self._lost.clear()
            self._connection, self._pending, self._keeper.has_failed = connection, 0, False
            if self._board.wanted:
                connection.put(messages.Subscribe(what=list(self._board.wanted)))
            if (hosting := self._keeper.hosting) is not None:
                connection.folder = hosting.folder
                connection.put(*self._lasting.values())
                self._note_recording()
            threading.Thread(target=self._read, args=(connection,), name="hear engine", daemon=True).start()
            if not takes_all:
                self._send_edit()
            with self._played:
                if not self._pending:  # it plays this patch already
                    self._played_patch = connection.patch
                    self._played.notify_all()

    def _send_edit(self, is_other: bool = False, is_forced: bool = False, is_again: bool = False) -> None:
        connection = self._connection
        if connection is None:
            return
        change, arrays = self._replica.unsent()
        is_elsewhere = self._folder != connection.folder
        if not (change or is_elsewhere or is_other or is_forced):
            return
        for key in sorted(named_arrays(change) - connection.sent):
            connection.outbox.put(map(with_length, pieces(key, arrays[key])))
            connection.sent.add(key)
        with self._played:
            self._pending += 1
        edit = messages.Edit(base=self._replica.revision, change=change)
        if is_elsewhere or is_other:
            connection.folder = self._folder
            edit = messages.OpenDocument(base=edit.base, change=change, folder=self._folder, is_other=is_other)
        self._send(edit)
        self._replica.sent(is_again)

    def _note_recording(self) -> None:
        """What an engine was told to record goes on when it is told again, or another in its place."""
        if isinstance(order := self._lasting.get(messages.RecordTo), messages.RecordTo):
            self._lasting[messages.RecordTo] = replace(order, goes_on=True)

    def _send(self, message: messages.Request) -> bool:
        with self._lock:
            if self._connection is not None:
                self._connection.put(message)
            return self._connection is not None

    def _taken(self, answer: messages.Taken) -> Mapping[str, Content]:
        with self._lock:
            known = {**arrays_of(self.patch), **(self._connection.blobs.known if self._connection else {})}
            return {  # a node of which an array is missing is left out: half of its takes would pass for all of them
                node: {name: known[key] for name, key in content.items()}
                for node, content in answer.taken.items()
                if all(key in known for key in content.values())
            }

    def _read(self, connection: Connection) -> None:
        with suppress(OSError, WireError):
            while (body := read_body(connection.stream.recv)) is not None:
                try:
                    self._take(connection, messages.decode(body, messages.FROM_ENGINE))
                except messages.MessageError as error:
                    self._guard.say(error)
                    self._send(messages.Error(text=str(error)))
                except Exception as error:  # of whoever hears the news: it must not cost the connection
                    self._show(error)
        self._lose(connection)

    def _lose(self, connection: Connection) -> None:
        with self._lock:
            is_missed = self._connection is connection
            self._connection = None if is_missed else self._connection
        connection.hang_up()
        self._lost.set()
        self._board.lost()
        with suppress(Exception):  # of whoever waits for an answer
            self._questions.lose()
        if is_missed and not self._keeper.closing.is_set():
            self._keeper.recover(self._address, self.was_stopped)

    def _take(self, connection: Connection, message: messages.Report) -> None:
        """Something the engine says. Raises MessageError."""
        match message:
            case messages.Piece():
                with self._lock:
                    connection.blobs.take(message)
                    connection.sent.add(message.sha256)
            case messages.Changed():
                self._take_edit(connection, message)
            case messages.Turned():
                with self._lock:
                    self._replica.take_turned(message)
                self._heard({"kind": "edit", "text": "another client changed a parameter"})
            case messages.LearnControl():
                self._lasting[messages.LearnControl] = message
            case messages.Compiled():
                with self._played:
                    self._problems = tuple(message.problems)
                    if message.revision >= self._replica.revision and not self._replica.is_waiting:
                        self._pending = 0
                    self._played_patch = self._replica.agreed
                    self._played.notify_all()
            case messages.Forgot():
                with self._lock:
                    connection.sent.difference_update(message.arrays)
            case messages.BoardAt():
                self._board.take_board(message)
            case messages.Status(number=0):
                self._board.take_status(message.status)
            case messages.Error(number=0):
                self._heard({"kind": "error", "text": message.text})
            case messages.Status() | messages.Taken() | messages.Kept() | messages.Error():
                self._questions.answer(message)
            case messages.News():
                for one in message.news:
                    self._heard(to_builtins(one))
            case messages.Accepted():
                with self._lock:
                    self._replica.has_accepted(message.seen, message.revision)
            case messages.Refused():
                with self._lock:
                    is_for_good = self._replica.has_refused(message.seen)
                if is_for_good:
                    self._heard({"kind": "error", "text": message.text})
            case messages.Stopping():
                self.was_stopped = True
            case messages.Hello():
                raise messages.MessageError("hello: it has been said")

    def _take_edit(self, connection: Connection, message: messages.Changed) -> None:
        """The engine's patch is another now: what was done here and is on its way is done to that."""
        with self._lock:
            known = {**arrays_of(self.patch), **connection.blobs.known} if named_arrays(message.change) else {}
            self._replica.take_edit(message, known)
            if known and not self._questions.are_open:  # an answer may name what came before it
                connection.blobs.keep_only(set(arrays_of(*self._replica.patches)))
            if message.is_whole:
                self._insist(connection)
                return
        self._heard({"kind": "edit", "text": "another client edited the patch"})

    def _insist(self, connection: Connection) -> None:
        """An edit was refused: send it once more with all its arrays; after that keep it here."""
        with self._played:
            self._pending = 0
            self._played.notify_all()
        if self._replica.insist():
            connection.sent.clear()
            self._send_edit(is_again=True)

    def _tell_engine(self, text: str, severity: str) -> None:
        self._heard({"kind": "engine", "text": text, **({"severity": severity} if severity else {})})
