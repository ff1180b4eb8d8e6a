"""The computer's own keys as a piano, for nodes ``keyboard``: two rows of letters, as other programs lay them out."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ....engine.sources.midi.controls import Controls
from ...control.receivers import received

if TYPE_CHECKING:
    from .desk import Desk

# White keys from A on, black ones in the row above; A is a C.
NOTES = dict(zip("AWSEDFTGYHUJKOLP", range(16), strict=True))
OCTAVES, LOUDNESS = {"Z": -12, "X": 12}, {"C": -16, "V": 16}
LOWEST, HIGHEST = 0, 108
SOURCE, GESTURE = "midi:computer keys", "computer keys"
NOTE_OFF, NOTE_ON = 0x80, 0x90


class ComputerKeys:
    """Plays while it is on. Notes are one step of undo until something else is done."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._controls = Controls()
        self._sounding: dict[str, int] = {}
        self.is_on = False
        self.base, self.velocity = 60, 96

    def switch(self) -> None:
        """On or off; off, no note goes on."""
        self.is_on = not self.is_on
        if self.is_on:
            self._desk.say("keys A to P play keyboard nodes; Z and X change the octave, C and V the velocity")
            specs = map(self._desk.palette.get, {node.type for node in self._desk.patch.nodes.values()})
            if not any(own.scheme == "midi" for spec in specs if spec for own in spec.sources.values()):
                self._desk.say("no keyboard node in this patch; add one", "warning")
        else:
            self.let_go()
            self._desk.say("Computer MIDI keyboard off")

    def press(self, key: str) -> bool:
        """A key without anything held beside it. Gives whether it plays."""
        if not self.is_on:
            return False
        if key in NOTES:
            if key not in self._sounding:
                note = self._sounding[key] = self.base + NOTES[key]
                self._play(NOTE_ON, note, self.velocity)
        elif key in OCTAVES:
            self.base = min(max(self.base + OCTAVES[key], LOWEST), HIGHEST)
            self._desk.say(f"octave: A plays C{self.base // 12 - 1}")
        elif key in LOUDNESS:
            self.velocity = min(max(self.velocity + LOUDNESS[key], 16), 127)
            self._desk.say(f"velocity {self.velocity}")
        else:
            return False
        return True

    def release(self, key: str) -> None:
        """A key is up again."""
        note = self._sounding.pop(key, None)
        if note is not None:
            self._play(NOTE_OFF, note, 0)

    def let_go(self, is_down: Callable[[str], bool] = lambda key: False) -> None:
        """Let go of those keys that are not down any more, though nobody said so: the window was left meanwhile."""
        for key in [key for key in self._sounding if not is_down(key)]:
            self.release(key)

    def _play(self, status: int, note: int, velocity: int) -> None:
        desk = self._desk
        for name, numbers in self._controls.take(bytes([status, min(note, 127), velocity]), time.monotonic()):
            for node, param, value in list(received(desk.patch, desk.palette, f"{SOURCE}/{name}", numbers)):
                desk.turn(node, param, value, GESTURE)
