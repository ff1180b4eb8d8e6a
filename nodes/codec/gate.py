"""A gate behind a codec: shut while there is nothing trained to be heard, since zeros are a sound to most codecs."""

import numpy as np

from ...engine import FloatArray

FADE_SECONDS = 0.01


class Gate:
    """Open from the first block on, unless it is shut before; it opens and shuts within ten milliseconds."""

    def __init__(self, sample_rate: float, block: int) -> None:
        self.is_shut = False
        self._is_open, self._level, self._is_new = True, 1.0, True
        self._steps: FloatArray = np.arange(1, block + 1, dtype=np.float32) / np.float32(FADE_SECONDS * sample_rate)
        self._ramp: FloatArray = np.zeros(block, np.float32)

    def apply(self, out: FloatArray, given: FloatArray) -> None:
        """Audio thread only: let sound ``[channels, n]`` pass or not. given: what it was made from."""
        if self.is_shut:
            self._is_open = False
        elif not self._is_open:
            # told before the plan with what is trained begins: until then zeros come still
            self._is_open = bool(given.any())
        goal = 1.0 if self._is_open else 0.0
        if self._is_new:
            self._level, self._is_new = goal, False
        if self._level == goal:
            if not self._is_open:
                out.fill(0.0)
            return
        ramp = self._ramp[: out.shape[1]]
        np.multiply(self._steps[: len(ramp)], np.float32(1.0 if self._is_open else -1.0), out=ramp)
        np.add(ramp, np.float32(self._level), out=ramp)
        np.clip(ramp, 0.0, 1.0, out=ramp)
        np.multiply(out, ramp, out=out)
        if len(ramp):
            self._level = float(ramp[-1])
