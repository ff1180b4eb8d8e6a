"""Gestures: what a hand did on the canvas, played back in its own time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .lines import Line
from .units import CanvasError, Floats

LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, eq=False)
class Gesture:
    """A path with its own times.

    moments: float64 ``[n, 3]``, n from 1: seconds from its start (rising, or equal), x, y in value units. Gestures with
    equal moments and names are equal. Raises CanvasError.
    """

    moments: Floats
    name: str = ""

    def __post_init__(self) -> None:
        moments = Line(self.moments).anchors
        if moments.shape[1] != 3:
            raise CanvasError(f"gesture: its moments have {moments.shape[1]} numbers; give seconds, x and y")
        if np.any(np.diff(moments[:, 0]) < 0) or moments[0, 0] < 0:
            raise CanvasError("gesture: its times go backwards; record it again")
        if moments[-1, 0] > LONGEST_SECONDS:
            raise CanvasError(f"gesture: it lasts {moments[-1, 0]:.0f} s; an hour is the most")
        object.__setattr__(self, "moments", moments)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Gesture) and self.name == other.name and np.array_equal(self.moments, other.moments)

    def __hash__(self) -> int:
        return hash((self.moments.shape, self.moments.tobytes(), self.name))

    @property
    def seconds(self) -> float:
        """How long it lasts at its own speed."""
        return float(self.moments[-1, 0])

    @cached_property
    def line(self) -> Line:
        """Its path alone, to be drawn or walked evenly."""
        return Line(self.moments[:, 1:], name=self.name)

    def positions_at(self, seconds: Floats) -> Floats:
        """The places ``[2, N]`` at so many seconds ``[N]`` from its start, held at both ends."""
        return np.stack([np.interp(seconds, self._times, column) for column in self._columns])

    @cached_property
    def _times(self) -> Floats:
        return np.ascontiguousarray(self.moments[:, 0])

    @cached_property
    def _columns(self) -> Floats:
        return np.ascontiguousarray(self.moments[:, 1:].T)
