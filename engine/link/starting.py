"""Starting an engine in a process of its own, and ending it, so that none is left playing to nobody."""

import threading

from ..messages.children import FROM_HOST, HostAddress, Hosting
from ..processes.policy import Policy
from ..processes.supervisor import SupervisedChild
from .registry import Address

__all__ = ["EngineGone", "Hosting", "Starter"]
POLICY = Policy(start_seconds=60.0, silent_seconds=60.0, pauses=(), outlives=True)
"""Whether another is started decides who has lost it: an engine may only be out of reach."""
END_SECONDS = 10.0
HOST = "latent_terrain.engine.link.host:serve"


class EngineGone(RuntimeError):
    """There is no engine to play; the text says why and what to do."""


class Starter:
    """One engine at a time. ``end`` may be called from any thread, also while another is in ``start``."""

    def __init__(self, hosting: Hosting) -> None:
        self.hosting = hosting
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
        return Address(found.process, "", found.where, found.key, found.mark)

    def end(self) -> None:
        """End the engine, or the one on its way, and start none from now on."""
        with self._lock:
            self._has_ended = True
        if self._child is not None:
            self._child.close(END_SECONDS)
