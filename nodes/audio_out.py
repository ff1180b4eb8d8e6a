"""Audio out: what the loudspeakers play."""

import re
from collections.abc import Sequence
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setting, SettingError, Setup, Signal, Size, node
from .gain import amplitude

MOST_CHANNELS = 64
Level = Annotated[float, Param(-90.0, 24.0, unit="dB", help="0 dB is unchanged, -6 dB is half.")]
Outputs = Annotated[
    str,
    Setting(help="Outputs of the device, counted from 1: 3, 4 or 1-8. Empty: the first two, or all that lists open."),
]


@node(
    linear=True,
    role="device_output",
    other_names=(
        *("dac", "dac~", "ezdac", "output", "speaker", "master", "out", "headphones", "speakers"),
        *("multichannel", "quad", "octophonic", "surround"),
    ),
)
class AudioOut:
    """Audio output to the device.

    Mono goes to the first two outputs, stereo to left and right; more channels go to the outputs in turn and begin
    again at the first. A device with one output gets the mean of all channels. Several of these add up.

    With a list of channels, the first channel goes to the first output of the list, and so on, and begins again there;
    mono goes to all of them. Outputs that the device does not have are silent, which is said.
    """

    def __init__(self, setup: Setup, channels: Outputs = "") -> None:
        self._bus = setup.bus
        self._scaled: FloatArray = np.zeros(setup.block, np.float32)
        self._both: FloatArray = np.zeros((2, setup.block), np.float32)
        self.listed = channel_list("channels", channels)
        self._lacking = Lacking("output", self.listed)
        self._bus.ask(outputs=max(self.listed, default=0))

    def process(self, audio: Annotated[Signal, Size("any"), Help("the sound to be heard")], level: Level = 0.0) -> None:
        """Add ``[channels, n]`` to the bus."""
        outputs = self._bus.output
        if len(outputs) == 2 and len(audio) <= 2 and not self.listed:  # as nearly always: in two operations, or one
            if isinstance(level, np.ndarray) or level:
                audio = np.multiply(audio, amplitude(level), out=self._both[: len(audio), : audio.shape[1]])
            np.add(outputs, audio, out=outputs)
            return
        scaled = self._scaled[: audio.shape[1]]
        factor = amplitude(level)
        gain = factor[0] if isinstance(factor, np.ndarray) else factor
        if self.listed:
            count = len(self.listed)
            for channel in range(count if len(audio) == 1 else len(audio)):
                place = self.listed[channel % count] - 1
                if place < len(outputs):
                    np.multiply(audio[channel % len(audio)], gain, out=scaled)
                    np.add(outputs[place], scaled, out=outputs[place])
            return
        if len(outputs) == 1:
            np.mean(audio, axis=0, out=scaled)
            np.multiply(scaled, gain, out=scaled)
            np.add(outputs[0], scaled, out=outputs[0])
            return
        for channel in range(max(len(audio), 2)):
            output = outputs[channel % len(outputs)]
            np.multiply(audio[channel % len(audio)], gain, out=scaled)
            np.add(output, scaled, out=output)

    def remarks(self) -> Sequence[str]:
        """Which outputs of the list the device does not have."""
        return self._lacking.remarks(None if self._bus.offered is None else self._bus.offered[1])


class Lacking:
    """Says which channels of a list a device does not have, once for each device."""

    def __init__(self, what: str, listed: Sequence[int]) -> None:
        self._what, self._listed = what, listed
        self._told: int | None = None

    def remarks(self, offered: int | None) -> Sequence[str]:
        """The sentence. offered: how many channels the device has; None while that is not known."""
        if offered is None or offered == self._told:
            return ()
        self._told = offered
        missing = [str(one) for one in dict.fromkeys(self._listed) if one > offered]
        if not missing:
            return ()
        many = "s" if len(missing) > 1 else ""
        has = f"{offered} {self._what}{'' if offered == 1 else 's'}"
        return (
            f"the device has {has}, so {self._what}{many} {', '.join(missing)} {'are' if many else 'is'} silent; "
            "choose other channels, or another device",
        )


def channel_list(setting: str, text: str) -> tuple[int, ...]:
    """The channels that a setting lists, from 1, such as ``3, 4`` or ``1-8``; nothing for an empty one.

    Raises SettingError for what is no list of channels.
    """
    found: list[int] = []
    for part in re.split(r"[,;\s]+", re.sub(r"\s*-\s*", "-", text.strip())) if text.strip() else ():
        match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part, re.ASCII)
        first = int(match[1]) if match else 0
        last = int(match[2]) if match and match[2] else first
        if not 1 <= first <= last <= MOST_CHANNELS:
            raise SettingError(
                setting, f"{text!r:.40} is no list of channels from 1 to {MOST_CHANNELS}; write them as 1, 2 or as 1-8"
            )
        found += range(first, last + 1)
    if len(found) > MOST_CHANNELS:
        raise SettingError(setting, f"{len(found)} channels are too many; {MOST_CHANNELS} is the most")
    return tuple(found)
