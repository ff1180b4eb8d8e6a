"""What the link needs of whatever plays: a live performance, or something like one in a test."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ...graphs import Patch
from ..declare import Scalar
from ..problems import Problem
from ..values import Content
from .board import Reading


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

    def follow_beat(self, beat: float, tempo: float, when: float) -> None:
        """Play to a clock outside: that beat is heard at ``when`` (seconds since 1970). tempo 0: to none any more."""
        ...

    def panic(self) -> None:
        """Silence, then play on."""
        ...

    def status(self) -> Mapping[str, Any]:
        """Numbers about how it goes, as plain data."""
        ...

    def gathered(self) -> Mapping[str, Content]:
        """What nodes have recorded, by node."""
        ...

    def readings(self) -> Iterable[Reading]:
        """What nodes show now, looked at one by one as they are taken; called by one thread."""
        ...
