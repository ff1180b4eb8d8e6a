"""Pick: listen to one channel of many."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setup, Signal, Size, node

FADE_SECONDS = 0.010

Channel = Annotated[int, Param(1, 1024, soft=(1, 16), help="Channel number, from 1; clipped to the last.")]


@node(other_names=("select", "channel"), nearest_to=("switch", "selector"))
class Pick:
    """Select one channel of a signal, with a 10 ms crossfade."""

    def __init__(self, setup: Setup) -> None:
        self._length = max(1, round(FADE_SECONDS * setup.sample_rate))
        self._counts: FloatArray = np.arange(1, setup.block + 1, dtype=np.float32)
        self._weight: FloatArray = np.zeros(setup.block, np.float32)
        self._from = self._to = -1
        self._done = self._length

    def process(
        self,
        audio: Annotated[Signal, Size("any"), Help("a signal of several channels")],
        out: Annotated[Signal, Size(1)],
        channel: Channel = 1,
    ) -> Annotated[Signal, Size(1), Help("the channel that was selected")]:
        """Fill ``out`` ``[1, n]``."""
        last = len(audio) - 1
        if self._done >= self._length:
            self._from, wanted = self._to, channel - 1
            if wanted != self._to:
                if self._to >= 0:
                    self._done = 0
                self._to = wanted
        new = audio[min(self._to, last)]
        if self._done >= self._length:
            out[0] = new
            return out
        weight = self._weight[: out.shape[1]]
        np.add(self._counts[: len(weight)], np.float32(self._done), out=weight)
        np.divide(weight, np.float32(self._length), out=weight)
        np.minimum(weight, np.float32(1.0), out=weight)
        old = audio[min(self._from, last)]
        np.subtract(new, old, out=out[0])
        np.multiply(out[0], weight, out=out[0])
        np.add(out[0], old, out=out[0])
        self._done = min(self._done + len(weight), self._length)
        return out

    def reset(self) -> None:
        """Take the channel that is set at once."""
        self._from = self._to = -1
        self._done = self._length
