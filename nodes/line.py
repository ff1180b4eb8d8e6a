"""Line: go to a value and arrive there after a given time."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, Event, Help, Param, Setting, Setup, Signal, node

FURTHEST = 1e6

Time = Annotated[
    float,
    Param(
        0.0,
        60_000.0,
        soft=(0, 5_000),
        unit="ms",
        help="Ramp time; takes effect at the next target.",
    ),
]
Start = Annotated[float, Setting(help="Initial value.", low=-FURTHEST, high=FURTHEST)]


@node(other_names=("line~", "envelope", "ramp to", "glide"), nearest_to=("adsr", "ar", "attack", "decay", "slide"))
class Line:
    """Linear ramp to each value that arrives.

    One channel. The ramp starts on the sample of the event and ends on the target; a new target starts from the current
    value. Targets are clipped to ±1e6; invalid ones are ignored.
    """

    def __init__(self, setup: Setup, start: Start = 0.0) -> None:
        self._per_ms = setup.sample_rate / 1000.0
        self._start = start
        self._counts = np.arange(1, setup.block + 1, dtype=np.float64)
        self._scratch = np.zeros(setup.block)
        self.reset()

    def process(
        self, target: Annotated[Event, Help("values to go to; each starts a ramp")], out: Signal, time: Time = 100.0
    ) -> Annotated[ControlSignal, Help("the ramp as it moves")]:
        """Fill ``out`` ``[1, n]``."""
        begin = 0
        for offset, value in target:
            if np.isfinite(value):
                self._draw(out[0, begin:offset])
                begin = offset
                length = float(time[0, offset]) if isinstance(time, np.ndarray) else time
                self._depart(value, length)
        self._draw(out[0, begin:])
        return out

    def reset(self) -> None:
        """Stand at the start value."""
        self._from = self._to = self._start
        self._length = self._done = 1

    def _depart(self, target: float, length_ms: float) -> None:
        self._from = self._here()
        self._to = min(max(target, -FURTHEST), FURTHEST)
        self._length = max(1, round(length_ms * self._per_ms))
        self._done = 0

    def _here(self) -> float:
        return self._from + (self._to - self._from) * (self._done / self._length)

    def _draw(self, out: Signal) -> None:
        count = len(out)
        if self._done >= self._length:
            out.fill(self._to)
            return
        part = self._scratch[:count]
        np.add(self._counts[:count], self._done, out=part)
        np.multiply(part, 1.0 / self._length, out=part)
        np.minimum(part, 1.0, out=part)
        np.multiply(part, self._to - self._from, out=part)
        np.add(part, self._from, out=out, casting="same_kind")
        self._done = min(self._done + count, self._length)
        if self._done >= self._length:
            self._from = self._to
