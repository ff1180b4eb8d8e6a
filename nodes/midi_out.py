"""MIDI out: a signal as a controller, as notes or as a clock, for synthesizers and other programs."""

from typing import Annotated, Literal

import numpy as np

from ..engine import FloatArray, Help, Param, Setting, Setup, Signal, Size, UsedWhen, node

# Messages that are remembered for whoever sends them, who looks thirty times a second.
KEPT = 64
# A message's sample is told modulo this, as a float32 is exact so far: 87 s at 48 kHz.
SAMPLES = 1 << 22
SERIALS = 1 << 20
CLOCKS_PER_BEAT = 24
# A phase that stands for so long has stopped.
STILL_SECONDS = 0.5
MOST_IN_A_BLOCK = 16
NOTE_ON, NOTE_OFF, CONTROL, PROGRAM, PRESSURE, BEND = 0x90, 0x80, 0xB0, 0xC0, 0xD0, 0xE0
CLOCK, START, STOP = 0xF8, 0xFA, 0xFC
_WIDE = {"cc": 127, "pressure": 127, "program": 127, "bend": 16_383}

Send = Annotated[
    Literal["cc", "note", "bend", "pressure", "program", "clock"],
    Setting(help="message type; clock: 24 pulses per beat, from a phase of 0 to 1 per beat (metro)"),
]
NOTES, PLACES = UsedWhen("send", ("note",)), UsedWhen("send", tuple(_WIDE))
Edge = Annotated[
    float,
    Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", ramp=False, help="value sent as the minimum or maximum"),
    PLACES,
]
Rate = Annotated[float, Param(1.0, 200.0, unit="Hz", ramp=False, help="maximum messages per second"), PLACES]
Note = Annotated[float, Param(0.0, 127.0, help="note played by the gate; 60 is middle C"), NOTES]
Velocity = Annotated[float, Param(0.0, 1.0, ramp=False, help="note velocity", randomize=False), NOTES]


@node(role="midi_sender", other_names=("ctlout", "noteout", "send midi"))
class MidiOut:
    """MIDI output; passes the signal through.

    value is the controller value, the note gate (on above 0.5), the program, or the clock's phase. The device is chosen
    on the command line (``run --midi-to NAME``) or in the editor, never by a patch. Messages are delayed by 50 ms to
    remove jitter.
    """

    def __init__(
        self,
        setup: Setup,
        send: Send = "cc",
        number: Annotated[int, Setting(help="of the controller", low=0, high=127), UsedWhen("send", ("cc",))] = 1,
        channel: Annotated[int, Setting(help="1 to 16", low=1, high=16)] = 1,
    ) -> None:
        self._send, self._number, self._channel = send, number, channel - 1
        self._clock, self._rate = setup.clock, setup.sample_rate
        self._messages: FloatArray = np.zeros((KEPT, 5), np.float32)
        self._places = np.zeros(setup.block, np.int64)
        self._line: FloatArray = np.zeros(setup.block, np.float32)
        self._changes = np.zeros(setup.block, np.bool_)
        self._serial = 0
        self._before = -1
        self._waits = self._still = 0
        self._runs = False

    def process(
        self,
        value: Annotated[Signal, Size(1), Help("what to send: a value, gate, program or clock phase")],
        out: Annotated[Signal, Size(1)],
        note: Note = 60.0,
        velocity: Velocity = 0.8,
        low: Edge = 0.0,
        high: Edge = 1.0,
        rate: Rate = 50.0,
    ) -> Annotated[Signal, Help("the same signal, unchanged")]:
        """Fill ``out`` ``[1, n]`` with the same."""
        np.copyto(out, value)
        count = out.shape[1]
        if self._send == "note":
            self._notes(value[0], note, velocity, count)
        elif self._send == "clock":
            self._clocks(value[0], count)
        else:
            self._controls(float(value[0, -1]), low, high, rate, count)
        return out

    def reset(self) -> None:
        """Let go of the note that sounds, and tell every place anew."""
        if self._send == "note" and self._before >= 0:
            self._say(0, NOTE_OFF, self._before, 0)
        self._before, self._waits, self._still, self._runs = -1, 0, 0, False

    def shows(self) -> dict[str, FloatArray]:
        """What is to be sent: ``messages`` ``[64, 5]``: serial number from 1, sample, status and two data bytes."""
        return {"messages": self._messages.copy()}

    def _notes(self, gate: FloatArray, note: float | FloatArray, velocity: float, count: int) -> None:
        """A note for as long as the gate is on; another note meanwhile takes over without a gap."""
        places, line, changes = self._places[:count], self._line[:count], self._changes[:count]
        line[:] = note
        np.rint(line, out=line)
        np.copyto(places, line, casting="unsafe")
        np.less_equal(gate, 0.5, out=changes)
        places[changes] = -1
        for offset in self._changed(places):
            sounds = int(places[offset])
            if sounds >= 0:
                self._say(offset, NOTE_ON, sounds, max(1, round(127 * velocity)))
            if self._before >= 0:
                self._say(offset, NOTE_OFF, self._before, 0)
            self._before = sounds

    def _clocks(self, phase: FloatArray, count: int) -> None:
        places = self._places[:count]
        np.multiply(phase, CLOCKS_PER_BEAT, out=self._line[:count])
        np.copyto(places, self._line[:count], casting="unsafe")
        if self._before < 0 and phase[0] == phase[-1]:
            self._before = int(places[0])  # it stands: nothing has begun
        moved = self._changed(places)
        for offset in moved:
            if not self._runs:
                self._runs = True
                self._say(offset, START, 0, 0)
            self._say(offset, CLOCK, 0, 0)
            self._before = int(places[offset])
        self._still = 0 if moved else self._still + count
        if self._runs and self._still > STILL_SECONDS * self._rate:
            self._runs = False
            self._say(0, STOP, 0, 0)

    def _controls(self, value: float, low: float, high: float, rate: float, count: int) -> None:
        self._waits = max(0, self._waits - count)
        if self._send == "program":
            place = value
        else:
            place = (value - low) / (high - low) * _WIDE[self._send] if high != low else 0.0
        whole = round(min(max(place, 0.0), _WIDE[self._send])) if place == place else self._before
        if whole == self._before or self._waits:
            return
        self._before, self._waits = whole, round(self._rate / rate)
        if self._send == "cc":
            self._say(count - 1, CONTROL, self._number, whole)
        elif self._send == "bend":
            self._say(count - 1, BEND, whole & 0x7F, whole >> 7)
        else:
            self._say(count - 1, PROGRAM if self._send == "program" else PRESSURE, whole, 0)

    def _changed(self, places: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[int]:
        """Where places differ from the one before; of many in one block the last ones."""
        changes = self._changes[: len(places)]
        changes[0] = int(places[0]) != self._before
        np.not_equal(places[1:], places[:-1], out=changes[1:])
        if not changes.any():
            return []
        return [int(one) for one in np.flatnonzero(changes)[-MOST_IN_A_BLOCK:]]

    def _say(self, offset: int, status: int, first: int, second: int) -> None:
        self._serial = self._serial % (SERIALS - 1) + 1
        row = self._messages[self._serial % KEPT]
        row[1] = (self._clock.sample + offset) % SAMPLES
        row[2] = status | self._channel if status < 0xF0 else status
        row[3], row[4] = first, second
        row[0] = self._serial  # last: whoever looks takes a row by it
