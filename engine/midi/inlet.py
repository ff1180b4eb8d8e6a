"""MIDI in: starts the gateway and passes on what it hears."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..processes.child import GONE, Child

GATEWAY = "latent_terrain.engine.midi.gateway:serve"
START_SECONDS = 20.0
RESTARTS = 3


class MidiError(OSError):
    """MIDI can't be listened to; the text says why and what to do."""


class MidiIn:
    """Listens to devices whose names have one of these parts, also to those that come later, until ``close``.

    control: called with a source (``midi:DEVICE/CHANNEL/KIND/NUMBER``; ``midi:DEVICE/clock/`` and ``tempo``, ``bar``,
    ``start`` or ``stop``) and its numbers; tell: with a sentence for people; both on a thread of its own, and they must
    neither wait nor raise. backend: a module with mido's functions, for tests. Raises MidiError.
    """

    def __init__(
        self,
        names: Sequence[str],
        control: Callable[[str, list[float]], None],
        tell: Callable[[str], None],
        backend: str = "",
    ) -> None:
        self._control, self._tell = control, tell
        self._first = threading.Event()
        self._refusal, self._is_ready, self._is_closed, self._starts = "", False, False, 0
        self._order = {"names": list(names), "backend": backend}
        self._child = Child(GATEWAY, self._order, self._hear)
        if not self._first.wait(START_SECONDS) or not self._is_ready:
            self.close()
            raise MidiError(self._refusal or "MIDI: its process did not start")

    def close(self) -> None:
        """Listen no more."""
        self._is_closed = True
        self._child.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        op = message.get("op")
        if self._is_closed:
            return
        if op == "midi":
            for source, numbers in message["events"]:
                self._control(source, numbers)
        elif op == "ready":
            self._is_ready = True
            self._first.set()
        elif op == "remark":
            self._tell(f"MIDI: {message['text']}")
        elif op in ("refused", "failed", GONE):
            self._gone(str(message.get("text", "")))

    def _gone(self, text: str) -> None:
        self._refusal = self._refusal or text
        if not self._is_ready:
            self._first.set()
            return
        self._starts += 1
        if self._starts > RESTARTS:
            self._tell("MIDI is not heard any more: its process keeps ending; start again to hear it")
            return
        self._tell("MIDI was interrupted and is started again")
        with suppress(OSError):
            self._child.close(0.1)
            self._child = Child(GATEWAY, self._order, self._hear)
