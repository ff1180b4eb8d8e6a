"""What a gesture on a patch shows while it lasts."""

from dataclasses import dataclass

from ...graphs import Cord, Point
from ..surface.gesture import Overlay
from .ports import PortPlace


@dataclass(frozen=True)
class LooseCord:
    """A cord in the hand. origin: the port it hangs on. tip: where the hand is. caught: the port it would go to."""

    origin: PortPlace
    tip: Point
    caught: PortPlace | None = None


@dataclass(frozen=True)
class PatchOverlay(Overlay):
    """In canvas units. offered: ports (``node.port``) that a cord may go to; where it is not None others are dim."""

    cord: LooseCord | None = None
    knife: tuple[Point, ...] = ()
    guides: tuple[tuple[Point, Point], ...] = ()
    offered: frozenset[str] | None = None
    cords: frozenset[Cord] = frozenset()
    nodes: frozenset[str] = frozenset()


NOTHING = PatchOverlay()
