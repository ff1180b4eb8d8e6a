"""Bound: the calls of a plan by what they were made of, so that the next plan can go on with those that fit it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple

from ..plan import Call
from ..steps import ParamRamp
from ..values import FloatArray
from .allocate import Allocated
from .batch import Cluster


class BoundCall(NamedTuple):
    """What a node needs in order, its own step last. unclipped: what drives params that many have clipped at once."""

    calls: tuple[Call, ...]
    turnings: Mapping[tuple[str, str], ParamRamp]
    unclipped: Mapping[str, FloatArray]


class BoundCluster(NamedTuple):
    """A cluster's calls, and what they were made of. lines: of the params that cords drive."""

    calls: tuple[Call, ...]
    parts: tuple[BoundCall, ...]
    lines: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Bound:
    """What a plan is made of, in the order in which it plays."""

    clusters: Mapping[Cluster, BoundCluster]
    allocated: Allocated
    block: int

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls."""
        return tuple(call for one in self.clusters.values() for call in one.calls)

    @property
    def turnings(self) -> dict[tuple[str, str], ParamRamp]:
        """What turns the params that no cord drives."""
        found: dict[tuple[str, str], ParamRamp] = {}
        for one in self.clusters.values():
            for part in one.parts:
                found.update(part.turnings)
        return found


@dataclass(frozen=True)
class Changes:
    """How a patch differs from that of a plan: nodes to bind anew, and those that need new buffers."""

    bound: Bound
    nodes: Set[str]
    buffers: Set[str]
