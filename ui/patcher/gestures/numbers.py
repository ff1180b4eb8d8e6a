"""Turning: dragging a number on a card."""

from ....engine.declare import ParamSpec
from ...surface.pointer import Pointer
from ..layout import ControlPlace
from ..overlay import PatchOverlay
from ..values import number, place_of, span_of, value_at, value_of
from .gesture import Bench, PatchGesture

# Pixels from one end of a param to the other; ten times as many with Shift held.
WHOLE_RANGE = 200.0


class TurnNumber(PatchGesture):
    """Right and up is more. Heard at once; one step of undo."""

    def __init__(self, bench: Bench, pointer: Pointer, control: ControlPlace, spec: ParamSpec) -> None:
        super().__init__(bench, pointer)
        place = bench.layout.nodes[control.node]
        self._control, self._spec = control, spec
        self._before = value_of(place, control.name)
        self._span = span_of(spec, self._before)
        self._share = place_of(spec, self._before, self._span)
        self._last = pointer.place
        self._is_turned = False

    def move(self, pointer: Pointer) -> None:
        """Turn."""
        right, down = pointer.place[0] - self._last[0], pointer.place[1] - self._last[1]
        self._last = pointer.place
        step = (right - down) / WHOLE_RANGE * (0.1 if pointer.held.shift else 1.0)
        if step == 0:
            return
        self._share = min(1.0, max(0.0, self._share + step))
        value = value_at(self._spec, self._share, self._span)
        self._is_turned = True
        self.bench.turn(self._control.node, self._control.name, value, self.name)
        self.overlay = PatchOverlay(hint=number(self._spec, float(value)), hint_at=self.at(pointer))

    def cancel(self) -> None:
        """As it was."""
        if self._is_turned:
            self.bench.turn(self._control.node, self._control.name, self._before, self.name)
        self.bench.end_gesture()
