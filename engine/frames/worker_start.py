"""Workers on their way: started, waited for with patience, ended when they do not come."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..messages import Message, Tried
from ..messages.workers import Facts, WorkFault
from ..processes.child import Child, ChildGone
from ..processes.policy import Policy
from ..processes.supervisor import StartError, SupervisedChild
from ..processes.wire import LARGEST
from .interface import FrameError

if TYPE_CHECKING:
    from msgspec.msgpack import Decoder

    from .opened import OpenStream

# After so long without facts a worker is ended.
LOAD_SECONDS = 120.0
# After so long it is said that a worker takes its time.
SAY_SECONDS = 5.0
# What has failed is not tried again sooner, however many edits ask.
STALE_SECONDS = 30.0


@dataclass
class StartedWorker:
    """A worker that has made its work and waits, and what it said of it."""

    child: Child
    facts: Mapping[str, Any]
    since: float
    box: "Inbox"


@dataclass
class Inbox:
    """Where a child's messages go: to the stream it plays, as soon as there is one."""

    stream: "OpenStream[Any] | None" = None
    tried: list[str] = field(default_factory=list)
    is_gone: bool = False

    def hear(self, message: Message) -> None:
        """A message of the child."""
        match message:
            case Tried():
                self.tried.append(message.text)
                if self.stream is not None:
                    self.stream.has_tried(message.text)
            case WorkFault() if self.stream is not None:
                self.stream.has_failed(message.text[:300])
            case _:
                pass

    def gone(self, why: str) -> None:
        """The child has ended."""
        self.is_gone = True
        if self.stream is not None:
            self.stream.gone()


class WorkerStart:
    """A worker that makes its work.

    ended: called when that is done, or has failed, before anybody who waits goes on; arrived: afterwards, if somebody
    had stopped waiting. Both on a thread of its own. largest: bytes of a message that are believed.
    result: the worker, once it is there; failure: why it won't be.
    """

    def __init__(
        self,
        target: str,
        order: Message,
        known: "Decoder[Any]",
        is_confined: bool,
        ended: Callable[["WorkerStart"], None] = lambda starting: None,
        arrived: Callable[[], None] = lambda: None,
        largest: int = LARGEST,
    ) -> None:
        self.result: StartedWorker | None = None
        self.failure = ""
        self._box, self._ended, self._arrived, self._since = Inbox(), ended, arrived, time.monotonic()
        self._over, self._lock = threading.Event(), threading.Lock()
        self._has_hung = self._is_waited_for_in_vain = False
        self._failed_at = 0.0
        policy = Policy(LOAD_SECONDS, silent_seconds=0, pauses=(), is_confined=is_confined, largest=largest)
        hear, gone = self._box.hear, self._box.gone
        self._child = SupervisedChild(
            "its model", target, lambda: order, known, hear, policy=policy, ended=gone, ready=Facts
        )
        threading.Thread(target=self._wait, name="load", daemon=True).start()

    def is_worth_another(self, now: float) -> bool:
        """Whether it has failed and may not fail again: it was refused, or hung some time ago."""
        return bool(self.failure) and not (self._has_hung and now - self._failed_at < STALE_SECONDS)

    def loaded(self) -> StartedWorker:
        """The worker, waited for as long as it takes. Raises FrameError."""
        self._over.wait()
        if self.result is None:
            raise FrameError(self.failure)
        return self.result

    def wait(self, patience: float, say: Callable[[str], None]) -> StartedWorker:
        """The worker. Raises FrameError where it has failed, or is not there ``patience`` seconds after its start."""
        until = self._since + min(SAY_SECONDS, patience)
        if not self._over.wait(max(0.0, until - time.monotonic())) and patience > SAY_SECONDS:
            say(f"a model is still loading after {SAY_SECONDS:.0f} s")
            self._over.wait(max(0.0, self._since + patience - time.monotonic()))
        with self._lock:
            self._is_waited_for_in_vain = not self._over.is_set()
        if not self._is_waited_for_in_vain:
            return self.loaded()
        raise FrameError(
            f"still loading after {patience:.0f} s; it plays when ready; after {LOAD_SECONDS:.0f} s it is given up"
        )

    def kill(self) -> None:
        """End it at once."""
        self._child.close(0.0)

    def _wait(self) -> None:
        box = self._box
        try:
            facts = self._child.begin()
            assert isinstance(facts, Facts)
            self.result = StartedWorker(self._child.running(), facts.facts, time.monotonic(), box)
        except StartError as error:
            told = error.why if error.is_refusal else f"{error.why}; choose another model"
            self.failure = f"it tried to {box.tried[0]} while loading and was stopped" if box.tried else told
        except (OSError, ChildGone) as error:
            self.failure = str(error)
        self._failed_at = time.monotonic()
        self._has_hung = self._failed_at - self._since > LOAD_SECONDS
        self._ended(self)
        with self._lock:
            self._over.set()
        if self._is_waited_for_in_vain:
            self._arrived()
