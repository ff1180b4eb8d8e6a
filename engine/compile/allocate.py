"""Allocate: a buffer for every output, those of nodes that play together below each other, and the clocks of frames."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..buffers import Buffer, EventBuffer, SignalBuffer, latent_buffer, signal_buffer
from ..clock import FrameTimes
from .batch import Cluster
from .infer import Shapes
from .resolve import Resolved

Outputs = Mapping[tuple[str, str], Buffer]


@dataclass(frozen=True)
class Allocated:
    """Buffers by output, clocks by ratio, and the nodes whose buffers are other ones than in the plan before."""

    outputs: Outputs
    clocks: Mapping[Fraction, FrameTimes]
    moved: Set[str]


def allocate(
    resolved: Resolved,
    shapes: Shapes,
    clusters: Sequence[Cluster],
    block: int,
    before: Allocated | None,
    as_they_were: Set[Cluster],
    anew: Set[str],
) -> Allocated:
    """Buffers for a plan, those of the plan before where they fit: only one of both runs at a time.

    as_they_were: the clusters that it has, too. anew: the nodes whose ports are others than in it, or who are silent
    now and were not: what they gave last must not be heard again and again.
    """
    ratios = {*shapes.ratios.values(), *shapes.near.values()}
    known = before.clocks if before else {}
    clocks = {ratio: known.get(ratio) or FrameTimes(ratio, block) for ratio in sorted(ratios)}
    outputs = {key: one for key, one in (before.outputs if before else {}).items() if key[0] in resolved.nodes}
    moved: set[str] = set()
    work = _Allocation(resolved, shapes, block, clocks, outputs)
    for cluster in clusters:
        is_there = cluster in as_they_were
        names = [name for name, phase in cluster.calls if phase != "write"]
        if is_there and anew.isdisjoint(names):
            continue
        if cluster.is_batch and len(names) > 1 and not cluster.is_chain:
            work.stack(names)
            moved.update(names)
            continue
        for name in names:
            if name in anew or not work.has(name):
                work.own(name)
                moved.add(name)
    playing = {name for cluster in clusters for name, _ in cluster.calls}
    for name in resolved.nodes.keys() - playing:
        work.own(name)
        moved.add(name)
    return Allocated(outputs, clocks, moved)


@dataclass(frozen=True)
class _Allocation:
    resolved: Resolved
    shapes: Shapes
    block: int
    clocks: Mapping[Fraction, FrameTimes]
    outputs: dict[tuple[str, str], Buffer]

    def stack(self, names: Sequence[str]) -> None:
        """Make the signals ``out`` of these nodes rows of one array."""
        size = self.shapes.sizes[names[0], "out", "out"]
        rows = np.zeros((len(names), size, self.block), np.float32)
        for row, name in enumerate(names):
            self.outputs[name, "out"] = SignalBuffer(rows[row])

    def has(self, name: str) -> bool:
        """Whether all buffers of a node are there."""
        ports = self.resolved.nodes[name].spec.outputs.values()
        return all((name, one.name) in self.outputs for one in ports if one.kind != "trajectories")

    def own(self, name: str) -> None:
        """Make all buffers of a node."""
        for port in self.resolved.nodes[name].spec.outputs.values():
            key = name, port.name
            if port.kind == "event":
                self.outputs[key] = EventBuffer([])
            elif port.kind == "signal":
                self.outputs[key] = signal_buffer(self.shapes.sizes[name, "out", port.name], self.block)
            elif port.kind == "latent":
                clock = self.clocks[self.shapes.ratios[name, "out", port.name]]
                self.outputs[key] = latent_buffer(self.shapes.sizes[name, "out", port.name], clock)
