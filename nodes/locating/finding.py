"""A whole sound's way over a map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .hearing import HOP_SECONDS, FloatArray
from .known import Known
from .path import LAG_FRAMES, PathFinder


@dataclass(frozen=True)
class Step:
    """Where a sound is at a time. seconds: in the query. moment: of those known; -1 in silence. confidence: 0 … 1."""

    seconds: float
    moment: int
    confidence: float


@dataclass(frozen=True)
class Stretch:
    """A part of a query that lies on one line. begin, end: seconds in the query; from_, to: in the line's sound."""

    line: int
    name: str
    begin: float
    end: float
    from_: float
    to: float
    confidence: float


def find(known: Known, sound: FloatArray, sample_rate: float) -> Iterator[Step]:
    """Where a sound ``[n]`` is on the map, frame by frame, as ``locate`` finds it live."""
    finder = PathFinder(known, sample_rate)
    ear = finder.ear
    count = int(np.ceil(len(sound) / ear.hop))
    lead = (ear.window - round(ear.hop)) // 2
    tail = np.zeros((LAG_FRAMES + 3) * ear.window, np.float32)
    padded = np.concatenate([np.zeros(lead, np.float32), sound, tail])
    waiting = list[int]()
    for frame in range(count):
        begin = round(frame * ear.hop)
        spot = finder.hear(padded[begin : begin + ear.window])
        if spot is None:
            yield from _left(waiting, finder)
            waiting = []
            yield Step(frame * HOP_SECONDS, -1, 0.0)
            continue
        waiting.append(frame)
        if len(waiting) > LAG_FRAMES:
            yield Step(waiting.pop(0) * HOP_SECONDS, spot.moment, spot.confidence)
    yield from _left(waiting, finder)


def stretches(known: Known, steps: Sequence[Step]) -> list[Stretch]:
    """The lines that a query goes along, one after the other; silence between is left out."""
    found: list[Stretch] = []
    run: list[Step] = []
    for step in [*steps, Step(0.0, -1, 0.0)]:
        if run and (step.moment < 0 or known.line[step.moment] != known.line[run[0].moment]):
            line = int(known.line[run[0].moment])
            confidence = float(np.mean([one.confidence for one in run]))
            first, last = (float(known.seconds[one.moment]) for one in (run[0], run[-1]))
            end = run[-1].seconds + HOP_SECONDS
            found.append(Stretch(line, known.names[line], run[0].seconds, end, first, last, confidence))
            run = []
        if step.moment >= 0:
            run.append(step)
    return found


def _left(waiting: list[int], finder: PathFinder) -> Iterator[Step]:
    """The last frames before silence or the end, for which nothing later is heard."""
    for frame, spot in zip(waiting, finder.last(len(waiting)), strict=True):
        yield Step(frame * HOP_SECONDS, spot.moment, spot.confidence)
