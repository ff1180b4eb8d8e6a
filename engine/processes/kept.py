"""A process that listens to something for the engine, and is started again when it dies: the one rule for all helpers.

It comes back with what it knew, at most three times in a minute; else a sentence says that it does not.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..messages import Failed, Gone, Message, Ready, Remark, Unable
from .child import Child, ChildGone
from .guard import Guard

if TYPE_CHECKING:
    from msgspec.msgpack import Decoder

START_SECONDS = 20.0
RESTARTS, RESTART_SECONDS = 3, 60.0
"""So many new starts in so much time; after that it stays away."""


class Restarts:
    """Whether something that ended unexpectedly is started again."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=RESTARTS)

    def may_start(self, now: float) -> bool:
        """Whether it is started once more; now: seconds of a steady clock."""
        if len(self._times) == RESTARTS and now - self._times[0] < RESTART_SECONDS:
            return False
        self._times.append(now)
        return True


class Kept:
    """Runs a child (see ``Child``) that first says Ready, or Unable with a text, and may say Remark.

    what: what it is called in sentences. order: gives the first message, with all that it has to know, whenever it is
    started. known: what may come from it. hear: gets its other messages; tell: sentences for people; returned: called
    when it is about to be started again; all on a thread of its own, and they must not wait. What they raise is told
    once, and ends nothing. Raises OSError with a sentence when it does not begin.
    """

    def __init__(
        self,
        what: str,
        target: str,
        order: Callable[[], Message],
        known: "Decoder[Any]",
        hear: Callable[[Any], None],
        tell: Callable[[str], None],
        returned: Callable[[], None] = lambda: None,
    ) -> None:
        self._what, self._target, self._order, self._known = what, target, order, known
        self._listener, self._tell, self._returned = hear, tell, returned
        self._guard, self._restarts = Guard(what, tell), Restarts()
        self._begun, self._lock = threading.Event(), threading.RLock()
        self._refusal, self._is_ready, self._is_closed, self.starts = "", False, False, 0
        self._child = self._started()
        if not self._begun.wait(START_SECONDS) or not self._is_ready:
            self.close()
            raise OSError(self._refusal or f"{what}: its process did not start in {START_SECONDS:g} s")

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._child.pid

    def send(self, message: Message) -> None:
        """Tell it something; nothing where it is not there: what it has to know is in its order."""
        with self._lock, suppress(ChildGone):
            self._child.send(message)

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._is_closed = True
            child = self._child
        child.close()

    def _started(self) -> Child:
        self.starts += 1
        number = self.starts

        def hear(message: Message) -> None:
            if number == self.starts and not self._is_closed:
                self._guard(self._hear, message)

        return Child(self._target, self._order(), self._known, hear)

    def _hear(self, message: Message) -> None:
        match message:
            case Ready():
                self._listener(message)
                self._is_ready = True
                self._begun.set()
            case Remark():
                self._tell(f"{self._what}: {message.text}")
            case Unable() | Failed():
                self._refusal = message.text
            case Gone():
                self._gone()
            case _:
                self._listener(message)

    def _gone(self) -> None:
        """It ended: start another, unless it never began, can't begin, or keeps ending."""
        if not self._is_ready:
            self._begun.set()
            return
        why, self._refusal = self._refusal, ""
        if not self._restarts.may_start(time.monotonic()):
            self._tell(f"{self._what} is not heard any more: its process keeps ending; start again to hear it")
            return
        words = f" ({why})" if why else ""
        self._tell(f"{self._what} was interrupted: its process ended unexpectedly{words} and is started again")
        self._guard(self._returned)
        try:
            with self._lock:
                if self._is_closed:
                    return
                self._child.close(0.1)
                self._child = self._started()
        except OSError as error:
            self._tell(f"{self._what} is not heard any more: its process can't be started ({error})")
