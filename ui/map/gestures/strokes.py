"""Strokes: lines drawn free-hand, the eraser, and gestures recorded with their times."""

from dataclasses import replace

import numpy as np

from ....engine.declare import Scalar
from ....nodes.gui.drawing import Drawing, Played, line_of
from ....nodes.gui.line_samples import line_from_stroke
from ....nodes.gui.lines import Polyline
from ....nodes.gui.timed_paths import RecordedGesture, Timed
from ....nodes.gui.units import MapError
from ...surface.pointer import Pointer
from ..plane import Floats
from ..sheet import Sheet, shortened
from .gesture import MapGesture, MapOverlay

# A stroke is kept with as few joints as stay so close to it.
FINENESS_PIXELS = 1.0
STEP_PIXELS = 1.0
ERASER_PIXELS = 12.0
# Modes of a map in which what was recorded is played again and again.
REPEATING = ("loop", "ping-pong")


class FreeHand(MapGesture):
    """The line is the stroke. It ends where all latents of its sound have room; the hand may go on."""

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int) -> None:
        super().__init__(sheet, pointer)
        self._number = number
        self._places = [sheet.place(pointer.place, True)]
        self._last = pointer.place
        sheet.choose({number})

    def move(self, pointer: Pointer) -> None:
        """Draw on."""
        x, y = pointer.place
        if abs(x - self._last[0]) + abs(y - self._last[1]) < STEP_PIXELS:
            return
        self._last = pointer.place
        self._places.append(self.sheet.place(pointer.place, True))
        if self._lay(1.0):
            self.show_length(self._number, pointer)

    def end(self, pointer: Pointer) -> None:
        """Keep the joints that matter."""
        self._lay(FINENESS_PIXELS)
        super().end(pointer)

    def _lay(self, pixels: float) -> bool:
        sheet, number = self.sheet, self._number
        if len(self._places) < 2:
            return False
        try:
            fineness = pixels / float(np.max(np.abs(sheet.view.scale)))
            line = line_from_stroke(np.array(self._places), fineness)
        except MapError as error:
            sheet.desk.say(str(error), "warning")
            return False
        line = shortened(line, sheet.farthest(Polyline(line.anchors[:1]), number))
        return sheet.lay(number, line, f"draw {sheet.name_of(number)}", self.name)


class RecordStroke(MapGesture):
    """What the hand does is kept with its times, to be played again and again."""

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int) -> None:
        super().__init__(sheet, pointer)
        self._number = number
        self._moments: list[tuple[float, float, float]] = []
        self._note(pointer)

    def move(self, pointer: Pointer) -> None:
        """Note where it is and when."""
        self._note(pointer)
        places = np.array(self._moments)[:, 1:]
        self.show(f"{self._moments[-1][0]:.1f} s", pointer, path=places)

    def end(self, pointer: Pointer) -> None:
        """Keep it and play it, again and again; one that never moved is nothing."""
        self._note(pointer)
        sheet = self.sheet
        moments = np.array(self._moments)
        if len(moments) > 1 and moments[-1, 0] > 0 and np.ptp(moments[:, 1:], axis=0).any():
            try:
                if sheet.lay(self._number, RecordedGesture(moments), "record a gesture", self.name):
                    sheet.choose({self._number})
                    self._play()
            except MapError as error:
                sheet.desk.say(str(error), "warning")
        super().end(pointer)

    def _play(self) -> None:
        """Let the playheads walk it, in the same step of undo."""
        sheet = self.sheet
        wanted: dict[str, Scalar] = {"line": sorted(sheet.drawing.play).index(self._number) + 1, "playing": True}
        if sheet.value("mode") not in REPEATING:
            wanted["mode"] = REPEATING[0]
        for param, value in wanted.items():
            if sheet.value(param) != value:
                sheet.desk.turn(sheet.node, param, value, self.name)

    def _note(self, pointer: Pointer) -> None:
        x, y = self.sheet.place(pointer.place, True)
        self._moments.append((max(0.0, pointer.time - self.began.time), float(x), float(y)))


class Erase(MapGesture):
    """What the eraser touches is gone. A line for a sound keeps its longest piece; a line to play becomes several."""

    def __init__(self, sheet: Sheet, pointer: Pointer) -> None:
        super().__init__(sheet, pointer)
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Rub here."""
        sheet = self.sheet
        self.overlay = MapOverlay(ring=(pointer.place, ERASER_PIXELS))
        drawing, is_play = sheet.drawing, sheet.layer == "play"
        after: Drawing = drawing
        for number, path in sheet.lines.items():
            pieces = self._left(path, pointer)
            if pieces is None:
                continue
            after = self._with(after, number, pieces, is_play)
        if after is not drawing:
            sheet.put(after, "erase", self.name)
            sheet.choose(sheet.chosen & sheet.lines.keys())

    def _left(self, path: Played, pointer: Pointer) -> list[Played] | None:
        """What is left of a line, in order; None when it was not touched."""
        line, plane = line_of(path), self.sheet.view
        if line.axes != 2:
            return None
        places = plane.to_screen(line.corners)
        gone = _touched(places, np.asarray(pointer.place), ERASER_PIXELS)
        if not gone:
            return None
        shares = _outside(gone, len(places) - 1)
        made = [_part(path, begin, end) for begin, end in shares]
        return [piece for piece in made if line_of(piece).length > 0]

    @staticmethod
    def _with(drawing: Drawing, number: int, pieces: list[Played], is_play: bool) -> Drawing:
        longest = max(pieces, key=lambda piece: line_of(piece).length, default=None)
        if not is_play:
            kept = longest if isinstance(longest, Polyline) else None
            return drawing.with_line(number, kept)
        drawing = drawing.with_played(number, pieces[0] if pieces else None)
        for piece in pieces[1:]:
            drawing = drawing.with_played(max(drawing.play, default=-1) + 1, piece)
        return drawing


def _touched(places: Floats, middle: Floats, radius: float) -> list[tuple[float, float]]:
    """The parts of a line of pixels ``[n, 2]`` within a circle, from and to, counted in segments."""
    if len(places) == 1:
        return [(0.0, 0.0)] if float(np.linalg.norm(places[0] - middle)) <= radius else []
    begin, way = places[:-1] - middle, np.diff(places, axis=0)
    a = np.sum(way**2, axis=1)
    b, c = np.sum(begin * way, axis=1), np.sum(begin**2, axis=1) - radius**2
    found: list[tuple[float, float]] = []
    for index in np.flatnonzero((b**2 >= a * c) & (a > 0)):
        root = float(np.sqrt(max(b[index] ** 2 - a[index] * c[index], 0.0)))
        low, high = (-b[index] - root) / a[index], (-b[index] + root) / a[index]
        low, high = max(float(low), 0.0), min(float(high), 1.0)
        if low <= high:
            found.append((index + low, index + high))
    return found


def _outside(gone: list[tuple[float, float]], segments: int) -> list[tuple[float, float]]:
    left, at = [], 0.0
    for begin, end in gone:
        if begin > at:
            left.append((at, begin))
        at = max(at, end)
    if at < segments:
        left.append((at, float(segments)))
    return left


def _part(path: Played, begin: float, end: float) -> Played:
    """From so many segments along a line to so many; of a path with times of its own in those times, from 0 on."""
    corners = path.moments if isinstance(path, Timed) else line_of(path).corners
    inner = corners[int(np.floor(begin)) + 1 : int(np.ceil(end))]
    ends = [
        corners[int(at)] + (at - int(at)) * (corners[min(int(at) + 1, len(corners) - 1)] - corners[int(at)])
        for at in (begin, end)
    ]
    made = np.concatenate([ends[0][np.newaxis], inner, ends[1][np.newaxis]])
    if isinstance(path, Timed):
        made[:, 0] -= made[0, 0]
        return replace(path, moments=made, name="")
    return Polyline(made)
