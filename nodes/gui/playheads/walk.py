"""Walk: the playheads walk along what is drawn side by side, each on a line of its own, or go where a position says."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from ....engine import Events, FloatArray
from ..drawing import Played, line_of
from ..timed_paths import Timed, Tour, timed
from ..units import Density, Floats
from .course import Course
from .course import Mode as CourseMode
from .mode import Block, Walked
from .playhead import Playhead, PositionFollower, Walk, coordinates_for
from .quantiser import Quantiser
from .travel import Rate


class WalkParams(NamedTuple):
    """line: from 1; 0 is none. step, apart, rate_spread: what each further playhead has of its own. position: ms."""

    mode: CourseMode | Literal["position"]
    line: int
    step: int
    playing: bool
    rate: float | FloatArray
    rate_spread: float
    loop: tuple[float, float]
    apart: float
    position: FloatArray | None


class WalkMode:
    """Playheads on lines; of several, triggers take one after the other."""

    def __init__(self, sample_rate: float, players: int, is_even: bool, choice: Quantiser) -> None:
        self._walkers = [_Walker(sample_rate) for _ in range(players)]
        self._is_even, self._choice = is_even, choice
        self._line, self._next = 1, 0

    def advance(self, block: Block, params: WalkParams, out: Walked) -> list[Walk]:
        """Walk on; a trigger's value is a line's number (0: the same again)."""
        walks: list[Walk] = []
        count, played, scale = block.samples, block.drawing.played, block.scale
        durations = tuple(duration_ms(one, scale, self._is_even) for one in played)
        for _, value in self._choice.chosen(params.line, block.grid):
            self._line = int(value)
        course = None if params.mode == "position" else Course(durations, params.mode, *params.loop)
        for player, walker in enumerate(self._walkers):
            line = self._line
            if player and line:
                line = 1 + (line - 1 + player * params.step) % max(1, len(durations))
            if course is None:
                walk = walker.follow(params.position, count, line, durations)
            else:
                own = [
                    event for at, event in enumerate(block.triggers) if (self._next + at) % len(self._walkers) == player
                ]
                rate = params.rate
                if player and params.rate_spread:
                    rate = rate * (1.0 + player * params.rate_spread)
                ahead = params.apart * player / len(self._walkers)
                walk = walker.walk(count, course, own, line, params.playing, rate, ahead)
            places_for(played, walk, scale, self._is_even, block.xy)
            out.xy[2 * player : 2 * player + 2] = block.xy
            out.ms[player] = walk.position_ms
            out.ended.extend((offset, float(ended + 1)) for offset, ended in walk.ends)
            walks.append(walk)
        if len(self._walkers) > 1:
            out.ended.sort()
        self._next = (self._next + len(block.triggers)) % len(self._walkers)
        return walks


class _Walker:
    """One playhead with what drives it: triggers, a signal of positions, or its own time."""

    def __init__(self, sample_rate: float) -> None:
        self.head = Playhead(sample_rate)
        self.follower = PositionFollower()
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


def duration_ms(path: Played, scale: Density, is_even: bool) -> float:
    """How long a path lasts at rate 1: a gesture or tour its own time, unless it is walked evenly."""
    own = timed(path, is_even)
    return own.lasts * _ms(own, scale) if own is not None else scale.distance_to_ms(line_of(path).length)


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
