"""What gestures on a map have in common: what they show, and that giving one up puts the drawing back."""

from dataclasses import dataclass
from typing import Any

from ....graphs import Point
from ....nodes.gui.drawing import line_of
from ....nodes.gui.timed_paths import Timed, Tour
from ...surface.gesture import Gesture, Overlay
from ...surface.pointer import Pointer
from ..plane import Floats
from ..sheet import Sheet

# Pixels from the pointer to its hint.
BESIDE = (14.0, -22.0)


@dataclass(frozen=True, eq=False)
class MapOverlay(Overlay):
    """``hint_at`` and ``box`` in pixels. path: a stroke ``[n, 2]``, value units. ring: the eraser's middle and radius,
    pixels. guides: straight pieces ``[2, 2]`` in value units.
    """

    path: Floats | None = None
    ring: tuple[Point, float] | None = None
    guides: tuple[Floats, ...] = ()


NOTHING = MapOverlay()


class MapGesture(Gesture[MapOverlay]):
    """A hand at work on a sheet. before: what was drawn when it began."""

    def __init__(self, sheet: Sheet, began: Pointer) -> None:
        super().__init__(sheet, began)
        self.sheet, self.before = sheet, sheet.drawing

    def cancel(self) -> None:
        """The drawing is as it was."""
        if self.sheet.drawing != self.before:
            self.sheet.put(self.before, "cancelled", self.name)
        super().cancel()

    def show(self, hint: str, pointer: Pointer, **marks: Any) -> None:
        """Show a few words beside the pointer, and marks of the overlay."""
        self.overlay = MapOverlay(hint, (pointer.place[0] + BESIDE[0], pointer.place[1] + BESIDE[1]), **marks)

    def show_length(self, number: int, pointer: Pointer, **marks: Any) -> None:
        """Show how long the line under the hand is, of how long it is to be."""
        self.show(length_words(self.sheet, number), pointer, **marks)


def length_words(sheet: Sheet, number: int) -> str:
    """A line's length: latents of those wanted, or seconds."""
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
