"""The sheet: one map of a patch as it lies under the hand, and the edits that draw on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf, log10
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ...engine.declare import NodeSpec, Scalar
from ...engine.palette import Palette
from ...engine.values import FloatArray
from ...graphs import Node, Patch, Point, set_content
from ...nodes.gui.arrangement import with_tour
from ...nodes.gui.curves import BezierCurve
from ...nodes.gui.drawing import Drawing, Played, laid_density, line_of, read_drawing, write_drawing
from ...nodes.gui.line_samples import Completion, Rule, completion, reach
from ...nodes.gui.lines import Polyline
from ...nodes.gui.ownership import renumbered, with_marks
from ...nodes.gui.timed_paths import Timed, timed
from ...nodes.gui.units import MapBox, MapError, box_of
from ..editor.sound.interface import EditorSound
from .plane import Floats, Plane
from .sounds import MapSound, marks, settled, sounds_of, terrains_of

Layer = Literal["learn", "play"]
Tool = Literal["line", "free", "pen", "erase", "move", "point", "pad", "record", "hand"]
# The grid's squares are about so large, or up to twice that.
GRID_PIXELS = 20.0
CATCH_PIXELS = 8.0
NOTHING_DRAWN = Drawing()


class SheetDesk(Protocol):
    """The part of the desk that a sheet works on."""

    sound: EditorSound
    is_locked: bool

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch."""
        ...

    @property
    def patch(self) -> Patch:
        """As it is now."""
        ...

    def edit(self, change: Callable[[Patch], Patch], label: str, gesture: str | None = None) -> bool:
        """Make an edit."""
        ...

    def turn(self, node: str, param: str, value: Scalar, gesture: str) -> None:
        """Turn a param."""
        ...

    def end_gesture(self) -> None:
        """What comes next is another step of undo."""
        ...

    def say(self, text: str, severity: Literal["info", "warning", "error"] = "info", node: str = "") -> None:
        """Note a sentence."""
        ...


@dataclass
class Habits:
    """How the hand is helped. snaps: to the grid and to other joints; Alt draws freely meanwhile.

    keeps_inside: joints stay on the map. keeps_length: a line for a sound ends where all its latents have room.
    """

    snaps: bool = False
    keeps_inside: bool = True
    keeps_length: bool = True


class Sheet:
    """A gui node's map. Belongs to the window's thread.

    layer: whether lines to learn from or lines to play are under the hand. number: the sound or the play line that the
    next stroke is for, None for the first that has none. chosen: lines of the layer; joint: of the one that is chosen.
    """

    def __init__(self, desk: SheetDesk, node: str) -> None:
        self.desk, self.node = desk, node
        self.layer: Layer = "learn"
        self.tool: Tool = "line"
        self.habits = Habits()
        self.number: int | None = None
        self.chosen: frozenset[int] = frozenset()
        self.joint: tuple[int, int] | None = None
        self.offer: FloatArray | None = None
        """A sound that waits for its place: latents ``[latent_dim]``, put down where the next point is set."""
        self._boxed: tuple[Node | None, MapBox] = (None, MapBox())
        self._view = Plane(self.box)
        self._read: tuple[Any, Drawing, str] = (None, NOTHING_DRAWN, "")
        self._sounds: tuple[Patch | None, tuple[MapSound, ...]] = (None, ())
        self._read_for: tuple[MapSound, ...] = ()
        self._spec: NodeSpec | None = None

    @property
    def about(self) -> Node | None:
        """The node as it is now; None when it is gone."""
        node = self.desk.patch.nodes.get(self.node)
        return node if node is not None and self.desk.palette.role(node.type) == "map" else None

    @property
    def box(self) -> MapBox:
        """The map's edges; those of a new map where the settings name none that can be drawn on."""
        node = self.about
        if self._boxed[0] is not node:
            self._boxed = (node, box_of(self.value("box")))
        return self._boxed[1]

    @property
    def view(self) -> Plane:
        """What is seen of it."""
        if self._view.box != self.box:
            self._view = replace(self._view, box=self.box)
        return self._view

    @view.setter
    def view(self, view: Plane) -> None:
        self._view = view

    @property
    def drawing(self) -> Drawing:
        """All that is drawn; nothing where it can't be read, and the log says why."""
        node = self.about
        content: Mapping[str, Any] = node.content if node is not None else {}
        if self._read[0] is not content or self._read_for is not self.sounds:
            self._read_for = self.sounds
            try:
                found, said = read_drawing(renumbered(content, marks(self.sounds))), ""
            except MapError as error:
                found, said = NOTHING_DRAWN, str(error)
            if said and said != self._read[2]:
                self.desk.say(f"{self.node}: {said}", "warning", self.node)
            self._read = (content, found, said)
        return self._read[1]

    @property
    def sounds(self) -> tuple[MapSound, ...]:
        """What lines are drawn for."""
        patch = self.desk.patch
        if self._sounds[0] is not patch:
            found, before = sounds_of(patch, self.desk.palette, self.node), self._sounds[1]
            alike = len(found) == len(before) and all(
                (a.name, id(a.latents)) == (b.name, id(b.latents)) for a, b in zip(found, before, strict=True)
            )
            self._sounds = (patch, before if alike else found)
        return self._sounds[1]

    @property
    def terrains(self) -> tuple[str, ...]:
        """The terrains under it."""
        return terrains_of(self.desk.patch, self.desk.palette, self.node)

    @property
    def lines(self) -> Mapping[int, Played]:
        """The lines of the layer, by sound or by number."""
        return self.drawing.lines if self.layer == "learn" else self.drawing.play

    @property
    def density(self) -> float:
        """Value units per latent frame."""
        return float(self.value("density"))

    @property
    def walking_density(self) -> float:
        """Value units per latent frame at rate 1: of lines that were laid out their own."""
        laid = laid_density(self.about.content) if self.about is not None and self.value("layout") != "drawn" else 0.0
        return laid or self.density

    def timed(self, path: Played) -> Timed | None:
        """A path that is played in its own times; None for one that is walked evenly."""
        return timed(path, self.value("pace") == "even")

    @property
    def rule(self) -> Rule:
        """How lines become coordinates."""
        return "legacy" if self.value("sampling") == "legacy" else "uniform"

    @property
    def ms_per_unit(self) -> float | None:
        """How long a value unit of line lasts at original speed; None while nothing plays that could tell."""
        found = self.desk.sound.reading(self.node, "ms_per_unit")
        return float(found.reshape(-1)[0]) if found is not None and found.size else None

    def value(self, name: str) -> Any:
        """A param or setting of the node, its default where it has none of its own."""
        node = self.about
        if node is not None:
            self._spec = self.desk.palette.get(node.type)
        spec = self._spec
        if node is not None and name in node.values:
            return node.values[name]
        if spec is None:
            return None
        param, setting = spec.params.get(name), spec.settings.get(name)
        return param.default if param is not None else setting.default if setting is not None else None

    def target(self, number: int) -> int | None:
        """How many latents the line under a number is to have; None: as many as it likes."""
        if self.layer == "play" or number >= len(self.sounds):
            return None
        return self.sounds[number].frames or None

    def completion(self, number: int) -> Completion | None:
        """How far the line for a sound is drawn; lines that were laid out by themselves are whole."""
        target, path = self.target(number), self.drawing.lines.get(number)
        if target is None or path is None:
            return None
        if self.drawing.is_arranged:
            return Completion(target, target)
        return completion(line_of(path), target, self.density, self.rule)

    def farthest(self, rest: Polyline, number: int) -> float:
        """How long a segment dragged from the rest of a line may become."""
        target = self.target(number)
        if target is None or not self.habits.keeps_length:
            return inf
        return reach(rest, target, self.density, self.rule)

    def next_number(self) -> int | None:
        """The line that a stroke on empty ground is: for the chosen sound, else for the first that has none."""
        lines = self.lines
        if self.layer == "play":
            return max(lines, default=-1) + 1
        if self.number is not None and self.number not in lines:
            return self.number
        room = range(len(self.sounds)) if self.sounds else range(max(lines, default=-1) + 2)
        return next((number for number in room if number not in lines), None)

    def name_of(self, number: int) -> str:
        """What to call a line."""
        if self.layer == "learn" and number < len(self.sounds):
            return self.sounds[number].name
        return f"line {number + 1}"

    def grid(self) -> Floats:
        """The grid's steps ``[2]`` in value units, round numbers that make squares of 20 pixels or more."""
        steps = GRID_PIXELS / np.abs(self.view.scale)
        return np.array([_round_up(float(step)) for step in steps])

    def place(self, screen: Point, is_free: bool = False, but: int | None = None) -> Floats:
        """Where a joint would come under a pixel, ``[2]`` in value units. but: a line whose joints don't catch it."""
        here = self.view.to_values(screen)
        if self.habits.snaps and not is_free:
            here = self._snapped(here, but)
        return self.box.clamp(here) if self.habits.keeps_inside else here

    def put(self, drawing: Drawing, label: str, gesture: str | None = None) -> bool:
        """Let this be what is drawn. Gives whether it could be."""
        if self.desk.is_locked:
            self.desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
            return False

        def change(patch: Patch) -> Patch:
            palette = self.desk.palette
            return with_drawing(settled(patch, palette, self.node), palette, self.node, drawing)

        return self.desk.edit(change, label, gesture)

    def lay(self, number: int, path: Played | None, label: str, gesture: str | None = None) -> bool:
        """Let this be the line under a number of the layer; None: no line."""
        try:
            if self.layer == "learn":
                bent = path.line if isinstance(path, Timed) else path
                return self.put(self.drawing.with_line(number, bent), label, gesture)
            return self.put(self.drawing.with_played(number, path), label, gesture)
        except MapError as error:
            self.desk.say(str(error), "warning")
            return False

    def end_gesture(self) -> None:
        """What comes next is another step of undo."""
        self.desk.end_gesture()

    def choose(self, numbers: frozenset[int] | set[int] = frozenset(), joint: tuple[int, int] | None = None) -> None:
        """Choose lines of the layer, and a joint of one."""
        self.chosen, self.joint = frozenset(numbers), joint
        if len(self.chosen) == 1:
            self.number = next(iter(self.chosen))

    def show(self, layer: Layer) -> None:
        """Put another layer under the hand."""
        if layer != self.layer:
            self.layer, self.number = layer, None
            self.choose()

    def _snapped(self, here: Floats, but: int | None) -> Floats:
        scale = np.abs(self.view.scale)
        others = [joints_of(path) for number, path in self.lines.items() if number != but]
        if others:
            joints = np.concatenate(others)
            gaps = np.linalg.norm((joints - here) * scale, axis=1)
            closest = int(np.argmin(gaps))
            if gaps[closest] <= CATCH_PIXELS:
                caught: Floats = joints[closest]
                return caught
        grid = self.grid()
        return np.asarray(np.round(here / grid) * grid, np.float64)


def with_drawing(patch: Patch, palette: Palette, node: str, drawing: Drawing) -> Patch:
    """A patch with another drawing on one of its maps; from then on its lines are the hand's, but for sounds that are
    added, and an automatic tour follows it.

    Its lines belong to the sounds of their numbers, as the patch has them.
    """
    before, sounds = patch.nodes[node], sounds_of(patch, palette, node)
    content = with_marks(write_drawing(before.content, drawing), marks(sounds))
    spacing: Any = before.values.get("density", palette[before.type].settings["density"].default)
    density, box = laid_density(before.content) or float(spacing), box_of(before.values.get("box"))
    content = with_tour(before.content, content, box, [one.frames for one in sounds], density)
    return set_content(patch, node, content)


def joints_of(path: Played) -> Floats:
    """What of a line can be taken hold of: joints ``[n, 2]``; of a path with its own times its two ends."""
    if isinstance(path, Timed):
        return path.line.anchors[[0, -1]]
    return path.joints if isinstance(path, BezierCurve) else path.anchors


def shortened(line: Polyline, longest: float) -> Polyline:
    """A line cut where it is so long."""
    if line.length <= longest:
        return line
    lengths = np.concatenate(([0.0], np.cumsum(line.segment_lengths)))
    kept = line.anchors[: int(np.searchsorted(lengths, longest, side="left"))]
    return Polyline(np.concatenate([kept, line.position_at(longest)[np.newaxis]]), name=line.name)


def as_place(place: ArrayLike) -> Point:
    """Two numbers as a point."""
    x, y = np.asarray(place, np.float64)
    return float(x), float(y)


def _round_up(step: float) -> float:
    power = 10.0 ** np.floor(log10(step))
    return float(next(power * one for one in (1.0, 2.0, 5.0, 10.0) if power * one >= step * (1 - 1e-9)))
