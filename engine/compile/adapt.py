"""Adapt: which conversions a cord needs, in words that can be shown on it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..problems import Problem
from .infer import Shapes
from .resolve import Resolved, ResolvedCord
from .stepped import is_stepped

Conversion = Literal["copy", "mean", "at frames", "hold", "clip", "step", "fade in", "fade out"]
Fades = Mapping[tuple[str, str], Literal["fade in", "fade out"]]

WORDS: Mapping[Conversion, str] = {
    "copy": "mono copied to all channels",
    "mean": "channels averaged to mono",
    "at frames": "sampled at each frame",
    "hold": "held until the next",
    "clip": "clipped to the parameter's range",
    "step": "stepped: one value per block",
    "fade in": "fading in",
    "fade out": "fading out",
}


@dataclass(frozen=True)
class Adapted:
    """A cord and the conversions along it, source to target."""

    cord: ResolvedCord
    conversions: tuple[Conversion, ...]

    @property
    def label(self) -> str:
        """What happens along the cord, in words; empty when nothing does."""
        return ", ".join(WORDS[conversion] for conversion in self.conversions)


def adapt(resolved: Resolved, shapes: Shapes, known: Mapping[int, Adapted]) -> dict[int, Adapted]:
    """The conversions of every cord that carries something per block, in order, by the ids of the cords.

    known: those that are worked out already.
    """
    there = list(map(known.get, map(id, resolved.cords)))
    return {
        id(cord): one or Adapted(cord, tuple(_conversions(cord, resolved, shapes, {})))
        for cord, one in zip(resolved.cords, there, strict=True)
        if one is not None or cord.source.kind != "trajectories"
    }


def faded(adapted: Iterable[Adapted], resolved: Resolved, shapes: Shapes, fades: Fades) -> tuple[Adapted, ...]:
    """The same cords with some fading in or out, in words by their name."""
    return tuple(
        [
            Adapted(one.cord, tuple(_conversions(one.cord, resolved, shapes, fades))) if one.cord.name in fades else one
            for one in adapted
        ]
    )


def _conversions(cord: ResolvedCord, resolved: Resolved, shapes: Shapes, fades: Fades) -> list[Conversion]:
    chain: list[Conversion] = []
    kind, target = cord.source.kind, cord.target.kind
    gives = shapes.sizes.get((cord.source_node, "out", cord.source.name), 1)
    wants = 1 if cord.param else shapes.sizes.get((cord.target_node, "in", cord.target.name), 1)
    if kind == "event" and target == "event":
        return chain
    if is_stepped(cord):
        return ["mean", "step"] if gives > 1 and kind == "signal" else ["step"]
    if kind == "event" or (kind == "latent" and target == "signal"):
        chain.append("hold")
        gives = 1 if kind == "event" else gives
    if cord.name in fades and target == "signal" and not cord.param:
        chain.append(fades[cord.name])
    if gives > 1 and wants == 1:
        chain.append("mean")
    if cord.param is not None:
        chain.append("clip")
        if resolved.nodes[cord.target_node].spec.on_frames_only:
            chain.append("at frames")
    elif kind != "latent" and target == "latent":
        chain.append("at frames")
    if gives == 1 and wants > 1:
        chain.append("copy")
    return chain


def averaged(adapted: Iterable[Adapted], shapes: Shapes) -> Iterator[Problem]:
    """A warning for each cord that brings a param several channels, which get lost in their mean."""
    for one in adapted:
        cord = one.cord
        if cord.param is not None and "mean" in one.conversions:
            gives = shapes.sizes[cord.source_node, "out", cord.source.name]
            yield Problem(
                cord.target_node,
                cord.target.name,
                f"takes one channel, but {cord.source_node}.{cord.source.name} gives {gives}, which are averaged; "
                "put a pick, split or mix before it",
                "warning",
            )
