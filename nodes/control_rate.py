"""What sensors need is computed every 64 samples, and glides between: a thousandth of a second, whatever the block."""

from collections.abc import Callable

import numpy as np

from ..engine import FloatArray, Setup

# Samples of a step; counted from the node's first sample, so that the block's size changes nothing.
STEP = 64
Make = Callable[[FloatArray, FloatArray, int], None]
"""Called with a step's values ``[inputs]``, what to fill ``[outputs]``, and the step's sample within the block."""


def value_at(param: float | FloatArray, sample: int) -> float:
    """What a param is at a sample of the block, also while it moves."""
    return float(param[0, min(sample, param.shape[1] - 1)]) if isinstance(param, np.ndarray) else float(param)


class ControlSteps:
    """Walks a signal step by step; a value that is no number is as it was before. It begins at rest.

    seconds: how long a step is.
    """

    def __init__(self, setup: Setup) -> None:
        self.seconds = STEP / setup.sample_rate
        self._shares: FloatArray = (np.arange(1, STEP + 1) / STEP).astype(np.float32)
        self._phase, self._is_new = 0, True
        self._fit(0, 0)

    def process(self, audio: FloatArray, out: FloatArray, make: Make) -> FloatArray:
        """Fill ``out`` ``[outputs, n]`` from ``audio`` ``[inputs, n]``."""
        if (len(audio), len(out)) != (len(self._values), len(self._to)):
            self._fit(len(audio), len(out))
        sample, count = 0, out.shape[1]
        while sample < count:
            if self._phase == 0:
                np.copyto(self._values, audio[:, sample], where=np.isfinite(audio[:, sample], out=self._finite))
                np.copyto(self._from, self._to)
                make(self._values, self._to, sample)
                if self._is_new:
                    np.copyto(self._from, self._to)
                    self._is_new = False
                np.subtract(self._to, self._from, out=self._way)
            end = min(count, sample + STEP - self._phase)
            here = out[:, sample:end]
            np.multiply(self._way[:, None], self._shares[self._phase : self._phase + end - sample], out=here)
            np.add(here, self._from[:, None], out=here)
            self._phase = (self._phase + end - sample) % STEP
            sample = end
        return out

    def reset(self) -> None:
        """Begin at rest on the next value."""
        self._fit(len(self._values), len(self._to))

    def _fit(self, inputs: int, outputs: int) -> None:
        self._values: FloatArray = np.zeros(inputs, np.float32)
        self._finite = np.zeros(inputs, np.bool_)
        self._from, self._to, self._way = np.zeros((3, outputs), np.float32)
        self._phase, self._is_new = 0, True
