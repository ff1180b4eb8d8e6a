"""The patch: what a musician saves. Nodes, the cords between them, and what belongs to them, as one immutable value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .frozen import Array, FrozenMap, frozen, frozen_content

__all__ = ["Array", "Asset", "Cord", "Node", "Patch", "Point", "Value"]

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
"""A param or setting as saved. Lists and dicts in it are shared between undo steps: read them, never change them."""

Point: TypeAlias = tuple[float, float]

EMPTY: FrozenMap[Any] = FrozenMap()


@dataclass(frozen=True)
class Node:
    """A node as saved: its type, params and settings (``values``), arrays (``content``), place on the canvas.

    ``content`` names are free ("weights/fc2.weight", "lines/1"); its arrays are read-only, of the types in
    ``frozen.DTYPES``, copied on the way in where needed (ValueError otherwise). ``position`` is in canvas pixels.
    ``extra`` keeps what a newer or another program wrote.
    """

    type: str
    values: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    content: Mapping[str, Array] = field(default_factory=lambda: EMPTY)
    position: Point = (0.0, 0.0)
    title: str = ""
    muted: bool = False
    bypassed: bool = False
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        x, y = self.position
        object.__setattr__(self, "position", (float(x) + 0.0, float(y) + 0.0))
        object.__setattr__(self, "values", frozen(self.values))
        object.__setattr__(self, "content", frozen_content(self.content))
        object.__setattr__(self, "extra", frozen(self.extra))

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Cord:
    """A cord from an output to an input or param, each written ``node.port``."""

    source: str
    target: str
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", frozen(self.extra))

    @property
    def source_node(self) -> str:
        """The node it comes from."""
        return self.source.partition(".")[0]

    @property
    def source_port(self) -> str:
        """The output it comes from."""
        return self.source.partition(".")[2]

    @property
    def target_node(self) -> str:
        """The node it goes to."""
        return self.target.partition(".")[0]

    @property
    def target_port(self) -> str:
        """The input or param it goes to."""
        return self.target.partition(".")[2]


@dataclass(frozen=True)
class Asset:
    """A file the patch needs: a path relative to the patch with ``/`` between folders, its sha256 (hex) and size in
    bytes; ``embedded`` is the file itself when it travels inside the patch.
    """

    path: str
    sha256: str
    size: int
    embedded: bytes | None = None
    licence: str = ""
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        object.__setattr__(self, "extra", frozen(self.extra))

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Patch:
    """An immutable patch. Every edit gives a new one that shares all that did not change.

    ``nodes`` and ``assets`` are by name. Two patches with the same parts are equal in whatever order they were
    built: equal exactly when they are saved as the same bytes. ``seed`` starts all that is random.
    ``view`` is the window's business (zoom, selection); ``extra`` keeps unknown keys.
    """

    nodes: Mapping[str, Node] = field(default_factory=lambda: EMPTY)
    cords: tuple[Cord, ...] = ()
    assets: Mapping[str, Asset] = field(default_factory=lambda: EMPTY)
    seed: int = 0
    view: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        for name in ("nodes", "assets", "view", "extra"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        object.__setattr__(self, "cords", tuple(self.cords))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patch):
            return NotImplemented
        return self is other or (
            self.seed == other.seed
            and (self.cords is other.cords or _sorted(self.cords) == _sorted(other.cords))
            and (self.nodes, self.assets, self.view, self.extra) == (other.nodes, other.assets, other.view, other.extra)
        )

    __hash__ = None  # type: ignore[assignment]


def _sorted(cords: tuple[Cord, ...]) -> list[Cord]:
    return sorted(cords, key=lambda cord: (cord.source, cord.target))
