"""What hands do, as plain data: a window makes these from its events, and so do tests."""

from dataclasses import dataclass
from typing import Literal

from ...graphs import Point

Button = Literal["left", "middle", "right"]


@dataclass(frozen=True, slots=True)
class Held:
    """Which keys are held beside it. command: Ctrl, or Cmd on a Mac."""

    shift: bool = False
    command: bool = False
    alt: bool = False
    space: bool = False


NOTHING_HELD = Held()


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in pixels from the canvas's top left corner, and when (seconds of a steady clock).

    pressure: how hard a pen presses, 0 … 1; None for a mouse.
    """

    place: Point
    held: Held = NOTHING_HELD
    time: float = 0.0
    pressure: float | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """A button went down. clicks: 2 for the second of a double click."""

    pointer: Pointer
    button: Button = "left"
    clicks: int = 1


@dataclass(frozen=True, slots=True)
class Move:
    """The pointer moved, with or without a button down."""

    pointer: Pointer


@dataclass(frozen=True, slots=True)
class Release:
    """A button came up."""

    pointer: Pointer
    button: Button = "left"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel turned: steps up (and to the right, where a touch pad has them)."""

    pointer: Pointer
    up: float
    right: float = 0.0


Touch = Press | Move | Release | Wheel
