"""Engines in processes of their own: one is started for a client, another in its place, and none is left to nobody."""

import threading
import time
from collections.abc import Callable

from ..messages.children import FROM_HOST, HostAddress, Hosting
from ..processes.policy import USUAL, Policy, Restarts
from ..processes.supervisor import SupervisedChild
from .registry import Address

__all__ = ["EngineGone", "EngineKeeper", "EngineStarter", "Hosting"]
# Whether another is started decides who has lost it: an engine may only be out of reach.
POLICY = Policy(start_seconds=60.0, silent_seconds=60.0, pauses=(), outlives=True)
END_SECONDS = 10.0
HOST = "latent_terrain.engine.session.host:serve"


class EngineGone(RuntimeError):
    """There is no engine to play; the text says why and what to do."""


class EngineStarter:
    """One engine at a time. ``end`` may be called from any thread, also while another is in ``start``.

    address: of the engine started last.
    """

    def __init__(self, hosting: Hosting) -> None:
        self.hosting = hosting
        self.address: Address | None = None
        self._child: SupervisedChild | None = None
        self._lock = threading.Lock()
        self._has_ended = False

    @property
    def is_running(self) -> bool:
        """Whether the engine started last is still a process."""
        return self._child is not None and self._child.is_running

    def start(self) -> Address:
        """Another engine in place of the last; takes seconds. Raises EngineGone."""
        with self._lock:
            if self._has_ended:
                raise EngineGone("this client is closed")
            if self._child is not None:
                self._child.close(0.0)
            child = self._child = SupervisedChild(
                "the engine", HOST, lambda: self.hosting, FROM_HOST, policy=POLICY, ready=HostAddress
            )
        try:
            found = child.begin()
        except OSError as error:
            raise EngineGone(str(error)) from None
        assert isinstance(found, HostAddress)
        self.address = Address(found.process, "", found.where, found.key, found.mark)
        return self.address

    def end(self) -> None:
        """End the engine, or the one on its way, and start none from now on."""
        with self._lock:
            self._has_ended = True
        if self._child is not None:
            self._child.close(END_SECONDS)


class EngineKeeper:
    """Sees to it that a client has an engine: starts one, joins it again, or starts another in place of one that died.

    hosting: how to start one; None for a client of an engine that somebody else started. join: has the client play an
    engine, and raises EngineGone; leave: has it leave the one that it plays; tell: gets sentences for people, with how
    bad it is, "" for as usual. has_failed: there is no engine, and none will come before ``restart``.
    """

    def __init__(
        self,
        hosting: Hosting | None,
        join: Callable[[Address], None],
        leave: Callable[[], object],
        tell: Callable[[str, str], None],
    ) -> None:
        self._starter = EngineStarter(hosting) if hosting is not None else None
        self._join, self._leave, self._tell = join, leave, tell
        self._restarts, self._returns = Restarts(USUAL), Restarts(USUAL)
        self.closing, self.has_failed = threading.Event(), False
        self._asked, self._lock = 0, threading.Lock()

    @property
    def hosting(self) -> Hosting | None:
        """How the engine was started, if it was started here."""
        return self._starter.hosting if self._starter is not None else None

    def start(self) -> None:
        """Start the engine and join it; takes seconds. Raises EngineGone."""
        assert self._starter is not None
        self._start(self._starter)

    def restart(self, hosting: Hosting | None = None, before: Callable[[], None] = lambda: None) -> None:
        """Start one on a thread of its own, after ``before``; with another ``hosting``, in place of the present one.

        Of several that are asked for before the first is there, only the last comes.
        """
        self.has_failed, self._asked = False, self._asked + 1
        number = self._asked

        def start() -> None:
            before()
            with self._lock:
                if number != self._asked:
                    return
                old = self._starter
                if hosting is not None:
                    self._starter = EngineStarter(hosting)
                starter = self._starter
                self._leave()
            if old is not None and old is not starter:
                old.end()
            try:
                if starter is not None and not self.closing.is_set():
                    self._start(starter)
            except EngineGone as error:
                if starter is self._starter:
                    self._give_up(str(error), "error")

        threading.Thread(target=start, name="start engine", daemon=True).start()

    def recover(self, address: Address, was_stopped: bool) -> None:
        """The engine there has gone: say so once, and start another, if it was started here and nobody stopped it."""
        starter = self._starter
        if was_stopped or starter is None:
            self._give_up(f"the engine {'was stopped' if was_stopped else 'has ended'}; your patch is safe here")
            return
        if starter.address != address:
            return  # another is on its way in its place
        # An engine that hangs up again and again is no better than one that ends.
        again = self._returns.pause(time.monotonic()) if starter.is_running else None
        if again is not None and (self.closing.wait(again) or self._has_joined_again(starter, address)):
            return
        why = ""
        while (pause := self._restarts.pause(time.monotonic())) is not None:
            if not why:
                self._tell("the engine crashed and was restarted with your patch", "")
            if self.closing.wait(pause):
                return
            try:
                self._start(starter)
                return
            except EngineGone as error:
                why = str(error)
            if starter is not self._starter:
                return
        ends = "the engine keeps crashing and is not restarted. Save your patch"
        self._give_up(f"{why}; your patch is safe here" if why else ends)

    def end(self) -> None:
        """End the engine, or the one on its way, if it was started here."""
        if self._starter is not None:
            self._starter.end()

    def _start(self, starter: EngineStarter) -> None:
        """Start an engine and join it, unless another starter has taken the place of this meanwhile."""
        self._enter(starter, starter.start())

    def _enter(self, starter: EngineStarter, address: Address) -> None:
        with self._lock:
            if starter is not self._starter:
                raise EngineGone("a new engine was started")
            self._join(address)

    def _has_joined_again(self, starter: EngineStarter, address: Address) -> bool:
        """Whether only the connection was lost, as when this computer slept; there is another then."""
        try:
            self._enter(starter, address)
        except EngineGone:
            return False
        self._tell("the engine was unreachable for a moment; it keeps playing", "")
        return True

    def _give_up(self, text: str, severity: str = "") -> None:
        self.has_failed = True
        if not self.closing.is_set():
            self._tell(text, severity)
