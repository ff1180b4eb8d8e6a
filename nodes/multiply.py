"""Multiply: let one signal shape another, as an envelope, a tremolo or a ring modulator."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Kernel, Param, Resting, Signal, Values, column, node, together

Value = Annotated[
    float, Param(-1e6, 1e6, soft=(-4, 4), curve="bipolar", randomize=False, help="Factor; a cord scales all channels.")
]


@node(other_names=("*~", "ring", "am", "ring modulator", "times"))
def multiply(
    a: Annotated[Signal, Help("first signal; its channels decide how many there are")],
    out: Signal,
    b: Annotated[Signal, Help("second signal; an envelope or another tone")] | None = None,
    value: Value = 1.0,
) -> Annotated[Signal, Help("the product of both and the value")]:
    """Multiply two signals and a value.

    Channels multiply one to one; one channel shapes every channel of the other. Without ``b`` only the value counts.
    """
    if b is None:
        return np.multiply(a, value, out=out)
    np.multiply(a, b, out=out)
    if isinstance(value, np.ndarray) or value != 1.0:
        np.multiply(out, value, out=out)
    return out


@together(multiply, alike=lambda value: value != 1.0, lines=True, scan=np.multiply, kernel=Kernel("product"))
def products(a: FloatArray, out: FloatArray, b: FloatArray | None) -> Resting:
    """Many in one, or one without its frame."""

    def rest(value: Values) -> Callable[[], object]:
        if b is None:
            return partial(np.multiply, a, column(value), out)
        both = partial(np.multiply, a, b, out)
        if not isinstance(value, np.ndarray) and all(one == 1.0 for one in value):
            return both
        then = partial(np.multiply, out, column(value), out)

        def in_turn() -> None:
            both()
            then()

        return in_turn

    return rest
