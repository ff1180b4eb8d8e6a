"""External: a signal of two channels says where the playheads are; unpatched, they stay where they were."""

from typing import NamedTuple

import numpy as np

from ....engine import FloatArray
from .mode import FARTHEST, Block, Walked, all_at


class ExternalParams(NamedTuple):
    """xy: float32 ``[2, block]``; None while nothing is patched."""

    xy: FloatArray | None


class ExternalMode:
    """All playheads are where a signal says."""

    def advance(self, block: Block, params: ExternalParams, out: Walked) -> tuple[()]:
        """Pass the signal on; what is no number is 0."""
        if params.xy is not None:
            np.clip(np.nan_to_num(params.xy, posinf=0.0, neginf=0.0), -FARTHEST, FARTHEST, out=block.xy)
        else:
            block.xy[:] = block.place[:, np.newaxis]
        all_at(block.xy, out)
        return ()
