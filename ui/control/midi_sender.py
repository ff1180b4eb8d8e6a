"""What ``midi_out`` nodes have to say, handed on so that it comes as evenly as it was played."""

import time
from collections.abc import Callable, Mapping

from ...engine.values import FloatArray
from ...nodes.midi_out import NOTE_OFF, NOTE_ON, SAMPLES, SERIALS

# Messages are looked for thirty times a second; so much later all of them are there in time.
LATER_SECONDS = 0.05
# Clocks of devices drift so fast at most.
FORGET_PER_SECOND = 1e-4
# Further off than that, another engine plays.
LOST_SECONDS = 0.5
Messages = list[tuple[float, bytes]]


class MidiSender:
    """The messages of one node. now: seconds of a steady clock."""

    def __init__(self, sample_rate: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._now = sample_rate, now
        self._last: int | None = None
        self._sample = 0
        self._least: float | None = None
        self._looked = 0.0
        self._sounding: set[tuple[int, int]] = set()

    def look(self, shown: FloatArray | None) -> Messages:
        """What has come since the last look, each with the time at which it is to be sent."""
        if shown is None or shown.ndim != 2 or shown.shape[1] != 5:
            return []
        rows = [row for row in shown if row[0]]
        if self._last is None:
            serials = {int(row[0]) for row in rows}
            # An engine that has played for long has said what is in its list to others, or to nobody.
            self._last = 0 if 1 in serials or not rows else self._newest(serials)
        found: Messages = []
        for row in sorted((one for one in rows if 0 < self._after(one[0]) < SERIALS // 2), key=self._after_of):
            self._last = int(row[0])
            status, first, second = (int(one) for one in row[2:])
            self._note(status, first)
            found.append((self._when(int(row[1])), _message(status, first, second)))
        return found

    def end(self) -> Messages:
        """Let go of what sounds, as the node is gone."""
        found = [(0.0, bytes([NOTE_OFF | channel, note, 0])) for channel, note in sorted(self._sounding)]
        self._sounding.clear()
        return found

    def _after(self, serial: float) -> int:
        """How much later a message is than the last one handed on; numbers begin anew after a million."""
        return (int(serial) - (self._last or 0)) % (SERIALS - 1)

    def _after_of(self, row: FloatArray) -> int:
        return self._after(row[0])

    @staticmethod
    def _newest(serials: set[int]) -> int:
        """The last number of a row of them, of which none is missing."""
        return next(one for one in serials if one % (SERIALS - 1) + 1 not in serials)

    def _when(self, sample: int) -> float:
        """The time at which a sample's message is to be sent.

        Of how long messages took to be seen the shortest is taken for the way itself: the rest is waiting.
        """
        self._sample += (sample - self._sample + SAMPLES // 2) % SAMPLES - SAMPLES // 2
        now = self._now()
        lag = now - self._sample / self._rate
        if self._least is None or abs(lag - self._least) > LOST_SECONDS:
            self._least = lag
        self._least = min(self._least + FORGET_PER_SECOND * (now - self._looked if self._looked else 0.0), lag)
        self._looked = now
        return self._sample / self._rate + self._least + LATER_SECONDS

    def _note(self, status: int, first: int) -> None:
        kind, channel = status & 0xF0, status & 0x0F
        if kind == NOTE_ON:
            self._sounding.add((channel, first))
        elif kind == NOTE_OFF:
            self._sounding.discard((channel, first))


class MidiSenders:
    """All ``midi_out`` nodes of a patch. send: takes messages with their times."""

    def __init__(self, send: Callable[[Messages], None]) -> None:
        self._send = send
        self._nodes: dict[str, MidiSender] = {}

    def look(self, shown: Mapping[str, FloatArray | None], sample_rate: float) -> None:
        """Hand on what has come. shown: by node, what its ``messages`` are now."""
        for name in [name for name in self._nodes if name not in shown]:
            self._send(self._nodes.pop(name).end())
        for name, array in shown.items():
            if name not in self._nodes:
                self._nodes[name] = MidiSender(sample_rate)
            self._send(self._nodes[name].look(array))

    def close(self) -> None:
        """Let go of what sounds."""
        self.look({}, 1.0)


def _message(status: int, first: int, second: int) -> bytes:
    if status >= 0xF8:
        return bytes([status])
    if status & 0xF0 in (0xC0, 0xD0):
        return bytes([status, first])
    return bytes([status, first, second])
