"""Playheads: they walk along drawn lines, once, round and round, to and fro or from line to line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..lines import Polyline
from ..units import Density, Floats
from .course import NEARLY_MS, Course, UnrolledCourse
from .travel import Rate, Travel, clean_speed, directions

# (sample offset, line) of every line whose end was reached, in order.
Ends = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Walk:
    """Where a playhead is at each sample of a block.

    index: the line ``[n]``, -1 where there is none. position_ms: how far along that line ``[n]``, in ms at
    original speed. ends: see ``Ends``.
    """

    index: NDArray[np.intp]
    position_ms: Floats
    ends: Ends = ()


class Playhead:
    """One playhead: its line, its place on it, and which way it goes. It waits on line 0 until triggered.

    The walk does not depend on how a stream is cut into blocks: distances come from sample counters (see
    ``Travel``) and an end falls on the first sample at or after its exact moment.
    """

    def __init__(self, sample_rate: float) -> None:
        self._travel = Travel(1000.0, sample_rate)
        self._course = Course((0.0,))
        self._unrolled = UnrolledCourse(self._course, 0)
        self._line = 0
        self._place_ms = 0.0
        self._mirrored = False
        self._cell = 0
        self._way = 1.0
        self._moving = False
        self._ended = False
        self._to_start = True
        self._anchored = False

    @property
    def line(self) -> int:
        """The line that it is on, from 0."""
        return self._line

    @property
    def moving(self) -> bool:
        """Whether it walks: triggered, and in mode ``once`` not yet at the end."""
        return self._moving

    def trigger(self, line: int | None = None, from_ms: float | None = None) -> None:
        """Play this or another line from its start (its end, if the rate is negative) or from a place."""
        self._line = self._line if line is None else max(line, 0)
        self._to_start = from_ms is None or not np.isfinite(from_ms)
        self._place_ms = 0.0 if from_ms is None or self._to_start else from_ms
        self._moving, self._ended, self._mirrored, self._anchored = True, False, False, False

    def select(self, line: int) -> None:
        """Go to another line, equally far along it in ms, walking or not."""
        self._settle()
        self._line, self._anchored = max(line, 0), False

    def process(self, frames: int, course: Course, rate: Rate = 1.0) -> Walk:
        """Walk on for a block of ``frames`` samples.

        rate: speed, 1 original, negative backwards, one number or one per sample; cleaned as in
        ``clean_speed``. A line without length ends at once in ``once`` and ``chain``, else it is held.
        """
        if not course.durations_ms or not frames:
            return Walk(np.full(frames, -1, np.intp), np.zeros(frames))
        if course != self._course or not self._anchored:
            self._enter(course, rate)
        if not self._moving:
            return Walk(np.full(frames, self._line, np.intp), np.full(frames, self._place_ms))
        ways, self._way = directions(rate, frames, self._way)
        travelled = self._travel.advance(frames, rate)
        cells = self._unrolled.cells(travelled, ways, self._cell)
        if course.mode == "once":
            return self._walk_to_end(travelled, cells)
        crossings = np.flatnonzero(np.diff(cells, prepend=self._cell))
        index, position = self._unrolled.places(travelled, cells)
        left = np.concatenate(((self._line,), index))[crossings]
        self._cell, self._line = int(cells[-1]), int(index[-1])
        return Walk(index, position, tuple(zip(crossings.tolist(), left.tolist(), strict=True)))

    def _walk_to_end(self, travelled: Floats, cells: NDArray[np.int64]) -> Walk:
        beyond = np.flatnonzero(cells != self._cell)
        ends: Ends = ()
        if len(beyond) or not self._unrolled.total:
            end = int(beyond[0]) if len(beyond) else 0
            travelled[end:] = travelled[end]
            ends = ((end, self._line),)
        index, position = self._unrolled.places(travelled, np.full_like(cells, self._cell))
        if ends:
            self._place_ms, self._moving, self._ended = float(position[-1]), False, True
        return Walk(index, position, ends)

    def _settle(self) -> None:
        """Read the present place off the distance travelled, which is about to be counted anew."""
        if self._moving and self._anchored:
            here, cell = np.array([self._travel.position]), np.array([self._cell], np.int64)
            self._place_ms = float(self._unrolled.places(here, cell)[1][0])
            self._mirrored = self._course.mode == "ping-pong" and self._cell % 2 == 1

    def _enter(self, course: Course, rate: Rate) -> None:
        """Count from the present place, or from the start when triggered, on a new or changed course."""
        self._settle()
        if self._ended and course.mode != "once":
            self.trigger()
        self._line = min(self._line, len(course.durations_ms) - 1)
        self._course, self._unrolled = course, UnrolledCourse(course, self._line)
        low, high = self._unrolled.limits(self._line)
        if self._to_start:
            backwards = float(np.ravel(clean_speed(rate, 1))[0]) < 0
            self._way = -1.0 if backwards else 1.0
            self._place_ms = high if backwards else low
            self._to_start = not self._moving
        self._place_ms = min(max(self._place_ms, low), high)
        mirrored = self._mirrored and course.mode == "ping-pong"
        distance, self._cell = self._unrolled.enter(self._line, self._place_ms, mirrored)
        self._travel.reset(distance)
        self._anchored = True


class PositionFollower:
    """A playhead that is moved by a signal: position in ms, forwards, backwards, at any speed."""

    def __init__(self) -> None:
        self._last_ms = 0.0
        self._line = -1
        self._at_end = False

    def process(self, position_ms: NDArray[np.floating], line: int, duration_ms: float) -> Walk:
        """Follow a block of positions ``[n]`` on one line, held at both of its ends.

        An end is reported at the first sample that reaches the line's duration, and again only after the
        signal came back below it or another line was chosen. Positions that are not numbers repeat the last
        good one. A negative line means none. Source: spec §11.10.
        """
        if line != self._line:
            self._line, self._at_end = line, False
        frames = len(position_ms)
        if line < 0 or not frames:
            return Walk(np.full(frames, -1, np.intp), np.zeros(frames))
        signal = np.concatenate(((self._last_ms,), np.asarray(position_ms, np.float64)))
        good = np.maximum.accumulate(np.where(np.isnan(signal), 0, np.arange(frames + 1)))
        held = signal[good]
        self._last_ms = float(held[-1])
        place = np.clip(held[1:], 0.0, max(duration_ms, 0.0))
        reached = (place >= duration_ms - NEARLY_MS) & (duration_ms > NEARLY_MS)
        arrivals = np.flatnonzero(reached & ~np.concatenate(((self._at_end,), reached[:-1])))
        self._at_end = bool(reached[-1])
        return Walk(np.full(frames, line, np.intp), place, tuple((int(k), line) for k in arrivals))


def coordinates_for(
    lines: Sequence[Polyline],
    index: NDArray[np.intp],
    position_ms: Floats,
    density: Density,
    out: NDArray[np.floating],
) -> NDArray[np.floating]:
    """The coordinates met on a walk, written to ``out`` ``[C, n]`` (any float type), which is returned.

    Speed along a line is even: equal times are equal distances, also round corners. Samples without a line,
    and axes that a line does not have, become 0.
    """
    for line in sorted(set(index.tolist())):
        samples = slice(None) if index[0] == index[-1] == line and np.all(index == line) else index == line
        if not 0 <= line < len(lines):
            out[:, samples] = 0.0
            continue
        axes = min(lines[line].axes, len(out))
        out[:axes, samples] = lines[line].positions_at(density.ms_to_distance(position_ms[samples]))[:axes]
        out[axes:, samples] = 0.0
    return out
