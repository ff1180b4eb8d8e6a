"""The pen: curves set joint by joint, bent by dragging while each is set."""

from collections.abc import Sequence
from math import hypot

import numpy as np

from ....nodes.gui.curves import BezierCurve
from ...surface.pointer import Pointer
from ..plane import Floats
from ..sheet import Sheet
from .gesture import Gesture, Overlay

CLOSE_PIXELS = 8.0


class Pen(Gesture):
    """A curve that grows with every press and lasts over many; one step of undo.

    Each press sets a joint; dragged, its handles follow, mirrored. A press on the last joint ends it.
    """

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int) -> None:
        super().__init__(sheet, pointer)
        self._number = number
        self._joints: list[Floats] = []
        self._arms: list[Floats] = []
        self.is_over = False
        self.press(pointer)

    def press(self, pointer: Pointer) -> None:
        """Set a joint here; on the last one, end."""
        here = self.sheet.place(pointer.place, pointer.held.alt, self._number)
        if self._joints:
            x, y = self.sheet.plane.to_screen(self._joints[-1])
            if hypot(x - pointer.place[0], y - pointer.place[1]) <= CLOSE_PIXELS:
                self.finish()
                return
        self._joints.append(here)
        self._arms.append(np.zeros(2))
        self._lay()

    def move(self, pointer: Pointer) -> None:
        """Bend at the joint that is being set."""
        here = self.sheet.plane.to_values(pointer.place)
        self._arms[-1] = here - self._joints[-1]
        self._lay()
        joint, arm = self._joints[-1], self._arms[-1]
        self.overlay = Overlay(
            self.hint_for(self._number, pointer).hint,
            (pointer.place[0] + 14.0, pointer.place[1] - 22.0),
            guides=(np.stack([joint - arm, joint + arm]),),
        )

    def hover(self, pointer: Pointer) -> None:
        """Show where the next piece would go."""
        here = self.sheet.place(pointer.place, pointer.held.alt, self._number)
        preview = _curve([*self._joints, here], [*self._arms, np.zeros(2)]).line.anchors
        self.overlay = Overlay("Enter or click the last point to finish", self._beside(pointer), path=preview)

    def end(self, pointer: Pointer) -> None:
        """The joint is set; the curve goes on."""

    def finish(self) -> None:
        """The curve is done. One joint is no curve."""
        self.is_over = True
        self.sheet.desk.end_gesture()
        if len(self._joints) > 1:
            self.sheet.choose({self._number})

    def cancel(self) -> None:
        """Without the curve."""
        self.is_over = True
        super().cancel()

    def _lay(self) -> None:
        if len(self._joints) > 1:
            label = f"draw {self.sheet.name_of(self._number)}"
            self.sheet.lay(self._number, _curve(self._joints, self._arms), label, self.name)

    @staticmethod
    def _beside(pointer: Pointer) -> tuple[float, float]:
        return pointer.place[0] + 14.0, pointer.place[1] - 22.0


def _curve(joints: Sequence[Floats], arms: Sequence[Floats]) -> BezierCurve:
    controls: list[Floats] = [joints[0], joints[0] + arms[0]]
    for joint, arm in zip(joints[1:-1], arms[1:-1], strict=True):
        controls += [joint - arm, joint, joint + arm]
    return BezierCurve(np.stack([*controls, joints[-1] - arms[-1], joints[-1]]))
