"""Processes beside the editor that play its patch from outside: OSC, MIDI, gamepads, Link, the pad, OSCQuery."""

from collections import deque
from dataclasses import dataclass

from ...child_command import ChildCommand
from ..document.desk import Desk


@dataclass(frozen=True)
class Kind:
    """Something that can be started. words: its command; says: what it is good for."""

    name: str
    words: tuple[str, ...]
    label: str
    says: str


KINDS = (
    Kind("osc", ("listen", "--osc", "9000"), "OSC on port 9000", "from this computer"),
    Kind("midi", ("listen", "--midi", "all"), "MIDI from all devices", "hot-plug"),
    Kind("midi-out", ("listen", "--midi-to", "all"), "MIDI out to all devices", "for midi_out nodes"),
    Kind("gamepad", ("listen", "--gamepad", "all"), "Gamepads", "including joysticks and pedals"),
    Kind("link", ("listen", "--link"), "Ableton Link", "shared tempo and beat on this network"),
    Kind("pad", ("pad", "--port", "0"), "Browser pad", "pen, touch or mouse in a browser on this computer"),
    Kind(
        "pad-open",
        ("pad", "--port", "0", "--open", "0.0.0.0"),
        "Browser pad for phones",
        "reachable from this network",
    ),
    Kind("oscquery", ("oscquery", "--osc-port", "9000"), "OSCQuery on port 8720", "auto-discovery for OSCQuery apps"),
)

# The map in a window of the system's own. It joins the engine that was started last, as they all do.
MAP_WINDOW = Kind("map window", ("gui", "--attach", "--map"), "Map window", "for a second screen or a projector")


class ControlProcesses:
    """Processes beside the editor, by the names of their kinds. ``take`` gives what they said since last asked."""

    def __init__(self) -> None:
        self._running: dict[str, ChildCommand] = {}
        self._said: deque[tuple[str, str]] = deque(maxlen=256)

    @property
    def addresses(self) -> dict[str, str]:
        """Where those can be reached that can."""
        return {name: one.address for name, one in self._running.items() if one.is_kept and one.address}

    def is_on(self, name: str) -> bool:
        """Whether it runs, or is about to run again."""
        return name in self._running and self._running[name].is_kept

    def switch(self, kind: Kind) -> bool:
        """Start it, or end it; gives whether it runs now."""
        name, before = kind.name, self._running.pop(kind.name, None)
        if before is not None:
            is_on = before.is_kept
            before.close()
            if is_on:
                return False
        self._running[name] = ChildCommand(kind.label, kind.words, lambda text: self._hear(name, text))
        return True

    def take(self) -> list[tuple[str, str]]:
        """What they said: (kind, sentence)."""
        found = list(self._said)
        self._said.clear()
        return found

    def close(self) -> None:
        """End all."""
        while self._running:
            self._running.popitem()[1].close()

    def _hear(self, name: str, text: str) -> None:
        if any(letter.isascii() and letter.isalnum() for letter in text):  # a code to scan is shown with the address
            self._said.append((name, text.rstrip()))


def follow(desk: Desk, processes: ControlProcesses) -> None:
    """Tell in the log what they said. Called every frame."""
    for name, text in processes.take():
        desk.say(f"{name}: {text}")


__all__ = ["KINDS", "MAP_WINDOW", "ControlProcesses", "Kind", "follow"]
