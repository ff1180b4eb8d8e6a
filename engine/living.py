"""Nodes that live: instances that outlast plans, and the params being turned on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .declare import NodeSpec, ParamSpec, Scalar
from .values import Content, PortSize

RAMP_SECONDS = 0.010


class Knob:
    """A param's present value and, while it glides, where it is on the way. Audio thread only, once playing."""

    __slots__ = ("_line", "_rate", "_scratch", "length", "position", "spec", "start", "target", "value")

    def __init__(self, spec: ParamSpec, value: Scalar, block: int, sample_rate: float) -> None:
        self.spec = spec
        self.value: Scalar = value
        self.start = self.target = float(value) if spec.ramp else 0.0
        self._rate = sample_rate
        self.length = max(1, round(RAMP_SECONDS * sample_rate))
        self.position = self.length
        self._line = np.arange(1, block + 1, dtype=np.float64) if spec.ramp else np.zeros(0)
        self._scratch = np.zeros(block if spec.ramp else 0)

    @property
    def is_moving(self) -> bool:
        """Whether a glide is under way."""
        return self.position < self.length

    def turn(self, value: Scalar, seconds: float = 0.0, offset: int = 0) -> None:
        """Set a new value: a float glides there from where it is now, anything else jumps at the next block.

        seconds: how long the glide takes, at least 10 ms. offset: samples into the next block at which it sets out.
        """
        if not self.spec.ramp:
            self.value = value
            return
        if float(value) == self.target and self.is_moving and not (seconds or offset):
            return  # it is on its way there, slowly perhaps
        self.start, self.target, self.position = float(self.value), float(value), -offset
        self.length = max(1, round(max(seconds, RAMP_SECONDS) * self._rate))

    def fill(self, out: np.ndarray[Any, Any]) -> None:
        """Write the next stretch of the glide, float32 ``[1, n]``, and move on."""
        count = out.shape[1]
        scratch = self._scratch[:count]
        np.add(self._line[:count], self.position, out=scratch)
        np.divide(scratch, self.length, out=scratch)
        np.clip(scratch, 0.0, 1.0, out=scratch)
        np.multiply(scratch, self.target - self.start, out=scratch)
        np.add(scratch, self.start, out=scratch)
        np.copyto(out[0], scratch, casting="same_kind")
        self.position = min(self.position + count, self.length)
        self.value = self.target if self.position >= self.length else float(scratch[-1])


@dataclass
class Living:
    """A node with its instance and knobs. It keeps its life from plan to plan while type and settings stay."""

    spec: NodeSpec
    instance: Any
    settings: Mapping[str, Any]
    content: Content
    knobs: dict[str, Knob] = field(default_factory=dict)
    has_failed: bool = False
    renewal: Any = None
    """What ``instance.prepare`` made of new content, for ``instance.renew`` when the plan that brings it is adopted."""
    bequest: list[Any] = field(default_factory=list)
    """The instance that this one follows, for ``instance.inherit`` at the first plan that plays it."""
    identity: object = field(default_factory=object)
    """The same for as long as the node's sound goes on without a break."""
    said: list[str] = field(default_factory=list)
    """Warnings the instance gave while it was made."""
    sizes: Mapping[str, PortSize] = field(default_factory=dict)
    """What the instance says of its ports (``ports``)."""

    def close(self) -> None:
        """Let the instance finish what it holds open (files)."""
        if hasattr(self.instance, "close"):
            self.instance.close()
