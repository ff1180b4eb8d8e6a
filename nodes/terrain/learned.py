"""What a terrain node keeps of its learning: the weights it plays, how the loss fell, and what it needs to go on."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ...engine import Content, FloatArray, LatentSpace
from ...engine.training.jobs import result_of
from ...engine.typed import is_number
from ...graphs import Node
from ..codec.space import kept_space, space_in
from ..gui.units import DEFAULT_BOX
from .colours import TerrainColours, colours_in, measured_colours
from .network import TerrainError, Weights, validate_weights

STATE, LOG = "state.", "log."
SPACE, COLOURS = f"{LOG}codec", f"{LOG}colours."
# The loss curve is kept in at most so many points.
LOSSES = 512


def learned_weights(content: Content) -> dict[str, FloatArray]:
    """The weights in the reference's layout; empty before the first learning."""
    found = result_of(content, "learn")
    return {name: array for name, array in found.items() if not name.startswith((STATE, LOG))}


def learned_state(content: Content) -> dict[str, np.ndarray[Any, Any]]:
    """What ``fit`` needs to go on; empty when nothing was kept."""
    return _under(content, STATE)


def learned_losses(content: Content) -> FloatArray:
    """How the loss fell, float32 ``[points]``, evenly taken from all steps; empty when it was not kept."""
    return np.asarray(_under(content, LOG).get("loss", np.zeros(0)), np.float32)


def learned_error(content: Content) -> float | None:
    """Error/variance on the pairs when it was learned (see ``quality``); None where it was not kept."""
    kept = np.asarray(_under(content, LOG).get("error", np.zeros(0)), np.float32).reshape(-1)
    return float(kept[0]) if len(kept) and np.isfinite(kept[0]) else None


def learned_space(content: Content) -> LatentSpace | None:
    """The codec whose latents were learned; None where nothing is known of it."""
    return space_in(content, f"learn/{SPACE}")


def learned_colours(content: Content, box: tuple[float, ...] = ()) -> TerrainColours | None:
    """The colours that its pictures show; None before the first learning.

    What was kept with it; a patch of an earlier version kept none, and they are measured now. box: of the terrain.
    """
    weights = learned_weights(content)
    try:
        shape = validate_weights(weights)
    except TerrainError:
        return None  # there is none, or its file is damaged, which the node says
    return colours_in(_under(content, COLOURS), shape.latent_dim) or measured_colours(weights, box)


def colours_of(terrain: Node) -> TerrainColours | None:
    """``learned_colours`` of a terrain node."""
    box = terrain.values.get("box")
    if not isinstance(box, list | tuple) or not all(map(is_number, box)):
        return learned_colours(terrain.content, DEFAULT_BOX)
    return learned_colours(terrain.content, tuple(map(float, box)))  # type: ignore[arg-type]


def colours_to_keep(colours: TerrainColours) -> Content:
    """Colours as a part of the result of a learning."""
    return {f"{COLOURS}{name}": array for name, array in colours.arrays.items()}


def to_keep(
    weights: Weights,
    losses: tuple[float, ...],
    state: Mapping[str, np.ndarray],
    space: LatentSpace | None = None,
    error: float | None = None,
    colours: TerrainColours | None = None,
) -> Content:
    """Weights, loss curve, state, the latents' codec, error/variance and colours as the result of a learning."""
    curve = np.asarray(losses, np.float32)
    if len(curve) > LOSSES:
        ends = np.linspace(0, len(curve), LOSSES + 1).astype(int)
        curve = np.array([curve[begin:end].mean() for begin, end in pairwise(ends)], np.float32)
    kept = {f"{STATE}{name}": array for name, array in state.items()}
    if error is not None:
        kept[f"{LOG}error"] = np.array([error], np.float32)
    if colours is not None:
        kept |= colours_to_keep(colours)
    return {**weights, f"{LOG}loss": curve, **kept, **kept_space(space, SPACE)}


def _under(content: Content, prefix: str) -> dict[str, np.ndarray[Any, Any]]:
    found = result_of(content, "learn")
    return {name.removeprefix(prefix): array for name, array in found.items() if name.startswith(prefix)}
