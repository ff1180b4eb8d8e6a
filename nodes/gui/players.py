"""Players: playheads that walk the drawing side by side, each on a line of its own."""

from collections.abc import Sequence

import numpy as np

from ...engine import Events, FloatArray
from .course import Course
from .drawing import Played, line_of
from .gesture import Timed, Tour, timed
from .playback import Follower, Playhead, Walk, coordinates_for
from .travel import Rate
from .units import Density, Floats


def duration_ms(path: Played, scale: Density, is_even: bool) -> float:
    """How long a path lasts at rate 1: a gesture or tour its own time, unless it is walked evenly."""
    own = timed(path, is_even)
    return own.lasts * _ms(own, scale) if own is not None else line_of(path).length * scale.ms_per_unit


def places_for(played: Sequence[Played], walk: Walk, scale: Density, is_even: bool, out: Floats) -> Floats:
    """The places met on a walk, written to ``out`` ``[2, n]``; 0 where there is no line."""
    coordinates_for([line_of(path) for path in played], walk.index, walk.position_ms, scale, out)
    for index in set(walk.index.tolist()):
        own = timed(played[index], is_even) if 0 <= index < len(played) else None
        if own is not None:
            samples = walk.index == index
            out[:2, samples] = own.positions_at(walk.position_ms[samples] / _ms(own, scale))
    return out


def _ms(path: Timed, scale: Density) -> float:
    """How many ms one step of a path's own time lasts."""
    return scale.ms_per_latent if isinstance(path, Tour) else 1000.0


class Player:
    """One playhead with what drives it: triggers, a signal of positions, or its own time."""

    def __init__(self, sample_rate: float) -> None:
        self.head = Playhead(sample_rate)
        self.follower = Follower()
        self._is_playing = False

    def follow(self, position: FloatArray | None, count: int, line: int, durations: tuple[float, ...]) -> Walk:
        """Go where a signal of ms says, on line ``line`` (from 1; 0 is none)."""
        index = min(line, len(durations)) - 1
        heard = position if position is not None else np.zeros(count, np.float32)
        return self.follower.process(heard, index, durations[index] if index >= 0 else 0.0)

    def walk(
        self, count: int, course: Course, trigger: Events, line: int, playing: bool, rate: Rate, ahead: float = 0.0
    ) -> Walk:
        """Walk on for a block. line: from 1; 0 is none, it holds then. ahead: where it begins, 0 … 1 of its line."""
        if line <= 0 and not trigger and not self._is_playing:
            return Walk(np.full(count, -1, np.intp), np.zeros(count))
        if playing and not self._is_playing:
            self._start(line - 1, course, ahead)
        elif self._is_playing and course.mode != "chain" and self.head.line != self._kept(line, course):
            self.head.select(max(line, 1) - 1)
        self._is_playing = playing and line > 0
        speed: Rate = rate if np.ndim(rate) == 0 else np.asarray(rate, np.float64).reshape(-1)
        if not playing or line <= 0:
            speed = 0.0
        parts: list[Walk] = []
        begin = 0
        for offset, value in [*trigger, (count, 0.0)]:
            if offset > begin:
                some: Rate = speed if np.ndim(speed) == 0 else speed[begin:offset]  # type: ignore[index]
                parts.append(_later(self.head.process(offset - begin, course, some), begin))
            if offset < count:
                self.head.trigger(int(value) - 1 if value >= 1 else None)
            begin = offset
        if len(parts) == 1:
            return parts[0]
        return Walk(
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.position_ms for part in parts]),
            tuple(end for part in parts for end in part.ends),
        )

    def _start(self, line: int, course: Course, ahead: float) -> None:
        line = max(line, 0)
        if ahead > 0 and course.durations_ms:
            lasts = course.durations_ms[min(line, len(course.durations_ms) - 1)]
            share = course.loop_start + (course.loop_end - course.loop_start) * (ahead % 1.0)
            self.head.trigger(line, share * lasts)
        else:
            self.head.trigger(line)

    @staticmethod
    def _kept(line: int, course: Course) -> int:
        return min(max(line, 1), len(course.durations_ms)) - 1


def _later(walk: Walk, offset: int) -> Walk:
    return Walk(walk.index, walk.position_ms, tuple((sample + offset, line) for sample, line in walk.ends))
