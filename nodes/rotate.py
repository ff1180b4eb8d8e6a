"""Rotate: move sounds round a ring of loudspeakers."""

from typing import Annotated, Literal

import numpy as np

from ..engine import FloatArray, Help, Param, PortSize, Setting, Setup, Signal, Size, node

Front = Literal["between", "speaker"]
Place = Annotated[
    float, Param(-1.0, 1.0, help="Round the ring: 0 is the front, 0.5 right, -0.5 left, 1 and -1 are the same, behind.")
]
Width = Annotated[
    float, Param(1.0, 64.0, soft=(1.0, 8.0), help="Over how many speakers a sound spreads; 2 moves between neighbours.")
]
# A sound half way between two speakers must reach both.
NARROWEST = 1.001


@node(
    linear=True,
    other_names=(
        *("panaz", "splayaz", "pan4", "azimuth", "ring", "circle", "around", "surround", "quad"),
        *("octophonic", "multichannel", "mc.mixdown~", "spatialise"),
    ),
    nearest_to=("ambisonics", "vbap"),
)
class Rotate:
    """Equal-power panner round a ring of speakers, for one sound or a whole field.

    Mono: one sound at a place. More channels: a field of as many sounds round the ring, which turns as one; of as many
    as there are speakers, each comes from its own at place 0. Speakers are counted clockwise, as seen from above. With
    front between, the first stands left of the front and the second right of it; with front speaker, the first is the
    front. As loud everywhere, at any width.

    For a rotation let an lfo of shape saw go from -1 to 1. Let audio_out list its channels in the order of the
    speakers, such as 1, 2, 4, 3; without a list they may share two outputs.
    """

    def __init__(
        self,
        setup: Setup,
        speakers: Annotated[int, Setting(help="Number of speakers in the ring.", low=2, high=64)] = 4,
        front: Annotated[Front, Setting(help="What is in front: a speaker, or the middle of two.")] = "between",
    ) -> None:
        self._aside = 0.5 if front == "between" else 0.0
        self._speakers: FloatArray = np.arange(speakers, dtype=np.float32)[:, np.newaxis] - np.float32(self._aside)
        self._steady: FloatArray = np.zeros((speakers, 0), np.float32)
        self._steady_at = (0.0, 0.0)
        self._gains: FloatArray = np.zeros((speakers, setup.block), np.float32)
        self._power: FloatArray = np.zeros((1, setup.block), np.float32)

    def ports(self) -> dict[str, PortSize]:
        """A channel for each speaker."""
        return {"out": PortSize(size=len(self._speakers))}

    def process(
        self,
        audio: Annotated[Signal, Size("any"), Help("the sound to place, or the field to turn")],
        out: Signal,
        place: Place = 0.0,
        width: Width = 2.0,
    ) -> Annotated[Signal, Help("a channel for each speaker, clockwise")]:
        """Channels ``[n, block]`` in, ``[speakers, block]`` out."""
        channels = len(audio)
        if not isinstance(place, np.ndarray) and not isinstance(width, np.ndarray):
            if self._steady.shape[1] != channels or self._steady_at != (place, width):
                self._steady_at = (place, width)
                homes = np.array([self._home(channel, channels) for channel in range(channels)], np.float32)
                self._steady = np.empty((len(out), channels), np.float32)
                power: FloatArray = np.empty((1, channels), np.float32)
                self._write(homes[np.newaxis] + np.float32(place), np.float32(width), self._steady, power)
            np.matmul(self._steady, audio, out=out)
            return out
        count = audio.shape[1]
        gains, power = self._gains[:, :count], self._power[:, :count]
        for channel in range(channels):
            # float32 where only the width moves, too
            home = np.float32(self._home(channel, channels))
            self._write(np.atleast_2d(np.add(place, home, dtype=np.float32)), width, gains, power)
            np.multiply(gains, audio[channel], out=gains)
            if channel:
                np.add(out, gains, out=out)
            else:
                np.copyto(out, gains)
        return out

    def _home(self, channel: int, channels: int) -> float:
        """Where a channel comes from at place 0, in half turns from the front."""
        return 2.0 * (channel - self._aside) / channels if channels > 1 else 0.0

    def _write(
        self, place: FloatArray, width: float | np.float32 | FloatArray, gains: FloatArray, power: FloatArray
    ) -> None:
        """Gains ``[speakers, n]`` for places ``[1, n]`` in half turns: a cosine over the width, of power 1."""
        ring = np.float32(len(self._speakers))
        np.multiply(place, ring / 2, out=power)
        np.subtract(power, self._speakers, out=gains)
        gains -= ring * np.rint(gains / ring)
        np.abs(gains, out=gains)
        np.divide(gains, np.maximum(width, np.float32(NARROWEST)), out=gains)
        np.minimum(gains, np.float32(0.5), out=gains)
        np.multiply(gains, np.float32(np.pi), out=gains)
        np.cos(gains, out=gains)
        np.maximum(gains, np.float32(0.0), out=gains)
        np.einsum("sn,sn->n", gains, gains, out=power[0])
        np.sqrt(power, out=power)
        np.divide(gains, power, out=gains)
