"""The hand on a canvas: from presses, moves and wheels to gestures, and from gestures to edits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ...graphs import Point
from ...nodes.gui.drawing import Played, line_of
from ...nodes.gui.lines import Polyline
from ..surface.pointer import Pointer, Press, Release, Touch, Wheel
from .gestures.gesture import NOTHING, Gesture, Overlay
from .gestures.move import BoxChoose, DragLoop, MoveLines, MovePad, Pan
from .gestures.pen import Pen
from .gestures.play import HandPlay, Ink
from .gestures.points import MoveHandle, MoveJoint, from_joint, new_line, on_body, refuse
from .gestures.strokes import Erase, FreeHand, Record
from .hits import Hit, OnBody, OnHandle, OnJoint, OnLoop, OnNothing, OnPad, under
from .operations import go_to_pad, keep_place
from .pairs import place_pair
from .sheet import Sheet, Tool, as_place

ZOOM, SCROLL, SLACK = 1.15, 60.0, 3.0
WALKING = ("loop", "once", "ping-pong", "chain")
LOOPING = ("loop", "once", "ping-pong")


@dataclass(frozen=True)
class Wanted:
    """What the window is to do: open the menu of what is under the hand, play a line, write a picture, find a sound.

    The sound to find is a file, one that the clipboard names, or recorded.
    """

    what: Literal["menu", "listen", "compare", "export", "find", "paste", "record"]
    hit: Hit = field(default_factory=OnNothing)
    at: Point = (0.0, 0.0)
    path: Path | None = None


class MapHand:
    """What the pointer does on a sheet. Belongs to the window's thread. wanted: taken by the window once a frame."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.ink = Ink()
        self.gesture: Gesture | None = None
        self.wanted: list[Wanted] = []
        self._is_down = False
        self.last_place: Point = (0.0, 0.0)
        """Where the pointer was last, pixels."""

    @property
    def overlay(self) -> Overlay:
        """What is to be seen of the gesture."""
        return self.gesture.overlay if self.gesture is not None else NOTHING

    @property
    def is_busy(self) -> bool:
        """Whether a gesture goes on."""
        return self.gesture is not None

    def touch(self, touch: Touch) -> None:
        """Follow one event."""
        self.last_place = touch.pointer.place
        match touch:
            case Press():
                self._press(touch)
            case Release():
                self._release(touch)
            case Wheel():
                self._wheel(touch)
            case _:
                self._move(touch.pointer)

    def cancel(self) -> None:
        """Give the gesture up."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.cancel()

    def finish(self) -> bool:
        """End a gesture that lasts over many presses. Gives whether there was one."""
        if isinstance(self.gesture, Pen):
            self.gesture.finish()
            self.gesture = None
            return True
        return False

    def take(self, tool: Tool) -> None:
        """Take another tool."""
        self.finish()
        self.sheet.tool = tool
        if tool == "record":
            self.sheet.show("play")

    def under(self, place: Point) -> Hit:
        """What a pixel touches."""
        sheet = self.sheet
        pads = sheet.drawing.pads if sheet.layer == "play" or sheet.tool == "pad" else None
        return under(place, sheet.plane, sheet.lines, pads, sheet.chosen, loop_ends(sheet))

    def _press(self, press: Press) -> None:
        pointer = press.pointer
        if isinstance(self.gesture, Pen) and press.button == "left":
            self._pen(self.gesture, press)
            return
        if self.gesture is not None:
            return
        hit = self.under(pointer.place)
        if press.button == "middle" or (press.button == "left" and pointer.held.space):
            self.gesture = Pan(self.sheet, pointer)
        elif press.button == "right":
            self._choose(hit)
            self.wanted.append(Wanted("menu", hit, pointer.place))
        elif press.clicks == 2 and isinstance(hit, OnBody | OnJoint) and self.sheet.tool not in ("hand", "record"):
            self._choose(hit)
            self.wanted.append(Wanted("listen", hit, pointer.place))
        else:
            self.gesture = self._begin(pointer, hit)

    def _move(self, pointer: Pointer) -> None:
        if isinstance(self.gesture, Pen) and not self._is_down:
            self.gesture.hover(pointer)
        elif self.gesture is not None:
            self.gesture.move(pointer)
        else:
            self.sheet.hovered = self.under(pointer.place)

    def _release(self, release: Release) -> None:
        gesture = self.gesture
        if isinstance(gesture, Pen):
            self._is_down = False
            return
        self.gesture = None
        if gesture is None:
            return
        gesture.end(release.pointer)
        if isinstance(gesture, MovePad) and gesture.is_click:
            hit = self.under(release.pointer.place)
            if isinstance(hit, OnPad):
                go_to_pad(self.sheet, hit.pad)

    def _wheel(self, wheel: Wheel) -> None:
        sheet = self.sheet
        if wheel.right or wheel.pointer.held.shift:
            sheet.plane = sheet.plane.panned((-(wheel.right or -wheel.up) * SCROLL, 0.0))
        else:
            sheet.plane = sheet.plane.zoomed(ZOOM**wheel.up, wheel.pointer.place)

    def _pen(self, pen: Pen, press: Press) -> None:
        if press.clicks == 2:
            pen.finish()
        else:
            pen.press(press.pointer)
            self._is_down = True
        if pen.is_over:
            self.gesture, self._is_down = None, False

    def _choose(self, hit: Hit) -> None:
        match hit:
            case OnJoint(number, joint, _, _):
                self.sheet.choose({number} if number not in self.sheet.chosen else self.sheet.chosen, (number, joint))
            case OnBody(number, _, _) if number not in self.sheet.chosen:
                self.sheet.choose({number})

    def _begin(self, pointer: Pointer, hit: Hit) -> Gesture | None:
        """The gesture that a press here begins."""
        sheet = self.sheet
        if sheet.tool == "hand":
            return HandPlay(sheet, pointer, self.ink)
        if isinstance(hit, OnLoop):
            path = walked_path(sheet)
            return DragLoop(sheet, pointer, hit.end, path) if path is not None else None
        if sheet.desk.is_locked:
            if isinstance(hit, OnPad):
                go_to_pad(sheet, hit.pad)
            return Pan(sheet, pointer) if isinstance(hit, OnNothing) else None
        if sheet.tool == "erase":
            return Erase(sheet, pointer)
        if sheet.tool == "record":
            return Record(sheet, pointer, max(sheet.drawing.play, default=-1) + 1)
        match hit:
            case OnPad(pad):
                return MovePad(sheet, pointer, pad)
            case OnHandle(number, control):
                return MoveHandle(sheet, pointer, number, control)
        return self._draw(pointer, hit)

    def _draw(self, pointer: Pointer, hit: Hit) -> Gesture | None:
        sheet, held = self.sheet, pointer.held
        match sheet.tool, hit:
            case "move", OnJoint(number) | OnBody(number):
                return self._carry(pointer, number)
            case "move", _:
                return BoxChoose(sheet, pointer, held.shift)
            case "pad", _:
                pad = keep_place(sheet, as_place(sheet.place(pointer.place, held.alt)))
                return MovePad(sheet, pointer, pad, is_new=True) if pad is not None else None
            case "free", _ if not isinstance(hit, OnJoint):
                free = self._free_number()
                return FreeHand(sheet, pointer, free) if free is not None else None
            case "pen", _ if not isinstance(hit, OnJoint | OnBody):
                free = self._free_number()
                self._is_down = free is not None
                return Pen(sheet, pointer, free) if free is not None else None
            case "point", OnNothing() | OnBody():
                return self._point(pointer)
            case "point", OnJoint(number, joint):
                return MoveJoint(sheet, pointer, number, joint)
            case _, OnJoint(number, joint):
                return from_joint(sheet, pointer, number, joint, held.shift or held.command)
            case _, OnBody(number, segment, place):
                sheet.choose({number})
                return OnceMoved(sheet, pointer, number, segment, place)
        return new_line(sheet, pointer)

    def _carry(self, pointer: Pointer, number: int) -> Gesture:
        sheet = self.sheet
        if pointer.held.shift:
            sheet.choose(sheet.chosen ^ {number})
        elif number not in sheet.chosen:
            sheet.choose({number})
        return MoveLines(sheet, pointer)

    def _point(self, pointer: Pointer) -> Gesture | None:
        offer = self.sheet.offer
        if offer is not None and self.sheet.layer == "learn":
            here = as_place(self.sheet.place(pointer.place, pointer.held.alt))
            placed = place_pair(self.sheet, here, offer)
            return MoveJoint(self.sheet, pointer, placed, 0) if placed is not None else None
        number = self._free_number()
        if number is None:
            return None
        place = self.sheet.place(pointer.place, pointer.held.alt)
        return MoveJoint(self.sheet, pointer, number, 0, Polyline(place.reshape(1, 2)))

    def _free_number(self) -> int | None:
        number = self.sheet.next_number()
        if number is None:
            refuse(self.sheet)
        return number


class OnceMoved(Gesture):
    """A press on a line's body: a click chooses it, a drag puts a joint there."""

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int, segment: int, place: Point) -> None:
        super().__init__(sheet, pointer)
        self._wanted = (number, segment, place)
        self._gesture: Gesture | None = None

    def move(self, pointer: Pointer) -> None:
        """Once it is a drag, drag the new joint."""
        x, y = self.began.place
        if self._gesture is None and abs(pointer.place[0] - x) + abs(pointer.place[1] - y) > 2 * SLACK:
            self._gesture = on_body(self.sheet, self.began, *self._wanted)
        if self._gesture is not None:
            self._gesture.move(pointer)
            self.overlay = self._gesture.overlay

    def cancel(self) -> None:
        """Without the joint."""
        if self._gesture is not None:
            self._gesture.cancel()


def walked_path(sheet: Sheet) -> Played | None:
    """The path that the first playhead walks; None where it walks none."""
    if sheet.value("mode") not in WALKING:
        return None
    played, index = sheet.drawing.played, int(sheet.value("line") or 0) - 1
    if not played or index < 0:
        return None
    path = played[min(index, len(played) - 1)]
    line = line_of(path)
    return path if line.length > 0 and line.axes == 2 else None


def loop_ends(sheet: Sheet) -> Mapping[Literal["loop_start", "loop_end"], Point] | None:
    """Where the ends of the part that plays are, while lines to play are under the hand."""
    path = walked_path(sheet) if sheet.layer == "play" and sheet.value("mode") in LOOPING else None
    if path is None:
        return None
    line, timed = line_of(path), sheet.timed(path)
    start, end = (min(1.0, max(0.0, float(sheet.value(name)))) for name in ("loop_start", "loop_end"))
    along = (timed.distance_at(one) if timed is not None else one * line.length for one in (start, end))
    places = [line.position_at(one) for one in along]
    return {"loop_start": as_place(places[0]), "loop_end": as_place(places[1])}
