"""Audio in: what the microphone or the sound card's inputs hear."""

from collections.abc import Sequence
from typing import Annotated

from ..engine import Help, PortSize, Setting, Setup, Signal, node
from .audio_out import Lacking, channel_list

Channels = Annotated[int, Setting(help="Number of channels: 1 mono, 2 stereo, or more.", low=1, high=64)]
First = Annotated[int, Setting(help="First input channel of the device, from 1.", low=1, high=64)]
Listed = Annotated[
    str,
    Setting(help="Inputs of the device in any order, counted from 1: 5, 2 or 1-8. Empty: as channels and first say."),
]


@node(role="device_input", other_names=("adc", "adc~", "ezadc", "input", "microphone", "mic", "line in", "live input"))
class AudioIn:
    """Audio input from the device.

    Channels in the device's order, or as listed; inputs that the device does not have are silent, which is said.
    """

    def __init__(self, setup: Setup, channels: Channels = 1, first: First = 1, inputs: Listed = "") -> None:
        self._bus = setup.bus
        self._places = [one - 1 for one in channel_list("inputs", inputs) or range(first, first + channels)]
        self._lacking = Lacking("input", [place + 1 for place in self._places])
        self._bus.ask(inputs=max(self._places) + 1)

    def ports(self) -> dict[str, PortSize]:
        """As many channels as set."""
        return {"out": PortSize(size=len(self._places))}

    def process(self, out: Signal) -> Annotated[Signal, Help("the device's input channels")]:
        """Fill ``out`` ``[channels, n]``."""
        heard = self._bus.input
        for channel, place in enumerate(self._places):
            out[channel] = heard[place] if place < len(heard) else 0.0
        return out

    def remarks(self) -> Sequence[str]:
        """Which of its inputs the device does not have."""
        return self._lacking.remarks(None if self._bus.offered is None else self._bus.offered[0])
