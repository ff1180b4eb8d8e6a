"""Node instances, which outlast plans, and the params being turned on them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .declare import NodeSpec, ParamSpec, Scalar
from .hooks import Closes, offers
from .values import Content, PortSize

RAMP_SECONDS = 0.010
# Glides of one param that may wait for their samples.
MOST_LEGS = 64


class Knob:
    """A param's present value and, while it glides, where it is on the way. Audio thread only, once playing."""

    __slots__ = ("_legs", "_line", "_rate", "_scratch", "length", "position", "spec", "start", "target", "value")

    def __init__(self, spec: ParamSpec, value: Scalar, block: int, sample_rate: float) -> None:
        self.spec = spec
        self.value: Scalar = value
        self.start = self.target = float(value) if spec.ramp else 0.0
        self._rate = sample_rate
        self.length = max(1, round(RAMP_SECONDS * sample_rate))
        self.position = self.length
        self._line = np.arange(1, block + 1, dtype=np.float64) if spec.ramp else np.zeros(0)
        self._scratch = np.zeros(block if spec.ramp else 0)
        self._legs: list[tuple[int, float, int]] = []

    @property
    def is_moving(self) -> bool:
        """Whether a glide is under way, or sets out soon."""
        return self.position < self.length or bool(self._legs)

    def turn(self, value: Scalar, seconds: float = 0.0, offset: int = 0) -> None:
        """Set a new value: a float glides there from where it is then, anything else jumps at the next block.

        seconds: how long the glide takes, at least 10 ms. offset: samples into the next block at which it sets out;
        several may, one after the other.
        """
        if not self.spec.ramp:
            self.value = value
            return
        length = max(1, round(max(seconds, RAMP_SECONDS) * self._rate))
        if offset > 0:
            self._legs.append((offset, float(value), length))
            self._legs.sort(key=_begin)
            del self._legs[:-MOST_LEGS]
            return
        if float(value) == self.target and self.is_moving and not seconds:
            return  # it is on its way there, slowly perhaps
        self._set_out(float(value), length)

    def fill(self, out: np.ndarray[Any, Any]) -> None:
        """Write the next stretch of the glide, float32 ``[1, n]``, and move on."""
        count, begin = out.shape[1], 0
        while self._legs and self._legs[0][0] < count:
            offset, target, length = self._legs.pop(0)
            if offset > begin:
                self._go_on(out[0, begin:offset])
                begin = offset
            self._set_out(target, length)
        self._go_on(out[0, begin:])
        if self._legs:
            self._legs[:] = [(offset - count, target, length) for offset, target, length in self._legs]

    def _set_out(self, target: float, length: int) -> None:
        self.start, self.target, self.position, self.length = float(self.value), target, 0, length

    def _go_on(self, out: np.ndarray[Any, Any]) -> None:
        count = len(out)
        scratch = self._scratch[:count]
        np.add(self._line[:count], self.position, out=scratch)
        np.divide(scratch, self.length, out=scratch)
        np.clip(scratch, 0.0, 1.0, out=scratch)
        np.multiply(scratch, self.target - self.start, out=scratch)
        np.add(scratch, self.start, out=scratch)
        np.copyto(out, scratch, casting="same_kind")
        self.position = min(self.position + count, self.length)
        self.value = self.target if self.position >= self.length else float(scratch[-1])


@dataclass
class NodeInstance:
    """A node as it plays: what its type made, and its knobs. It outlasts plans while type and settings stay."""

    spec: NodeSpec
    node: Any
    settings: Mapping[str, Any]
    content: Content
    knobs: dict[str, Knob] = field(default_factory=dict)
    shared: Content = field(default_factory=dict)
    """What the nodes of the patch shared when it was made, if it asks for that."""
    has_failed: bool = False
    renewal: Any = None
    """What ``node.prepare`` made of new content, for ``node.renew`` when the plan that brings it is adopted."""
    takes_over: list[Any] = field(default_factory=list)
    """The instance that this one follows, for ``node.inherit`` at the first plan that plays it."""
    identity: object = field(default_factory=object)
    """The same for as long as the node's sound goes on without a break."""
    warned: list[str] = field(default_factory=list)
    """Warnings the instance gave while it was made."""
    sizes: Mapping[str, PortSize] = field(default_factory=dict)
    """What the instance says of its ports (``ports``)."""

    @cached_property
    def likeness(self) -> Hashable:
        """Equal for nodes of one type with the same settings."""
        return self.spec.type, tuple(sorted((key, repr(value)) for key, value in self.settings.items()))

    def close(self) -> None:
        """Let the instance finish what it holds open (files)."""
        if offers(self.node, Closes):
            self.node.close()


def _begin(leg: tuple[int, float, int]) -> int:
    return leg[0]
