"""Audio out: what the loudspeakers play."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setup, Signal, Size, node
from .gain import amplitude

Level = Annotated[float, Param(-90.0, 24.0, unit="dB", help="0 dB is unchanged, -6 dB is half.")]


@node(
    linear=True,
    role="device_output",
    other_names=("dac", "dac~", "ezdac", "output", "speaker", "master", "out", "headphones", "speakers"),
)
class AudioOut:
    """Audio output to the device.

    Mono goes to the first two outputs, stereo to left and right; more channels go to the outputs in turn and begin
    again at the first. A device with one output gets the mean of all channels. Several of these add up.
    """

    def __init__(self, setup: Setup) -> None:
        self._bus = setup.bus
        self._scaled: FloatArray = np.zeros(setup.block, np.float32)

    def process(self, audio: Annotated[Signal, Size("any"), Help("the sound to be heard")], level: Level = 0.0) -> None:
        """Add ``[channels, n]`` to the bus."""
        outputs = self._bus.output
        scaled = self._scaled[: audio.shape[1]]
        factor = amplitude(level)
        gain = factor[0] if isinstance(factor, np.ndarray) else factor
        if len(outputs) == 1:
            np.mean(audio, axis=0, out=scaled)
            np.multiply(scaled, gain, out=scaled)
            np.add(outputs[0], scaled, out=outputs[0])
            return
        for channel in range(max(len(audio), 2)):
            output = outputs[channel % len(outputs)]
            np.multiply(audio[channel % len(audio)], gain, out=scaled)
            np.add(output, scaled, out=output)
