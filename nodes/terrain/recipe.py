"""How a terrain is learned, in numbers: the recipe, its form for scattered points, and the reference's own way."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from .dataset import Pairs
from .network import FloatArray, TerrainError

Method: TypeAlias = Literal["recipe", "reference"]
Order: TypeAlias = Literal["auto", "lines", "points"]


@dataclass(frozen=True)
class Recipe:
    """Every choice of a fit; the defaults are measured, and flat around their values.

    directions: whitened directions kept (0: raw features, raw latents). ridge: damping of weak ones, of the largest.
    densify: points per original point along a line. jump: a step of this many medians is a lifted pen. probes:
    gradients held down per step. margin: how far beyond the box they lie, of the box. rate, last_rate: learning rate,
    and the share of it left at the end. warm_up: steps. memory: Adam's second beta. batch: points per step.
    average: share of the old average kept per step. clip: times the usual gradient. decay: how fast matrices
    shrink, of the learning rate. keep_best: give the best average seen rather than the last. far: places tried for
    targets far from every line, of the usual roughness (see ``far.far_count``); far_share: how much they count
    together, of all points on lines.
    """

    directions: int = 128
    ridge: float = 1e-4
    densify: int = 3
    jump: float = 4.0
    probes: int = 64
    margin: float = 1.5
    rate: float = 1e-2
    last_rate: float = 0.02
    warm_up: int = 5
    memory: float = 0.99
    batch: int = 333
    average: float = 0.96
    clip: float = 2.0
    decay: float = 0.0
    keep_best: bool = True
    far: int = 500
    far_share: float = 0.07


RECIPE = Recipe()
SCATTERED = replace(RECIPE, densify=1, decay=1.5, last_rate=1.0, keep_best=False, far=0)
"""For points of which none follows another: matrices shrink as they learn, so that noise is not learned by heart.

The best decay depends on the data: 1 … 1.75 where lines cross, 0.75 … 1.5 where they do not, 2.5 for few lines of
unequal latents. 1.5 was never more than a tenth from the best of them.
"""
# For few points placed by hand: they are met exactly, and between them the terrain is as smooth as it can be.
PLACED = replace(RECIPE, far=0)
# The reference's training: Adam, learning rate 1e-3, batches of 32, nothing else (spec §4).
REFERENCE = Recipe(
    directions=0,
    densify=1,
    probes=0,
    rate=1e-3,
    last_rate=1.0,
    warm_up=0,
    memory=0.999,
    batch=32,
    average=0.0,
    clip=math.inf,
    keep_best=False,
    far=0,
)
# A trajectory of fewer points than this is no line.
FEW = 3
# So many coordinates are a map's, in its units. Root mean square distance of the points of others from their middle.
FLAT, FROM_MIDDLE = 2, 2.0
LEAST_GAUSS, MOST_GAUSS = 1e-6, 10.0
# Fewer points, as one places them by hand, are all meant as they are: they are met exactly, not smoothed.
LEAST_SCATTERED = 256


def gauss_over(x: FloatArray, gauss: float) -> float:
    """The roughness, in cycles per unit of the coordinates, of a terrain over these places ``[points, control_dim]``.

    On a map it is what was asked for. Of more coordinates nobody knows the unit (a sensor's may be 0 … 1 or volts), and
    distances grow with their number as its square root: there it is as if the places lay ``FROM_MIDDLE`` units from
    their middle. Measured with smooth takes of 8, 16 and 64 channels, error/variance of another take than those
    learned: 0.02 … 0.96 for one roughness in cycles per unit, depending on number and unit, and 0.005 … 0.09 so.
    """
    if x.shape[1] <= FLAT or gauss == 0:
        return gauss
    from_middle = float(np.sqrt(np.asarray(x, np.float64).var(axis=0).sum()))
    return float(np.clip(gauss * FROM_MIDDLE / from_middle, LEAST_GAUSS, MOST_GAUSS)) if from_middle > 0 else gauss


def recipe_for(method: Method, order: Order, pairs: Pairs) -> Recipe:
    """The choices for these pairs. order auto: lines, if most points lie on one. Raises TerrainError."""
    if method not in ("recipe", "reference"):
        raise TerrainError(f"method {method!r} is not known; choose recipe or reference")
    if order not in ("auto", "lines", "points"):
        raise TerrainError(f"order {order!r} is not known; choose auto, lines or points")
    if method == "reference":
        return REFERENCE
    on_lines = sum(length for length in pairs.lengths if length >= FEW)
    few = len(pairs.x) < LEAST_SCATTERED
    is_scattered = order == "points" or (order == "auto" and 2 * on_lines < len(pairs.x) and not few)
    if is_scattered:
        return SCATTERED
    return PLACED if order == "auto" and 2 * on_lines < len(pairs.x) else RECIPE
