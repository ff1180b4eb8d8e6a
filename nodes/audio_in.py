"""Audio in: what the microphone or the sound card's inputs hear."""

from typing import Annotated

from ..engine import Help, PortSize, Setting, Setup, Signal, node

Channels = Annotated[int, Setting(help="Number of channels: 1 mono, 2 stereo, or more.", low=1, high=64)]
First = Annotated[int, Setting(help="First input channel of the device, from 1.", low=1, high=64)]


@node(role="device_input", other_names=("adc", "adc~", "ezadc", "input", "microphone", "mic", "line in", "live input"))
class AudioIn:
    """Audio input from the device.

    Channels in the device's order; inputs that the device does not have are silent.
    """

    def __init__(self, setup: Setup, channels: Channels = 1, first: First = 1) -> None:
        self._bus = setup.bus
        self._channels, self._first = channels, first - 1

    def ports(self) -> dict[str, PortSize]:
        """As many channels as set."""
        return {"out": PortSize(size=self._channels)}

    def process(self, out: Signal) -> Annotated[Signal, Help("the device's input channels")]:
        """Fill ``out`` ``[channels, n]``."""
        heard = self._bus.input[self._first : self._first + self._channels]
        out[: len(heard)] = heard
        out[len(heard) :] = 0.0
        return out
