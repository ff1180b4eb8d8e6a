"""Keyboard: notes from a MIDI keyboard, as frequency, gate and velocity."""

from typing import Annotated, NamedTuple

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, Setting, Setup, Size, node
from .smooth import Smooth

DEVICE = "midi:{device}/{channel}/"
Note = Annotated[float, Param(0.0, 127.0, help="MIDI note; 60 is middle C", source=DEVICE + "key/note")]
Gate = Annotated[float, Param(0.0, 1.0, help="gate: 1 while a key is held", source=DEVICE + "key/gate")]
Velocity = Annotated[float, Param(0.0, 1.0, help="velocity", source=DEVICE + "key/velocity")]
Bend = Annotated[float, Param(-1.0, 1.0, help="mod wheel", source=DEVICE + "bend/0")]
Pressure = Annotated[float, Param(0.0, 1.0, help="aftertouch; added to velocity", source=DEVICE + "pressure/0")]
Glide = Annotated[float, Param(0.0, 10_000.0, soft=(0, 1_000), unit="ms", help="glide time between notes")]


class PlayedKeys(NamedTuple):
    """What keys give: Hz, 0 or 1, and how hard (0 … 1)."""

    frequency: Annotated[ControlSignal, Size(1), Help("pitch of the note in Hz")]
    gate: Annotated[ControlSignal, Size(1), Help("1 while a key is held, else 0")]
    velocity: Annotated[ControlSignal, Size(1), Help("how hard the key was pressed, 0 to 1")]


@node(
    other_names=("notein", "note in", "midi note", "keys", "piano", "mtof", "note"),
)
class Keyboard:
    """MIDI keyboard input: the newest held note, with pitch bend and pressure.

    Notes come from any active MIDI input (``run --midi``). With MPE the pitch bend and pressure of the last channel
    count.
    """

    def __init__(
        self,
        setup: Setup,
        channel: Annotated[int, Setting(help="MIDI channel 1 to 16; 0: any", low=0, high=16)] = 0,
        device: Annotated[str, Setting(help="device (part of its name); empty: any")] = "",
        bend_range: Annotated[float, Setting(help="pitch bend range in semitones", low=0.0, high=48.0)] = 2.0,
    ) -> None:
        self._range, self._smooth = bend_range, Smooth(setup)
        self._line: FloatArray = np.zeros((1, setup.block), np.float32)

    def process(
        self,
        out: PlayedKeys,
        note: Note = 60.0,
        gate: Gate = 0.0,
        velocity: Velocity = 0.0,
        bend: Bend = 0.0,
        pressure: Pressure = 0.0,
        glide: Glide = 0.0,
        tune: Annotated[float, Param(220.0, 880.0, soft=(415, 466), unit="Hz", help="tuning of A4")] = 440.0,
    ) -> PlayedKeys:
        """Fill the three outputs, ``[1, n]`` each."""
        count = out.gate.shape[1]
        line = self._line[:, :count]
        line[0] = np.ravel(note)
        self._smooth.process(line, out.frequency, glide)
        np.copyto(line[0], np.ravel(bend))
        np.multiply(line, self._range, out=line)
        np.add(out.frequency, line, out=out.frequency)
        np.subtract(out.frequency, 69.0, out=out.frequency)
        np.multiply(out.frequency, 1.0 / 12.0, out=out.frequency)
        np.exp2(out.frequency, out=out.frequency)
        np.multiply(out.frequency, tune, out=out.frequency)
        np.copyto(out.gate[0], np.ravel(gate))
        np.copyto(out.velocity[0], np.ravel(velocity))
        np.copyto(line[0], np.ravel(pressure))
        np.maximum(out.velocity, line, out=out.velocity)
        return out

    def reset(self) -> None:
        """Begin at rest on the note that is there."""
        self._smooth.reset()
