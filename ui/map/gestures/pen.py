"""The pen: curves set joint by joint, bent by dragging while each is set."""

from collections.abc import Sequence
from math import hypot

import numpy as np

from ....nodes.gui.curves import BezierCurve
from ...surface.pointer import Pointer, Press
from ..plane import Floats
from ..sheet import Sheet
from .gesture import MapGesture

CLOSE_PIXELS = 8.0


class Pen(MapGesture):
    """A curve that grows with every press and lasts over many; one step of undo.

    Each press sets a joint; dragged, its handles follow, mirrored. A press on the last joint ends it.
    """

    def __init__(self, sheet: Sheet, pointer: Pointer, number: int) -> None:
        super().__init__(sheet, pointer)
        self._number = number
        self._joints: list[Floats] = []
        self._arms: list[Floats] = []
        self.lasts = True
        self._set_joint(pointer)

    def press(self, press: Press) -> None:
        """Another joint; on the last one, or with a double click, the curve ends."""
        if press.clicks == 2:
            self.finish()
        else:
            self._set_joint(press.pointer)

    def _set_joint(self, pointer: Pointer) -> None:
        self._is_down = True
        here = self.sheet.place(pointer.place, pointer.held.alt, self._number)
        if self._joints:
            x, y = self.sheet.view.to_screen(self._joints[-1])
            if hypot(x - pointer.place[0], y - pointer.place[1]) <= CLOSE_PIXELS:
                self.finish()
                return
        self._joints.append(here)
        self._arms.append(np.zeros(2))
        self._lay()

    def move(self, pointer: Pointer) -> None:
        """Bend at the joint that is being set; with the button up, show where the next piece would go."""
        if not self._is_down:
            here = self.sheet.place(pointer.place, pointer.held.alt, self._number)
            preview = _curve([*self._joints, here], [*self._arms, np.zeros(2)]).line.anchors
            self.show("Enter or click the last point to finish", pointer, path=preview)
            return
        here = self.sheet.view.to_values(pointer.place)
        self._arms[-1] = here - self._joints[-1]
        self._lay()
        joint, arm = self._joints[-1], self._arms[-1]
        self.show_length(self._number, pointer, guides=(np.stack([joint - arm, joint + arm]),))

    def end(self, pointer: Pointer) -> None:
        """The joint is set; the curve goes on."""
        self._is_down = False

    def finish(self) -> None:
        """The curve is done. One joint is no curve."""
        self.lasts = False
        self.sheet.end_gesture()
        if len(self._joints) > 1:
            self.sheet.choose({self._number})

    def cancel(self) -> None:
        """Without the curve."""
        self.lasts = False
        super().cancel()

    def _lay(self) -> None:
        if len(self._joints) > 1:
            label = f"draw {self.sheet.name_of(self._number)}"
            self.sheet.lay(self._number, _curve(self._joints, self._arms), label, self.name)


def _curve(joints: Sequence[Floats], arms: Sequence[Floats]) -> BezierCurve:
    controls: list[Floats] = [joints[0], joints[0] + arms[0]]
    for joint, arm in zip(joints[1:-1], arms[1:-1], strict=True):
        controls += [joint - arm, joint, joint + arm]
    return BezierCurve(np.stack([*controls, joints[-1] - arms[-1], joints[-1]]))
