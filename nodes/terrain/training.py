"""Shaping the land: a second of learning, so that every drawn line sounds as it should and the rest flows between.

Default method: the features are whitened over the data, points between neighbours on a line are learnt too, the
slope of the land at random places is held down, the weights are averaged along the way; at the end all of it folds
into the reference's own layers. 1332 pairs take about a second on one thread, an order of magnitude less than the
reference's Adam needs to the same loss, which stays here as ``plain``.
Tried and dropped: weight decay (must be tuned per dataset, fights exact reproduction of single points), a
warm start when a line is added (slower than starting afresh), whitening over the whole canvas (1.4 times slower),
kernel and ridge regression (no better on crossing lines, wild between them).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import numpy as np

from .basis import Basis, densified, scattered, whitened
from .dataset import LARGEST, Pairs
from .network import (
    LAYERS,
    FloatArray,
    TerrainError,
    TerrainShape,
    Weights,
    checked_seed,
    evaluate,
    first_layer,
    initial_weights,
    validate_weights,
)
from .perceptron import Perceptron

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

Method: TypeAlias = Literal["recipe", "plain"]
Box: TypeAlias = "tuple[ArrayLike, ArrayLike]"
CHECK_EVERY = 20
CHECK_POINTS = 4096
POOL = 1024


@dataclass(frozen=True)
class TrainingProgress:
    """How far a fit is: step of steps, the loss of this step's points, and the best full loss so far.

    Losses are mean squared errors in latent units; best is infinite until first measured. ``snapshot()`` gives the
    weights as they are at that moment; ask for it within the callback.
    """

    step: int
    steps: int
    loss: float
    best: float
    snapshot: Callable[[], dict[str, FloatArray]] = field(repr=False, compare=False)


class ProgressCallback(Protocol):
    """Called after every step; False ends the fit, which keeps its best weights."""

    def __call__(self, progress: TrainingProgress, /) -> bool:
        """Take note of how far the fit is."""
        ...


@dataclass(frozen=True)
class FitResult:
    """A fitted terrain.

    weights: in the reference's layout. loss: mean squared error over all pairs, in latent units. history: the loss
    of each step's points. seconds: wall time. steps: how many were made.
    """

    weights: dict[str, FloatArray]
    loss: float
    history: tuple[float, ...]
    seconds: float = field(compare=False)
    steps: int


@dataclass(frozen=True)
class Recipe:
    """Every choice of a fit; the defaults are measured, and flat around their values.

    directions: whitened directions kept (0: raw features, raw latents). ridge: damping of weak ones, of the largest.
    densify: points per original point along a line. jump: a step of this many medians is a lifted pen. probes:
    slopes held down per step. margin: how far beyond the box they lie, of the box. rate, last_rate: learning rate,
    and the share of it left at the end. warm_up: steps. memory: Adam's second beta. batch: points per step.
    average: share of the old average kept per step. clip: times the usual gradient. keep_best: give the best
    average seen rather than the last.
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
    keep_best: bool = True


RECIPE = Recipe()
PLAIN = Recipe(
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
)
"""The reference's training: Adam, learning rate 1e-3, batches of 32, nothing else (spec section 4)."""


def fit(
    pairs: Pairs,
    shape: TerrainShape,
    box: Box | None = None,
    method: Method = "recipe",
    steps: int = 300,
    seed: int = 0,
    smoothness: float = 0.17,
    progress: ProgressCallback | None = None,
    start: Weights | None = None,
    recipe: Recipe | None = None,
) -> FitResult:
    """Learn a terrain of ``shape`` from ``pairs``.

    box: lowest and highest corner of the canvas, ``[control_dim]`` each; where the land is kept smooth (default:
    around the data). method: ``recipe`` or the reference's ``plain`` Adam. smoothness: 0 (follows the data) … 1.
    start: weights that ``plain`` goes on from; ``recipe`` always starts afresh. recipe: overrides the method's
    choices. Same arguments, same bits; torch's own random state and thread count are left as they were.
    Raises TerrainError.
    """
    import torch

    _check(pairs, shape, method, steps, smoothness)
    weights = _start(start, shape, seed, method)
    chosen = recipe or (PLAIN if method == "plain" else RECIPE)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    began = time.perf_counter()
    try:
        with torch.no_grad():
            task = _Fit(pairs, weights, _edges(box, pairs.x), chosen, seed, smoothness)
            history = task.run(steps, progress)
            fitted = task.weights()
    finally:
        torch.set_num_threads(threads)
    error = evaluate(fitted, pairs.x).astype(np.float64) - pairs.z
    loss = float(np.mean(error * error))
    if not math.isfinite(loss):
        raise TerrainError("the fit ran away and has no usable result; scale the latents down or use method recipe")
    return FitResult(fitted, loss, tuple(history), time.perf_counter() - began, len(history))


class _Fit:
    """One fit under way: the data as the perceptron sees them, and the way back to the reference's layers."""

    def __init__(
        self,
        pairs: Pairs,
        weights: Weights,
        edges: tuple[FloatArray, FloatArray],
        recipe: Recipe,
        seed: int,
        smoothness: float,
    ) -> None:
        import torch

        self.recipe, self.start = recipe, weights
        self.random = torch.Generator().manual_seed(seed)
        x = torch.from_numpy(np.array(pairs.x, np.float32))
        z = torch.from_numpy(np.array(pairs.z, np.float64))
        low, high = (torch.from_numpy(edge) for edge in edges)
        sides = high - low
        height = float(sides.amin().clamp_min(sides.amax() / 16))
        self.reach = height / 32
        self.penalty = 0.003 * 1000**smoothness * (height / 8) ** 2
        frequencies = torch.from_numpy(np.array(weights["B_T"])) if "B_T" in weights else None
        self.basis = Basis(frequencies)
        self.middle, self.spread = torch.zeros(z.shape[1]).double(), torch.ones(z.shape[1]).double()
        pool = scattered(low, high, recipe.margin, POOL, seed) if recipe.directions else x[:1]
        if recipe.directions:
            self.middle, deviation = z.mean(0), z.std(0, correction=0)
            self.spread = torch.where(deviation > 1e-6, deviation, 0.0)
            one_place = bool((x.amax(0) - x.amin(0)).amax() < height / 1000)
            over = pool if one_place else x
            self.basis = whitened(frequencies, over, recipe.directions, recipe.ridge, self.random)
        self.points = len(x)
        self.x, self.targets = x, ((z - self.middle) / torch.where(self.spread > 0, self.spread, 1.0)).float()
        if recipe.densify > 1:
            self.x, self.targets = densified(x, self.targets, pairs.lengths, recipe.densify, recipe.jump)
        self.inputs = self.basis(self.x) if recipe.directions else None
        way = torch.nn.functional.normalize(torch.randn(pool.shape, generator=self.random), dim=1) * self.reach / 2
        self.before, self.after = self.basis(pool - way), self.basis(pool + way)
        self.net = self._perceptron()
        self.best, self.best_loss = self.net.values.clone(), math.inf

    def run(self, steps: int, progress: ProgressCallback | None) -> list[float]:
        """Make the steps, or fewer when progress says False; gives the loss of each."""
        import torch

        recipe, net, count = self.recipe, self.net, len(self.x)
        batches = max(1, count // recipe.batch) if recipe.directions else math.ceil(count / recipe.batch)
        momentum, power = torch.zeros_like(net.values), torch.zeros_like(net.values)
        average, usual = net.values.clone(), 0.0
        history: list[float] = []
        order = torch.arange(count)
        for step in range(steps):
            turn = step % batches
            if turn == 0:
                order = torch.randperm(count, generator=self.random)
            picked = order[turn * recipe.batch : (turn + 1) * recipe.batch]
            history.append(self._gradient(picked, step))
            size = float(net.slopes.norm())
            usual = size if step == 0 else 0.95 * usual + 0.05 * min(size, recipe.clip * usual)
            if size > recipe.clip * usual:
                net.slopes.mul_(recipe.clip * usual / size)
            rate = recipe.rate * max(recipe.last_rate, 1 - step / steps)
            rate *= min(1.0, (step + 1) / max(1, recipe.warm_up))
            momentum.lerp_(net.slopes, 0.1)
            power.mul_(recipe.memory).addcmul_(net.slopes, net.slopes, value=1 - recipe.memory)
            scale = (power / (1 - recipe.memory ** (step + 1))).sqrt_().add_(1e-8)
            net.values.addcdiv_(momentum / (1 - 0.9 ** (step + 1)), scale, value=-rate)
            average.lerp_(net.values, max(1 - recipe.average, 1 / (step + 1)))
            if (step + 1) % CHECK_EVERY == 0 or step + 1 == steps:
                self._compare(average)
            now = TrainingProgress(step + 1, steps, history[-1], self.best_loss, lambda: self.folded(average))
            if progress is not None and progress(now) is False:
                self._compare(average)
                break
        return history

    def weights(self) -> dict[str, FloatArray]:
        """The best weights so far in the reference's layout."""
        return self.folded(self.best)

    def folded(self, values: Tensor) -> dict[str, FloatArray]:
        """Weights in the reference's layout: whitening and scaling are multiplied into its first and last layer."""
        parts = [part.double() for part in self.net.split(values)]
        first, first_bias = parts[0], parts[1]
        if self.basis.mean is not None and self.basis.transform is not None:
            first = self.basis.transform.double() @ first
            first_bias = first_bias - self.basis.mean.double() @ first
        matrices = [first, parts[2], parts[4], parts[6], parts[8] * self.spread]
        biases = [first_bias, parts[3], parts[5], parts[7], parts[9] * self.spread + self.middle]
        out = {name: np.array(self.start[name]) for name in ("B_T", "two_pi", "m_gauss_scale") if name in self.start}
        names = (first_layer(self.start), *LAYERS, "fc_out")
        for name, matrix, bias in zip(names, matrices, biases, strict=True):
            out[f"{name}.weight"] = matrix.T.float().contiguous().numpy()
            out[f"{name}.bias"] = bias.float().numpy()
        for number, slope in enumerate(parts[10].float(), 1):
            out[f"prelu{number}.weight"] = slope.reshape(1).clone().numpy()
        return out

    def _gradient(self, picked: Tensor, step: int) -> float:
        import torch

        recipe, net = self.recipe, self.net
        wanted, points = self.targets[picked], len(picked)
        seen = self.basis(self.x[picked]) if self.inputs is None else self.inputs[picked]
        first = (step * recipe.probes) % POOL
        before, after = (side[first : first + recipe.probes] for side in (self.before, self.after))
        probes = len(before) if recipe.probes else 0
        if probes:
            seen = torch.cat([seen, before, after])
        given = net.forward(seen)
        error = given[:points] - wanted
        downhill = torch.empty_like(given)
        downhill[:points] = error * (2 / error.numel())
        if probes:
            rise = given[points + probes :] - given[points : points + probes]
            slope = rise * (2 * self.penalty / (self.reach**2 * rise.numel()))
            downhill[points : points + probes], downhill[points + probes :] = -slope, slope
        net.backward(downhill)
        return float((error * self.spread).square().mean())

    def _compare(self, average: Tensor) -> None:
        stride = max(1, self.points // CHECK_POINTS)
        some = slice(0, self.points, stride)
        seen = self.basis(self.x[some]) if self.inputs is None else self.inputs[some]
        error = self.net.at(average, seen) - self.targets[some]
        loss = float((error * self.spread).square().mean())
        if loss < self.best_loss or not self.recipe.keep_best:
            self.best.copy_(average)
        self.best_loss = min(self.best_loss, loss)

    def _perceptron(self) -> Perceptron:
        import torch

        start = {name: torch.from_numpy(np.array(array)) for name, array in self.start.items()}
        name = first_layer(self.start)
        first = start[f"{name}.weight"].T
        if self.basis.transform is not None:
            kept = self.basis.transform.shape[1]
            first = first[:kept] * math.sqrt(len(first) / kept)
        parts = [first, start[f"{name}.bias"]]
        for layer in (*LAYERS, "fc_out"):
            parts += [start[f"{layer}.weight"].T, start[f"{layer}.bias"]]
        return Perceptron([*parts, torch.cat([start[f"prelu{number}.weight"] for number in range(1, 5)])])


def _edges(box: Box | None, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest corner of box and data together."""
    low, high = x.min(0), x.max(0)
    if box is None:
        side = float((high - low).max()) / 4 or 8.0
        pad = np.maximum(side - (high - low), 0) / 2
        return (low - pad).astype(np.float32), (high + pad).astype(np.float32)
    try:
        box_low, box_high = (np.asarray(edge, np.float32) for edge in box)
    except (TypeError, ValueError):
        raise TerrainError("the box is not two corners of numbers; give its lowest and its highest corner") from None
    if box_low.shape != low.shape or box_high.shape != low.shape:
        raise TerrainError(f"the box needs {len(low)} numbers for its lowest and as many for its highest corner")
    if not (np.abs(box_low) <= LARGEST).all() or not (np.abs(box_high) <= LARGEST).all():
        raise TerrainError(f"the box has edges beyond ±{LARGEST:.0f}; give it the size of the canvas")
    if not (box_low < box_high).all():
        raise TerrainError("the box has no extent on one axis; its highest corner must lie above its lowest")
    return np.minimum(low, box_low), np.maximum(high, box_high)


def _start(start: Weights | None, shape: TerrainShape, seed: int, method: Method) -> Weights:
    if start is None:
        return initial_weights(shape, checked_seed(seed))
    if method == "recipe":
        raise TerrainError("the recipe always starts afresh; leave out the start, or use method plain to go on")
    found = validate_weights(start)
    if replace(found, gauss=shape.gauss) != replace(shape, features=found.features) or bool(found.gauss) != bool(
        shape.gauss
    ):
        raise TerrainError(f"the weights to go on from have shape {found}; they must have {shape}")
    checked_seed(seed)
    return start


def _check(pairs: Pairs, shape: TerrainShape, method: str, steps: int, smoothness: float) -> None:
    points = len(pairs.x)
    if not points:
        raise TerrainError("there are no points to learn from; draw or record some first")
    if pairs.x.shape != (points, shape.control_dim) or pairs.z.shape != (points, shape.latent_dim):
        raise TerrainError(
            f"the pairs are {pairs.x.shape} and {pairs.z.shape}; this terrain wants "
            f"[points, {shape.control_dim}] and [points, {shape.latent_dim}]"
        )
    for name, values in (("coordinates", pairs.x), ("latents", pairs.z)):
        if not (np.abs(values) <= LARGEST).all():
            raise TerrainError(f"the {name} hold values that are not numbers or beyond ±{LARGEST:.0f}")
    if sum(pairs.lengths) != points or min(pairs.lengths) < 0:
        raise TerrainError(f"the trajectories are {sum(pairs.lengths)} points long together, the pairs {points}")
    if method not in ("recipe", "plain"):
        raise TerrainError(f"method {method!r} is not known; choose recipe or plain")
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= 1_000_000:
        raise TerrainError(f"steps is {steps!r}; give a whole number from 1 to 1000000")
    if not 0 <= smoothness <= 1:
        raise TerrainError(f"smoothness is {smoothness!r}; give a number from 0 (follows the data) to 1 (smooth)")
