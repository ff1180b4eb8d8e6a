"""What plays and can be changed, as everybody has it who changes it: editor, script, OSC, MIDI, pad and commands."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ...graphs import Patch
from ...graphs.turned import TurnedPatch
from ..declare import Scalar
from ..messages import LearnControl, MessageError, Order
from ..values import FloatArray

Edit = Callable[[Patch], Patch]


class Session(Protocol):
    """A server, a client of one in another process, or a document that nothing plays. From any thread."""

    @property
    def patch(self) -> Patch:
        """The patch as it looks from here: what others edited, and what hands turn right now, are in it."""
        ...

    def edit(self, change: Edit) -> Patch:
        """Edit the patch as it is at that moment; gives it. What ``change`` raises passes, and nothing changes."""
        ...

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param: heard at once, kept in the patch. Raises EditError for a node that is not there.

        seconds: how long a number glides, at least 10 ms. at: when, in seconds since 1970.
        """
        ...

    def do(self, order: Order) -> None:
        """Have whatever plays do something beside. Raises MessageError with a sentence where it does not do that."""
        ...

    def keep_takes(self) -> None:
        """Put what nodes have recorded into the patch, before it is saved. Raises EngineGone."""
        ...

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until the patch as it is here plays; gives whether it does."""
        ...

    @property
    def learning(self) -> LearnControl | None:
        """What the next controller that moves is to do; None while it does what it has learned."""
        ...

    @property
    def latest_status(self) -> Mapping[str, Any]:
        """How it goes (see ``Live.status``), as of a moment ago; empty where nothing plays."""
        ...

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now (see ``engine/readings.py``), None for nothing of that name. Never waits."""
        ...


class LocalSession:
    """A document that nothing plays."""

    def __init__(self, patch: Patch) -> None:
        self._document = TurnedPatch(patch)
        self.latest_status: Mapping[str, Any] = {}
        self.learning: LearnControl | None = None

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self._document.patch

    def edit(self, change: Edit) -> Patch:
        """Edit it; gives it."""
        self._document.patch = change(self._document.patch)
        return self._document.patch

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param at once. Raises EditError."""
        self._document.put(node, param, value)

    def do(self, order: Order) -> None:
        """Note what is to be learned. Raises MessageError for all else."""
        if isinstance(order, LearnControl):
            self.learning = order if order.is_wanted else None
            return
        raise MessageError("this patch is not playing")

    def keep_takes(self) -> None:
        """Nothing is recorded."""

    def wait(self, seconds: float = 30.0) -> bool:
        """Nothing plays."""
        return False

    def reading(self, node: str, name: str) -> FloatArray | None:
        """Nothing is shown."""
        return None
