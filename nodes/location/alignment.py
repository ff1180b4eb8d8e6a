"""A whole sound's way over a map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .features import HOP_SECONDS, FloatArray
from .known import Known
from .path import LAG_FRAMES, PathFinder


@dataclass(frozen=True)
class FoundMoment:
    """Where a sound is at a time. seconds: in the query. moment: of those known; -1 in silence. confidence: 0 … 1."""

    seconds: float
    moment: int
    confidence: float


@dataclass(frozen=True)
class FoundPart:
    """A part of a query that lies on one line. begin, end: seconds in the query; from_, to: in the line's sound."""

    line: int
    name: str
    begin: float
    end: float
    from_: float
    to: float
    confidence: float


def find(known: Known, sound: FloatArray, sample_rate: float) -> Iterator[FoundMoment]:
    """Where a sound ``[n]`` is on the map, frame by frame, as ``locate`` finds it live."""
    finder = PathFinder(known, sample_rate)
    features = finder.features
    count = int(np.ceil(len(sound) / features.hop))
    lead = (features.window - round(features.hop)) // 2
    tail = np.zeros((LAG_FRAMES + 3) * features.window, np.float32)
    padded = np.concatenate([np.zeros(lead, np.float32), sound, tail])
    waiting = list[int]()
    for frame in range(count):
        begin = round(frame * features.hop)
        spot = finder.hear(padded[begin : begin + features.window])
        if spot is None:
            yield from _left(waiting, finder)
            waiting = []
            yield FoundMoment(frame * HOP_SECONDS, -1, 0.0)
            continue
        waiting.append(frame)
        if len(waiting) > LAG_FRAMES:
            yield FoundMoment(waiting.pop(0) * HOP_SECONDS, spot.moment, spot.confidence)
    yield from _left(waiting, finder)


def stretches(known: Known, steps: Sequence[FoundMoment]) -> list[FoundPart]:
    """The lines that a query goes along, one after the other; silence between is left out."""
    found: list[FoundPart] = []
    run: list[FoundMoment] = []
    for step in [*steps, FoundMoment(0.0, -1, 0.0)]:
        if run and (step.moment < 0 or known.line[step.moment] != known.line[run[0].moment]):
            line = int(known.line[run[0].moment])
            confidence = float(np.mean([one.confidence for one in run]))
            first, last = (float(known.seconds[one.moment]) for one in (run[0], run[-1]))
            end = run[-1].seconds + HOP_SECONDS
            found.append(FoundPart(line, known.names[line], run[0].seconds, end, first, last, confidence))
            run = []
        if step.moment >= 0:
            run.append(step)
    return found


def _left(waiting: list[int], finder: PathFinder) -> Iterator[FoundMoment]:
    """The last frames before silence or the end, for which nothing later is heard."""
    for frame, spot in zip(waiting, finder.last(len(waiting)), strict=True):
        yield FoundMoment(frame * HOP_SECONDS, spot.moment, spot.confidence)
