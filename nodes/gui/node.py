"""Gui: the canvas without its window. Lines and points to learn from and to play, and playheads that walk them."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...engine import (
    Content,
    Event,
    FloatArray,
    FrameTimes,
    Param,
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
from ...engine.teach import result_of
from .course import Course
from .layout import Style, lay_out
from .lines import Line
from .orbit import Figure, Phase, Shape, orbit
from .playback import Follower, Playhead, Walk, coordinates_for
from .sampling import completion, sample_legacy, sample_uniform
from .tour import tour
from .units import Box, CanvasError, Density

Mode = Literal["once", "loop", "ping-pong", "chain", "position", "orbit"]
MODES: dict[str, Literal["once", "loop", "ping-pong", "chain"]] = {
    "once": "once",
    "loop": "loop",
    "ping-pong": "ping-pong",
    "chain": "chain",
}


class Walked(NamedTuple):
    """Where the playhead is, how far along its line, and the ends it reached (value: the line, from 1)."""

    xy: Annotated[Signal, Size(2)]
    ms: Annotated[Signal, Size(1)]
    ended: Event


@node
class Gui:
    """Holds the drawing and walks it: lines at any speed, by a position in ms, or orbits that need no drawing.

    Dataset lines (content ``lines/…``, or laid out by themselves) give one trajectory per sound, with exactly as many
    points as the sound has latents. Play lines (content ``play/…``; else a tour of the dataset, else the dataset) are
    walked. A line at rate 1 takes ratio / (rate of the engine · density) seconds per unit (spec §1, §11).
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
    ) -> None:
        if len(box) != 4:
            raise SettingError("box", f"has {len(box)} numbers; give left, top, right, bottom")
        self.setup = setup
        self.style: Style | None = None if layout == "drawn" else layout
        self.density, self.sampling = density, sampling
        try:
            self.box = Box(*box)
            self.dataset, self.play = _drawn(content)
        except CanvasError as error:
            raise SettingError("", str(error)) from error
        self.reset()
        self._xy = np.zeros((2, setup.block))
        self._shown: tuple[Walked, NDArray[np.intp] | None] | None = None

    def reset(self) -> None:
        """Go back to the beginning."""
        self.head = Playhead(self.setup.sample_rate)
        self.follower = Follower()
        self.phase = Phase(self.setup.sample_rate)
        self._is_playing = False

    def shows(self) -> dict[str, FloatArray]:
        """The playhead, for whoever looks on: ``places`` ``[1, 2]`` in units of the canvas; ``line``, ``ms`` ``[1]``.

        line: counted from 1; 0 when it walks none. What the last block gave is read, perhaps while the next is written.
        """
        places, line, ms = np.zeros((1, 2), np.float32), np.zeros(1, np.float32), np.zeros(1, np.float32)
        if self._shown is not None:
            walked, index = self._shown
            places[0], ms[0] = walked.xy[:, -1], walked.ms[0, -1]
            line[0] = 0 if index is None else index[-1] + 1
        return {"places": places, "line": line, "ms": ms}

    def renews(self, content: Content) -> bool:
        """Whether another drawing can be walked on without a break."""
        try:
            _drawn(content)
        except CanvasError:
            return False
        return True

    def prepare(self, content: Content) -> tuple[list[Line], list[Line]]:
        """Another drawing made ready for ``renew``; off the audio thread."""
        return _drawn(content)

    def renew(self, drawn: tuple[list[Line], list[Line]]) -> None:
        """Audio thread only: walk on in another drawing, from the same place along the line."""
        self.dataset, self.play = drawn

    def process(
        self,
        frames: FrameTimes,
        out: Walked,
        position: Annotated[Signal, Size(1)] | None = None,
        trigger: Event | None = None,
        mode: Mode = "loop",
        playing: Annotated[bool, Param(0, 1, help="off: the playhead stands still")] = True,
        line: Annotated[int, Param(1, 500, help="which play line")] = 1,
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
    ) -> Walked:
        """One block of the walk; ``position`` in ms drives mode ``position``, ``trigger`` starts line n (0: again)."""
        count = out.xy.shape[1]
        if mode == "orbit":
            self._orbit(count, out, shape, frequency, (centre_x, centre_y), (size_x, size_y), (detune_x, detune_y))
            self._shown = (out, None)
            return out
        scale = Density(float(frames.ratio), self.setup.sample_rate, self.density)
        durations = tuple(one.length * scale.ms_per_unit for one in self.play)
        if mode == "position":
            index = min(line, len(durations)) - 1
            heard = position[0] if position is not None else np.zeros(count, np.float32)
            walk = self.follower.process(heard, index, durations[index] if durations else 0.0)
        else:
            course = Course(durations, MODES[mode], loop_start, loop_end)
            walk = self._walk(count, course, trigger or [], line, playing, rate)
        xy = self._xy[:, :count]
        coordinates_for(self.play, walk.index, walk.position_ms, scale, xy)
        out.xy[:] = xy
        self._shown = (out, walk.index)
        out.ms[0] = walk.position_ms
        out.ended.extend((offset, float(ended + 1)) for offset, ended in walk.ends)
        return out

    @job
    def arrange(self, progress: Progress, latents: Trajectories | None = None) -> Content:
        """Lay the dataset's lines out by themselves, one per sound, and a tour that visits them all."""
        if self.style is None or latents is None or not latents.arrays:
            return {}
        means = np.stack([array.mean(axis=0) for array in latents.arrays])
        progress(0.5, f"laying out {len(means)} lines")
        lines = lay_out(self.style, latents.lengths, self._inner_box(), means=means, seed=self.setup.seed % 2**31)
        made = {f"line/{index:04d}": np.asarray(one.anchors) for index, one in enumerate(lines)}
        return {**made, "tour/0000": np.asarray(tour(lines, self.box).anchors)}

    @provides
    def coordinates(self, latents: Trajectories | None = None) -> Trajectories:
        """One coordinate trajectory per dataset line, ``[points, 2]``: as many points as its sound has latents."""
        lines = self.dataset
        names = latents.names if latents is not None else ()
        arrays: list[FloatArray] = []
        for index, one in enumerate(lines):
            wanted = latents.lengths[index] if latents is not None and index < len(latents.lengths) else None
            if self.sampling == "legacy":
                points = sample_legacy(one, self.density, wanted)
            else:
                points = sample_uniform(one, wanted or completion(one, 1, self.density).filled)
            arrays.append(np.asarray(points, np.float32))
        known = tuple(names[index] if index < len(names) else f"line {index + 1}" for index in range(len(lines)))
        return Trajectories(known, tuple(arrays))

    def _walk(
        self,
        count: int,
        course: Course,
        trigger: list[tuple[int, float]],
        line: int,
        playing: bool,
        rate: float | FloatArray,
    ) -> Walk:
        if playing and not self._is_playing:
            self.head.trigger(line - 1)
        elif self._is_playing and course.mode != "chain" and self.head.line != min(line, len(course.durations_ms)) - 1:
            self.head.select(line - 1)
        self._is_playing = playing
        speed = rate if np.ndim(rate) == 0 else np.asarray(rate, np.float64).reshape(-1)
        if not playing:
            speed = 0.0
        parts: list[Walk] = []
        begin = 0
        for offset, value in [*trigger, (count, 0.0)]:
            if offset > begin:
                some = speed if np.ndim(speed) == 0 else speed[begin:offset]  # type: ignore[index]
                parts.append(_later(self.head.process(offset - begin, course, some), begin))
            if offset < count:
                self.head.trigger(int(value) - 1 if value >= 1 else None)
            begin = offset
        if len(parts) == 1:
            return parts[0]
        return Walk(
            np.concatenate([part.index for part in parts]),
            np.concatenate([part.position_ms for part in parts]),
            tuple(end for part in parts for end in part.ends),
        )

    def _orbit(
        self,
        count: int,
        out: Walked,
        shape: Shape,
        frequency: float | FloatArray,
        centre: tuple[float, float],
        size: tuple[float, float],
        detune: tuple[float, float],
    ) -> None:
        speed = frequency if np.ndim(frequency) == 0 else np.asarray(frequency, np.float64).reshape(-1)
        figure = Figure(detune_x=detune[0], detune_y=detune[1], seed=self.setup.seed % 2**31)
        points = orbit(shape, self.phase.advance(count, speed), figure)
        for axis in range(2):
            middle, half = self.box.centre[axis], self.box.size[axis] / 2
            out.xy[axis] = middle + half * (centre[axis] + size[axis] * points[axis])
        out.ms.fill(0.0)

    def _inner_box(self) -> Box:
        """The canvas less a margin, so that no line touches the frame."""
        (left, right), (top, bottom) = self.box.across, self.box.down
        x, y = 0.06 * (right - left), 0.1 * (bottom - top)
        return Box(left + x, top + y, right - x, bottom - y)


def _later(walk: Walk, offset: int) -> Walk:
    return Walk(walk.index, walk.position_ms, tuple((sample + offset, line) for sample, line in walk.ends))


def _drawn(content: Content) -> tuple[list[Line], list[Line]]:
    """Lines of the dataset and lines to play. Raises CanvasError."""
    arranged = result_of(content, "arrange")
    dataset = _lines(content, "lines") or _lines(arranged, "line")
    play = _lines(content, "play") or _lines(arranged, "tour") or dataset
    for line in play:
        line.position_at(0.0)  # measured now, not in the first block
    return dataset, play


def _lines(content: Content, kind: str) -> list[Line]:
    names = sorted(name for name in content if name.startswith(f"{kind}/"))
    return [Line(np.asarray(content[name], np.float64), name=name) for name in names]
