"""MIDI in: controllers, wheel or pressure of a MIDI device as a signal, smoothed and scaled."""

from typing import Annotated, Literal

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, PortSize, Setting, Setup, UsedWhen, node
from .osc_in import Edge, Lag, scaled
from .smooth import Smooth

Listen = Annotated[Literal["cc", "bend", "pressure", "note"], Setting(help="message type")]

NUMBERED = UsedWhen("listen", ("cc", "note"))
# As many as a row of knobs or faders has; two rows are two nodes and a join.
MOST = 8
HIGHEST = 127
HEARD = "midi:{device}/{channel}/{listen}/{number}"
SET = "value; set by MIDI"
A, B, C, D, E, F, G, H = (
    Param(0.0, 1.0, help=SET, source=HEARD if place == 1 else f"{HEARD}#{place} of {{size}}")
    for place in range(1, MOST + 1)
)
USED_B, USED_C, USED_D, USED_E, USED_F, USED_G, USED_H = (
    UsedWhen("size", tuple(range(place, MOST + 1))) for place in range(2, MOST + 1)
)


@node(other_names=("ctlin", "cc", "controller", "bendin", "faders", "knobs"))
class MidiIn:
    """MIDI controller input: 0 … 1, scaled to a range.

    Received by ``latent-terrain run --midi NAME`` or the editor. With ``size`` it gives a row of controllers, one
    channel each: 8 from number 21 are 21 to 28. note gives the velocity while the key is down; for melodies use
    keyboard.
    """

    def __init__(
        self,
        setup: Setup,
        listen: Listen = "cc",
        number: Annotated[int, Setting(help="controller or note number", low=0, high=HIGHEST), NUMBERED] = 1,
        channel: Annotated[int, Setting(help="MIDI channel 1 to 16; 0: any", low=0, high=16)] = 0,
        device: Annotated[str, Setting(help="device (part of its name); empty: any")] = "",
        size: Annotated[int, Setting(help="number of controllers from that number up", low=1, high=MOST), NUMBERED] = 1,
    ) -> None:
        self.size = size if listen in NUMBERED.values else 1
        if (last := number + self.size - 1) > HIGHEST:
            setup.warn(f"MIDI has no number above {HIGHEST}; those up to {last} are left out and give their last value")
        self._smooth = Smooth(setup)
        self._line: FloatArray = np.zeros((self.size, setup.block), np.float32)

    def ports(self) -> dict[str, PortSize]:
        """As many channels as controllers."""
        return {"out": PortSize(self.size)}

    def process(
        self,
        out: ControlSignal,
        value: Annotated[float, A] = 0.0,
        value_2: Annotated[float, B, USED_B] = 0.0,
        value_3: Annotated[float, C, USED_C] = 0.0,
        value_4: Annotated[float, D, USED_D] = 0.0,
        value_5: Annotated[float, E, USED_E] = 0.0,
        value_6: Annotated[float, F, USED_F] = 0.0,
        value_7: Annotated[float, G, USED_G] = 0.0,
        value_8: Annotated[float, H, USED_H] = 0.0,
        low: Edge = 0.0,
        high: Edge = 1.0,
        smooth: Lag = 20.0,
    ) -> Annotated[ControlSignal, Help("the controllers' values, one channel each, from low to high")]:
        """Fill ``out`` ``[size, n]``."""
        line = self._line[:, : out.shape[1]]
        given = (value, value_2, value_3, value_4, value_5, value_6, value_7, value_8)
        for channel, number in enumerate(given[: self.size]):
            line[channel] = np.ravel(number)
        scaled(line, (0.0, 1.0), (low, high))
        return self._smooth.process(line, out, smooth)

    def reset(self) -> None:
        """Begin at rest on what is there."""
        self._smooth.reset()
