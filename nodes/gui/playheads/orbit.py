"""Orbit: the playheads go round a figure for ever, with nothing drawn."""

from typing import NamedTuple

import numpy as np

from ....engine import FloatArray
from ..units import MapBox
from .figures import Figure, Shape, figure_points
from .mode import Block, Walked
from .travel import Travel

Number = float | FloatArray


class OrbitParams(NamedTuple):
    """centre, size: of the map, -1 … 1 and 0 … 2. detune: rounds of x and y per round. apart: 1 spreads them."""

    shape: Shape
    frequency_hz: Number
    centre: tuple[Number, Number]
    size: tuple[Number, Number]
    detune: tuple[float, float]
    apart: float


class OrbitMode:
    """Playheads one behind the other on a figure."""

    def __init__(self, sample_rate: float, players: int, box: MapBox, seed: int) -> None:
        self._cycles = Travel(1.0, sample_rate)
        self._players, self._box, self._seed = players, box, seed

    def advance(self, block: Block, params: OrbitParams, out: Walked) -> tuple[()]:
        """Go on round."""
        hertz = params.frequency_hz
        speed = hertz if np.ndim(hertz) == 0 else np.asarray(hertz, np.float64).reshape(-1)
        figure = Figure(detune_x=params.detune[0], detune_y=params.detune[1], seed=self._seed)
        cycles = self._cycles.advance(block.samples, speed)
        for player in range(self._players):
            points = figure_points(params.shape, cycles + params.apart * player / self._players, figure)
            for axis in range(2):
                middle, half = self._box.centre[axis], self._box.size[axis] / 2
                out.xy[2 * player + axis] = middle + half * (params.centre[axis] + params.size[axis] * points[axis])
        return ()
