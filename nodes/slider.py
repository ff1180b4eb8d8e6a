"""Slider: a value to turn by hand."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, Param, Signal, node

Value = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Output value.")]


@node(other_names=("number", "constant", "sig~", "knob", "dial"))
def slider(out: Signal, value: Value = 0.0) -> ControlSignal:
    """Constant, smoothed when it changes."""
    np.copyto(out, value)
    return out
