"""How well a terrain fits its training data, on its points and off them, sound by sound.

Error/variance says how much of what the latents do is lost: 0 nothing, 1 all of it, as if one mean sound played
everywhere. Beside it the author's measure (spec §18): the peak signal-to-noise ratio of latents,
10 log10(range² / error), where the range is a trajectory's from its lowest to its highest value, which hides such
losses (27 dB where a tenth is lost). Both also with every place shaken a little.
"""

import math
from dataclasses import dataclass

import numpy as np

from .dataset import Pairs
from .network import FloatArray, TerrainError, Weights, evaluate

# Deviation and limit of the shaking, of the map's longest side.
SHAKE, FARTHEST_SHAKE = 0.001, 0.005


# Latents that vary less than this do not vary.
NOT_LESS = 1e-12
# Up to which error/variance a terrain is called what.
GRADES = ((0.01, "very good"), (0.05, "good"), (0.15, "blurred"), (0.4, "poor"))


def relative_error(error: float, z: FloatArray) -> float:
    """A mean squared error as a share of the variance of latents ``[points, latents]`` over their points.

    0: nothing is lost, 1: as bad as their mean everywhere. 0 where they do not vary and are met, else at most 1e6.
    """
    return share_of(error, variance(z))


def variance(z: FloatArray) -> float:
    """The variance of latents ``[points, latents]`` over their points, of all latents in the mean."""
    return float(np.mean(np.var(np.asarray(z, np.float64), axis=0))) if len(z) else 0.0


def share_of(error: float, whole: float) -> float:
    """What ``relative_error`` gives, of a variance that is known."""
    return min(error / max(whole, NOT_LESS), 1e6) if error > NOT_LESS else 0.0


def grade(relative: float) -> str:
    """A word for an error/variance: very good, good, blurred, poor, grey."""
    return next((word for most, word in GRADES if relative <= most), "grey")


def in_words(relative: float) -> str:
    """An error/variance as it is shown to people: the number and a word for it."""
    return f"error/variance {relative:.3f} ({grade(relative)})"


def measured_error(weights: Weights, pairs: Pairs) -> float:
    """Error/variance of a terrain on its pairs, see ``relative_error``."""
    error = np.asarray(evaluate(weights, pairs.x), np.float64) - pairs.z
    return relative_error(float(np.mean(error * error)), pairs.z)


@dataclass(frozen=True)
class Quality:
    """psnr_db: on the points. beside_db: at shaken places. by_trajectory: on the points of each, in order.

    error: mean squared, in latent units. relative_error, relative_beside: error/variance, see ``relative_error``.
    """

    psnr_db: float
    validation_db: float
    by_trajectory: tuple[float, ...]
    error: float
    relative_error: float = 0.0
    relative_validation: float = 0.0

    @property
    def grade(self) -> str:
        """A word for it, by error/variance on the points."""
        return grade(self.relative_error)


def quality(weights: Weights, pairs: Pairs, side: float | None = None, seed: int = 0) -> Quality:
    """Measure a terrain against pairs; the means of all trajectories' decibels. side: the map's longest, in units
    (default: that of the data). Raises TerrainError when the terrain and the pairs do not fit.
    """
    if len(weights["fc_out.bias"]) != pairs.z.shape[1]:
        raise TerrainError(
            f"the terrain has {len(weights['fc_out.bias'])} latents and the pairs {pairs.z.shape[1]}; "
            "use the pairs it was trained on"
        )
    if not len(pairs.x):
        raise TerrainError("no training pairs to measure the terrain with; draw or record some first")
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
    error, validation_error = (float(np.mean((one.astype(np.float64) - pairs.z) ** 2)) for one in (on, beside))
    return Quality(
        float(np.mean([one for one, _ in found])),
        float(np.mean([other for _, other in found])),
        tuple(one for one, _ in found),
        error,
        relative_error(error, pairs.z),
        relative_error(validation_error, pairs.z),
    )


def _decibels(given: FloatArray, wanted: FloatArray) -> float:
    error = float(np.mean((given.astype(np.float64) - wanted) ** 2))
    span = max(float(wanted.max() - wanted.min()), 1e-6)
    return 10 * math.log10(span * span / max(error, 1e-12))
