"""Facets: what of a terrain is to be seen, and in which colours."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Colouring = Literal["alike", "one", "three", "four"]
Layer = Literal["sensitivity", "density", "loudness"]
COLOURINGS: tuple[Colouring, ...] = get_args(Colouring)
LAYERS: tuple[Layer, ...] = get_args(Layer)


@dataclass(frozen=True)
class Facet:
    """colour: ``alike`` lets similar colours sound similar; else one, three or four of the latents are seen.

    channels: which, from 0. low, high: the values of the first and last colour; None: from what there is. palette: the
    colours of one latent. layers: what is laid over it. cut: where a terrain of more than two axes is cut, a coordinate
    per axis; axes: the two that are seen.
    """

    colour: Colouring = "alike"
    channels: tuple[int, ...] = (0,)
    low: float | None = None
    high: float | None = None
    palette: str = "ember"
    layers: frozenset[Layer] = frozenset()
    cut: tuple[float, ...] = ()
    axes: tuple[int, int] = (0, 1)

    def plain(self) -> dict[str, Any]:
        """As plain values, to be saved and sent."""
        return {**asdict(self), "layers": sorted(self.layers)}


def facet_from(raw: Mapping[str, Any]) -> Facet:
    """A facet from plain values; what makes no sense is as usual."""
    usual = Facet()
    try:
        colour = raw.get("colour", usual.colour)
        across, down = (int(one) for one in raw.get("axes", usual.axes))
        return Facet(
            colour=colour if colour in COLOURINGS else usual.colour,
            channels=tuple(int(one) for one in raw.get("channels", usual.channels)) or usual.channels,
            low=None if raw.get("low") is None else float(raw["low"]),
            high=None if raw.get("high") is None else float(raw["high"]),
            palette=str(raw.get("palette", usual.palette)),
            layers=frozenset(one for one in LAYERS if one in tuple(raw.get("layers", ()))),
            cut=tuple(float(one) for one in raw.get("cut", ())),
            axes=(across, down),
        )
    except (TypeError, ValueError):
        return usual
