"""Add: lay one sound or movement over another, or shift it."""

from typing import Annotated

import numpy as np

from ..engine import Param, Signal, node

Value = Annotated[float, Param(-1e6, 1e6, help="Added on top; a cord here adds one channel to all.")]


@node
def add(a: Signal, out: Signal, b: Signal | None = None, value: Value = 0.0) -> Signal:
    """Add two signals and a value.

    Channels add one to one; one channel is added to every channel of the other.
    """
    if b is None:
        return np.add(a, value, out=out)
    np.add(a, b, out=out)
    if isinstance(value, np.ndarray) or value:
        np.add(out, value, out=out)
    return out
