"""What a gesture works on, and what those on a patch have in common."""

from collections.abc import Callable, Collection
from typing import Literal, Protocol

from ....engine.declare import Scalar
from ....engine.palette import Palette
from ....graphs import Cord, Patch, Point
from ...surface.gesture import Gesture
from ...surface.pointer import Pointer
from ...surface.view import View
from ..layout import Layout
from ..minimap import Minimap
from ..overlay import PatchOverlay
from ..window_requests import Ask


class Bench(Protocol):
    """The part of the desk that hands work on."""

    view: View
    window_size: Point
    selection: frozenset[str]
    cords: frozenset[Cord]
    notes: frozenset[str]
    is_locked: bool
    pointer: Point

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch."""
        ...

    @property
    def patch(self) -> Patch:
        """As it is now."""
        ...

    @property
    def minimap(self) -> Minimap | None:
        """All of the patch in a corner of the window."""
        ...

    @property
    def layout(self) -> Layout:
        """Where everything stands."""
        ...

    def edit(self, change: Callable[[Patch], Patch], label: str, gesture: str | None = None) -> bool:
        """Make an edit."""
        ...

    def turn(self, node: str, param: str, value: Scalar, gesture: str) -> None:
        """Turn a param."""
        ...

    def end_gesture(self) -> None:
        """What comes next is another step of undo."""
        ...

    def undo(self) -> None:
        """Take a step back."""
        ...

    def select(self, nodes: Collection[str] = (), cords: Collection[Cord] = (), notes: Collection[str] = ()) -> None:
        """Choose these and nothing else."""
        ...

    def say(self, text: str, severity: Literal["info", "warning", "error"] = "info", node: str = "") -> None:
        """Note a sentence."""
        ...

    def ask(self, ask: Ask) -> None:
        """Ask the window."""
        ...

    def open_definition(self, node: str) -> bool:
        """Show the definition of an instance; False where the node is none."""
        ...

    def show_map(self, node: str = "") -> None:
        """Open the map."""
        ...

    def pair_for(self, type_: str, cord: Cord) -> tuple[str, str] | None:
        """How a node of a type can sit on a cord."""
        ...


class PatchGesture(Gesture[PatchOverlay]):
    """A hand at work on a patch. Nothing structural is done before ``end``."""

    def __init__(self, bench: Bench, began: Pointer) -> None:
        super().__init__(bench, began)
        self.bench = bench

    def at(self, pointer: Pointer) -> Point:
        """The canvas point under the pointer."""
        return self.bench.view.to_canvas(pointer.place)
