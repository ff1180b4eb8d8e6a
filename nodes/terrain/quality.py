"""How well a land says what it was taught, on its points and beside them, sound by sound.

The measure is the author's (spec section 18): the peak signal-to-noise ratio of latents, 10 log10(range² / error),
where the range is a trajectory's from its lowest to its highest value; and the same with every place shaken a little.
"""

import math
from dataclasses import dataclass

import numpy as np

from .dataset import Pairs
from .network import FloatArray, TerrainError, Weights, evaluate

SHAKE, FARTHEST_SHAKE = 0.001, 0.005
"""Deviation and limit of the shaking, of the canvas's longest side."""


@dataclass(frozen=True)
class Quality:
    """psnr_db: on the points. beside_db: at shaken places. by_trajectory: on the points of each, in order.

    error: mean squared, in latent units.
    """

    psnr_db: float
    beside_db: float
    by_trajectory: tuple[float, ...]
    error: float


def quality(weights: Weights, pairs: Pairs, side: float | None = None, seed: int = 0) -> Quality:
    """Measure a land against pairs; the means of all trajectories' decibels. side: the canvas's longest, in units
    (default: that of the data). Raises TerrainError when the land and the pairs do not fit.
    """
    if len(weights["fc_out.bias"]) != pairs.z.shape[1]:
        raise TerrainError(
            f"the land has {len(weights['fc_out.bias'])} latents and the pairs {pairs.z.shape[1]}; "
            "take the pairs that it was learned from"
        )
    if not len(pairs.x):
        raise TerrainError("there are no pairs to measure the land against; draw or record some first")
    longest = side if side is not None else float((pairs.x.max(0) - pairs.x.min(0)).max())
    shaken = np.clip(
        np.random.default_rng(seed).standard_normal(pairs.x.shape) * SHAKE, -FARTHEST_SHAKE, FARTHEST_SHAKE
    )
    on = evaluate(weights, pairs.x)
    beside = evaluate(weights, pairs.x + (shaken * longest).astype(np.float32))
    ends = np.cumsum(pairs.lengths)[:-1]
    found = [
        (_decibels(one, z), _decibels(other, z))
        for one, other, z in zip(*(np.split(part, ends) for part in (on, beside, pairs.z)), strict=True)
        if len(z)
    ]
    return Quality(
        float(np.mean([one for one, _ in found])),
        float(np.mean([other for _, other in found])),
        tuple(one for one, _ in found),
        float(np.mean((on.astype(np.float64) - pairs.z) ** 2)),
    )


def _decibels(given: FloatArray, wanted: FloatArray) -> float:
    error = float(np.mean((given.astype(np.float64) - wanted) ** 2))
    span = max(float(wanted.max() - wanted.min()), 1e-6)
    return 10 * math.log10(span * span / max(error, 1e-12))
