"""The sender: a process that sends MIDI for the engine, each message at its time; devices may come and go meanwhile."""

import heapq
import importlib
import logging
import threading
import time
from collections.abc import Mapping
from itertools import count
from typing import Any

from ..missing import MissingError
from ..processes.child import Parent

LOOK_SECONDS = 1.0
"""Between two looks for devices that came or went."""
MOST_WAITING = 4096
BACKEND = "latent_terrain.engine.midi.rtmidi"


def serve(parent: Parent, first: Mapping[str, Any]) -> None:
    """Send until the parent is gone. first: ``names``, parts of names; ``backend``, a module like ``rtmidi``."""
    logging.disable()
    try:
        devices = importlib.import_module(first.get("backend") or BACKEND)
        devices.output_names()
    except MissingError as error:
        parent.send({"op": "refused", "text": str(error)})
        return
    except Exception as error:
        parent.send({"op": "refused", "text": f"this computer's MIDI can't be used ({error})"})
        return
    sender = _Sender(parent, devices, [str(one).lower() for one in first["names"]])
    parent.send({"op": "ready"})
    threading.Thread(target=sender.hear, name="hear what to send", daemon=True).start()
    sender.run()


class _Sender:
    def __init__(self, parent: Parent, devices: Any, names: list[str]) -> None:
        self.parent, self.devices, self.names = parent, devices, names
        self.ports: dict[str, Any] = {}
        self.waiting: list[tuple[float, int, bytes]] = []
        self.number = count()
        self.changed = threading.Condition()
        self.next_look = 0.0

    def hear(self) -> None:
        """Take what is to be sent: pairs of a time (of ``time.monotonic``, the same in all processes) and bytes."""
        while True:
            message = self.parent.receive()
            if message is None or message.get("op") != "send":
                continue
            with self.changed:
                for when, data in message["messages"]:
                    if len(self.waiting) < MOST_WAITING:
                        heapq.heappush(self.waiting, (float(when), next(self.number), bytes(data)))
                self.changed.notify()

    def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            now = time.monotonic()
            if now >= self.next_look:
                self.look()
                self.next_look = now + LOOK_SECONDS
            with self.changed:
                if not self.waiting or self.waiting[0][0] > now:
                    due = self.waiting[0][0] if self.waiting else self.next_look
                    self.changed.wait(max(0.0, min(due, self.next_look) - now))
                    continue
                data = heapq.heappop(self.waiting)[2]
            self.send(data)

    def send(self, data: bytes) -> None:
        """To every device."""
        for name, port in list(self.ports.items()):
            try:
                port.send(data)
            except Exception as error:
                self.ports.pop(name)
                self.parent.send({"op": "remark", "text": f"{name} takes no more ({error})"})

    def look(self) -> None:
        """Open devices that came, and let go of those that went."""
        try:
            there = dict.fromkeys(str(one) for one in self.devices.output_names())
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
                self.ports[name] = self.devices.open_output(name)
            except Exception as error:
                self.parent.send({"op": "remark", "text": f"{name} can't be opened ({error})"})
            else:
                self.parent.send({"op": "remark", "text": f"sending to {name}"})
