"""Metro: a beat that sets things off, of its own or of a clock outside."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from ..engine import Event, FloatArray, Help, Moment, Param, Setting, Setup, Signal, Size, Ticks, UsedWhen, node
from ..engine.wave import WHOLE
from .phasor import UNDER_1, Cycle

Follow = Annotated[
    Literal["tempo", "every", "beat"],
    Setting(help="Clock source: tempo, every (an interval), or an external beat (MIDI clock, Ableton Link)."),
]
IN_BEATS = UsedWhen("follow", ("tempo", "beat"))
Tempo = Annotated[
    float,
    Param(1.0, 6_000.0, soft=(40, 240), unit="bpm", curve="log", help="Beats per minute, without an external clock."),
    IN_BEATS,
]
Every = Annotated[
    float,
    Param(1.0, 600_000.0, soft=(20, 10_000), unit="ms", curve="log", help="Interval between ticks."),
    UsedWhen("follow", ("every",)),
]
Beats = Annotated[
    float,
    Param(0.03125, 64.0, curve="log", ramp=False, help="Beats per tick."),
    IN_BEATS,
]
Running = Annotated[bool, Param(0, 1, help="On or off; it ticks at once when turned on.")]

# Ticks may come this part of a beat too soon, never too late: one due exactly on a sample is heard on that sample.
SURPLUS = 2.0**-50


class Ticking(NamedTuple):
    """Ticks, and a ramp that rises from 0 to 1 from one to the next."""

    out: Annotated[Event, Help("a tick: its number, from 0")]
    phase: Annotated[Signal, Size(1), Help("progress from tick to tick, 0 to 1")]


@node(
    other_names=("clock", "metronome", "beat", "tempo", "bpm", "timer", "pulse"),
    nearest_to=("sequencer", "trigger", "bang", "arpeggiator", "euclidean", "step sequencer"),
)
class Metro:
    """Metronome; sample-accurate.

    The value of a tick is its number, from 0. The first tick comes at once; any event at ``restart`` begins again
    with tick 0 on that sample. With ``follow`` beat it keeps to the beats of a clock outside that is listened to
    (``run --midi``, ``run --link``), whose first beat of a bar is a multiple of 4; tick n is beat n · ``beats`` then,
    and only that clock can restart it. While there is none, it keeps a tempo of its own.
    """

    def __init__(self, setup: Setup, follow: Follow = "tempo") -> None:
        self._bus, self._clock, self._shared = setup.bus, setup.clock, setup.beat
        self._cycle = Cycle(setup.sample_rate, setup.block)
        self._follow = follow
        self._least = 2.0 * setup.sample_rate / WHOLE
        self._wraps = np.zeros(setup.block, np.bool_)
        self._samples = np.arange(setup.block, dtype=np.float64)
        self._beats = np.zeros(setup.block)
        self._ticks = Ticks()
        self.reset()

    def process(
        self,
        out: Ticking,
        restart: Annotated[Event, Help("starts again with tick 0")] | None = None,
        tempo: Tempo = 120.0,
        every: Every = 500.0,
        beats: Beats = 1.0,
        running: Running = True,
    ) -> Ticking:
        """Append this block's ticks to ``out.out``, and fill ``out.phase`` ``[1, n]``."""
        count = self._bus.output.shape[1]
        if not running:
            self.reset()
            out.phase.fill(0.0)
            return out
        moment = self._shared.moment if self._follow == "beat" else None
        if moment is not None:
            self._keep_to(moment, out, beats)
            return out
        rate = self._hertz(every if self._follow == "every" else tempo, beats)
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
        self._ticks.forget()

    def _hertz(self, pace: float | FloatArray, beats: float) -> float | FloatArray:
        is_time = self._follow == "every"
        if isinstance(pace, np.ndarray):
            factor = np.float32(1000.0 if is_time else 1.0 / (60.0 * beats))
            return np.divide(factor, pace) if is_time else np.multiply(pace, factor)
        hertz = 1000.0 / pace if is_time else pace / 60.0 / beats
        return hertz * (1.0 + SURPLUS) + self._least

    def _tick(self, out: Ticking, rate: float | FloatArray, begin: int, end: int) -> None:
        if begin == end:
            return
        count = end - begin
        part = rate[:, begin:end] if isinstance(rate, np.ndarray) else rate
        phases = self._cycle.advance(part, count).view(np.uint64)
        wraps = self._wraps[:count]
        wraps[0] = int(phases[0]) < self._last
        np.less(phases[1:], phases[:-1], out=wraps[1:])
        self._last = int(phases[-1])
        ramp = out.phase[0, begin:end]
        np.copyto(ramp, phases, casting="unsafe")
        np.multiply(ramp, np.float32(1.0 / WHOLE), out=ramp)
        np.minimum(ramp, UNDER_1, out=ramp)
        for offset in np.flatnonzero(wraps).tolist():
            out.out.append((begin + offset, float(self._number)))
            self._number += 1

    def _keep_to(self, moment: Moment, out: Ticking, beats: float) -> None:
        count, sample = out.phase.shape[1], self._clock.sample
        places = self._beats[:count]
        np.multiply(self._samples[:count], moment.per_sample / beats, out=places)
        np.add(places, moment.at(sample) / beats, out=places)
        np.mod(places, 1.0, out=places)
        np.copyto(out.phase[0], places, casting="unsafe")
        np.minimum(out.phase, UNDER_1, out=out.phase)
        for number in self._ticks.due(moment, sample, count, beats):
            out.out.append((self._ticks.offset(moment, sample, count, number * beats), float(number)))
