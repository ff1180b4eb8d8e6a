"""The client's side of the link: an editor or a script plays an engine in another process, and never waits for it.

The client's patch is the truth it goes by: when the engine dies, another is started and given that patch.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from msgspec import to_builtins

from ...graphs import EditError, Patch
from ...graphs.delta import applied, delta, named_arrays, rebased
from ...graphs.turning import Turning
from .. import messages
from ..declare import Scalar
from ..problems import Problem
from ..processes.guard import Guard
from ..processes.policy import USUAL, Restarts
from ..processes.wire import WireError, read_body
from ..values import Content, FloatArray
from .asking import Failed, Questions, nobody
from .connection import Link, ShowOnce, arrays_of, joined
from .pieces import pieces
from .registry import Address, find_engines
from .starting import EngineGone, Hosting, Starter
from .watching import Watching

__all__ = ["Client", "EngineGone", "Hosting"]
WATCHED: tuple[messages.Watched, ...] = ("readings", "status")
CONNECT_SECONDS, BYE_SECONDS = 5.0, 1.0


class Client:
    """Plays an engine. ``heard`` is called with every piece of news, on a thread of the client's own.

    News are maps with ``kind`` (as the engine's, and ``engine`` for what happens to the engine itself) and ``text``.
    """

    def __init__(
        self, patch: Patch | None, heard: Callable[[Mapping[str, Any]], None], hosting: Hosting | None = None
    ) -> None:
        self._heard = heard
        self._starter = Starter(hosting) if hosting is not None else None
        self._patch, self._has_patch = Turning(patch or Patch()), patch is not None
        self._agreed = Turning(Patch())
        self._folder = hosting.folder if hosting is not None else ""
        self._lasting: dict[type[messages.Order], messages.Order] = {}
        self._problems: tuple[Problem, ...] = ()
        self._played = threading.Condition()
        self._played_patch: Patch | None = None
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._questions = Questions(self._send)
        self._pending = 0
        self._restarts = Restarts(USUAL)
        self._closing = threading.Event()
        self._lost = threading.Event()
        self._was_stopped = False
        self.has_failed = False
        """Whether no engine could be started, or it kept ending: there is none until ``restart``."""
        self._watching = Watching()
        self._show = ShowOnce()
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
        assert client._starter is not None
        try:
            client._join(client._starter.start())
        except EngineGone:
            client.close()
            raise
        return client

    @classmethod
    def begin(cls, patch: Patch, hosting: Hosting, heard: Callable[[Mapping[str, Any]], None] = print) -> "Client":
        """``start`` without waiting: what is done until the engine is there reaches it then. See ``has_failed``."""
        client = cls(patch, heard, hosting)
        client._start_soon()
        return client

    def take_up(self, address: Address) -> None:
        """Play what another engine plays, in place of one that has gone. Raises EngineGone."""
        self._has_patch = False
        self._join(address)

    def restart(self, hosting: Hosting, before: Callable[[], None] = lambda: None) -> None:
        """End the engine that this client started, and start another that plays the same; returns at once.

        before: done first, beside whoever asks. Orders that last (a device, a recording) are repeated to it.
        """
        self._start_soon(hosting, before)

    @property
    def patch(self) -> Patch:
        """The patch as it is here, others' edits and what hands turn included."""
        with self._lock:
            return self._patch.patch

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What the engine said of the patch it compiled last."""
        return self._problems

    @property
    def engine(self) -> int | None:
        """The engine's process number, while one is attached."""
        return self._address.process if self._link is not None else None

    @property
    def address(self) -> Address:
        """Where the engine is that is attached, or was last."""
        return self._address

    def update(self, patch: Patch) -> None:
        """Play an edited patch; returns at once (see ``wait`` and ``problems``)."""
        with self._lock:
            self._patch, self._has_patch = Turning(patch), True
            self._send_edit()

    def open(self, patch: Patch, folder: str, is_other: bool = True) -> None:
        """Play another document with its files in a folder; or, ``is_other`` False, the same, which lies elsewhere."""
        with self._lock:
            self._folder = folder
            self._patch, self._has_patch = Turning(patch), True
            self._send_edit(is_other)

    def try_again(self) -> None:
        """Have tried once more what could not be played of the patch."""
        with self._lock:
            self._send_edit(is_forced=True)

    def do(self, order: messages.Order) -> None:
        """Have an engine do something beside; which device it plays on and what it records, those after it do too."""
        with self._lock:
            if isinstance(order, messages.UseDevice | messages.RecordTo | messages.LearnControl):
                self._lasting[type(order)] = order
            self._send(order)

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
            self._patch.turn(node, param, value)
            if self._link is not None and node in self._agreed:
                if self._agreed is not self._patch:
                    self._agreed.turn(node, param, value)
                self._link.turned(node, param, value)
                self._send(messages.Turn(node=node, param=param, value=value, seconds=seconds, at=at))

    def subscribe(self, what: Collection[str] = WATCHED) -> None:
        """From now on have readings, and a status ten times a second, of this engine and of those after it.

        what: ``readings``, ``status``, or both; nothing ends it, which an engine that nobody watches is glad of.
        """
        self._watching.wanted = tuple(one for one in WATCHED if one in what)
        self._send(messages.Subscribe(what=list(self._watching.wanted)))
        self._watching.keep_only(self._watching.wanted)

    @property
    def latest_status(self) -> Mapping[str, Any]:
        """The last that came, empty before the first and without an engine; see ``Live.status`` for what is in it.

        Its ``pace``, 0.05 … 1, is the share of its time that work beside the sound may use: whoever learns or makes
        pictures hands it on (``Trainer.pace``), and the engine's own readings follow it.
        """
        return self._watching.status

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now (see ``engine/readings.py``), None for nothing of that name. Never waits."""
        return self._watching.read(node, name)

    def status(self, seconds: float = 5.0) -> Mapping[str, Any]:
        """How the engine is doing, asked and waited for. Raises EngineGone."""
        return self._questions.wait(messages.Ask(), messages.Status, seconds).status

    def ask_status(self, then: Callable[[Mapping[str, Any]], None], failed: Failed = nobody) -> None:
        """``status`` without waiting; one of both is called once, on a thread of the client's own."""
        self._questions.ask(messages.Ask(), messages.Status, lambda answer: then(answer.status), failed)

    def capture(self, seconds: float = 30.0) -> Mapping[str, Content]:
        """What the engine's nodes have recorded, by node. Raises EngineGone."""
        return self._taken(self._questions.wait(messages.Capture(), messages.Taken, seconds))

    def ask_capture(self, then: Callable[[Mapping[str, Content]], None], failed: Failed = nobody) -> None:
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
        link, starter = self._link, self._starter
        self._closing.set()
        self._send(messages.Stop())
        has_ended = link is None or self._lost.wait(seconds)
        self.close(stops_engine=starter is not None)
        return has_ended or starter is not None

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until the engine has compiled the patch as it is here; whether it has."""
        with self._played:
            return self._played.wait_for(lambda: self._pending == 0 and self._played_patch is not None, seconds)

    def close(self, stops_engine: bool = False) -> None:
        """Leave the engine, which plays on; or end it, if this client started it. One still on its way is ended."""
        self._closing.set()
        self._watching.close()
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            self._hang_up(link)
        if self._starter is not None and (stops_engine or link is None):
            self._starter.end()

    def _start_soon(self, hosting: Hosting | None = None, before: Callable[[], None] = lambda: None) -> None:
        """Start an engine on a thread of its own; another one, if one is there."""

        def start() -> None:
            before()
            with self._lock:
                link, self._link = self._link, None
                old, self._starter = self._starter, Starter(hosting) if hosting is not None else self._starter
                starter = self._starter
            if link is not None:
                self._hang_up(link)
            if hosting is not None and old is not None:
                old.end()
            assert starter is not None
            try:
                if not self._closing.is_set():
                    self._join(starter.start())
            except EngineGone as error:
                self.has_failed = True
                if not self._closing.is_set():
                    self._heard({"kind": "engine", "severity": "error", "text": str(error)})

        self.has_failed = False
        threading.Thread(target=start, name="start engine", daemon=True).start()

    def _hang_up(self, link: Link) -> None:
        link.outgoing.put((messages.Bye(),))
        link.writer.join(BYE_SECONDS)
        link.hang_up()

    def _join(self, address: Address) -> None:
        link = joined(address, CONNECT_SECONDS)
        link.writer = threading.Thread(target=link.write, name="tell engine", daemon=True)
        link.writer.start()
        with self._lock:
            if self._closing.is_set():
                link.hang_up()
                raise EngineGone("this client is closed")
            self._address, self._agreed = address, Turning(link.confirmed.patch)
            self._lost.clear()
            self._link, self._pending, self.has_failed = link, 0, False
            link.folder = self._starter.hosting.folder if self._starter is not None else ""
            if self._watching.wanted:
                link.outgoing.put((messages.Subscribe(what=list(self._watching.wanted)),))
            if self._starter is not None:
                link.outgoing.put(tuple(self._lasting.values()))
            threading.Thread(target=self._read, args=(link,), name="hear engine", daemon=True).start()
            if self._has_patch:
                self._send_edit()
            else:
                self._patch, self._has_patch = self._agreed, True
                self._played_patch = self._agreed.patch

    def _send_edit(self, is_other: bool = False, is_forced: bool = False) -> None:
        link = self._link
        if link is None:
            return
        before, after = self._agreed.patch, self._patch.patch
        change, arrays = delta(before, after)
        is_elsewhere = self._folder != link.folder
        self._agreed = self._patch
        if not (change or is_elsewhere or is_forced):
            return
        for key in sorted(named_arrays(change) - link.sent):
            link.outgoing.put(pieces(key, arrays[key]))
            link.sent.add(key)
        with self._played:
            self._pending += 1
        if is_elsewhere:
            link.folder, base = self._folder, link.revision
            self._send(messages.OpenDocument(base=base, change=change, folder=self._folder, is_other=is_other))
        else:
            self._send(messages.Edit(base=link.revision, change=change))
        link.edited(before, after)

    def _send(self, message: messages.Request) -> bool:
        with self._lock:
            if self._link is not None:
                self._link.outgoing.put((message,))
            return self._link is not None

    def _taken(self, answer: messages.Taken) -> Mapping[str, Content]:
        with self._lock:
            known = {**arrays_of(self.patch), **(self._link.blobs.known if self._link else {})}
            return {  # a node of which an array is missing is left out: half of its takes would pass for all of them
                node: {name: known[key] for name, key in content.items()}
                for node, content in answer.taken.items()
                if all(key in known for key in content.values())
            }

    def _read(self, link: Link) -> None:
        with suppress(OSError, WireError):
            while (body := read_body(link.connection.recv)) is not None:
                try:
                    self._take(link, messages.decode(body, messages.FROM_ENGINE))
                except messages.MessageError as error:
                    self._guard.say(error)
                    self._send(messages.Error(text=str(error)))
                except Exception as error:  # of whoever hears the news: it must not cost the connection
                    self._show(error)
        self._lose(link)

    def _lose(self, link: Link) -> None:
        with self._lock:
            is_missed = self._link is link
            self._link = None if is_missed else self._link
        link.outgoing.put((messages.Bye(),))
        link.hang_up()
        self._lost.set()
        self._watching.lost()
        with suppress(Exception):  # of whoever waits for an answer
            self._questions.lose()
        if is_missed and not self._closing.is_set():
            self._recover()

    def _take(self, link: Link, message: messages.Report) -> None:
        """Something the engine says. Raises MessageError."""
        match message:
            case messages.Piece():
                with self._lock:
                    link.blobs.take(message)
                    link.sent.add(message.sha256)
            case messages.Changed():
                self._take_edit(link, message)
            case messages.Turned():
                self._take_turned(link, message)
            case messages.LearnControl():
                self._lasting[messages.LearnControl] = message
            case messages.Compiled():
                with self._played:
                    self._problems = tuple(message.problems)
                    if message.revision >= link.revision and not link.is_waiting:
                        self._pending = 0
                    self._played_patch = self._agreed.patch
                    self._played.notify_all()
            case messages.Forgot():
                with self._lock:
                    link.sent.difference_update(message.arrays)
            case messages.BoardAt():
                self._watching.take_board(message)
            case messages.Status(number=0):
                self._watching.take_status(message.status)
            case messages.Error(number=0):
                self._heard({"kind": "error", "text": message.text})
            case messages.Status() | messages.Taken() | messages.Kept() | messages.Error():
                self._questions.answer(message)
            case messages.News():
                for one in message.news:
                    self._heard(to_builtins(one))
            case messages.Accepted():
                with self._lock:
                    link.has_accepted(message.seen, message.revision)
            case messages.Refused():
                with self._lock:
                    link.has_refused(message.seen)
                if link.refusals > 1:
                    self._heard({"kind": "error", "text": message.text})
            case messages.Stopping():
                self._was_stopped = True
            case messages.Hello():
                raise messages.MessageError("hello: it has been said")

    def _take_edit(self, link: Link, message: messages.Changed) -> None:
        """The engine's patch is another now: what was done here and is on its way is done to that."""
        with self._lock:
            known = {**arrays_of(self.patch), **link.blobs.known} if named_arrays(message.change) else {}
            link.has_made(message.seen)
            try:
                before = Patch() if message.is_whole else link.confirmed.patch
                link.confirmed.patch = applied(before, message.change, known)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise messages.MessageError(f"another's edit could not be followed: {error}") from None
            link.revision = message.revision
            self._look_anew(link)
            if known and not self._questions.are_open:  # an answer may name what came before it
                link.blobs.keep_only(set(arrays_of(*link.patches, self._agreed.patch, self._patch.patch)))
            if message.is_whole:
                self._insist(link)
                return
        self._heard({"kind": "edit", "text": "another client has edited the patch"})

    def _take_turned(self, link: Link, message: messages.Turned) -> None:
        """Others have turned params: where a turn of the same is on its way from here, that is the later one."""
        with self._lock:
            link.has_made(message.seen)
            looks = [link.confirmed, self._agreed, *([self._patch] if self._patch is not self._agreed else [])]
            for node, param, value in message.values:
                for one in looks[:1] if link.is_waiting or link.is_turning(node, param) else looks:
                    with suppress(EditError):  # an edit here has removed it
                        one.turn(node, param, value)
            if link.is_waiting:
                self._look_anew(link)
        self._heard({"kind": "edit", "text": "another client has turned a param"})

    def _look_anew(self, link: Link) -> None:
        """What was done here and is on its way is done to the engine's patch; what it refused stays here."""
        before, mine = self._agreed.patch, self._patch.patch
        self._agreed = Turning(link.expected)
        after = rebased(before, mine, self._agreed.patch)
        self._patch = self._agreed if after is self._agreed.patch else Turning(after)

    def _insist(self, link: Link) -> None:
        """An edit was refused: send it once more with all its arrays; after that keep it here."""
        with self._played:
            self._pending = 0
            self._played.notify_all()
        self._patch = Turning(self._patch.patch)
        for one in link.refused:
            one.on(self._patch)
        link.refused.clear()
        if link.refusals == 1:
            link.sent.clear()
            self._send_edit()

    def _recover(self) -> None:
        """The engine has gone: say so once, and start another from the patch as it is here."""
        starter = self._starter
        if self._was_stopped or starter is None:
            self.has_failed = True
            what = "was stopped" if self._was_stopped else "has ended"
            self._heard({"kind": "engine", "text": f"the engine {what}; your patch is safe here"})
            return
        if starter.is_running and self._has_joined_again():
            return
        why = ""
        while (pause := self._restarts.pause(time.monotonic())) is not None:
            if not why:
                text = "the engine ended unexpectedly and is started again with your patch"
                self._heard({"kind": "engine", "text": text})
            if self._closing.wait(pause):
                return
            try:
                self._join(starter.start())
                return
            except EngineGone as error:
                why = str(error)
        if not self._closing.is_set():
            self.has_failed = True
            ends = "the engine keeps ending; it is not started again. Save your patch"
            self._heard({"kind": "engine", "text": f"{why}; your patch is safe here" if why else ends})

    def _has_joined_again(self) -> bool:
        """Whether only the connection was lost, as when this computer slept; there is another then."""
        try:
            self._join(self._address)
        except EngineGone:
            return False
        self._heard({"kind": "engine", "text": "the engine was out of reach for a moment; it plays on"})
        return True
