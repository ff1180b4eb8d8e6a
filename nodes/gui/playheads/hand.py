"""Hand: the playheads are where a hand is, on the map, the pad or by OSC; let go, it may spring back to the middle."""

import math
from typing import NamedTuple

import numpy as np

from ....engine import FloatArray
from ..units import Floats, MapBox
from .mode import Block, Walked, all_at


class HandParams(NamedTuple):
    """x, y: in units of the map. pressure: 0 is off. seconds: in which most of the way back is done; 0 holds."""

    x: float | FloatArray
    y: float | FloatArray
    pressure: float | FloatArray
    seconds: float


class HandMode:
    """All playheads follow the hand."""

    def __init__(self, sample_rate: float, box: MapBox) -> None:
        self._spring, self._middle = Spring(sample_rate), box.centre

    def advance(self, block: Block, params: HandParams, out: Walked) -> tuple[()]:
        """Go where the hand is."""
        xy = block.xy
        xy[0], xy[1] = np.ravel(params.x), np.ravel(params.y)
        out.pressure[:] = params.pressure
        self._spring.process(xy, self._middle, float(np.max(params.pressure)) > 0, params.seconds, xy)
        all_at(xy, out)
        return ()


class Spring:
    """A hand's place: held when it lets go, or drawn back to the middle."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._away = 1.0

    def process(self, place: Floats, middle: tuple[float, float], pressed: bool, seconds: float, out: Floats) -> None:
        """Let ``out`` ``[2, n]`` be the hand's place. seconds: in which most of the way back is done; 0 holds."""
        out[:] = place
        if pressed or seconds <= 0:
            self._away = 1.0
            return
        count = out.shape[1]
        fall = math.exp(-3.0 / (seconds * self._rate))
        away = self._away * fall ** np.arange(1, count + 1)
        self._away = float(away[-1])
        for axis in (0, 1):
            out[axis] = middle[axis] + (out[axis] - middle[axis]) * away
