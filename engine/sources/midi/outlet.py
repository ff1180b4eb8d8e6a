"""MIDI out: starts the sender and hands it messages."""

import math
import threading
import time
from collections.abc import Callable, Sequence

from ...messages import Ready
from ...messages.children import FROM_DEVICES, ControlsMoved, SendMidi, UseDevices
from ...processes.supervisor import SupervisedChild
from .inlet import MidiError
from .sender import NOTE_OFF

SENDER = "latent_terrain.engine.sources.midi.sender:serve"
NOTE_ON = 0x90
LATE_SECONDS = 1.0


class MidiOutlet:
    """Sends to MIDI devices whose names have one of these parts, also those that come later, until ``close``.

    tell: called with a sentence for people. backend: a module in place of ``rtmidi``, for tests. Raises MidiError.
    """

    def __init__(self, names: Sequence[str], tell: Callable[[str], None], backend: str = "") -> None:
        order = UseDevices(names=list(names), backend=backend)
        self._sounding: dict[tuple[int, int], float] = {}
        self._lock = threading.Lock()
        self._process = SupervisedChild("MIDI out", SENDER, lambda: order, FROM_DEVICES, self._hear, tell)
        try:
            self._process.begin()
        except OSError as error:
            raise MidiError(str(error)) from None

    def send(self, messages: Sequence[tuple[float, bytes]]) -> None:
        """Send each at its time (of ``time.monotonic``); what has passed at once."""
        if messages:
            with self._lock:
                self._follow(messages)
            self._process.send(SendMidi(messages=list(messages)))

    @property
    def is_kept(self) -> bool:
        """Whether its process runs, or is about to run again."""
        return self._process.is_kept

    def close(self) -> None:
        """Send no more."""
        self._process.close()

    def _follow(self, messages: Sequence[tuple[float, bytes]]) -> None:
        """Know which notes sound, and until when: until it is known that a note's end was sent, it may hang."""
        now = time.monotonic()
        for when, data in messages:
            kind, note = data[0] & 0xF0, (data[0] & 0x0F, data[1] if len(data) > 1 else 0)
            if kind == NOTE_ON:
                self._sounding[note] = math.inf
            elif kind == NOTE_OFF and note in self._sounding:
                self._sounding[note] = max(when, now) + LATE_SECONDS
        for note in [note for note, until in self._sounding.items() if until < now]:
            del self._sounding[note]

    def _hear(self, message: Ready | ControlsMoved) -> None:
        """A sender that is started again knows of no note, and ends those that the one before began."""
        if isinstance(message, Ready):
            with self._lock:
                sounding, self._sounding = list(self._sounding), {}
            if sounding:
                ends = [(0.0, bytes([NOTE_OFF | channel, note, 0])) for channel, note in sounding]
                self._process.send(SendMidi(messages=ends))
