"""Noise: breath, wind and hiss, the same on every run."""

from typing import Annotated, Literal

import numpy as np

from ..engine import FloatArray, Help, PortSize, Setting, Setup, Signal, node

# Samples drawn at once, whatever the block: so the block size never changes the noise.
CHUNK = 2048

OCTAVES = 12

Colour = Annotated[
    Literal["white", "pink"],
    Setting(help="White: equal power at all frequencies. Pink: -3 dB per octave."),
]
Channels = Annotated[int, Setting(help="Number of channels of independent noise.", low=1, high=64)]


@node(other_names=("white noise", "pink noise", "noise~", "rand"))
class Noise:
    """Noise generator.

    Channels of -1 … 1, independent of each other. The patch's seed decides which noise it is.
    """

    def __init__(self, setup: Setup, colour: Colour = "white", channels: Channels = 1) -> None:
        self._setup = setup
        self._colour = colour
        self._chunk: FloatArray = np.zeros((channels, CHUNK), np.float32)
        self._held: FloatArray = np.zeros((channels, OCTAVES, CHUNK), np.float32)
        self.reset()

    def ports(self) -> dict[str, PortSize]:
        """As many channels as set."""
        return {"out": PortSize(size=len(self._chunk))}

    def process(self, out: Signal) -> Annotated[Signal, Help("the noise")]:
        """Fill ``out`` ``[channels, n]``."""
        done, count = 0, out.shape[1]
        while done < count:
            if self._used == CHUNK:
                self._draw()
            some = min(count - done, CHUNK - self._used)
            out[:, done : done + some] = self._chunk[:, self._used : self._used + some]
            self._used += some
            done += some
        return out

    def reset(self) -> None:
        """Begin the same noise again."""
        self._random = self._setup.random()
        self._used = CHUNK

    def _draw(self) -> None:
        if self._colour == "white":
            self._random.random(out=self._chunk, dtype=np.float32)
            self._chunk *= 2.0
            self._chunk -= 1.0
        else:
            self._draw_pink()
        self._used = 0

    def _draw_pink(self) -> None:
        """Random values held for 1, 2, 4 … samples, added (R. F. Voss, in Gardner, Scientific American, April 1978)."""
        self._chunk.fill(0.0)
        for octave in range(OCTAVES):
            length = min(2**octave, CHUNK)
            values = self._held[:, octave, : CHUNK // length]
            values[...] = self._random.random(values.shape, dtype=np.float32)
            held = self._chunk.reshape(len(self._chunk), -1, length)
            held += values[:, :, None]
        self._chunk -= OCTAVES / 2
        self._chunk *= 2.0 / OCTAVES
