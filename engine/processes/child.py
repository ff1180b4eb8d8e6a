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
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .confinement import Limits, confine, readable_folders
from .denials import Denials
from .guard import Guard
from .interpreter import start_python
from .priority import give_way
from .wire import LARGEST, Message, WireError, pack, read_message

DEBUG = "LATENT_TERRAIN_DEBUG"
MODULE = "latent_terrain.engine.processes.child"
GONE = "gone"
"""The last message of a child, made here: ``{"op": "gone", "code": exit code}``."""
CONFINED = "confined"
"""What a child says when it is: ``done`` tells what was taken from it. From then on it is somebody else's program."""
TRIED = "tried"
"""Made here: ``text`` is what a confined child tried to do and was denied."""
CHANNEL_SECONDS = 5.0
MOST_UNASKED = 10_000
"""Messages that nobody asked for, of a process that runs somebody's program; one that goes on is ended."""
log = logging.getLogger(__name__)


class ChildGone(RuntimeError):
    """The other process has ended, or does not answer; the text says which."""


class ChildError(RuntimeError):
    """The other process could not do what was asked; the text says why."""


class Child:
    """A process of ours. All methods may be called from any thread but the audio thread.

    target: ``module:function``. arguments: the first message it gets. hear: called with every message that is no
    answer, on a thread of its own, and at the end with ``gone``. niceness: how far it gives way to others, 0 … 19.
    changes: to its environment. is_confined: it will run somebody's program; until it has confined itself it is alone
    with its first message, and descriptors can be handed to it where the system allows that. largest: bytes of a
    message from it that are believed.
    """

    def __init__(
        self,
        target: str,
        arguments: Mapping[str, Any],
        hear: Callable[[Message], None] = lambda message: None,
        niceness: int = 0,
        *,
        changes: Mapping[str, str] | None = None,
        is_confined: bool = False,
        largest: int = LARGEST,
    ) -> None:
        self.target = target
        self._largest, self._is_confined = largest, is_confined
        self._unasked = 0
        self.denials: Denials | None = None
        self._hear = hear
        self._guard = Guard(f"messages of {target}", log.warning)
        """Nothing that it says ends the loop that hears it."""
        self._answers: dict[int, queue.SimpleQueue[Message]] = {}
        self._next = 0
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        theirs: socket.socket | None = None
        if is_confined and hasattr(socket, "send_fds"):
            self._channel, theirs = socket.socketpair()
        number = theirs.fileno() if theirs is not None else -1
        words = [
            "-m",
            "latent_terrain.engine.processes.child",
            target,
            str(niceness),
            str(int(is_confined)),
            str(number),
        ]
        self._process = start_python(
            words,
            changes,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get(DEBUG) else subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=() if theirs is None else (number,),
        )
        if theirs is not None:
            theirs.close()
        self._reader = threading.Thread(target=self._read, name=f"hear {target}", daemon=True)
        self._reader.start()
        with suppress(ChildGone):  # then the reader says so
            self.send(arguments)

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell it something. Raises ChildGone."""
        data = pack(message)
        pipe = self._process.stdin
        assert pipe is not None
        try:
            with self._lock:
                pipe.write(data)
                pipe.flush()
        except (OSError, ValueError):
            raise ChildGone(f"{self.target} has ended") from None

    def request(self, message: Mapping[str, Any], seconds: float) -> Message:
        """Ask it something and wait for the answer. Raises ChildGone, or ChildError with what it says."""
        with self._lock:
            self._next += 1
            number = self._next
            waiting = self._answers[number] = queue.SimpleQueue()
        try:
            self.send({**message, "id": number})
            answer = waiting.get(timeout=seconds)
        except queue.Empty:
            raise ChildGone(f"{self.target} has not answered for {seconds:g} s") from None
        finally:
            self._answers.pop(number, None)
        if answer.get("op") == GONE:
            raise ChildGone(f"{self.target} has ended (code {answer.get('code')})")
        if "error" in answer:
            raise ChildError(str(answer["error"]))
        return answer

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
                    message = read_message(lambda count: os.read(pipe.fileno(), count), self._largest)
                except (WireError, OSError):
                    self._process.kill()
                    break
                if message is None:
                    break
                if not self._is_likely(message):
                    self._process.kill()
                    break
                self._guard(self._take, message)
        last: Message = {"op": GONE, "code": self._process.wait()}
        if self.denials is not None:
            self.denials.wait(CHANNEL_SECONDS)
        for waiting in list(self._answers.values()):
            waiting.put(last)
        self._guard(self._take, last)

    def _is_likely(self, message: Message) -> bool:
        """Whether it may say so: it tells neither its own end nor what it was denied, and answers each question once.

        Whoever speaks without end takes the time of the process that hears it, which may be the one that plays.
        """
        number = message.get("answers", 0)
        if not isinstance(number, int) or number not in self._answers:
            self._unasked += 1
        told_here = message.get("op") in (GONE, TRIED)
        return not told_here and not (self._is_confined and self._unasked > MOST_UNASKED)

    def _take(self, message: Message) -> None:
        number = message.get("answers", 0)
        waiting = self._answers.pop(number, None) if isinstance(number, int) else None
        if waiting is not None:
            waiting.put(message)
            return
        try:
            self._hear(message)
        finally:
            if message.get("op") == CONFINED and self.denials is None and "told" in message["done"]:
                self._watch()

    def _watch(self) -> None:
        assert self._channel is not None
        self._channel.settimeout(CHANNEL_SECONDS)
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)

        def tell(text: str) -> None:
            self._guard(self._take, {"op": TRIED, "text": text})

        self.denials = Denials(descriptors[0], readable_folders(), tell, self._process.kill)


class Parent:
    """The child's side: messages from the parent in order, and a way to answer."""

    def __init__(self, source: int, target: int, channel: int = -1) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._source = source
        self._channel = socket.socket(fileno=channel) if channel >= 0 else None
        self._has_begun = False

    def begin(self) -> None:
        """Hear the parent on a thread of its own from now on, and end with it."""
        if not self._has_begun:
            self._has_begun = True
            threading.Thread(target=self._read, name="hear parent", daemon=True).start()

    def first(self) -> Message | None:
        """The first message, before ``begin``."""
        with suppress(WireError, OSError):
            return read_message(lambda count: os.read(self._source, count))
        return None

    def confine(self, limits: Limits, tell_reads: bool = False) -> tuple[str, ...]:
        """Give up this process's freedom, tell the parent what was taken, and ``begin``. See ``confinement``."""
        done = confine(limits, self._hand_over if self._channel is not None else None, tell_reads)
        self.send({"op": CONFINED, "done": list(done)})
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

    def receive(self, seconds: float | None = None) -> Message | None:
        """The next message, waiting for it so long (None: for ever); None when there is none."""
        try:
            return self._inbox.get(timeout=seconds) if seconds != 0 else self._inbox.get_nowait()
        except queue.Empty:
            return None

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell the parent something."""
        data = memoryview(pack(message))
        with self._lock:
            while data:
                data = data[os.write(self._target, data) :]

    def answer(self, request: Mapping[str, Any], **fields: Any) -> None:
        """Answer a request; ``error=text`` makes it fail there with that sentence."""
        self.send({"answers": request.get("id", 0), **fields})

    def _read(self) -> None:
        with suppress(WireError, OSError):
            while (message := read_message(lambda count: os.read(self._source, count))) is not None:
                self._inbox.put(message)
        os._exit(0)  # nobody is left to work for


def main() -> None:
    """Run ``module:function`` as a child: what it prints goes to standard error, its pipes are for messages."""
    module, _, name = sys.argv[1].partition(":")
    give_way(int(sys.argv[2]))
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    parent = Parent(source, target, int(sys.argv[4]))
    first = parent.first()
    if first is None:
        os._exit(0)  # nobody is left to work for
    if sys.argv[3] == "0":
        parent.begin()
    from importlib import import_module

    try:
        getattr(import_module(module), name)(parent, first)
    except BrokenPipeError:
        pass
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        with suppress(OSError):
            parent.send({"op": "failed", "text": f"{type(error).__name__}: {error}"})
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
