"""The gateway: a process that hears MIDI for the engine; devices may come and go while it listens.

It tells its parent at most one message in 2 ms, with the newest place of each controller; notes are told one by one.
"""

import importlib
import logging
import queue
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..missing import MissingError
from ..processes.child import Parent
from .controls import Controls

TURN_SECONDS = 0.002
LOOK_SECONDS = 1.0
"""Between two looks for devices that came or went."""
MOST_NOTES = 512
BACKEND = "latent_terrain.engine.midi.rtmidi"


def serve(parent: Parent, first: Mapping[str, Any]) -> None:
    """Hear MIDI until the parent is gone. first: ``names``, parts of names; ``backend``, a module like ``rtmidi``."""
    logging.disable()
    try:
        devices = importlib.import_module(first.get("backend") or BACKEND)
        devices.input_names()
    except MissingError as error:
        parent.send({"op": "refused", "text": str(error)})
        return
    except Exception as error:
        parent.send({"op": "refused", "text": f"this computer's MIDI can't be used ({error})"})
        return
    parent.send({"op": "ready"})
    _Gateway(parent, devices, [str(one).lower() for one in first["names"]]).run()


class _Gateway:
    def __init__(self, parent: Parent, devices: Any, names: list[str]) -> None:
        self.parent, self.devices, self.names = parent, devices, names
        self.ports: dict[str, Any] = {}
        self.controls: dict[str, Controls] = {}
        self.heard: queue.SimpleQueue[tuple[str, bytes, float]] = queue.SimpleQueue()
        self.next_look = 0.0

    def run(self) -> None:
        """Listen for ever."""
        while True:
            now = time.monotonic()
            if now >= self.next_look:
                self.look()
                self.next_look = now + LOOK_SECONDS
            try:
                first = self.heard.get(timeout=max(0.0, self.next_look - now))
            except queue.Empty:
                continue
            self.tell(first)
            time.sleep(TURN_SECONDS)

    def tell(self, first: tuple[str, bytes, float]) -> None:
        """Pass on what has come by now."""
        newest: dict[str, list[float]] = {}
        notes: list[tuple[str, list[float]]] = []
        waiting: tuple[str, bytes, float] | None = first
        while waiting is not None:
            device, message, now = waiting
            for name, numbers in self.controls.setdefault(device, Controls()).take(message, now):
                source = f"midi:{device}/{name}"
                if name == "clock/beat":
                    numbers[2] += time.time() - time.monotonic()
                if "/note/" in name or name.startswith("clock/st"):
                    if len(notes) < MOST_NOTES:
                        notes.append((source, numbers))
                else:
                    newest[source] = numbers
            waiting = None if self.heard.empty() else self.heard.get()
        events = [[source, numbers] for source, numbers in (*newest.items(), *notes)]
        if events:
            self.parent.send({"op": "moved", "events": events})

    def look(self) -> None:
        """Open devices that came, and let go of those that went."""
        try:
            there = dict.fromkeys(str(one) for one in self.devices.input_names())
        except Exception as error:
            self.parent.send({"op": "remark", "text": f"devices can't be listed ({error})"})
            return
        for name in [name for name in self.ports if name not in there]:
            self.ports.pop(name).close()
            self.parent.send({"op": "remark", "text": f"{name} has gone"})
        for name in there:
            if name in self.ports or not any(one in name.lower() for one in self.names):
                continue
            try:
                self.ports[name] = self.devices.open_input(name, self.listener(name))
            except Exception as error:
                self.parent.send({"op": "remark", "text": f"{name} can't be opened ({error})"})
            else:
                self.parent.send({"op": "remark", "text": f"listening to {name}"})

    def listener(self, name: str) -> Callable[[bytes], None]:
        """What a device calls with each message."""
        device = "".join(letter for letter in name if letter.isprintable() and letter != "/").strip()

        def hear(message: bytes) -> None:
            self.heard.put((device, message, time.monotonic()))

        return hear
