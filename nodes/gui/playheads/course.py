"""What a playhead walks along: drawn lines laid end to end, with a rule for what comes after the last."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..units import Floats, MapError

Mode = Literal["once", "loop", "ping-pong", "chain"]
MODES: tuple[Mode, ...] = get_args(Mode)

# How early an end counts as reached: far less than a sample, far more than rounding.
NEARLY_MS = 1e-6

# Lines shorter than this count as dots: nothing can be heard of them.
SHORTEST_MS = 1e-3


@dataclass(frozen=True)
class Course:
    """What a playhead walks along, and how; it may change from block to block while playing.

    durations_ms: how long each line lasts at original speed. mode: ``once`` stops at the end until
    triggered, ``loop`` starts over, ``ping-pong`` turns round, ``chain`` goes on with the next line, and
    after the last with the first. loop_start, loop_end: the part of each line that is played, as fractions
    of it in either order; beyond 0..1 they are clamped. Raises MapError.
    """

    durations_ms: tuple[float, ...]
    mode: Mode = "once"
    loop_start: float = 0.0
    loop_end: float = 1.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise MapError(f"playhead: there is no mode '{self.mode}'; choose one of {', '.join(MODES)}")
        if not np.all(np.isfinite((*self.durations_ms, self.loop_start, self.loop_end))):
            raise MapError("playhead: a length or a loop end is not a number; give finite numbers")
        start, end = sorted(min(max(float(x), 0.0), 1.0) for x in (self.loop_start, self.loop_end))
        object.__setattr__(self, "loop_start", start)
        object.__setattr__(self, "loop_end", end)
        object.__setattr__(self, "durations_ms", tuple(max(float(ms), 0.0) for ms in self.durations_ms))


class UnrolledCourse:
    """A course unrolled to one endless axis in ms, cut into numbered cells, one cell per line walked.

    Cell 0 is the first walk along the chosen line (in ``chain``: along line 0). A boundary belongs to the
    cell that is entered there, so it depends on the way one comes from: going to and fro is symmetric.
    """

    def __init__(self, course: Course, line: int) -> None:
        durations = np.array(course.durations_ms)
        self._chosen = None if course.mode == "chain" else line
        self._lows = durations * course.loop_start
        self._lengths = durations * (course.loop_end - course.loop_start)
        self._lengths[self._lengths < SHORTEST_MS] = 0.0
        walked = self._lengths if self._chosen is None else self._lengths[line : line + 1]
        self._stops = np.cumsum(walked)
        self._starts = self._stops - walked
        self._turns = course.mode == "ping-pong"
        self.total = float(self._stops[-1])
        """How long one round lasts, in ms at original speed; 0 when there are only dots."""

    def limits(self, line: int) -> tuple[float, float]:
        """The first and the last place on a line that is played, in ms from its start."""
        return float(self._lows[line]), float(self._lows[line] + self._lengths[line])

    def enter(self, line: int, place_ms: float, mirrored: bool) -> tuple[float, int]:
        """The distance and the cell of a place on a line; outside the part played, the nearest end of it."""
        local = min(max(place_ms - float(self._lows[line]), 0.0), float(self._lengths[line]))
        if self._chosen is None:
            return float(self._starts[line]) + local, line
        return (2 * self.total - local, 1) if mirrored else (local, 0)

    def cells(self, travelled: Floats, ways: Floats, present: int) -> NDArray[np.int64]:
        """The cell at each distance ``[n]``, reached going up (way 1) or down (-1)."""
        if not self.total:
            return np.full(len(travelled), present, np.int64)
        up = ways > 0
        rounds = np.where(
            up,
            np.floor((travelled + NEARLY_MS) / self.total),
            np.ceil((travelled - NEARLY_MS) / self.total) - 1,
        )
        if self._chosen is not None:
            return rounds.astype(np.int64)
        rest = travelled - rounds * self.total
        line = np.where(
            up,
            np.searchsorted(self._stops, rest + NEARLY_MS, side="right"),
            np.searchsorted(self._stops, rest - NEARLY_MS, side="left"),
        )
        cells = rounds * len(self._stops) + np.minimum(line, len(self._stops) - 1)
        return np.asarray(cells, np.int64)

    def places(self, travelled: Floats, cells: NDArray[np.int64]) -> tuple[NDArray[np.intp], Floats]:
        """The line and the place on it (ms from its start) at each distance, kept inside its cell."""
        rounds, walked = np.divmod(cells, len(self._stops))
        local = np.clip(
            travelled - rounds * self.total - self._starts[walked], 0.0, (self._stops - self._starts)[walked]
        )
        line = walked if self._chosen is None else np.full_like(walked, self._chosen)
        if self._turns:
            local = np.where(cells % 2 == 1, self.total - local, local)
        return line.astype(np.intp), self._lows[line] + local
