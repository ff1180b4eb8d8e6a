"""What every gesture on a canvas is: begun by a press, moved by the hand, ended by letting go, or given up."""

from dataclasses import dataclass

from ....graphs import Point
from ...surface.pointer import Pointer
from ..plane import Floats
from ..sheet import Sheet


@dataclass(frozen=True, eq=False)
class Overlay:
    """What is to be seen of a gesture. hint: a few words at ``hint_at``, pixels.

    path: a stroke ``[n, 2]``, value units. box: a choosing frame, two corners in pixels. ring: the eraser's middle and
    radius, pixels. guides: straight pieces ``[2, 2]`` in value units.
    """

    hint: str = ""
    hint_at: Point = (0.0, 0.0)
    path: Floats | None = None
    box: tuple[Point, Point] | None = None
    ring: tuple[Point, float] | None = None
    guides: tuple[Floats, ...] = ()


NOTHING = Overlay()


class Gesture:
    """A hand at work on a sheet. ``name`` joins all its edits to one step of undo."""

    def __init__(self, sheet: Sheet, pointer: Pointer) -> None:
        self.sheet = sheet
        self.overlay: Overlay = NOTHING
        self.began = pointer
        self.before = sheet.drawing
        self.name = f"{sheet.node} {type(self).__name__} {pointer.time}"

    def move(self, pointer: Pointer) -> None:
        """The hand moved."""

    def end(self, pointer: Pointer) -> None:
        """The hand let go."""
        self.sheet.desk.end_gesture()

    def cancel(self) -> None:
        """Given up: everything is as it was."""
        if self.sheet.drawing != self.before:
            self.sheet.put(self.before, "cancelled", self.name)
        self.sheet.desk.end_gesture()

    def hint_for(self, number: int, pointer: Pointer) -> Overlay:
        """How long the line under the hand is, of how long it is to be."""
        return Overlay(length_words(self.sheet, number), (pointer.place[0] + 14.0, pointer.place[1] - 22.0))


def length_words(sheet: Sheet, number: int) -> str:
    """A line's length: latents of those wanted, or seconds."""
    from ....nodes.gui.drawing import line_of
    from ....nodes.gui.timed_paths import Timed, Tour

    done = sheet.completion(number) if sheet.layer == "learn" else None
    if done is not None:
        return f"{sheet.name_of(number)}: {min(done.filled, 10**6)} of {done.target} latents"
    path = sheet.lines.get(number)
    if path is None:
        return ""
    per_unit = sheet.ms_per_unit
    length = line_of(path).length
    match sheet.timed(path):
        case Tour() as tour:
            length = tour.lasts * sheet.walking_density
        case Timed() as gesture:
            return f"{gesture.lasts:.2f} s"
    return f"{length * per_unit / 1000:.2f} s" if per_unit else f"{length:.2f} units"
