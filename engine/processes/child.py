"""Children: processes that do for the engine what would make it stumble, spoken to by small messages.

A child is a fresh interpreter (never a fork: torch and sound drivers do not survive one) that runs one function,
``module:function``, with a ``Parent`` to talk to. It ends when its parent does, whatever way that went. One that is to
run somebody's program is confined before it does, and what it says is not believed.
"""

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from .. import logs, messages
from ..messages import Message, MessageError
from .confinement import Limits, confine, readable_folders
from .denials import Denials
from .guard import Guard
from .interpreter import start_python
from .policy import USUAL, Policy
from .priority import EDITS, lower_priority, raise_priority
from .wire import WireError, read_body, with_length

MODULE = "latent_terrain.engine.processes.child"
CONFINED, SIGNS, OUTLIVES = "confined", "signs", "outlives"
ALIVE_SECONDS, CHANNEL_SECONDS = 1.0, 5.0
# Messages that nobody asked for, of a process that runs somebody's program; one that goes on is ended.
MOST_UNASKED = 10_000
log = logging.getLogger(__name__)
Some = TypeVar("Some", bound=Message)
if TYPE_CHECKING:
    from msgspec.msgpack import Decoder


class ChildGone(RuntimeError):
    """The other process has ended, or does not answer; the text says which."""


class ChildSilent(ChildGone):
    """It has not answered in time."""


class ChildError(RuntimeError):
    """The other process could not do what was asked; the text says why."""


class Child:
    """A process of ours. All methods may be called from any thread but the audio thread.

    target: ``module:function``. order: the first message it gets. known: what may come from it; what else comes is told
    in the log and to it, and it goes on. hear: called with every message that is no answer, on a thread of its own, and
    at the end with ``Gone``. changes: to its environment. A confined one is alone with its first message until it has
    confined itself, descriptors can be handed to it where the system allows that, and it is ended where it says what it
    may not. heard: counts its messages, signs of life too.
    """

    def __init__(
        self,
        target: str,
        order: Message,
        known: "Decoder[Any]",
        hear: Callable[[Any], None] = lambda message: None,
        policy: Policy = USUAL,
        changes: Mapping[str, str] | None = None,
    ) -> None:
        self.target = target
        self.policy, self._known = policy, known
        self._unasked = self.heard = 0
        self.denials: Denials | None = None
        self._hear = hear
        self._guard = Guard(f"messages of {target}", log.warning)
        """Nothing that it says ends the loop that hears it."""
        self._answers: dict[int, queue.SimpleQueue[Message]] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        theirs: socket.socket | None = None
        if policy.is_confined and hasattr(socket, "send_fds"):
            self._channel, theirs = socket.socketpair()
        number = theirs.fileno() if theirs is not None else -1
        flags = {CONFINED: policy.is_confined, SIGNS: policy.gives_signs, OUTLIVES: policy.outlives}
        chosen = [flag for flag, is_set in flags.items() if is_set]
        self._process = start_python(
            ["-m", MODULE, target, str(policy.niceness), str(number), *chosen],
            changes,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=logs.stderr_of_children(),
            start_new_session=True,
            pass_fds=() if theirs is None else (number,),
        )
        if theirs is not None:
            theirs.close()
        self._reader = threading.Thread(target=self._read, name=f"hear {target}", daemon=True)
        self._reader.start()
        with suppress(ChildGone):  # then the reader says so
            self.send(order)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, message: Message) -> None:
        """Tell it something. Raises ChildGone."""
        data = with_length(message)
        pipe = self._process.stdin
        assert pipe is not None
        try:
            with self._lock:
                pipe.write(data)
                pipe.flush()
        except (OSError, ValueError):
            raise ChildGone(f"{self.target} has ended") from None

    def ask(self, question: Message, wanted: type[Some], seconds: float) -> Some:
        """Ask it something and wait for the answer. Raises ChildGone, or ChildError with what it says."""
        with self._lock:
            self._next += 1
            number = self._next
            waiting = self._answers[number] = queue.SimpleQueue()
        try:
            self.send(replace(question, number=number))
            answer = waiting.get(timeout=seconds)
        except queue.Empty:
            raise ChildSilent(f"{self.target} has not answered for {seconds:g} s") from None
        finally:
            self._answers.pop(number, None)
        match answer:
            case messages.Gone():
                raise ChildGone(f"{self.target} has ended (code {answer.code})")
            case messages.Error():
                raise ChildError(answer.text)
            case _ if isinstance(answer, wanted):
                return answer
        raise ChildError(f"{self.target} answers something else than what it was asked")

    @property
    def passes_files(self) -> bool:
        """Whether descriptors can be handed to it."""
        return self._channel is not None

    def hand_over(self, descriptor: int) -> None:
        """Give it an open file; it comes to it in the order of these calls. Raises ChildGone."""
        assert self._channel is not None
        try:
            socket.send_fds(self._channel, [b"f"], [descriptor])
        except OSError:
            raise ChildGone(f"{self.target} has ended") from None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self, seconds: float = 2.0) -> None:
        """Let it end, and see to it that it does."""
        pipe = self._process.stdin
        with suppress(OSError, ValueError), self._lock:
            if pipe is not None:
                pipe.close()
        if self.policy.outlives:  # then that is no sign to it
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if threading.current_thread() is not self._reader:
            self._reader.join(seconds)
        if self._channel is not None:
            self._channel.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            while True:
                try:
                    body = read_body(lambda count: os.read(pipe.fileno(), count), self.policy.largest)
                except (WireError, OSError):
                    self._process.kill()
                    break
                if body is None:
                    break
                if not self._has_taken(body):
                    self._process.kill()
                    break
        last = messages.Gone(code=self._process.wait())
        if self.denials is not None:
            self.denials.wait(CHANNEL_SECONDS)
        for waiting in list(self._answers.values()):
            waiting.put(last)
        self._guard(self._hear, last)

    def _has_taken(self, body: bytes) -> bool:
        """Whether it may go on: who speaks without end takes the time of the process that hears it, which may play."""
        self.heard += 1
        try:
            message: Message = messages.decode(body, self._known)
        except MessageError as error:
            self._guard.say(error)
            remedy = "; use another model" if self.policy.is_confined else ""
            text = f"its process sent an invalid message ({error}){remedy}"
            self._answer_asked(messages.Error(text=text, number=error.number))
            if self.policy.is_confined:  # to tell it might wait for ever: it may listen to nobody
                return False
            with suppress(ChildGone):
                self.send(messages.Error(text=str(error)))
            return True
        if self._answer_asked(message) or (isinstance(message, messages.Alive) and not self.policy.is_confined):
            return True
        self._unasked += 1
        if self.policy.is_confined and self._unasked > MOST_UNASKED:
            return False
        self._guard(self._take, message)
        return True

    def _answer_asked(self, message: Message) -> bool:
        """Whether somebody waits for this; each question is answered once."""
        waiting = self._answers.pop(message.number, None)
        if waiting is not None:
            waiting.put(message)
        return waiting is not None

    def _take(self, message: Message) -> None:
        if isinstance(message, messages.Error):
            self._guard.say(MessageError(f"it could not apply {message.text}"))
            return
        try:
            self._hear(message)
        finally:
            if isinstance(message, messages.Confined) and self.denials is None and "told" in message.done:
                self._watch()

    def _watch(self) -> None:
        assert self._channel is not None
        self._channel.settimeout(CHANNEL_SECONDS)
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)

        def tell(text: str) -> None:
            self._guard(self._hear, messages.Tried(text=text))

        self.denials = Denials(descriptors[0], readable_folders(), tell, self._process.kill)


class Parent:
    """The child's side: messages from the parent in order, and a way to answer."""

    def __init__(self, source: int, target: int, channel: int = -1) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._source = source
        self._channel = socket.socket(fileno=channel) if channel >= 0 else None
        self._first = b""
        self._has_begun = False
        self.leave: Callable[[], object] = lambda: None
        """Called when the parent has gone, before this process is ended."""

    def begin(self) -> None:
        """Hear the parent on a thread of its own from now on, and end with it."""
        if not self._has_begun:
            self._has_begun = True
            threading.Thread(target=self._read, name="hear parent", daemon=True).start()

    def give_signs(self) -> None:
        """Say once a second that this process runs, until its parent is gone."""
        raise_priority(EDITS)  # it holds the interpreter for a moment, maybe beside the sound
        with suppress(OSError):
            while True:
                self.send(messages.Alive())
                time.sleep(ALIVE_SECONDS)

    def has_order(self) -> bool:
        """Whether the first message has come; before ``begin``."""
        with suppress(WireError, OSError):
            self._first = read_body(lambda count: os.read(self._source, count)) or b""
        return bool(self._first)

    def order(self, wanted: type[Some]) -> Some:
        """The first message. Raises MessageError."""
        found: Some = messages.decode(self._first, messages.decoder(wanted))
        return found

    def confine(self, limits: Limits, tell_reads: bool = False, **more: Any) -> tuple[str, ...]:
        """Give up this process's freedom, tell the parent what was taken, and ``begin``. See ``confinement``."""
        done = confine(limits, self._hand_over if self._channel is not None else None, tell_reads, **more)
        self.send(messages.Confined(done=list(done)))
        self.begin()
        return done

    def _hand_over(self, descriptor: int) -> None:
        assert self._channel is not None
        socket.send_fds(self._channel, [b"f"], [descriptor])

    def handed_over(self) -> int:
        """The next open file that the parent has handed over, or is about to. Raises OSError when none comes."""
        if self._channel is None:
            raise OSError("no file was handed over")
        self._channel.settimeout(CHANNEL_SECONDS)
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        if not descriptors:
            raise OSError("no file was handed over")
        return descriptors[0]

    def receive(self, known: "Decoder[Some]", seconds: float | None = None) -> Some | None:
        """The next message, waiting for it so long (None: for ever); None when there is none, or none that is known.

        What can't be followed is answered with the reason.
        """
        try:
            body = self._inbox.get(timeout=seconds) if seconds != 0 else self._inbox.get_nowait()
            return messages.decode(body, known)
        except queue.Empty:
            return None
        except MessageError as error:
            self.send(messages.Error(text=str(error), number=error.number))
            return None

    def send(self, message: Message) -> None:
        """Tell the parent something."""
        data = memoryview(with_length(message))
        with self._lock:
            while data:
                data = data[os.write(self._target, data) :]

    def answer(self, question: Message, answer: Message) -> None:
        """Answer a question; with an Error it fails there with its sentence."""
        self.send(replace(answer, number=question.number))

    def _read(self) -> None:
        with suppress(WireError, OSError):
            while (body := read_body(lambda count: os.read(self._source, count))) is not None:
                self._inbox.put(body)
        self.leave()
        os._exit(0)  # nobody is left to work for


def main() -> None:
    """Run ``module:function`` as a child: what it prints goes to standard error, its pipes are for messages."""
    module, _, name = sys.argv[1].partition(":")
    flags = sys.argv[4:]
    logs.begin(is_confined=CONFINED in flags)
    lower_priority(int(sys.argv[2]))
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    parent = Parent(source, target, int(sys.argv[3]))
    if not parent.has_order():
        os._exit(0)  # nobody is left to work for
    if CONFINED not in flags and OUTLIVES not in flags:
        parent.begin()
    if SIGNS in flags:
        threading.Thread(target=parent.give_signs, name="give signs of life", daemon=True).start()
    from importlib import import_module

    try:
        getattr(import_module(module), name)(parent)
    except BrokenPipeError:
        pass
    except Exception as error:
        logs.failed(log, f"{sys.argv[1]} ends by a fault of its own: {error}", error)
        if os.environ.get(logs.DEBUG):
            raise
        with suppress(OSError):
            parent.send(messages.Failed(text=f"{type(error).__name__}: {error}"))
        os._exit(1)
    if OUTLIVES not in flags:
        os._exit(0)


if __name__ == "__main__":
    main()
