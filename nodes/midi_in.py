"""MIDI in: a controller, wheel or pressure of a MIDI device as a signal, smoothed and scaled."""

from typing import Annotated, Literal

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, Setting, Setup, Signal, UsedWhen, node
from .osc_in import Edge, Lag, scaled
from .smooth import Smooth

Listen = Annotated[Literal["cc", "bend", "pressure", "note"], Setting(help="message type")]

NUMBERED = UsedWhen("listen", ("cc", "note"))
HEARD = "midi:{device}/{channel}/{listen}/{number}"
Value = Annotated[float, Param(0.0, 1.0, help="value; set by MIDI", source=HEARD)]


@node(other_names=("ctlin", "cc", "controller", "bendin"))
class MidiIn:
    """MIDI controller input: 0 … 1, scaled to a range.

    Received by ``latent-terrain run --midi NAME`` or the editor. note gives the velocity while the key is down; for
    melodies use keyboard.
    """

    def __init__(
        self,
        setup: Setup,
        listen: Listen = "cc",
        number: Annotated[int, Setting(help="controller or note number", low=0, high=127), NUMBERED] = 1,
        channel: Annotated[int, Setting(help="MIDI channel 1 to 16; 0: any", low=0, high=16)] = 0,
        device: Annotated[str, Setting(help="device (part of its name); empty: any")] = "",
    ) -> None:
        self._smooth = Smooth(setup)
        self._line: FloatArray = np.zeros((1, setup.block), np.float32)

    def process(
        self,
        out: Signal,
        value: Value = 0.0,
        low: Edge = 0.0,
        high: Edge = 1.0,
        smooth: Lag = 20.0,
    ) -> Annotated[ControlSignal, Help("the controller's value, from low to high")]:
        """Fill ``out`` ``[1, n]``."""
        line = self._line[:, : out.shape[1]]
        line[0] = np.ravel(value)
        scaled(line, (0.0, 1.0), (low, high))
        return self._smooth.process(line, out, smooth)

    def reset(self) -> None:
        """Begin at rest on what is there."""
        self._smooth.reset()
