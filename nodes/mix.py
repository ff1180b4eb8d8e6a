"""Mix: bring up to eight sounds together, each at its own level."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setup, Signal, node
from .gain import amplitude

Level = Annotated[float, Param(-90.0, 24.0, unit="dB", help="Level in the mix.")]


@node(linear=True, other_names=("mixer", "desk", "sum~", "bus"), nearest_to=("crossfade", "crossfader"))
class Mix:
    """Mix up to eight signals, each at its own level.

    As many channels as the widest input; mono inputs go to all of them.
    """

    def __init__(self, setup: Setup) -> None:
        self._block = setup.block
        self._scaled: FloatArray = np.zeros((2, setup.block), np.float32)

    def process(
        self,
        out: Signal,
        audio_1: Annotated[Signal, Help("sound 1 of the mix")] | None = None,
        audio_2: Annotated[Signal, Help("sound 2 of the mix")] | None = None,
        audio_3: Annotated[Signal, Help("sound 3 of the mix")] | None = None,
        audio_4: Annotated[Signal, Help("sound 4 of the mix")] | None = None,
        audio_5: Annotated[Signal, Help("sound 5 of the mix")] | None = None,
        audio_6: Annotated[Signal, Help("sound 6 of the mix")] | None = None,
        audio_7: Annotated[Signal, Help("sound 7 of the mix")] | None = None,
        audio_8: Annotated[Signal, Help("sound 8 of the mix")] | None = None,
        level_1: Level = 0.0,
        level_2: Level = 0.0,
        level_3: Level = 0.0,
        level_4: Level = 0.0,
        level_5: Level = 0.0,
        level_6: Level = 0.0,
        level_7: Level = 0.0,
        level_8: Level = 0.0,
    ) -> Annotated[Signal, Help("the mix")]:
        """Fill ``out`` ``[channels, n]``."""
        channels, count = out.shape
        if channels > len(self._scaled):
            self._scaled = np.zeros((channels, self._block), np.float32)
        scaled = self._scaled[:channels, :count]
        sounds = (audio_1, audio_2, audio_3, audio_4, audio_5, audio_6, audio_7, audio_8)
        levels = (level_1, level_2, level_3, level_4, level_5, level_6, level_7, level_8)
        out.fill(0.0)
        for sound, level in zip(sounds, levels, strict=True):
            if sound is not None:
                np.multiply(sound, amplitude(level), out=scaled)
                np.add(out, scaled, out=out)
        return out
