"""Moving: whole lines, pads, the ends of the part that plays; selecting with a frame."""

from dataclasses import replace
from functools import reduce
from typing import Literal

import numpy as np

from ....graphs import Point
from ....nodes.gui.curves import BezierCurve
from ....nodes.gui.drawing import Drawing, Played, line_of
from ....nodes.gui.lines import Polyline, nearest_segment
from ....nodes.gui.timed_paths import Timed
from ....nodes.gui.units import MapError
from ...surface.gesture import BoxSelect
from ...surface.pointer import Pointer
from ...surface.shapes import Box
from ..plane import Floats
from ..sheet import Sheet, as_place, joints_of
from .gesture import MapGesture, MapOverlay


class MoveLines(MapGesture):
    """The chosen lines follow the hand; Shift keeps them level or upright, snapping puts them on the grid."""

    trembles = True

    def __init__(self, sheet: Sheet, pointer: Pointer) -> None:
        super().__init__(sheet, pointer)
        self._paths = {number: sheet.lines[number] for number in sorted(sheet.chosen & sheet.lines.keys())}

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        sheet, begin = self.sheet, self.began.place
        if not self._paths:
            return
        by = sheet.view.to_values(pointer.place) - sheet.view.to_values(begin)
        if pointer.held.shift:
            wide, high = np.abs(np.subtract(pointer.place, begin))
            by[1 if wide >= high else 0] = 0.0
        if sheet.habits.snaps and not pointer.held.alt:
            grid = sheet.grid()
            by = np.round(by / grid) * grid
        if sheet.habits.keeps_inside:
            by = self._kept_inside(by)
        move_all(sheet, self._paths, by, f"move {_few(sheet, self._paths)}", self.name)

    def _kept_inside(self, by: Floats) -> Floats:
        joints = np.concatenate([joints_of(path) for path in self._paths.values()])
        low, high = self.sheet.box.corners
        room_low, room_high = low - joints.min(axis=0), high - joints.max(axis=0)
        kept: Floats = np.minimum(np.maximum(by, np.minimum(room_low, 0.0)), np.maximum(room_high, 0.0))
        return kept


class MovePad(MapGesture):
    """A kept place goes where the hand goes."""

    trembles = True

    def __init__(self, sheet: Sheet, pointer: Pointer, pad: int, is_new: bool = False) -> None:
        super().__init__(sheet, pointer)
        self._pad, self.is_away = pad, is_new
        if is_new:
            self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        place = as_place(self.sheet.place(pointer.place, pointer.held.alt))
        self.sheet.put(with_pad(self.sheet.drawing, self._pad, place), f"pad {self._pad}", self.name)


class DragLoop(MapGesture):
    """An end of the part that plays goes along its line, while it plays."""

    def __init__(self, sheet: Sheet, pointer: Pointer, end: Literal["loop_start", "loop_end"], path: Played) -> None:
        super().__init__(sheet, pointer)
        self._end, self._path = end, path
        self._value = sheet.value(end)

    def move(self, pointer: Pointer) -> None:
        """Go to the nearest place of the line."""
        share = share_at(self._path, self.sheet, pointer.place)
        self.sheet.desk.turn(self.sheet.node, self._end, share, self.name)
        self.show(f"{share:.0%}", pointer)

    def cancel(self) -> None:
        """Back to where it was."""
        self.sheet.desk.turn(self.sheet.node, self._end, self._value, self.name)
        super().cancel()


def box_select(sheet: Sheet, pointer: Pointer, adds: bool) -> BoxSelect[MapOverlay]:
    """A frame of pixels: lines with a point in it are selected; adds: besides what was."""
    before = sheet.chosen
    kept = before if adds else frozenset[int]()

    def meets(path: Played, box: Box) -> bool:
        line = line_of(path)
        if line.axes != 2:
            return False
        steps = line.positions_at(np.linspace(0, line.length, 64)).T if line.length else line.anchors
        places = sheet.view.to_screen(np.concatenate([steps, line.anchors]))
        return bool(np.any(np.all((places >= (box.x0, box.y0)) & (places <= (box.x1, box.y1)), axis=1)))

    def select(box: Box | None) -> None:
        found = {number for number, path in sheet.lines.items() if box is not None and meets(path, box)}
        sheet.choose(kept | found)

    return BoxSelect(sheet, pointer, lambda box: MapOverlay(box=box), select, lambda: sheet.choose(before))


def move_all(sheet: Sheet, paths: dict[int, Played], by: Floats, label: str, gesture: str | None = None) -> bool:
    """Let lines of the layer lie so far from where they are in ``paths``."""
    try:
        moved = {number: moved_path(path, by) for number, path in paths.items()}
        return sheet.put(with_paths(sheet.drawing, sheet.layer == "play", moved), label, gesture)
    except MapError as error:
        sheet.desk.say(str(error), "warning")
        return False


def moved_path(path: Played, by: Floats) -> Played:
    """A line elsewhere."""
    if isinstance(path, BezierCurve):
        return BezierCurve(path.controls + by)
    if isinstance(path, Timed):
        return replace(path, moments=path.moments + np.concatenate([[0.0], by]), name="")
    return Polyline(path.anchors + by, path.closed)


def with_paths(drawing: Drawing, is_play: bool, paths: dict[int, Played]) -> Drawing:
    """A drawing with other lines in one of its layers."""

    def one(after: Drawing, number: int) -> Drawing:
        path = paths[number]
        if is_play:
            return after.with_played(number, path)
        return after.with_line(number, path.line if isinstance(path, Timed) else path)

    return reduce(one, paths, drawing)


def with_pad(drawing: Drawing, pad: int, place: Point | None) -> Drawing:
    """A drawing with a place kept under a number, 1 … 9; None: without it."""
    left = {number: one for number, one in drawing.pads.items() if number != pad}
    return replace(drawing, pads=left if place is None else {**left, pad: place})


def share_at(path: Played, sheet: Sheet, screen: Point) -> float:
    """How far along a path, 0 … 1 of the time it is played for, the place nearest to a pixel is."""
    line = line_of(path)
    hit = nearest_segment([line], sheet.view.to_values(screen), np.abs(sheet.view.scale))
    if hit is None or not line.length:
        return 0.0
    before = float(np.sum(line.segment_lengths[: hit.part]))
    along = float(np.linalg.norm(hit.position - line.corners[hit.part]))
    own = sheet.timed(path)
    return own.share_at(before + along) if own is not None else min(1.0, (before + along) / line.length)


def _few(sheet: Sheet, paths: dict[int, Played]) -> str:
    return sheet.name_of(next(iter(paths))) if len(paths) == 1 else f"{len(paths)} lines"
