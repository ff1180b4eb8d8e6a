"""Param: a param of a definition."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, Help, Param, Signal, node

Value = Annotated[
    float,
    Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Value where an instance gives none, in the target's unit."),
]


Given = Annotated[ControlSignal, Help("the value, for a param or a signal input")]


@node(other_names=("parameter", "argument", "patcherargs", "$1"), nearest_to=("knob of a definition",))
def param(out: Signal, value: Value = 0.0) -> Given:
    """Param of a definition.

    Instances of the definition have a param of this node's name. Connected to a param inside, it is that param; to a
    signal input, a constant. Outside of a definition it is a constant.
    """
    np.copyto(out, value)
    return out
