"""The sender: a process that sends MIDI for the engine, each message at its time; devices may come and go meanwhile."""

import heapq
import threading
import time
from collections.abc import Iterable
from itertools import count

from ...messages import Ready
from ...messages.children import TO_DEVICES, SendMidi, UseDevices
from ...processes.child import Parent
from ...processes.guard import Guard
from .devices import LOOK_SECONDS, OpenDevices, backend_for

MOST_WAITING, NOTE_OFF = 4096, 0x80


def serve(parent: Parent) -> None:
    """Send until the parent is gone."""
    order = parent.order(UseDevices)
    backend = backend_for(parent, order, "output_names")
    if backend is None:
        return
    sender = _Sender(OpenDevices(parent, order.names, backend.output_names, backend.open_output, "sending to"))
    parent.send(Ready())
    threading.Thread(target=sender.hear, args=(parent,), name="hear what to send", daemon=True).start()
    sender.run()


class _Sender:
    def __init__(self, devices: OpenDevices) -> None:
        self.devices, self.guard = devices, Guard("what is to be sent", devices.tell)
        self.waiting: list[tuple[float, int, bytes]] = []
        self.number = count()
        self.changed = threading.Condition()
        self.next_look = 0.0

    def hear(self, parent: Parent) -> None:
        """Take what is to be sent: pairs of a time (of ``time.monotonic``, the same in all processes) and bytes."""
        while True:
            message = parent.receive(TO_DEVICES)
            if isinstance(message, SendMidi):
                self.guard(self.take, message.messages)

    def take(self, messages: Iterable[tuple[float, bytes]]) -> None:
        """Have messages wait for their time."""
        with self.changed:
            for when, data in messages:
                if len(self.waiting) < MOST_WAITING or data[0] & 0xF0 == NOTE_OFF:  # no note is left hanging
                    heapq.heappush(self.waiting, (when, next(self.number), data))
            self.changed.notify()

    def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            now = time.monotonic()
            if now >= self.next_look:
                self.devices.look()
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
        for name, port in list(self.devices.ports.items()):
            try:
                port.send(data)
            except Exception as error:
                self.devices.drop(name, error)
