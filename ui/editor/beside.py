"""Processes beside the editor that play its patch from outside: OSC, MIDI, gamepads, Link, the pad, OSCQuery."""

import subprocess
import threading
from collections import deque
from dataclasses import dataclass

from ...engine.processes.interpreter import CLI, start_python
from .desk import Desk


@dataclass(frozen=True)
class Kind:
    """Something that can be started. words: its command; says: what it is good for."""

    name: str
    words: tuple[str, ...]
    label: str
    says: str


KINDS = (
    Kind("osc", ("listen", "--osc", "9000"), "OSC on port 9000", "from this computer"),
    Kind("midi", ("listen", "--midi", "all"), "MIDI from all devices", "those that come later too"),
    Kind("midi-out", ("listen", "--midi-to", "all"), "MIDI out to all devices", "what nodes midi_out send"),
    Kind("gamepad", ("listen", "--gamepad", "all"), "Gamepads", "joysticks and pedals too"),
    Kind("link", ("listen", "--link"), "Ableton Link", "one tempo and beat with all programs of this network"),
    Kind("pad", ("pad", "--port", "0", "--code"), "Browser pad", "pen, fingers or mouse in a browser here"),
    Kind(
        "pad-open",
        ("pad", "--port", "0", "--code", "--open", "0.0.0.0"),
        "Browser pad for phones",
        "for all of this network",
    ),
    Kind("oscquery", ("oscquery", "--osc-port", "9000"), "OSCQuery on port 8720", "surfaces build themselves from it"),
)


class Beside:
    """Processes beside the editor, by the names of their kinds. ``take`` gives what they said since last asked."""

    def __init__(self, command: tuple[str, ...] = CLI) -> None:
        self._command = command
        self._running: dict[str, subprocess.Popen[str]] = {}
        self._said: deque[tuple[str, str]] = deque(maxlen=256)
        self.addresses: dict[str, str] = {}

    def is_on(self, name: str) -> bool:
        """Whether it runs."""
        process = self._running.get(name)
        return process is not None and process.poll() is None

    def switch(self, kind: Kind) -> bool:
        """Start it, or end it; gives whether it runs now."""
        if self.is_on(kind.name):
            self._end(kind.name)
            return False
        self.addresses.pop(kind.name, None)
        process = self._running[kind.name] = start_python(
            [*self._command, *kind.words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._read, args=(kind.name, process), name=kind.name, daemon=True).start()
        return True

    def take(self) -> list[tuple[str, str]]:
        """What they said: (kind, sentence)."""
        found = list(self._said)
        self._said.clear()
        return found

    def close(self) -> None:
        """End all."""
        for name in list(self._running):
            self._end(name)

    def _end(self, name: str) -> None:
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
        self.addresses.pop(name, None)

    def _read(self, name: str, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.rstrip()
            if text.startswith("http://"):
                self.addresses[name] = text
            if text and any(letter.isascii() and letter.isalnum() for letter in text):
                self._said.append((name, text))


def follow(desk: Desk, beside: Beside) -> None:
    """Tell in the log what they said. Called every frame."""
    for name, text in beside.take():
        desk.say(f"{name}: {text}")


__all__ = ["KINDS", "Beside", "Kind", "follow"]
