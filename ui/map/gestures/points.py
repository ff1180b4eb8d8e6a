"""Drawing lines joint by joint: new ones, extending them at both ends, and moving joints and handles."""

from typing import Literal

import numpy as np

from ....graphs import Point
from ....nodes.gui.curves import BezierCurve, move_control
from ....nodes.gui.drawing import Played
from ....nodes.gui.line_samples import pull_back, trim
from ....nodes.gui.lines import Polyline, insert_joint, move_joint
from ...surface.pointer import Pointer
from ..plane import Floats
from ..sheet import Sheet
from .gesture import MapGesture


class DrawSegment(MapGesture):
    """The last (or first) segment of a line is dragged, no longer than its sound has latents (spec §11.6).

    rest: the line without it. A new line that never left its beginning is not drawn at all.
    """

    trembles = True

    def __init__(
        self,
        sheet: Sheet,
        pointer: Pointer,
        number: int,
        rest: Polyline,
        at: Literal["start", "end"] = "end",
        is_new: bool = False,
    ) -> None:
        super().__init__(sheet, pointer)
        self._number, self._rest, self._at, self._is_new = number, rest, at, is_new
        sheet.choose({number})

    def move(self, pointer: Pointer) -> None:
        """Drag its end; farther than it may go, it points the same way."""
        sheet, rest = self.sheet, self._rest
        origin = rest.anchors[0 if self._at == "start" else -1]
        here = sheet.place(pointer.place, pointer.held.alt, self._number)
        tip = pull_back(origin, here, sheet.farthest(rest, self._number))[np.newaxis]
        parts = (tip, rest.anchors) if self._at == "start" else (rest.anchors, tip)
        word = "draw" if self._is_new else "extend"
        sheet.lay(self._number, Polyline(np.concatenate(parts)), f"{word} {sheet.name_of(self._number)}", self.name)
        self.show_length(self._number, pointer)

    def end(self, pointer: Pointer) -> None:
        """A click draws nothing."""
        if not self.is_away and self._is_new:
            self.sheet.choose()
        super().end(pointer)


class MoveJoint(MapGesture):
    """A joint goes where the hand goes. path: the line with a joint more, which is laid at once."""

    trembles = True

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int, joint: int, path: Played | None = None) -> None:
        super().__init__(sheet, pointer)
        self._number, self._joint = number, joint
        self._path = path if path is not None else sheet.lines[number]
        self.is_away = path is not None
        sheet.choose({number}, (number, joint))
        if path is not None:
            self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        sheet = self.sheet
        here = sheet.place(pointer.place, pointer.held.alt, self._number)
        if isinstance(self._path, BezierCurve):
            moved: Played = move_control(self._path, 3 * self._joint, here)
        elif isinstance(self._path, Polyline):
            moved = move_joint(self._path, self._joint, here)
        else:
            return
        sheet.lay(self._number, moved, f"move a point of {sheet.name_of(self._number)}", self.name)
        self.show_length(self._number, pointer)


class MoveHandle(MapGesture):
    """A handle bends its curve."""

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int, control: int) -> None:
        super().__init__(sheet, pointer)
        self._number, self._control = number, control
        self._path = sheet.lines[number]

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        if isinstance(self._path, BezierCurve):
            here = self.sheet.view.to_values(pointer.place)
            label = f"bend {self.sheet.name_of(self._number)}"
            self.sheet.lay(self._number, move_control(self._path, self._control, here), label, self.name)
            self.show_length(self._number, pointer)


def new_line(sheet: Sheet, pointer: Pointer) -> MapGesture | None:
    """A stroke on empty ground; None, and the log says why, where no line is missing."""
    number = sheet.next_number()
    if number is None:
        refuse(sheet)
        return None
    start = sheet.place(pointer.place, pointer.held.alt)
    return DrawSegment(sheet, pointer, number, Polyline(start[np.newaxis]), is_new=True)


def refuse(sheet: Sheet) -> None:
    """Say that all sounds have lines."""
    count = len(sheet.sounds)
    sheet.desk.say(
        f"{sheet.node}: all {count} sounds have a line; delete one to redraw it, or draw in the playback layer",
        "warning",
        sheet.node,
    )


def from_joint(sheet: Sheet, pointer: Pointer, number: int, joint: int, extends: bool) -> MapGesture:
    """What dragging a joint does: an end is drawn anew or (extends) further, one between is moved (spec §11.6)."""
    path = sheet.lines[number]
    if not isinstance(path, Polyline):
        return _from_curve(sheet, pointer, number, joint, extends)
    last = len(path.anchors) - 1
    if joint not in (0, last) or last == 0 or path.closed:
        if last == 0 and extends:
            return DrawSegment(sheet, pointer, number, path)
        return MoveJoint(sheet, pointer, number, joint)
    at: Literal["start", "end"] = "end" if joint == last else "start"
    rest = path if extends else _without(path, at)
    target = sheet.target(number)
    if target is not None and sheet.habits.keeps_length:
        rest = _trimmed(rest, target, sheet, at)
    return DrawSegment(sheet, pointer, number, rest, at)


def on_body(sheet: Sheet, pointer: Pointer, number: int, segment: int, place: Point) -> MapGesture:
    """A joint more, and it is in the hand."""
    path = sheet.lines[number]
    if isinstance(path, Polyline):
        return MoveJoint(sheet, pointer, number, segment + 1, insert_joint(path, segment, place))
    if isinstance(path, BezierCurve):
        bent = with_joint(path, place)
        joint = int(np.argmin(np.linalg.norm(bent.joints - place, axis=1)))
        return MoveJoint(sheet, pointer, number, joint, bent)
    return MapGesture(sheet, pointer)


def with_joint(curve: BezierCurve, place: Point) -> BezierCurve:
    """A curve with a joint more where it comes nearest to a place."""
    from ....nodes.gui.curves import split_curve

    shares = np.linspace(0.02, 0.98, 49)
    controls = curve.controls
    best = (np.inf, 0, 0.5)
    for piece in range(len(controls) // 3):
        points = _bezier(controls[3 * piece : 3 * piece + 4], shares)
        gaps = np.linalg.norm(points - place, axis=1)
        at = int(np.argmin(gaps))
        best = min(best, (float(gaps[at]), piece, float(shares[at])))
    return split_curve(curve, best[1], best[2])


def _bezier(controls: Floats, shares: Floats) -> Floats:
    t = shares[:, np.newaxis]
    a, b, c, d = controls
    points: Floats = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return points


def _from_curve(sheet: Sheet, pointer: Pointer, number: int, joint: int, extends: bool) -> MapGesture:
    path = sheet.lines[number]
    if not isinstance(path, BezierCurve) or not extends or joint not in (0, len(path.joints) - 1):
        return MoveJoint(sheet, pointer, number, joint)
    is_start = joint == 0
    end = path.joints[joint]
    more = np.repeat(end[np.newaxis], 3, axis=0)
    parts = (more, path.controls) if is_start else (path.controls, more)
    longer = BezierCurve(np.concatenate(parts))
    return MoveJoint(sheet, pointer, number, 0 if is_start else len(longer.joints) - 1, longer)


def _without(line: Polyline, at: Literal["start", "end"]) -> Polyline:
    return Polyline(line.anchors[1:] if at == "start" else line.anchors[:-1])


def _trimmed(line: Polyline, target: int, sheet: Sheet, at: Literal["start", "end"]) -> Polyline:
    """Without the segments, on the side that is dragged, for which there are no latents."""
    if at == "end":
        return trim(line, target, sheet.density, sheet.rule)
    turned = trim(Polyline(line.anchors[::-1]), target, sheet.density, sheet.rule)
    return Polyline(turned.anchors[::-1])
