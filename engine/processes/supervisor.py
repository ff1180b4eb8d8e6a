"""The supervisor of a child: starts it, waits until it is ready, ends it when it hangs, and starts it again.

What it does is in the child's ``Policy``. Heartbeats come from a thread of the child's own: they show that its process
runs, not that its work moves; questions have deadlines of their own.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..messages import Done, Failed, Gone, Message, Ready, Remark, Unable
from .child import Child, ChildGone, ChildSilent, Some
from .guard import Guard
from .policy import USUAL, Policy, Restarts

if TYPE_CHECKING:
    from msgspec.msgpack import Decoder

LOOK_SECONDS = 1.0
log = logging.getLogger(__name__)


class StartError(OSError):
    """A child does not begin; the text says which and why. is_refusal: in its own words."""

    def __init__(self, name: str, why: str, is_refusal: bool) -> None:
        super().__init__(why if is_refusal else f"{name} does not start: {why}")
        self.why, self.is_refusal = why, is_refusal


class SupervisedChild:
    """A child (see ``Child``) under a policy. All methods may be called from any thread but the audio thread.

    It is kept running from ``start`` or ``begin`` on, or runs from when it is asked something. Its first message is a
    ``ready``; it may say Remark, Unable with the reason why it ends, and Done when it ends as it should.

    name: what it is called in sentences. order: gives its first message, with all that it has to know, whenever it is
    started. known: what may come from it. hear: gets its other messages, the ready one included; tell: sentences for
    people; ended: called with its reason, or nothing, when it has ended, before another is started; all on a thread
    of its own, and they must not wait. What they raise is told once, and ends nothing.
    """

    def __init__(
        self,
        name: str,
        target: str,
        order: Callable[[], Message],
        known: "Decoder[Any]",
        hear: Callable[[Any], None] = lambda message: None,
        tell: Callable[[str], None] = log.info,
        policy: Policy = USUAL,
        *,
        ended: Callable[[str], None] = lambda why: None,
        ready: type[Message] = Ready,
        changes: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.policy, self.starts = name, policy, 0
        self._target, self._order, self._known, self._changes = target, order, known, changes
        self._listener, self._tell, self._ended, self._ready = hear, tell, ended, ready
        self._guard, self._restarts = Guard(name, tell), Restarts(policy)
        self._begun, self._closing, self._lock = threading.Event(), threading.Event(), threading.RLock()
        self._child: Child | None = None
        self._first: Message | None = None
        self._is_kept = self._is_awaited = self._is_ready = self._is_done = self._is_refused = False
        self._why, self._heard, self._quiet = "", 0, 0.0

    @property
    def pid(self) -> int:
        """The number of its process, or of its last one; 0 before the first."""
        return self._child.pid if self._child is not None else 0

    @property
    def is_kept(self) -> bool:
        """Whether it runs, or is about to run again."""
        return self._is_kept and not self._closing.is_set()

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._child is not None and self._child.is_alive

    def start(self) -> None:
        """Keep it running from now on, without waiting until it is ready. Raises OSError."""
        with self._lock:
            self._is_kept = True
            self._launch()

    def begin(self) -> Message:
        """``start``, and wait until it is ready; gives its first message. Raises StartError, or another OSError."""
        self._is_awaited = True
        self.start()
        self._begun.wait()
        if self._first is not None:
            return self._first
        self.close()
        raise StartError(self.name, self._why or "its process stopped", self._is_refused)

    def running(self) -> Child:
        """It, started if it isn't there. Raises ChildGone where it can't be, keeps ending or is closed."""
        with self._lock:
            if self._child is not None and self._child.is_alive and not self._closing.is_set():
                return self._child
            pause = self._restarts.pause(time.monotonic()) if self._child is not None else 0.0
            if pause is None:
                raise ChildGone(f"{self.name} keeps crashing; try again in a minute")
            if self._closing.wait(pause):
                raise ChildGone(f"{self.name} is closed")
            try:
                return self._launch()
            except OSError as error:
                raise ChildGone(f"{self.name} can't be started ({error})") from None

    def ask(self, question: Message, wanted: type[Some], seconds: float) -> Some:
        """Ask it, and where it ends meanwhile another. Raises ChildError, and ChildGone where both end or one hangs."""
        try:
            return self._asked(question, wanted, seconds)
        except ChildSilent:
            raise
        except ChildGone:
            return self._asked(question, wanted, seconds)

    def send(self, message: Message) -> None:
        """Tell it something; nothing where it is not there: what it has to know is in its order."""
        with self._lock, suppress(ChildGone):
            if self._child is not None:
                self._child.send(message)

    def rest(self) -> None:
        """End it until it is asked again."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close(0.0)

    def close(self, seconds: float = 2.0) -> None:
        """End it for good; after so many seconds by force."""
        self._closing.set()
        self._begun.set()
        with self._lock:
            child = self._child
        if child is not None:
            child.close(seconds)

    def look(self, seconds: float) -> None:
        """End it if it hangs. seconds: since it was looked at last, without those that this machine slept."""
        child, policy = self._child, self.policy
        if child is None or not child.is_alive:
            return
        if self._is_ready and child.heard != self._heard:  # one that lives and is never ready has not started
            self._heard, self._quiet = child.heard, 0.0
            return
        self._quiet += seconds
        if not self._is_ready and self._quiet > policy.start_seconds:
            self._why = f"it was not ready after {policy.start_seconds:.0f} s and was stopped"
        elif self._is_ready and self._quiet > policy.silent_seconds:
            self._why = f"no sign of life for {policy.silent_seconds:g} s"
        else:
            return
        child.kill()

    def _launch(self) -> Child:
        if self._closing.is_set():
            raise OSError("it is closed")
        self.starts += 1
        number = self.starts
        self._is_ready = self._is_done = self._is_refused = False
        self._why, self._heard, self._quiet = "", 0, 0.0

        def hear(message: Message) -> None:
            if number == self.starts and not self._closing.is_set():
                self._guard(self._hear, message)

        child = self._child = Child(self._target, self._order(), self._known, hear, self.policy, self._changes)
        threading.Thread(target=self._watch, args=(child,), name=f"watch {self.name}", daemon=True).start()
        return child

    def _watch(self, child: Child) -> None:
        before = time.monotonic()
        while not self._closing.wait(LOOK_SECONDS) and child.is_alive and child is self._child:
            if self._is_ready and not self.policy.gives_signs:
                return
            now = time.monotonic()
            self.look(min(now - before, 2 * LOOK_SECONDS))  # while this machine slept nobody is to blame
            before = now

    def _asked(self, question: Message, wanted: type[Some], seconds: float) -> Some:
        child = self.running()
        try:
            return child.ask(question, wanted, seconds)
        except ChildGone:
            child.close(0.0)
            raise

    def _hear(self, message: Message) -> None:
        match message:
            case Gone():
                self._gone()
            case Remark():
                self._tell(f"{self.name}: {message.text}")
            case Unable() | Failed():
                self._why, self._is_refused = message.text, isinstance(message, Unable)
            case Done():
                self._is_done = True
            case _:
                self._listener(message)
                if isinstance(message, self._ready):
                    self._first, self._is_ready, self._quiet = message, True, 0.0
                    self._begun.set()

    def _gone(self) -> None:
        """It has ended: start another, unless it never began, is done, or keeps ending."""
        why = self._why
        self._guard(self._ended, why)
        if self._is_awaited and self._first is None:
            self._begun.set()
        elif self._is_kept and self._is_done:
            self._is_kept = False
            self._tell(f"{self.name} has ended")
        elif self._is_kept and self.policy.pauses:
            self._start_again(f" ({why})" if why else "")

    def _start_again(self, why: str) -> None:
        pause = self._restarts.pause(time.monotonic())
        if pause is None:
            self._is_kept = False
            self._tell(f"{self.name} stopped: it keeps crashing; restart it")
            return
        self._tell(f"{self.name} crashed{why} and was restarted")
        if self._closing.wait(pause):
            return
        try:
            with self._lock:
                if self._child is not None and not self._closing.is_set():
                    self._child.close(0.1)
                    self._launch()
        except OSError as error:
            self._is_kept = False
            self._tell(f"{self.name} stopped: its process can't be started ({error})")
