"""What one sample is made of: text of scalar functions, and the names of what goes in and stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Role = Literal["input", "state", "param", "coefficient", "rate", "now", "ring"]
# A state that is nearer to 0 than this is 0: numbers far below what is heard can cost a hundred times as much.
TINY = 1e-30


@dataclass(frozen=True)
class PerSample:
    """A function of scalars for one sample, as text, and what it is called with.

    source: Python for numba that defines ``tick`` and, where ``prepares`` is not empty, ``prepare``. takes: the
    arguments of ``tick`` in order, each with its role; it gives the output and the next value of every state, as one
    flat tuple (a bare number where there is no state). Coefficients are what ``prepare`` gives, whose arguments are
    ``prepares``: params and the rate. state: names and start values. rings: names of inputs, or ``y`` for the output,
    whose past is kept, with the number of samples, a power of two: the ring named so holds sample ``k`` of it at
    ``k & (samples - 1)``, ``now`` being the present one; an input is there before ``tick``, the output after it.
    """

    source: str
    takes: tuple[tuple[str, Role], ...]
    state: tuple[tuple[str, float], ...] = ()
    prepares: tuple[tuple[str, Role], ...] = ()
    rings: tuple[tuple[str, int], ...] = ()

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the signals that come in."""
        return self._named("input")

    @cached_property
    def params(self) -> tuple[str, ...]:
        """Names of the params."""
        return self._named("param")

    @cached_property
    def size(self) -> int:
        """Numbers that are kept per lane and channel: the states, the present sample's number, the rings."""
        return len(self.state) + bool(self.rings) + sum(length for _, length in self.rings)

    @cached_property
    def text(self) -> str:
        """The module with the loop. Equal descriptions have equal texts."""
        from .block_loop import module_text

        return module_text(self)

    @cached_property
    def name(self) -> str:
        """The module's name, made of its text."""
        return f"loop_{sha256(self.text.encode()).hexdigest()[:32]}"

    def start(self, channels: int) -> NDArray[np.float64]:
        """What is kept before the first sample, float64 ``[channels, size]``."""
        kept = np.zeros((channels, self.size))
        kept[:, : len(self.state)] = [value for _, value in self.state]
        return kept

    def _named(self, role: Role) -> tuple[str, ...]:
        found: Sequence[tuple[str, Role]] = (*self.takes, *self.prepares)
        return tuple(name for name, one in found if one == role)
