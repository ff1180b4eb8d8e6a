"""Multiply: let one signal shape another, as an envelope, a tremolo or a ring modulator."""

from typing import Annotated

import numpy as np

from ..engine import Param, Signal, node

Value = Annotated[float, Param(-1e6, 1e6, help="A factor on top; a cord here shapes all channels alike.")]


@node
def multiply(a: Signal, out: Signal, b: Signal | None = None, value: Value = 1.0) -> Signal:
    """Multiply two signals and a value.

    Channels multiply one to one; one channel shapes every channel of the other. Without ``b`` only the value counts.
    """
    if b is None:
        return np.multiply(a, value, out=out)
    np.multiply(a, b, out=out)
    if isinstance(value, np.ndarray) or value != 1.0:
        np.multiply(out, value, out=out)
    return out
