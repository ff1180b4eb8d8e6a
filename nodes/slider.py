"""Slider: a value to turn by hand."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, Help, Param, Signal, node

Value = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Output value.")]


@node(
    other_names=("number", "constant", "sig~", "knob", "dial", "fader", "value", "constant value"),
    nearest_to=("switch", "toggle"),
)
def slider(out: Signal, value: Value = 0.0) -> Annotated[ControlSignal, Help("the value as a signal")]:
    """Constant, smoothed when it changes."""
    np.copyto(out, value)
    return out
