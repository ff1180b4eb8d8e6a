"""Processes beside the editor that play its patch from outside: OSC, MIDI, gamepads, Link, the pad, OSCQuery."""

import secrets
import time
from collections import deque
from dataclasses import dataclass, field

from ....engine.processes.policy import USUAL, Restarts
from ...child_command import ChildCommand
from ...control.pad import TOKEN
from ..document.desk import Desk


@dataclass(frozen=True)
class Kind:
    """Something that can be started. words: its command; says: what it is good for."""

    name: str
    words: tuple[str, ...]
    label: str
    says: str


KINDS = (
    Kind("osc", ("listen", "--wait", "3", "--osc", "9000"), "OSC on port 9000", "from this computer"),
    Kind("midi", ("listen", "--wait", "3", "--midi", "all"), "MIDI from all devices", "hot-plug"),
    Kind("midi-out", ("listen", "--wait", "3", "--midi-to", "all"), "MIDI out to all devices", "for midi_out nodes"),
    Kind("gamepad", ("listen", "--wait", "3", "--gamepad", "all"), "Gamepads", "including joysticks and pedals"),
    Kind("link", ("listen", "--wait", "3", "--link"), "Ableton Link", "shared tempo and beat on this network"),
    Kind(
        "pad", ("pad", "--wait", "3", "--port", "0"), "Browser pad", "pen, touch or mouse in a browser on this computer"
    ),
    Kind(
        "pad-open",
        ("pad", "--wait", "3", "--port", "0", "--open", "0.0.0.0"),
        "Browser pad for phones",
        "reachable from this network",
    ),
    Kind(
        "oscquery",
        ("oscquery", "--wait", "3", "--osc-port", "9000"),
        "OSCQuery on port 8720",
        "auto-discovery for OSCQuery apps",
    ),
)

# The map in a window of the system's own. It joins the engine that was started last, as they all do.
MAP_WINDOW = Kind("map window", ("gui", "--attach", "--map"), "Map window", "for a second screen or a projector")


@dataclass
class _Running:
    """One that was switched on. said: its last sentence. due: when it is started again, None where it isn't."""

    kind: Kind
    child: ChildCommand
    said: str = ""
    due: float | None = None
    restarts: Restarts = field(default_factory=lambda: Restarts(USUAL))


class ControlProcesses:
    """Processes beside the editor, by the names of their kinds. ``take`` gives what they said since last asked.

    One that ends by itself after it has worked is started again, a few times a minute; ``problem`` says why it isn't.
    """

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._said: deque[tuple[str, str]] = deque(maxlen=256)
        # pads keep their address when they are started again: phones have it
        self._changes = {TOKEN: secrets.token_urlsafe(16)}

    @property
    def addresses(self) -> dict[str, str]:
        """Where those can be reached that can."""
        return {
            name: one.child.address for name, one in self._running.items() if one.child.is_kept and one.child.address
        }

    def is_on(self, name: str) -> bool:
        """Whether it runs, or is about to run again."""
        one = self._running.get(name)
        return one is not None and (one.child.is_kept or one.due is not None)

    def problem(self, name: str) -> str:
        """Why one that was switched on runs no more, in its last words; "" while it runs or nobody wants it."""
        one = self._running.get(name)
        return "" if one is None or self.is_on(name) else one.said or "it has ended"

    def switch(self, kind: Kind) -> bool:
        """Start it, or end it; gives whether it runs now. Raises OSError."""
        was_on, before = self.is_on(kind.name), self._running.pop(kind.name, None)
        if before is not None:
            before.child.close()
        if not was_on:
            child = ChildCommand(kind.label, kind.words, lambda text: self._hear(kind, text), self._changes)
            self._running[kind.name] = _Running(kind, child)
        return not was_on

    def look(self, now: float) -> None:
        """Start again what has ended after it had worked. now: seconds of a steady clock. Raises OSError."""
        for one in self._running.values():
            if one.due is None and not one.child.is_kept and one.child.has_begun and one.kind in KINDS:
                pause = one.restarts.pause(now)
                one.due = None if pause is None else now + pause
                one.child.has_begun = False
            if one.due is not None and now >= one.due:
                one.child.start()
                one.due = None

    def take(self) -> list[tuple[str, str]]:
        """What they said: (kind, sentence)."""
        found = list(self._said)
        self._said.clear()
        return found

    def close(self) -> None:
        """End all."""
        while self._running:
            self._running.popitem()[1].child.close()

    def _hear(self, kind: Kind, text: str) -> None:
        if not any(letter.isascii() and letter.isalnum() for letter in text):
            return  # a code to scan is shown with the address
        self._said.append((kind.name, text.rstrip()))
        one = self._running.get(kind.name)
        if (
            one is not None and text != f"{kind.label} has ended"
        ):  # that it has ended is seen; why is what it said before
            one.said = text.rstrip()


def follow(desk: Desk, processes: ControlProcesses) -> None:
    """Tell in the log what they said, and keep them running. Called every frame."""
    try:
        processes.look(time.monotonic())
    except OSError as error:
        desk.say(f"a process for controls can't be started ({error})", "warning")
    for name, text in processes.take():
        desk.say(f"{name}: {text}")


def is_open_to_phones(address: str) -> bool:
    """Whether other devices can reach an address: not the one that means this computer on every computer."""
    return bool(address) and not address.startswith(("http://127.", "http://localhost", "http://[::1]"))


__all__ = ["KINDS", "MAP_WINDOW", "ControlProcesses", "Kind", "follow", "is_open_to_phones"]
