"""A process that listens to something for the engine, and is started again when it dies."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .child import GONE, Child, ChildGone

START_SECONDS = 20.0
RESTARTS = 3


class Kept:
    """Runs a child (see ``Child``) that first says ``ready``, or ``refused`` with a text, and may say ``remark``.

    what: what it is called in sentences. hear: gets its other messages; tell: sentences for people; both on a thread of
    its own, and they must neither wait nor raise. Raises OSError with a sentence when it does not begin.
    """

    def __init__(
        self,
        what: str,
        target: str,
        first: Mapping[str, Any],
        hear: Callable[[Mapping[str, Any]], None],
        tell: Callable[[str], None],
    ) -> None:
        self._what, self._target, self._order, self._listener, self._tell = what, target, dict(first), hear, tell
        self._begun = threading.Event()
        self._refusal, self._is_ready, self._is_closed, self._starts = "", False, False, 0
        self._child = Child(target, self._order, self._hear)
        if not self._begun.wait(START_SECONDS) or not self._is_ready:
            self.close()
            raise OSError(self._refusal or f"{what}: its process did not start")

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell it something; nothing where it is not there."""
        with suppress(ChildGone):
            self._child.send(message)

    def close(self) -> None:
        """End it."""
        self._is_closed = True
        self._child.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        op = message.get("op")
        if self._is_closed:
            return
        if op == "ready":
            self._is_ready = True
            self._begun.set()
        elif op == "remark":
            self._tell(f"{self._what}: {message['text']}")
        elif op in ("refused", "failed", GONE):
            self._gone(str(message.get("text", "")))
        else:
            self._listener(message)

    def _gone(self, text: str) -> None:
        self._refusal = self._refusal or text
        if not self._is_ready:
            self._begun.set()
            return
        self._starts += 1
        if self._starts > RESTARTS:
            self._tell(f"{self._what} is not heard any more: its process keeps ending; start again to hear it")
            return
        self._tell(f"{self._what} was interrupted and is started again")
        with suppress(OSError):
            self._child.close(0.1)
            self._child = Child(self._target, self._order, self._hear)
