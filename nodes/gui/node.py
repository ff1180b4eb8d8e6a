"""Gui: the canvas without its window. Lines and points to learn from and to play, and playheads that walk them."""

from typing import Annotated, Literal, NamedTuple

import numpy as np

from ...engine import (
    Content,
    Event,
    Events,
    FloatArray,
    FrameTimes,
    Moment,
    Param,
    PortSize,
    Progress,
    Setting,
    SettingError,
    Setup,
    Signal,
    Size,
    Trajectories,
    job,
    node,
    provides,
)
from ...engine.training.jobs import result_of
from .arranging import arranged
from .belonging import belonging, names_aside, sounds_in
from .course import Course
from .drawing import Drawing, laid_density, line_of, read_drawing
from .gesture import Timed
from .layout import Style
from .orbit import Figure, Phase, Shape, orbit
from .playback import Walk
from .players import Player, duration_ms, places_for
from .reaching import Beat, Glide, Spring
from .sampling import completion, sample_legacy, sample_uniform
from .units import Box, CanvasError, Density, Floats

Mode = Literal["once", "loop", "ping-pong", "chain", "position", "orbit", "pads", "hand", "outside"]
Quantise = Literal["off", "beat", "bar"]
SOON = 0.25
"""Of a beat: a bar from outside that begins so little before it was expected is that bar."""
BEATS: dict[str, int] = {"off": 0, "beat": 1, "bar": 4}
FARTHEST = 100_000.0
"""How far from zero a hand may reach, in value units."""
MODES: dict[str, Literal["once", "loop", "ping-pong", "chain"]] = {
    "once": "once",
    "loop": "loop",
    "ping-pong": "ping-pong",
    "chain": "chain",
}


class Walked(NamedTuple):
    """Where each playhead is (x and y by turns), how far along its line, the ends reached (value: the line, from 1).

    pressure: of the hand, 0 … 1.
    """

    xy: Signal
    ms: Signal
    ended: Event
    pressure: Annotated[Signal, Size(1)]


@node(role="canvas", other_names=("nn.terrain.gui", "canvas", "draw", "trajectory", "playhead"))
class Gui:
    """Holds the drawing and walks it: lines at any speed, by a position in ms, or orbits that need no drawing.

    Dataset lines (content ``lines/…``, or laid out by themselves) give one trajectory per sound, with exactly as many
    points as the sound has latents. Play lines (content ``play/…``; else a tour of the dataset, else the dataset) are
    walked. A line at rate 1 takes ratio / (rate of the engine · density) seconds per unit (spec §1, §11); lines that
    were laid out take as long as their sounds in the mean, and a tour passes each at its sound's own speed.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        box: Annotated[tuple[float, ...], Setting(help="left, top, right, bottom of the canvas")] = (
            -16.0,
            -4.0,
            16.0,
            4.0,
        ),
        layout: Annotated[
            Literal["drawn", "rows", "scatter", "map"],
            Setting(help="who draws the dataset: you, or by itself in rows, scattered, or alike beside alike"),
        ] = "drawn",
        density: Annotated[
            float, Setting(low=0.01, high=100, unit="units", help="distance per latent frame; larger plays faster")
        ] = 0.4,
        sampling: Annotated[
            Literal["uniform", "legacy"], Setting(help="legacy: points exactly as the Max canvas takes them")
        ] = "uniform",
        players: Annotated[int, Setting(low=1, high=16, help="playheads that walk side by side")] = 1,
        pace: Annotated[
            Literal["drawn", "even"], Setting(help="recorded gestures and tours in their own time, or at an even speed")
        ] = "drawn",
    ) -> None:
        if len(box) != 4:
            raise SettingError("box", f"has {len(box)} numbers; give left, top, right, bottom")
        self.setup = setup
        self.style: Style | None = None if layout == "drawn" else layout
        self.density, self.sampling, self.players = density, sampling, players
        self.laid = 0.0 if layout == "drawn" else laid_density(content)
        self._is_even = pace == "even"
        self._content = content
        try:
            self.box = Box(*box)
            self._take(_drawn(content))
        except CanvasError as error:
            raise SettingError("", str(error)) from error
        self.reset()
        self._xy = np.zeros((2, setup.block))
        self._shown: tuple[Walked, list[Walk], float] | None = None

    def ports(self) -> dict[str, PortSize]:
        """Two coordinates and one time for each playhead."""
        return {"xy": PortSize(2 * self.players), "ms": PortSize(self.players), "pressure": PortSize(1)}

    def reset(self) -> None:
        """Go back to the beginning."""
        rate = self.setup.sample_rate
        self.heads = [Player(rate) for _ in range(self.players)]
        self.phase, self.glide, self.spring = Phase(rate), Glide(rate), Spring(rate)
        self.waiting = {what: Beat(rate) for what in ("trigger", "line", "pad")}
        self._next, self._mode = 0, ""
        self._bar: int | None = None
        self._anchor = 0
        self._wished: dict[str, int] = {}
        self._line, self._pad = 1, 0
        self._place = np.array(self.box.centre)

    def shows(self) -> dict[str, FloatArray]:
        """The playheads, for whoever looks on: ``places`` ``[players, 2]`` in units of the canvas; ``line``, ``ms``
        ``[players]``; ``ms_per_unit`` ``[1]``, how long a unit of line lasts at rate 1.

        line: counted from 1; 0 when it walks none. What the last block gave is read, perhaps while the next is written.
        """
        count = self.players
        places, line, ms = np.zeros((count, 2), np.float32), np.zeros(count, np.float32), np.zeros(count, np.float32)
        per_unit = np.zeros(1, np.float32)
        if self._shown is not None:
            walked, walks, per_unit[0] = self._shown
            places[:], ms[:] = walked.xy[:, -1].reshape(count, 2), walked.ms[:, -1]
            line[: len(walks)] = [walk.index[-1] + 1 for walk in walks]
        return {"places": places, "line": line, "ms": ms, "ms_per_unit": per_unit}

    def renews(self, content: Content) -> bool:
        """Whether another drawing can be walked on without a break."""
        try:
            _drawn(content)
        except CanvasError:
            return False
        return True

    def prepare(self, content: Content) -> Drawing:
        """Another drawing made ready for ``renew``; off the audio thread."""
        return _drawn(content)

    def renew(self, drawing: Drawing) -> None:
        """Audio thread only: walk on in another drawing, from the same place along the line."""
        self._take(drawing)

    def process(
        self,
        frames: FrameTimes,
        out: Walked,
        position: Annotated[Signal, Size(1)] | None = None,
        outside: Annotated[Signal, Size(2)] | None = None,
        trigger: Event | None = None,
        mode: Mode = "loop",
        playing: Annotated[bool, Param(0, 1, help="off: the playhead stands still")] = True,
        line: Annotated[int, Param(0, 500, help="which play line; 0 is none")] = 1,
        rate: Annotated[float, Param(-64, 64, help="speed; 1 is the sound's own, negative is backwards")] = 1.0,
        loop_start: Annotated[float, Param(0, 1, ramp=False, help="where the part that plays begins")] = 0.0,
        loop_end: Annotated[float, Param(0, 1, ramp=False, help="where it ends")] = 1.0,
        shape: Shape = "circle",
        frequency: Annotated[float, Param(-50, 50, unit="Hz", help="rounds per second of an orbit")] = 0.1,
        centre_x: Annotated[float, Param(-1, 1, help="middle of an orbit, from left to right")] = 0.0,
        centre_y: Annotated[float, Param(-1, 1, help="middle of an orbit, from top to bottom")] = 0.0,
        size_x: Annotated[float, Param(0, 2, help="width of an orbit; 1 fills the canvas")] = 0.8,
        size_y: Annotated[float, Param(0, 2, help="height of an orbit; 1 fills the canvas")] = 0.8,
        detune_x: Annotated[float, Param(0, 16, ramp=False, help="rounds of x per round")] = 1.0,
        detune_y: Annotated[float, Param(0, 16, ramp=False, help="rounds of y per round")] = 1.0,
        line_step: Annotated[int, Param(0, 500, help="so many lines on for each further playhead")] = 1,
        phase: Annotated[float, Param(0, 1, ramp=False, help="how far apart playheads begin; 1 spreads them")] = 0.0,
        rate_spread: Annotated[float, Param(-1, 1, ramp=False, help="how much faster each further one is")] = 0.0,
        pad: Annotated[int, Param(0, 9, help="the kept place to glide to; 0 stays")] = 0,
        glide: Annotated[
            float, Param(0, 60_000, unit="ms", ramp=False, help="how long gliding to a pad takes")
        ] = 200.0,
        hand_x: Annotated[float, Param(-FARTHEST, FARTHEST, help="where the hand is, in units of the canvas")] = 0.0,
        hand_y: Annotated[float, Param(-FARTHEST, FARTHEST, help="where the hand is, in units of the canvas")] = 0.0,
        pressure: Annotated[float, Param(0, 1, help="how hard the hand presses; 0: it is off")] = 0.0,
        spring: Annotated[
            float, Param(0, 10_000, unit="ms", ramp=False, help="how fast a hand let go springs back; 0 holds")
        ] = 0.0,
        quantise: Quantise = "off",
        tempo: Annotated[
            float, Param(10, 400, unit="bpm", ramp=False, help="beats that lines and pads wait for")
        ] = 120.0,
        bar: Annotated[
            int, Param(0, 1_000_000, help="another number: a bar begins now; turned by a MIDI clock, or by OSC")
        ] = 0,
    ) -> Walked:
        """One block of the walk; ``position`` in ms drives mode ``position``, ``trigger`` starts line n (0: again).

        In mode ``pads`` a trigger is a pad's number. Of several playheads, triggers take one after the other.
        """
        count = out.xy.shape[1]
        shared = self.setup.beat.moment
        now = self._since_bar(bar + self.setup.beat.bars, tempo) if shared is None else self.setup.clock.sample
        beats = (now, count, BEATS[quantise], tempo, shared)
        events = self.waiting["trigger"].quantised(trigger or [], *beats)
        walks: list[Walk] = []
        scale = Density(float(frames.ratio), self.setup.sample_rate, self.laid or self.density)
        out.ms.fill(0.0)
        out.pressure[:] = pressure if mode == "hand" else 0.0
        match mode:
            case "orbit":
                self._orbit(
                    count, out, shape, frequency, (centre_x, centre_y), (size_x, size_y), (detune_x, detune_y), phase
                )
            case "pads":
                events = sorted([*self._chosen("pad", pad, beats), *events])
                self._pads(count, out, events, glide / 1000.0)
            case "hand":
                self._xy[0, :count], self._xy[1, :count] = np.ravel(hand_x), np.ravel(hand_y)
                is_down = float(np.max(pressure)) > 0
                self.spring.process(self._xy[:, :count], self.box.centre, is_down, spring / 1000.0, self._xy[:, :count])
                self._spread(out, self._xy[:, :count])
            case "outside":
                if outside is not None:
                    np.clip(
                        np.nan_to_num(outside, posinf=0.0, neginf=0.0), -FARTHEST, FARTHEST, out=self._xy[:, :count]
                    )
                else:
                    self._xy[:, :count] = self._place[:, np.newaxis]
                self._spread(out, self._xy[:, :count])
            case _:
                durations = tuple(duration_ms(one, scale, self._is_even) for one in self.played)
                for _, value in self._chosen("line", line, beats):
                    self._line = int(value)
                chosen = self._line
                for player, head in enumerate(self.heads):
                    which = 0 if chosen == 0 else 1 + (chosen - 1 + player * line_step) % max(1, len(durations) or 1)
                    which = chosen if player == 0 else which
                    if mode == "position":
                        walk = head.follow(position[0] if position is not None else None, count, which, durations)
                    else:
                        course = Course(durations, MODES[mode], loop_start, loop_end)
                        own = [event for at, event in enumerate(events) if (self._next + at) % self.players == player]
                        speed = rate if player == 0 or not rate_spread else rate * (1.0 + player * rate_spread)
                        ahead = phase * player / self.players
                        walk = head.walk(count, course, own, which, playing, speed, ahead)
                    places_for(self.played, walk, scale, self._is_even, self._xy[:, :count])
                    out.xy[2 * player : 2 * player + 2] = self._xy[:, :count]
                    out.ms[player] = walk.position_ms
                    out.ended.extend((offset, float(ended + 1)) for offset, ended in walk.ends)
                    walks.append(walk)
                if len(self.heads) > 1:
                    out.ended.sort()
                self._next = (self._next + len(events)) % self.players
        self._mode = mode
        self._place[:] = out.xy[:2, -1]
        self._shown = (out, walks, scale.ms_per_unit)
        return out

    def _since_bar(self, bar: int, tempo: float) -> int:
        """Samples since the bars began to be counted; what waited for a bar that begins a little early has come."""
        now = self.setup.clock.sample
        if self._bar not in (bar, None):
            for one in self.waiting.values():
                one.begin(now - self._anchor, SOON * 60.0 / tempo * self.setup.sample_rate)
            self._anchor = now
        self._bar = bar
        return now - self._anchor

    @job
    def arrange(self, progress: Progress, latents: Trajectories | None = None, again: bool = False) -> Content:
        """Lay the dataset's lines out by themselves, one per sound, and a tour that visits them all.

        A map goes on from the one that is there, so that sounds that come or go move the others little; not ``again``.
        """
        if self.style is None or latents is None or not latents.arrays:
            return {}
        before = {} if again else result_of(self._content, "arrange")
        return arranged(self.style, latents, self.box, self.setup.seed % 2**31, before, progress)

    def settle(self, latents: Trajectories | None) -> Content:
        """The content with each line under the number that its sound has among these; says whose are kept aside."""
        settled = belonging(self._content, sounds_in(latents))
        for name in names_aside(settled):
            if name not in names_aside(self._content):
                self.setup.warn(f"the sound of {name} is gone; its line is kept aside and comes back with it")
        return settled

    @provides
    def coordinates(self, latents: Trajectories | None = None) -> Trajectories:
        """One coordinate trajectory per sound, ``[points, 2]``: as many points as its latents, or none."""
        drawing = read_drawing(belonging(self._content, sounds_in(latents)))
        lines = drawing.lines
        names = latents.names if latents is not None else ()
        count = max(max(lines, default=-1) + 1, 0)
        arrays: list[FloatArray] = []
        for index in range(count):
            if index not in lines:
                arrays.append(np.zeros((0, 2), np.float32))
                continue
            one = line_of(lines[index])
            wanted = latents.lengths[index] if latents is not None and index < len(latents.lengths) else None
            if self.sampling == "legacy":
                points = sample_legacy(one, self.density, wanted)
            else:
                points = sample_uniform(one, wanted or completion(one, 1, self.density).filled)
            arrays.append(np.asarray(points, np.float32))
        known = tuple(names[index] if index < len(names) else f"line {index + 1}" for index in range(count))
        weights = tuple(drawing.weights.get(index, 1.0) for index in range(count))
        return Trajectories(known, tuple(arrays), weights if any(one != 1.0 for one in weights) else ())

    def _take(self, drawing: Drawing) -> None:
        self.drawing, self.played = drawing, drawing.played

    def _chosen(self, what: str, wished: int, beats: tuple[int, int, int, float, Moment | None]) -> Events:
        """Another choice of a param as events, once its beat has come; the first choice at once."""
        before = self._wished.get(what)
        self._wished[what] = wished
        if before is None:
            return [(0, float(wished))]
        return self.waiting[what].quantised([(0, float(wished))] if wished != before else [], *beats)

    def _pads(self, count: int, out: Walked, events: Events, seconds: float) -> None:
        pads = self.drawing.pads
        if self._mode != "pads":
            self.glide.hold(self._place)
            events = [(0, float(self._pad)), *events]
        elif self._pad in pads and not np.array_equal(self.glide.aim, pads[self._pad]):
            self.glide.go(np.array(pads[self._pad]), seconds)
        begin = 0
        for offset, value in [*events, (count, 0.0)]:
            if offset > begin:
                self.glide.process(offset - begin, self._xy[:, begin:offset])
            if offset < count and int(value) in pads:
                self._pad = int(value)
                self.glide.go(np.array(pads[self._pad]), seconds)
            begin = max(begin, offset)
        self._spread(out, self._xy[:, :count])

    def _spread(self, out: Walked, xy: Floats) -> None:
        """All playheads in one place."""
        for player in range(self.players):
            out.xy[2 * player : 2 * player + 2] = xy

    def _orbit(
        self,
        count: int,
        out: Walked,
        shape: Shape,
        frequency: float | FloatArray,
        centre: tuple[float, float],
        size: tuple[float, float],
        detune: tuple[float, float],
        apart: float,
    ) -> None:
        speed = frequency if np.ndim(frequency) == 0 else np.asarray(frequency, np.float64).reshape(-1)
        figure = Figure(detune_x=detune[0], detune_y=detune[1], seed=self.setup.seed % 2**31)
        cycles = self.phase.advance(count, speed)
        for player in range(self.players):
            points = orbit(shape, cycles + apart * player / self.players, figure)
            for axis in range(2):
                middle, half = self.box.centre[axis], self.box.size[axis] / 2
                out.xy[2 * player + axis] = middle + half * (centre[axis] + size[axis] * points[axis])


def _drawn(content: Content) -> Drawing:
    """What is drawn, measured now and not in the first block. Raises CanvasError."""
    drawing = read_drawing(content)
    for path in drawing.played:
        line_of(path).position_at(0.0)
        if isinstance(path, Timed):
            path.positions_at(np.zeros(1))
    return drawing
