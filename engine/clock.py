"""The engine's time: samples, and the latent frames due among them (``docs/design.md`` §"Time and repeatability")."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass
class SampleClock:
    """The absolute sample at which the current block starts."""

    sample: int = 0


class FrameTimes:
    """Which latent frames are due in the current block: frame k is due at sample ceil(k · ratio).

    ratio: samples of the engine's clock per frame, exact, so that a codec at another rate than the engine's keeps
    time for hours. count: frames due now. first: the number of the first of them (of the next, when there are
    none). due: their sample offsets in the block, int64 ``[count]``.
    """

    def __init__(self, ratio: Fraction, block: int) -> None:
        self.ratio = ratio
        self.block = block
        self.most = int(block // ratio) + 1
        self.count = 0
        self.first = 0
        self._offsets = np.zeros(self.most, np.int64)
        self._views = tuple(self._offsets[:count] for count in range(self.most + 1))
        self.due = self._views[0]

    def move_to(self, sample: int) -> None:
        """Call from the audio thread only: look at the block that starts at an absolute sample."""
        top, bottom = self.ratio.numerator, self.ratio.denominator
        first = (sample - 1) * bottom // top + 1 if sample else 0
        count, end, due = 0, sample + self.block, -(-first * top // bottom)
        while due < end:
            self._offsets[count] = due - sample
            count += 1
            due = -(-(first + count) * top // bottom)
        self.first, self.count, self.due = first, count, self._views[count]
