"""The hand on a map: what a press, a drag and a click are, by the tool and by what is under the pointer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ...graphs import Point
from ...nodes.gui.drawing import Played, line_of
from ...nodes.gui.lines import Polyline
from ..surface.gesture import Gesture, Pan
from ..surface.hand import Hand
from ..surface.hits import OnNothing
from ..surface.pointer import Pointer
from .gestures.gesture import MapGesture, MapOverlay
from .gestures.move import DragLoop, MoveLines, MovePad, box_select
from .gestures.pen import Pen
from .gestures.play import HandPlay, Ink
from .gestures.points import MoveHandle, MoveJoint, from_joint, new_line, on_body, refuse
from .gestures.strokes import Erase, FreeHand, RecordStroke
from .hits import Hit, OnBody, OnHandle, OnJoint, OnLoop, OnPad, under
from .operations import go_to_pad, keep_place
from .pairs import place_pair
from .sheet import Sheet, Tool, as_place

WALKING = ("loop", "once", "ping-pong", "chain")
LOOPING = ("loop", "once", "ping-pong")
# Tools that put a joint where a line is dragged between two.
BENDING: tuple[Tool, ...] = ("line", "pen")


@dataclass(frozen=True)
class Wanted:
    """What the window is to do: open the menu of what is under the hand, play a line, write a picture, find a sound.

    The sound to find is a file, one that the clipboard names, or recorded.
    """

    what: Literal["menu", "listen", "compare", "export", "find", "paste", "record"]
    hit: Hit = field(default_factory=OnNothing)
    at: Point = (0.0, 0.0)
    path: Path | None = None


class MapHand(Hand[Hit, MapOverlay]):
    """What the pointer does on a sheet. wanted: taken by the window once a frame."""

    zoom_step = 1.15

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self.sheet = sheet
        self.ink = Ink()
        self.wanted: list[Wanted] = []

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
        return under(place, sheet.view, sheet.lines, pads, sheet.chosen, loop_ends(sheet))

    def menu(self, pointer: Pointer, hit: Hit) -> None:
        """Ask for the menu of what is there."""
        self._select(hit)
        self.wanted.append(Wanted("menu", hit, pointer.place))

    def double(self, pointer: Pointer, hit: Hit) -> bool:
        """Listen to a line."""
        is_line = isinstance(hit, OnBody | OnJoint) and self.sheet.tool not in ("hand", "record")
        if is_line:
            self._select(hit)
            self.wanted.append(Wanted("listen", hit, pointer.place))
        return is_line

    def click(self, pointer: Pointer, hit: Hit) -> None:
        """Go to a pad."""
        if isinstance(hit, OnPad) and not self.sheet.desk.is_locked:
            go_to_pad(self.sheet, hit.pad)

    def drag(self, pointer: Pointer, hit: Hit) -> MapGesture | None:
        """Between two joints of a line: one more."""
        sheet = self.sheet
        if isinstance(hit, OnBody) and sheet.tool in BENDING and not sheet.desk.is_locked:
            return on_body(sheet, pointer, hit.number, hit.segment, hit.place)
        return None

    def _select(self, hit: Hit) -> None:
        match hit:
            case OnJoint(number, joint, _, _):
                self.sheet.choose({number} if number not in self.sheet.chosen else self.sheet.chosen, (number, joint))
            case OnBody(number, _, _) if number not in self.sheet.chosen:
                self.sheet.choose({number})

    def begin(self, pointer: Pointer, hit: Hit) -> Gesture[MapOverlay] | None:
        """By the tool, and by what is there."""
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
            return RecordStroke(sheet, pointer, max(sheet.drawing.play, default=-1) + 1)
        match hit:
            case OnPad(pad):
                return MovePad(sheet, pointer, pad)
            case OnHandle(number, control):
                return MoveHandle(sheet, pointer, number, control)
        return self._draw(pointer, hit)

    def _draw(self, pointer: Pointer, hit: Hit) -> Gesture[MapOverlay] | None:
        sheet, held = self.sheet, pointer.held
        match sheet.tool, hit:
            case "move", OnJoint(number) | OnBody(number):
                return self._carry(pointer, number)
            case "move", _:
                return box_select(sheet, pointer, held.shift)
            case "pad", _:
                pad = keep_place(sheet, as_place(sheet.place(pointer.place, held.alt)))
                return MovePad(sheet, pointer, pad, is_new=True) if pad is not None else None
            case "free", _ if not isinstance(hit, OnJoint):
                free = self._free_number()
                return FreeHand(sheet, pointer, free) if free is not None else None
            case "pen", _ if not isinstance(hit, OnJoint | OnBody):
                free = self._free_number()
                return Pen(sheet, pointer, free) if free is not None else None
            case "point", OnNothing() | OnBody():
                return self._point(pointer)
            case "point", OnJoint(number, joint):
                return MoveJoint(sheet, pointer, number, joint)
            case _, OnJoint(number, joint):
                return from_joint(sheet, pointer, number, joint, held.shift or held.command)
            case _, OnBody(number):
                sheet.choose({number})
                return None
        return new_line(sheet, pointer)

    def _carry(self, pointer: Pointer, number: int) -> MapGesture:
        sheet = self.sheet
        if pointer.held.shift:
            sheet.choose(sheet.chosen ^ {number})
        elif number not in sheet.chosen:
            sheet.choose({number})
        return MoveLines(sheet, pointer)

    def _point(self, pointer: Pointer) -> MapGesture | None:
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
