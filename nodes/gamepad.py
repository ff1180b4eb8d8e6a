"""Gamepad: its sticks, triggers and buttons as signals."""

from typing import Annotated, NamedTuple

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, Setting, Setup, Size, node
from .osc_in import Edge, Lag, scaled
from .smooth import Smooth

PAD = "gamepad:{device}/*/"
LEFT_X, LEFT_Y, RIGHT_X, RIGHT_Y = (
    Param(-1.0, 1.0, help="stick position; right and down are 1; set by the gamepad", source=f"{PAD}axis/{axis}")
    for axis in range(4)
)
LEFT_TRIGGER, RIGHT_TRIGGER = (
    Param(0.0, 1.0, help="trigger position; set by the gamepad", source=f"{PAD}axis/{axis}") for axis in (4, 5)
)
A, B, X, Y = (
    Param(0.0, 1.0, help="1 while pressed; set by the gamepad", source=f"{PAD}button/{button}") for button in range(4)
)


class Moved(NamedTuple):
    """The two sticks (x and y each), the two triggers, and the buttons A, B, X, Y."""

    left: Annotated[ControlSignal, Size(2), Help("left stick: x, y")]
    right: Annotated[ControlSignal, Size(2), Help("right stick: x, y")]
    triggers: Annotated[ControlSignal, Size(2), Help("left and right trigger, 0 to 1")]
    buttons: Annotated[ControlSignal, Size(4), Help("buttons a, b, x, y: 1 while pressed")]


@node(other_names=("joystick", "controller", "thumbstick", "buttons"), nearest_to=("button",))
class Gamepad:
    """Gamepad input: sticks from low to high, triggers and the four main buttons.

    ``latent-terrain run --gamepad all`` or the editor reads them. Other buttons and devices (joysticks, pedals) can be
    mapped with MIDI/OSC Learn.
    """

    def __init__(
        self,
        setup: Setup,
        device: Annotated[str, Setting(help="gamepad (part of its name); empty: any")] = "",
    ) -> None:
        self._smooths = tuple(Smooth(setup) for _ in range(3))
        self._line: FloatArray = np.zeros((2, setup.block), np.float32)

    def process(
        self,
        out: Moved,
        left_x: Annotated[float, LEFT_X] = 0.0,
        left_y: Annotated[float, LEFT_Y] = 0.0,
        right_x: Annotated[float, RIGHT_X] = 0.0,
        right_y: Annotated[float, RIGHT_Y] = 0.0,
        left_trigger: Annotated[float, LEFT_TRIGGER] = 0.0,
        right_trigger: Annotated[float, RIGHT_TRIGGER] = 0.0,
        a: Annotated[float, A] = 0.0,
        b: Annotated[float, B] = 0.0,
        x: Annotated[float, X] = 0.0,
        y: Annotated[float, Y] = 0.0,
        low: Edge = -1.0,
        high: Edge = 1.0,
        smooth: Lag = 20.0,
    ) -> Moved:
        """Fill ``left``, ``right`` and ``triggers`` ``[2, n]``, and ``buttons`` ``[4, n]``."""
        line = self._line[:, : out.left.shape[1]]
        line[0], line[1] = np.ravel(left_x), np.ravel(left_y)
        scaled(line, (-1.0, 1.0), (low, high))
        self._smooths[0].process(line, out.left, smooth)
        line[0], line[1] = np.ravel(right_x), np.ravel(right_y)
        scaled(line, (-1.0, 1.0), (low, high))
        self._smooths[1].process(line, out.right, smooth)
        line[0], line[1] = np.ravel(left_trigger), np.ravel(right_trigger)
        self._smooths[2].process(line, out.triggers, smooth)
        for channel, button in enumerate((a, b, x, y)):
            out.buttons[channel] = np.ravel(button)
        return out

    def reset(self) -> None:
        """Begin at rest where it is."""
        for one in self._smooths:
            one.reset()
