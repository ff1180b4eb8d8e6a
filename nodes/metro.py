"""Metro: a beat that sets things off."""

from typing import Annotated, Literal

import numpy as np

from ..engine import Event, Events, FloatArray, Param, Setting, Setup, node
from .phasor import WHOLE, Cycle

Follow = Annotated[Literal["tempo", "every"], Setting(help="Which of the two numbers sets the pace.")]
Tempo = Annotated[float, Param(1.0, 6_000.0, unit="bpm", curve="log", help="Ticks per minute, when tempo is followed.")]
Every = Annotated[
    float, Param(1.0, 600_000.0, unit="ms", curve="log", help="Time between ticks, when every is followed.")
]
Running = Annotated[bool, Param(0, 1, help="Whether it ticks; switched on again, it begins with a tick.")]

SURPLUS = 2.0**-50
"""Ticks may come this part of a beat too soon, never too late: one due exactly on a sample is heard on that sample."""


@node
class Metro:
    """Tick at a steady pace, sample by sample exact.

    The value of a tick is its number, from 0. The first tick comes at once; any event at ``restart`` begins again
    with tick 0 on that sample.
    """

    def __init__(self, setup: Setup, follow: Follow = "tempo") -> None:
        self._bus = setup.bus
        self._cycle = Cycle(setup.sample_rate, setup.block)
        self._by_tempo = follow == "tempo"
        self._least = 2.0 * setup.sample_rate / WHOLE
        self._wraps = np.zeros(setup.block, np.bool_)
        self.reset()

    def process(
        self,
        out: Event,
        restart: Event | None = None,
        tempo: Tempo = 120.0,
        every: Every = 500.0,
        running: Running = True,
    ) -> Event:
        """Append this block's ticks to ``out``."""
        count = self._bus.output.shape[1]
        if not running:
            self.reset()
            return out
        rate = self._hertz(tempo if self._by_tempo else every)
        begin = 0
        for offset, _ in restart or ():
            self._tick(out, rate, begin, offset)
            self.reset()
            begin = offset
        self._tick(out, rate, begin, count)
        return out

    def reset(self) -> None:
        """Begin with tick 0."""
        self._number = 0
        self._last = 2**64
        self._cycle.reset()

    def _hertz(self, pace: float | FloatArray) -> float | FloatArray:
        if isinstance(pace, np.ndarray):
            factor = np.float32(1.0 / 60.0 if self._by_tempo else 1000.0)
            return np.multiply(pace, factor) if self._by_tempo else np.divide(factor, pace)
        hertz = pace / 60.0 if self._by_tempo else 1000.0 / pace
        return hertz * (1.0 + SURPLUS) + self._least

    def _tick(self, out: Events, rate: float | FloatArray, begin: int, end: int) -> None:
        if begin == end:
            return
        count = end - begin
        part = rate[:, begin:end] if isinstance(rate, np.ndarray) else rate
        phases = self._cycle.advance(part, count).view(np.uint64)
        wraps = self._wraps[:count]
        wraps[0] = int(phases[0]) < self._last
        np.less(phases[1:], phases[:-1], out=wraps[1:])
        self._last = int(phases[-1])
        for offset in np.flatnonzero(wraps).tolist():
            out.append((begin + offset, float(self._number)))
            self._number += 1
