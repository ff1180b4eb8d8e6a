"""Map: training lines, playback paths and pads, and the playheads that move on them (saved as ``gui``)."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np

from ...engine import (
    Content,
    Event,
    FloatArray,
    FrameTimes,
    Help,
    Labels,
    Param,
    PortSize,
    Progress,
    Setting,
    SettingError,
    Setup,
    Signal,
    Size,
    Trajectories,
    UsedWhen,
    job,
    node,
    provides,
)
from ...engine.training.jobs import result_of
from .arrangement import arranged, tour_led_on
from .drawing import ANEW, Drawing, drawn_by_hand, laid_density, line_of, read_drawing, times_laid
from .layout import Style
from .line_samples import completion, sample_legacy, sample_uniform
from .ownership import names_aside, renumbered, sounds_in
from .playheads.external import ExternalMode, ExternalParams
from .playheads.figures import Shape
from .playheads.hand import HandMode, HandParams
from .playheads.mode import FARTHEST, Block, PlayheadMode, Walked
from .playheads.orbit import OrbitMode, OrbitParams
from .playheads.pads import PadsMode, PadsParams
from .playheads.playhead import Walk
from .playheads.quantiser import Bars, Quantise, Quantiser
from .playheads.walk import WalkMode, WalkParams
from .timed_paths import Timed
from .units import DEFAULT_BOX, Density, MapBox, MapError

Mode = Literal["once", "loop", "ping-pong", "chain", "position", "orbit", "pads", "hand", "outside"]
EXTERNAL = Labels("external XY")
WALKS = ("once", "loop", "ping-pong", "chain")
WALKING, ORBITING = UsedWhen("mode", WALKS), UsedWhen("mode", ("orbit",))
ON_LINES, SPREAD = UsedWhen("mode", (*WALKS, "position")), UsedWhen("mode", (*WALKS, "orbit"))
ON_PADS, BY_HAND = UsedWhen("mode", ("pads",)), UsedWhen("mode", ("hand",))
TRIGGERED, QUANTISED = UsedWhen("mode", (*WALKS, "position", "pads")), UsedWhen("quantise", ("beat", "bar"))


@node(
    role="map",
    title="Map",
    other_names=("nn.terrain.gui", "gui", "canvas", "draw", "trajectory", "playhead", "xy", "lines", "map"),
)
class Gui:
    """Holds training lines and playback paths, and plays them: at any speed, by a position in ms, or as orbits.

    Training lines (drawn, or laid out automatically) give one trajectory per sound, with exactly as many points as the
    sound has latents. The playheads follow the playback paths; without any, a tour of all sounds, else the training
    lines. At rate 1 a path takes ratio / (sample rate · spacing) seconds per unit; automatic lines last as long as
    their sounds on average, and a tour passes each sound at its original speed.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        box: Annotated[tuple[float, ...], Setting(help="left, top, right, bottom of the map")] = DEFAULT_BOX,
        layout: Annotated[
            Literal["drawn", "rows", "scatter", "map"],
            Setting(help="how training lines are laid out: by hand, in rows, scattered, or similar sounds together"),
        ] = "drawn",
        density: Annotated[
            float,
            Setting(low=0.01, high=100, unit="units", help="distance per latent frame; larger plays faster"),
            Labels("spacing"),
        ] = 0.4,
        sampling: Annotated[
            Literal["uniform", "legacy"], Setting(help="legacy: sample points exactly as nn.terrain.gui in Max does")
        ] = "uniform",
        players: Annotated[int, Setting(low=1, high=16, help="number of playheads")] = 1,
        pace: Annotated[
            Literal["drawn", "even"],
            Setting(help="whether recorded gestures and tours keep their own timing or move at a constant speed"),
            Labels("timing", (("drawn", "recorded"), ("even", "constant"))),
            ON_LINES,
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
            self.box = MapBox(*box)
            self.drawing = _drawn(content)
        except MapError as error:
            raise SettingError("", str(error)) from error
        self.reset()
        self._xy = np.zeros((2, setup.block))
        self._shown: tuple[Walked, Sequence[Walk], float] | None = None

    def ports(self) -> dict[str, PortSize]:
        """Two coordinates and one time for each playhead."""
        xy = PortSize(2 * self.players, counted="players", each=2)
        return {"xy": xy, "ms": PortSize(self.players), "pressure": PortSize(1)}

    def reset(self) -> None:
        """Go back to the beginning."""
        rate, box = self.setup.sample_rate, self.box
        self._triggers, lines, pads = Quantiser(rate), Quantiser(rate), Quantiser(rate)
        self._bars = Bars(self.setup, (self._triggers, lines, pads))
        self._walk: PlayheadMode[WalkParams] = WalkMode(rate, self.players, self._is_even, lines)
        self._orbit: PlayheadMode[OrbitParams] = OrbitMode(rate, self.players, box, self.setup.seed % 2**31)
        self._pads: PlayheadMode[PadsParams] = PadsMode(rate, pads)
        self._hand: PlayheadMode[HandParams] = HandMode(rate, box)
        self._external: PlayheadMode[ExternalParams] = ExternalMode()
        self._mode: Mode | None = None
        self._place = np.array(box.centre)

    def shows(self) -> dict[str, FloatArray]:
        """The playheads, for whoever looks on: ``places`` ``[players, 2]`` in units of the map; ``line``, ``ms``
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
        except MapError:
            return False
        return True

    def prepare(self, content: Content) -> Drawing:
        """Another drawing made ready for ``renew``; off the audio thread."""
        return _drawn(content)

    def renew(self, drawing: Drawing) -> None:
        """Audio thread only: walk on in another drawing, from the same place along the line."""
        self.drawing = drawing

    def process(
        self,
        frames: FrameTimes,
        out: Walked,
        position: Annotated[Signal, Size(1), Help("time along the line, in ms, for mode position")] | None = None,
        outside: Annotated[Signal, Size(2), EXTERNAL, Help("x and y of the playhead, for mode external XY")]
        | None = None,
        trigger: Annotated[Event, Help("starts the line of that number, 0 the same again; in mode pads a pad")]
        | None = None,
        mode: Annotated[
            Mode,
            Setting(help="how the playhead moves: along lines, in orbits, to pads, or by hand"),
            Labels(choices=(("outside", "external XY"),)),
        ] = "loop",
        playing: Annotated[bool, Param(0, 1, help="off: the playhead stops"), WALKING] = True,
        line: Annotated[
            int, Param(0, 500, help="path to play; 0 is none", soft=(1, 32), randomize=False), ON_LINES
        ] = 1,
        rate: Annotated[
            float,
            Param(
                -64,
                64,
                soft=(-4, 4),
                curve="bipolar",
                help="playback speed; 1 is the original, negative plays backwards",
            ),
            WALKING,
        ] = 1.0,
        loop_start: Annotated[float, Param(0, 1, ramp=False, help="loop start"), WALKING] = 0.0,
        loop_end: Annotated[float, Param(0, 1, ramp=False, help="loop end"), WALKING] = 1.0,
        shape: Annotated[Shape, Setting(help="shape of the orbit"), ORBITING] = "circle",
        frequency: Annotated[
            float, Param(-50, 50, soft=(-5, 5), curve="bipolar", unit="Hz", help="orbit frequency"), ORBITING
        ] = 0.1,
        centre_x: Annotated[float, Param(-1, 1, help="centre of the orbit, left to right"), ORBITING] = 0.0,
        centre_y: Annotated[float, Param(-1, 1, help="centre of the orbit, top to bottom"), ORBITING] = 0.0,
        size_x: Annotated[float, Param(0, 2, help="width of the orbit; 1 fills the map"), ORBITING] = 0.8,
        size_y: Annotated[float, Param(0, 2, help="height of the orbit; 1 fills the map"), ORBITING] = 0.8,
        detune_x: Annotated[float, Param(0, 16, soft=(0, 4), ramp=False, help="x cycles per orbit"), ORBITING] = 1.0,
        detune_y: Annotated[float, Param(0, 16, soft=(0, 4), ramp=False, help="y cycles per orbit"), ORBITING] = 1.0,
        line_step: Annotated[
            int,
            Param(0, 500, soft=(0, 8), help="each further playhead plays this many lines further on"),
            Labels("line offset"),
            ON_LINES,
        ] = 1,
        phase: Annotated[
            float,
            Param(0, 1, ramp=False, help="how far apart the playheads start; 1 spreads them over the whole line"),
            Labels("phase spread"),
            SPREAD,
        ] = 0.0,
        rate_spread: Annotated[
            float,
            Param(-1, 1, ramp=False, help="how much faster each further playhead moves"),
            Labels("speed spread"),
            WALKING,
        ] = 0.0,
        pad: Annotated[int, Param(0, 9, help="pad to glide to; 0 stays"), ON_PADS] = 0,
        glide: Annotated[
            float, Param(0, 60_000, soft=(0, 5_000), unit="ms", ramp=False, help="glide time between pads"), ON_PADS
        ] = 200.0,
        hand_x: Annotated[
            float,
            Param(-FARTHEST, FARTHEST, soft=(-16, 16), help="where the touch is, in map units"),
            Labels("touch x"),
            BY_HAND,
        ] = 0.0,
        hand_y: Annotated[
            float,
            Param(-FARTHEST, FARTHEST, soft=(-16, 16), help="where the touch is, in map units"),
            Labels("touch y"),
            BY_HAND,
        ] = 0.0,
        pressure: Annotated[float, Param(0, 1, help="touch pressure; 0: no touch", randomize=False), BY_HAND] = 0.0,
        spring: Annotated[
            float,
            Param(
                0,
                10_000,
                soft=(0, 2_000),
                unit="ms",
                ramp=False,
                help="time to return to the start after release; 0 stays",
            ),
            Labels("return time"),
            BY_HAND,
        ] = 0.0,
        quantise: Annotated[
            Quantise, Setting(help="when a line starts: at once, or on the next beat or bar"), TRIGGERED
        ] = "off",
        tempo: Annotated[
            float,
            Param(10, 400, soft=(40, 240), unit="bpm", ramp=False, help="tempo for quantised launches"),
            QUANTISED,
        ] = 120.0,
        bar: Annotated[
            int,
            Param(
                0,
                1_000_000,
                soft=(0, 64),
                randomize=False,
                help="bar counter: a new value starts a bar; set by MIDI clock or OSC",
            ),
            QUANTISED,
        ] = 0,
    ) -> Walked:
        """One block of the walk; ``position`` in ms drives mode ``position``, ``trigger`` starts line n (0: again).

        In mode ``pads`` a trigger is a pad's number. Of several playheads, triggers take one after the other.
        """
        count = out.xy.shape[1]
        grid = self._bars.grid(count, quantise, tempo, bar)
        scale = Density(float(frames.ratio), self.setup.sample_rate, self.laid or self.density)
        triggers = self._triggers.quantised(trigger or [], grid)
        is_new, xy = mode != self._mode, self._xy[:, :count]
        block = Block(count, self.drawing, scale, grid, triggers, self._place, is_new, xy)
        walks: Sequence[Walk]
        out.ms.fill(0.0)
        out.pressure.fill(0.0)
        match mode:
            case "orbit":
                centre, size, detune = (centre_x, centre_y), (size_x, size_y), (detune_x, detune_y)
                walks = self._orbit.advance(block, OrbitParams(shape, frequency, centre, size, detune, phase), out)
            case "pads":
                walks = self._pads.advance(block, PadsParams(pad, glide / 1000.0), out)
            case "hand":
                walks = self._hand.advance(block, HandParams(hand_x, hand_y, pressure, spring / 1000.0), out)
            case "outside":
                walks = self._external.advance(block, ExternalParams(outside), out)
            case _:
                loop, place = (loop_start, loop_end), position[0] if position is not None else None
                params = WalkParams(mode, line, line_step, playing, rate, rate_spread, loop, phase, place)
                walks = self._walk.advance(block, params, out)
        self._mode = mode
        self._place[:] = out.xy[:2, -1]
        self._shown = (out, walks, scale.ms_per_unit)
        return out

    @job
    def arrange(
        self,
        progress: Progress,
        latents: Annotated[Trajectories, Help("the sounds that get a line each, from encode or record")] | None = None,
        again: bool = False,
    ) -> Content:
        """Lay the dataset's lines out by themselves, one per sound, and a tour that visits them all.

        Lines that are there stay, and new sounds get theirs beside them, also beside those drawn by hand. ``again``:
        all that is not drawn by hand is laid out afresh.
        """
        if self.style is None or latents is None or not latents.arrays:
            return {}
        hand = drawn_by_hand(renumbered(self._content, sounds_in(latents)))
        drawn = {number: line_of(path) for number, path in hand.items()}
        before, seed = result_of(self._content, "arrange"), self.setup.seed % 2**31
        made = arranged(self.style, latents, self.box, seed, before, progress, drawn, again)
        times = times_laid(self._content) + again
        return {**made, ANEW: np.array([times], np.float32)} if made and times else made

    def settle(self, latents: Trajectories | None) -> Content:
        """The content with each line under the number that its sound has among these; says whose are kept aside.

        An automatic tour goes on past lines that were laid out since.
        """
        settled = renumbered(self._content, sounds_in(latents))
        for name in names_aside(settled):
            if name not in names_aside(self._content):
                self.setup.warn(f"{name}: its sound was removed; its line is kept and returns with the sound")
        frames = latents.lengths if latents is not None else ()
        return tour_led_on(settled, self.box, frames, self.laid or self.density)

    @provides
    def coordinates(
        self, latents: Trajectories | None = None
    ) -> Annotated[Trajectories, Help("the training lines, one per sound, for a terrain")]:
        """One coordinate trajectory per sound, ``[points, 2]``: as many points as its latents, or none."""
        drawing = read_drawing(renumbered(self._content, sounds_in(latents)))
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


def _drawn(content: Content) -> Drawing:
    """What is drawn, measured now and not in the first block. Raises MapError."""
    drawing = read_drawing(content)
    for path in drawing.played:
        line_of(path).position_at(0.0)
        if isinstance(path, Timed):
            path.positions_at(np.zeros(1))
    return drawing
