"""What a gesture shows while it lasts."""

from dataclasses import dataclass

from ...graphs import Cord, Point
from ..surface.shapes import Box
from .ports import PortPlace


@dataclass(frozen=True)
class LooseCord:
    """A cord in the hand. origin: the port it hangs on. tip: where the hand is. caught: the port it would go to."""

    origin: PortPlace
    tip: Point
    caught: PortPlace | None = None


@dataclass(frozen=True)
class Overlay:
    """offered: ports (``node.port``) that a cord may go to; where it is not None all others are dim.

    hint: a few words at the pointer.
    """

    cord: LooseCord | None = None
    box: Box | None = None
    knife: tuple[Point, ...] = ()
    guides: tuple[tuple[Point, Point], ...] = ()
    offered: frozenset[str] | None = None
    cords: frozenset[Cord] = frozenset()
    nodes: frozenset[str] = frozenset()
    hint: str = ""
    hint_at: Point = (0.0, 0.0)


NOTHING = Overlay()
