"""Lines on the map: the paths that sounds are drawn along, and the ways to bend, cut and turn them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .units import Floats, MapError

MAX_AXES = 6
MAX_ANCHORS = 100_000
# Largest coordinate that an anchor may have, in value units.
FARTHEST = 1e9


@dataclass(frozen=True, eq=False)
class Polyline:
    """A path of straight segments through anchors.

    anchors: float64 ``[n, C]`` in value units, n from 1 (a dot) to 100,000, C from 1 to 6, read-only.
    closed: whether a last segment leads back to the first anchor. Two lines with equal anchors, closure
    and name are equal. Raises MapError.
    """

    anchors: Floats
    closed: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "anchors", _checked(self.anchors))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Polyline):
            return NotImplemented
        same = self.closed == other.closed and self.name == other.name
        return same and np.array_equal(self.anchors, other.anchors)

    def __hash__(self) -> int:
        return hash((self.anchors.shape, self.anchors.tobytes(), self.closed, self.name))

    @property
    def axes(self) -> int:
        """How many coordinates a point of this line has (C)."""
        return int(self.anchors.shape[1])

    @cached_property
    def corners(self) -> Floats:
        """The anchors in walking order ``[n, C]``; a closed line ends where it started (``[n + 1, C]``)."""
        if not self.closed or len(self.anchors) < 2:
            return self.anchors
        return np.concatenate((self.anchors, self.anchors[:1]))

    @cached_property
    def segment_lengths(self) -> Floats:
        """The length of every segment in value units, ``[segments]``; a dot has none."""
        steps: Floats = np.linalg.norm(np.diff(self.corners, axis=0), axis=1)
        return steps

    @property
    def length(self) -> float:
        """The length of the whole line in value units."""
        return float(self._milestones[0][-1])

    def position_at(self, distance: float) -> Floats:
        """The point ``[C]`` so far along the line (value units), held at both ends."""
        return self.positions_at(np.array([distance], np.float64))[:, 0]

    def positions_at(self, distances: Floats) -> Floats:
        """The points ``[C, N]`` so far along the line (value units ``[N]``), held at both ends."""
        milestones, corners = self._milestones
        return np.stack([np.interp(distances, milestones, corner) for corner in corners])

    @cached_property
    def _milestones(self) -> tuple[Floats, Floats]:
        """Distance from the start at every corner ``[m]`` and the corners ``[C, m]``, without repeats."""
        distances = np.concatenate(((0.0,), np.cumsum(self.segment_lengths)))
        moved = np.concatenate(((True,), np.diff(distances) > 0))
        return distances[moved], np.ascontiguousarray(self.corners[moved].T)


@dataclass(frozen=True)
class Hit:
    """Something close to the pointer: which line, which segment of it, and how far away."""

    line: int
    part: int
    distance: float
    position: Floats = field(compare=False)


def move_joint(line: Polyline, joint: int, position: ArrayLike) -> Polyline:
    """The line with one anchor somewhere else."""
    anchors = line.anchors.copy()
    anchors[_joint(line, joint)] = _place(line, position)
    return replace(line, anchors=anchors)


def insert_joint(line: Polyline, segment: int, position: ArrayLike | None = None) -> Polyline:
    """The line with one more anchor inside a segment, halfway along it unless a position is given."""
    corners = line.corners
    if not 0 <= segment < len(corners) - 1:
        raise MapError(f"line: there is no segment {segment + 1}; this line has {len(corners) - 1}")
    halfway = (corners[segment] + corners[segment + 1]) / 2
    anchor = halfway if position is None else _place(line, position)
    return replace(line, anchors=np.insert(line.anchors, segment + 1, anchor, axis=0))


def delete_joint(line: Polyline, joint: int) -> Polyline:
    """The line without one anchor; the last anchor cannot go (delete the line instead)."""
    index = _joint(line, joint)
    if len(line.anchors) == 1:
        raise MapError("line: its last anchor cannot be deleted; delete the whole line instead")
    return replace(line, anchors=np.delete(line.anchors, index, axis=0))


def reverse(line: Polyline) -> Polyline:
    """The same path walked from its end; a closed line keeps its first anchor."""
    if line.closed:
        return replace(line, anchors=np.concatenate((line.anchors[:1], line.anchors[:0:-1])))
    return replace(line, anchors=line.anchors[::-1])


def mirror(line: Polyline, axis: int, about: float | None = None) -> Polyline:
    """The line reflected along one axis, about a coordinate or else about the middle of its own extent."""
    if not 0 <= axis < line.axes:
        raise MapError(f"line: it has no axis {axis + 1} to mirror along; it has {line.axes}")
    anchors = line.anchors.copy()
    middle = (anchors[:, axis].min() + anchors[:, axis].max()) / 2 if about is None else about
    anchors[:, axis] = 2 * middle - anchors[:, axis]
    return replace(line, anchors=anchors)


def nearest_segment(lines: Sequence[Polyline], position: ArrayLike, scale: float | Floats = 1.0) -> Hit | None:
    """The segment that passes closest to a position, and the closest place on it; None where there are no segments.

    ``scale`` (pixels per value unit, one number or one per axis) turns the distance into pixels, so that
    the catching radius does not depend on zoom or density. At equal distance the newest line wins.
    """
    best: Hit | None = None
    for index, line in enumerate(lines):
        start, end = line.corners[:-1], line.corners[1:]
        if not len(start):
            continue
        along = (end - start) * scale
        squared = np.maximum(np.sum(along**2, axis=1), np.finfo(float).tiny)
        share = np.clip(np.sum((_place(line, position) - start) * scale * along, axis=1) / squared, 0, 1)
        places = start + share[:, np.newaxis] * (end - start)
        gaps = np.linalg.norm((places - _place(line, position)) * scale, axis=1)
        part = int(np.argmin(gaps))
        if best is None or gaps[part] <= best.distance:
            best = Hit(index, part, float(gaps[part]), places[part])
    return best


def _checked(anchors: ArrayLike) -> Floats:
    try:
        array = np.array(anchors, np.float64, order="C")
    except (TypeError, ValueError):
        raise MapError("line: its anchors are not a table of numbers; give one row per anchor") from None
    if array.ndim != 2 or not 1 <= array.shape[1] <= MAX_AXES:
        raise MapError(f"line: its anchors have shape {array.shape}; give one row of 1 to 6 numbers each")
    if not 1 <= len(array) <= MAX_ANCHORS:
        raise MapError(f"line: it has {len(array)} anchors; give 1 to {MAX_ANCHORS:,}")
    if not np.all(np.abs(array) <= FARTHEST):
        raise MapError("line: an anchor is not a number within a billion; move it back to the map")
    array.setflags(write=False)
    return array


def _joint(line: Polyline, joint: int) -> int:
    if not -len(line.anchors) <= joint < len(line.anchors):
        raise MapError(f"line: there is no anchor {joint + 1}; this line has {len(line.anchors)}")
    return joint % len(line.anchors)


def _place(line: Polyline, position: ArrayLike) -> Floats:
    place = np.asarray(position, np.float64)
    if place.shape != (line.axes,):
        raise MapError(f"line: a place on it needs {line.axes} numbers, not {place.size}")
    return place
