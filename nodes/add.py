"""Add: lay one sound or movement over another, or shift it."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Kernel, Param, Resting, Signal, Values, column, node, together

Value = Annotated[
    float,
    Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", randomize=False, help="Offset; a cord adds one channel to all."),
]


@node(other_names=("+~", "sum", "offset", "plus"))
def add(
    a: Annotated[Signal, Help("first signal; its channels decide how many there are")],
    out: Signal,
    b: Annotated[Signal, Help("second signal, added to the first")] | None = None,
    value: Value = 0.0,
) -> Annotated[Signal, Help("the sum of both and the value")]:
    """Add two signals and a value.

    Channels add one to one; one channel is added to every channel of the other.
    """
    if b is None:
        return np.add(a, value, out=out)
    np.add(a, b, out=out)
    if isinstance(value, np.ndarray) or value:
        np.add(out, value, out=out)
    return out


@together(add, alike=lambda value: bool(value), lines=True, scan=np.add, kernel=Kernel("sum"))
def sums(a: FloatArray, out: FloatArray, b: FloatArray | None) -> Resting:
    """Many in one, or one without its frame."""

    def rest(value: Values) -> Callable[[], object]:
        if b is None:
            return partial(np.add, a, column(value), out)
        both = partial(np.add, a, b, out)
        if not isinstance(value, np.ndarray) and not any(value):
            return both
        then = partial(np.add, out, column(value), out)

        def in_turn() -> None:
            both()
            then()

        return in_turn

    return rest
