"""The gateway: a process that hears MIDI for the engine; devices may come and go while it listens.

It tells its parent at most one message in 2 ms, with the newest place of each controller; notes are told one by one.
"""

import queue
import time
from collections.abc import Callable
from typing import Any

from ...messages import Ready
from ...messages.children import ControlsMoved, UseDevices
from ...processes.child import Parent
from ...processes.controls import device_name
from ...processes.guard import Guard
from .controls import Controls
from .devices import LOOK_SECONDS, OpenDevices, backend_for

TURN_SECONDS = 0.002
MOST_NOTES = 512


def serve(parent: Parent) -> None:
    """Hear MIDI until the parent is gone."""
    order = parent.order(UseDevices)
    backend = backend_for(parent, order, "input_names")
    if backend is not None:
        parent.send(Ready())
        _MidiGateway(parent, backend, order.names).run()


class _MidiGateway:
    def __init__(self, parent: Parent, backend: Any, names: list[str]) -> None:
        self.parent = parent
        self.devices = OpenDevices(
            parent,
            names,
            backend.input_names,
            lambda name: backend.open_input(name, self.listener(name)),
            "listening to",
        )
        self.guard = Guard("a device", self.devices.tell)
        self.controls: dict[str, Controls] = {}
        self.heard: queue.SimpleQueue[tuple[str, bytes, float]] = queue.SimpleQueue()
        self.next_look = 0.0

    def run(self) -> None:
        """Listen for ever."""
        while True:
            now = time.monotonic()
            if now >= self.next_look:
                self.guard(self.devices.look)
                self.next_look = now + LOOK_SECONDS
            try:
                first = self.heard.get(timeout=max(0.0, self.next_look - now))
            except queue.Empty:
                continue
            self.guard(self.tell, first)
            time.sleep(TURN_SECONDS)

    def tell(self, first: tuple[str, bytes, float]) -> None:
        """Pass on what has come by now."""
        newest: dict[str, list[float]] = {}
        notes: list[tuple[str, list[float]]] = []  # and all else of which each counts, in its order
        waiting: tuple[str, bytes, float] | None = first
        while waiting is not None:
            device, message, now = waiting
            for name, numbers in self.controls.setdefault(device, Controls()).take(message, now):
                source = f"midi:{device}/{name}"
                if name == "clock/beat":
                    numbers[2] += time.time() - time.monotonic()
                if "/note/" in name or "/program/" in name or name.startswith("clock/st"):
                    if len(notes) < MOST_NOTES:
                        notes.append((source, numbers))
                else:
                    newest[source] = numbers
            waiting = None if self.heard.empty() else self.heard.get()
        if newest or notes:
            self.parent.send(ControlsMoved(events=[*newest.items(), *notes]))

    def listener(self, name: str) -> Callable[[bytes], None]:
        """What a device calls with each message."""
        device = device_name(name)

        def hear(message: bytes) -> None:
            self.heard.put((device, message, time.monotonic()))

        return hear
