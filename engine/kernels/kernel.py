"""Kernel: which op of compiled code nodes of a type are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from .cells import OPS

Worth: TypeAlias = Callable[[float], float | Sequence[float]]
"""From a param at rest to what an op takes for it: a number, or one for each channel of ``out``."""


@dataclass(frozen=True)
class Kernel:
    """An op that gives what the nodes give, to the bit: from their inputs and params in the order declared.

    op: a name in ``OPS``. still: params that must rest. only: values that params must rest at; the op does not take
    them. worth: what the op takes for a param at rest, where that is not its value.
    """

    op: str
    still: frozenset[str] = frozenset()
    only: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    worth: Mapping[str, Worth] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.op not in OPS:
            raise ValueError(f"{self.op!r} is no op of compiled code; there are {', '.join(OPS)}")
