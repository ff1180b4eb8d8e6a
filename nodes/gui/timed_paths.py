"""Paths with times of their own: what a hand did on the map, and tours that pass each sound at its own speed."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from .lines import Polyline
from .units import Floats, MapError

LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, eq=False)
class Timed:
    """A path with its own times.

    moments: float64 ``[n, 3]``, n from 1: when, counted from its start (rising, or equal), x, y in value units. Paths
    of one kind with equal moments and names are equal. Raises MapError.
    """

    moments: Floats
    name: str = ""
    _kind: ClassVar[str] = "gesture"
    _mend: ClassVar[str] = "record it again"

    def __post_init__(self) -> None:
        moments = Polyline(self.moments).anchors
        if moments.shape[1] != 3:
            raise MapError(f"{self._kind}: its moments have {moments.shape[1]} numbers; give a time, x and y")
        if np.any(np.diff(moments[:, 0]) < 0) or moments[0, 0] < 0:
            raise MapError(f"{self._kind}: its times go backwards; {self._mend}")
        object.__setattr__(self, "moments", moments)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.name == other.name and np.array_equal(self.moments, other.moments)

    def __hash__(self) -> int:
        return hash((self.moments.shape, self.moments.tobytes(), self.name))

    @property
    def lasts(self) -> float:
        """How long it lasts at its own speed."""
        return float(self.moments[-1, 0])

    @cached_property
    def line(self) -> Polyline:
        """Its path alone, to be drawn or walked evenly."""
        return Polyline(self.moments[:, 1:], name=self.name)

    def positions_at(self, times: Floats) -> Floats:
        """The places ``[2, N]`` at such times ``[N]`` from its start, held at both ends."""
        return np.stack([np.interp(times, self._times, column) for column in self._columns])

    def distance_at(self, share: float) -> float:
        """How far along its line (value units) it is after a share of its time, 0 … 1."""
        return float(np.interp(share * self.lasts, self._times, self._distances))

    def share_at(self, distance: float) -> float:
        """After what share of its time, 0 … 1, it is so far along its line (value units)."""
        return float(np.interp(distance, self._distances, self._times)) / self.lasts if self.lasts else 0.0

    @cached_property
    def _distances(self) -> Floats:
        return np.concatenate(((0.0,), np.cumsum(self.line.segment_lengths)))

    @cached_property
    def _times(self) -> Floats:
        return np.ascontiguousarray(self.moments[:, 0])

    @cached_property
    def _columns(self) -> Floats:
        return np.ascontiguousarray(self.moments[:, 1:].T)


def timed(path: object, is_even: bool) -> Timed | None:
    """A path that is played in its own times; None for lines, and where all are walked evenly."""
    return path if isinstance(path, Timed) and not is_even else None


@dataclass(frozen=True, eq=False)
class RecordedGesture(Timed):
    """What a hand did: its times are seconds, an hour at most. Raises MapError."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.seconds > LONGEST_SECONDS:
            raise MapError(f"gesture: it lasts {self.seconds:.0f} s; an hour is the most")

    @property
    def seconds(self) -> float:
        """How long it lasts at its own speed."""
        return self.lasts


@dataclass(frozen=True, eq=False)
class Tour(Timed):
    """A way past all sounds: its times are latent frames, so that each sound passes at its own speed."""

    _kind: ClassVar[str] = "tour"
    _mend: ClassVar[str] = "have the lines laid out again"
