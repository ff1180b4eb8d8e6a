"""Pads: the playheads glide to places that are kept, when a pad is chosen or a trigger names one."""

from typing import NamedTuple

import numpy as np

from ..units import Floats
from .mode import Block, Walked, all_at
from .quantiser import Quantiser


class PadsParams(NamedTuple):
    """pad: 1 … 9; 0 stays. seconds: how long gliding takes."""

    pad: int
    seconds: float


class PadsMode:
    """All playheads glide to the chosen pad; a pad that is moved takes them along."""

    def __init__(self, sample_rate: float, choice: Quantiser) -> None:
        self._glide, self._choice = Glide(sample_rate), choice
        self._pad = 0

    def advance(self, block: Block, params: PadsParams, out: Walked) -> tuple[()]:
        """Glide on; a trigger's value is a pad's number."""
        pads, xy = block.drawing.pads, block.xy
        events = sorted([*self._choice.chosen(params.pad, block.grid), *block.triggers])
        if block.is_new:
            self._glide.hold(block.place)
            events = [(0, float(self._pad)), *events]
        elif self._pad in pads and not np.array_equal(self._glide.aim, pads[self._pad]):
            self._glide.go(np.array(pads[self._pad]), params.seconds)
        begin = 0
        for offset, value in [*events, (block.samples, 0.0)]:
            if offset > begin:
                self._glide.process(offset - begin, xy[:, begin:offset])
            if offset < block.samples and int(value) in pads:
                self._pad = int(value)
                self._glide.go(np.array(pads[self._pad]), params.seconds)
            begin = max(begin, offset)
        all_at(xy, out)
        return ()


class Glide:
    """A place that glides to others: slowly away, slowly there, from wherever it is when another is asked for."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._from = np.zeros(2)
        self._to = np.zeros(2)
        self._length = 0
        self._gone = 0

    def hold(self, place: Floats) -> None:
        """Be there at once."""
        self._from, self._to, self._length, self._gone = place.copy(), place.copy(), 0, 0

    def go(self, place: Floats, seconds: float) -> None:
        """Glide there from where it is."""
        self._from = self._at(np.full(1, float(self._gone)))[:, 0]
        self._to = np.asarray(place, np.float64)
        self._length, self._gone = max(0, round(seconds * self._rate)), 0

    def process(self, count: int, out: Floats) -> None:
        """The place at each of the next samples, to ``out`` ``[2, count]``."""
        out[:] = self._at(np.arange(count, dtype=np.float64) + (self._gone + 1.0))
        self._gone = min(self._gone + count, self._length)

    @property
    def aim(self) -> Floats:
        """Where it goes."""
        return self._to

    def _at(self, gone: Floats) -> Floats:
        share = np.minimum(gone / self._length, 1.0) if self._length else np.ones(len(gone))
        eased = share * share * (3.0 - 2.0 * share)
        places: Floats = self._from[:, np.newaxis] + (self._to - self._from)[:, np.newaxis] * eased
        return places
