"""A program at play: its channels, and its controls as the knobs of a node stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...engine import FloatArray
from .controls import Control
from .library import Instance

# Faust reads its controls once for each call; while one moves, calls are so many samples long.
STEP = 32


@dataclass
class FaustPlayer:
    """turned: the controls that the knobs turn, in their order. load: the part of a block's time that it takes."""

    instance: Instance
    turned: Sequence[Control]
    load: float
    _taken: list[float] = field(init=False)
    _sample: int = 0

    def __post_init__(self) -> None:
        self._taken = [-1.0] * len(self.turned)

    def play(self, audio: FloatArray, out: FloatArray, places: Sequence[float | FloatArray]) -> None:
        """Audio thread: fill ``out`` ``[channels, n]`` from ``audio`` ``[channels, n]``.

        places: of the knobs, each for this block or, ``[1, n]``, for every sample. Of channels that only one side has,
        the program hears silence and those of ``out`` are silent.
        """
        instance, begin, count = self.instance, 0, out.shape[1]
        heard, given = min(len(audio), instance.inputs), min(len(out), instance.outputs)
        while begin < count:
            into = self._sample % STEP
            if into == 0:
                self._take(places, begin)
            # so that what moves is heard alike at any block size
            end = min(count, begin + STEP - into) if self._moves(places) else count
            size = end - begin
            if heard:
                np.copyto(instance.given[:heard, :size], audio[:heard, begin:end])
            instance.compute(size)
            np.copyto(out[:given, begin:end], instance.made[:given, :size])
            self._sample += size
            begin = end
        if given < len(out):
            out[given:] = 0.0

    def _take(self, places: Sequence[float | FloatArray], at: int) -> None:
        """Have the program read its controls as the knobs are at this sample of the block."""
        for number, control in enumerate(self.turned):
            place = places[number]
            now = float(place[0, at]) if isinstance(place, np.ndarray) else place
            if now != self._taken[number]:
                self._taken[number] = now
                control.zone.value = control.at(now)

    def _moves(self, places: Sequence[float | FloatArray]) -> bool:
        """Whether a knob moves in this block, or has moved since the program read it."""
        for place, taken in zip(places, self._taken, strict=False):
            if isinstance(place, np.ndarray) or place != taken:
                return True
        return False
