"""What a mode of the playheads is: it is told of a block and of its own params, and writes where they are."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple, Protocol, TypeVar

from ....engine import ControlSignal, Event, Events, Help, Size
from ..drawing import Drawing
from ..units import Density, Floats
from .playhead import Walk
from .quantiser import BeatGrid

# How far from zero a playhead may be sent, in value units.
FARTHEST = 100_000.0
Params = TypeVar("Params", contravariant=True)


class Walked(NamedTuple):
    """Where each playhead is (x and y by turns), how far along its line, the ends reached (value: the line, from 1).

    pressure: of the hand, 0 … 1.
    """

    xy: Annotated[ControlSignal, Help("position of each playhead: x, y, for a terrain")]
    ms: Annotated[ControlSignal, Help("how far each playhead is along its line, in ms")]
    ended: Annotated[Event, Help("number of the line whose end was reached, from 1")]
    pressure: Annotated[ControlSignal, Size(1), Help("pressure of the touch, 0 when lifted")]


class Block(NamedTuple):
    """What every mode is told of a block.

    triggers: those due now. place ``[2]``: where the first playhead was last. is_new: whether another mode was on
    before. xy: float64 ``[2, samples]`` to work in.
    """

    samples: int
    drawing: Drawing
    scale: Density
    grid: BeatGrid
    triggers: Events
    place: Floats
    is_new: bool
    xy: Floats


class PlayheadMode(Protocol[Params]):
    """How the playheads move while a mode is on; made anew, it begins again."""

    def advance(self, block: Block, params: Params, out: Walked) -> Sequence[Walk]:
        """Audio thread only: move on for a block. Gives the lines that are walked, playhead by playhead, if any are.

        ``out.ms`` and ``out.pressure`` are 0 and ``out.ended`` is empty when it is called.
        """
        ...


def all_at(xy: Floats, out: Walked) -> None:
    """All playheads in one place ``[2, n]``."""
    for first in range(0, len(out.xy), 2):
        out.xy[first : first + 2] = xy
