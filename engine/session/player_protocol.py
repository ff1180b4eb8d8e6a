"""What a server needs of whatever plays: a live performance, or something like one in a test."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ...graphs import Patch
from ..declare import Scalar
from ..messages import Order
from ..problems import Problem
from ..values import Content, FloatArray, Reading


class Player(Protocol):
    """A patch at play. ``update`` may be slow and is called by one thread; all else is quick, from any thread."""

    @property
    def patch(self) -> Patch:
        """The patch as last edited."""
        ...

    def update(self, patch: Patch) -> tuple[Problem, ...]:
        """Play an edited patch; gives its problems."""
        ...

    def wants_again(self) -> bool:
        """Whether the same patch is worth another ``update``, since something has come that it lacked."""
        ...

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param, gliding for so long; at a time (seconds since 1970), or at once."""
        ...

    def do(self, order: Order) -> None:
        """Do what a client asks beside that; ``OpenDocument`` before the ``update`` that it comes with, on its thread.

        Raises MessageError with a sentence for what this player does not do.
        """
        ...

    def status(self) -> Mapping[str, Any]:
        """Numbers about how it goes, as plain data."""
        ...

    def gathered(self) -> Mapping[str, Content]:
        """What nodes have recorded, by node."""
        ...

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What one node shows now, for any thread; None for nothing of that name."""
        ...

    def readings(self) -> Iterable[Reading]:
        """What nodes show now, looked at one by one as they are taken; called by one thread."""
        ...


class Silence:
    """A player that plays nothing and remembers what it was given: for tests and measurements."""

    def __init__(self, patch: Patch | None = None) -> None:
        self.patch = patch if patch is not None else Patch()
        self.turns: list[tuple[str, str, Scalar]] = []
        self.orders: list[Order] = []

    def update(self, patch: Patch) -> tuple[Problem, ...]:
        """Take it as it is."""
        self.patch = patch
        return ()

    def wants_again(self) -> bool:
        """Never."""
        return False

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Note it."""
        self.turns.append((node, param, value))

    def do(self, order: Order) -> None:
        """Note it."""
        self.orders.append(order)

    def status(self) -> Mapping[str, Any]:
        """All of its time is free."""
        return {"pace": 1.0}

    def gathered(self) -> Mapping[str, Content]:
        """Nothing."""
        return {}

    def reading(self, node: str, name: str) -> FloatArray | None:
        """Nothing."""
        return None

    def readings(self) -> Iterable[Reading]:
        """Nothing."""
        return ()
