"""Shaping the terrain: a second of learning, so that every drawn line sounds as it should and the rest flows between.

Default method: the features are whitened over the data, points between neighbours on a line are learnt too, the
slope of the terrain at random places is held down, the weights are averaged along the way; at the end all of it folds
into the reference's own layers. 1332 pairs take about a second on one thread, an order of magnitude less than the
reference's Adam needs to the same loss, which stays here as method ``reference``.
Points in no order get no neighbours and a weight decay instead. Tried and dropped: weight decay for lines, a
warm start when a line is added (slower than starting afresh), whitening over the whole map (1.4 times slower),
kernel and ridge regression (no better on crossing lines, wild between them).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from .dataset import LARGEST, Pairs
from .fit import Fitting, State
from .network import (
    FloatArray,
    TerrainError,
    TerrainShape,
    Weights,
    checked_seed,
    evaluate,
    initial_weights,
    validate_weights,
)
from .recipe import Method, Order, Recipe, gauss_over, recipe_for

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Box: TypeAlias = "tuple[ArrayLike, ArrayLike]"
StopCheck: TypeAlias = Callable[[float], bool]
"""Called every few milliseconds while nothing is learned, with how far it is, 0 or 1; False: no more is wanted."""
# Points evaluated between two checks.
PIECE = 4096


class FitStopped(Exception):
    """The fit was ended before its first step; nothing is learned."""


@dataclass
class FitChange:
    """What may be turned while a fit goes on: learning rate and points per step; None leaves them."""

    rate: float | None = None
    batch: int | None = None


@dataclass(frozen=True)
class TrainingProgress:
    """How far a fit is: step of steps, the loss of this step's points, and the best full loss so far.

    Losses are mean squared errors in latent units; best and ``validation_loss`` (at places beside the points) are
    infinite until first measured. epoch: how often all points were taken. seconds: of CPU. pairs_per_second: learned.
    ``snapshot()`` gives the weights as they are, ``state()`` all that is needed to go on; ask within the callback.
    ``turning``: set what shall be another from the next step on.
    """

    step: int
    steps: int
    loss: float
    best: float
    snapshot: Callable[[], dict[str, FloatArray]] = field(repr=False, compare=False)
    validation_loss: float = math.inf
    epoch: int = 0
    seconds: float = field(default=0.0, compare=False)
    pairs_per_second: float = field(default=0.0, compare=False)
    state: Callable[[], dict[str, np.ndarray]] = field(default=dict, repr=False, compare=False)
    turning: FitChange = field(default_factory=FitChange, repr=False, compare=False)

    @property
    def seconds_left(self) -> float:
        """About how much longer it takes, in seconds of CPU."""
        return self.seconds / self.step * (self.steps - self.step)


class ProgressCallback(Protocol):
    """Called after every step; False ends the fit, which keeps its best weights."""

    def __call__(self, progress: TrainingProgress, /) -> bool:
        """Take note of how far the fit is."""
        ...


@dataclass(frozen=True)
class FitResult:
    """A fitted terrain.

    weights: in the reference's layout. loss: mean squared error over all pairs, in latent units. beside: the same at
    places shaken a little (spec §18). history: the loss of each step's points. seconds: of CPU. steps: how many were
    made. epochs: how often all points were taken. said: sentences about what happened. state: to go on with later.
    """

    weights: dict[str, FloatArray]
    loss: float
    history: tuple[float, ...]
    seconds: float = field(compare=False)
    steps: int
    validation_loss: float = math.inf
    epochs: int = 0
    warnings: tuple[str, ...] = ()
    state: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)


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
    order: Order = "auto",
    along: float = 0.0,
    state: State | None = None,
    check_stop: StopCheck | None = None,
    device: str = "cpu",
) -> FitResult:
    """Learn a terrain of ``shape`` from ``pairs``; its roughness follows the places (see ``gauss_over``).

    box: lowest and highest corner of the map, ``[control_dim]`` each; where the terrain is kept smooth (default:
    around the data). method: ``recipe`` or the ``reference``'s Adam. smoothness: 0 (follows the data) … 1. start:
    weights that ``reference`` goes on from; ``recipe`` always starts afresh. recipe: overrides the method's choices.
    order: whether neighbours in a trajectory follow each other (``lines``) or not (``points``). along: latents of a
    line are smoothed by a Gaussian of so many points first. state: go on from there (of an earlier result), to
    ``steps`` in all. check_stop: called while the points are made ready and the result is measured, so that the work
    can rest and end there too. device: as ``usable_device`` has it. Same arguments, same bits (on one device); torch's
    own random state and thread count are left as they were. A fit that runs away ends with its best weights and says
    so. Raises TerrainError, and FitStopped when ``check_stop`` says False before the first step.
    """
    import torch

    _check(pairs, shape, steps, smoothness, along)
    if method == "recipe":
        shape = replace(shape, gauss=gauss_over(pairs.x, shape.gauss))
    chosen = recipe_for(method, order, pairs)
    weights = _start(start, shape, seed, method)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    began = time.thread_time()
    warnings: list[str] = []
    try:
        with torch.no_grad():
            edges, ready = _edges(box, pairs.x), _ready(check_stop)
            task = Fitting(pairs, weights, edges, recipe or chosen, steps, seed, smoothness, along, ready, device)
            if state is not None:
                task.go_on(state)
            try:
                history = _run(task, progress, began)
            except _RanAwayError as escape:
                history = escape.history
                warnings.append(
                    f"training diverged after {len(history)} steps and was stopped; the best terrain is kept"
                )
            fitted = task.weights()
    finally:
        torch.set_num_threads(threads)
    seconds = time.thread_time() - began
    error = np.empty(pairs.z.shape, np.float64)
    for begin in range(0, len(error), PIECE):
        part = slice(begin, begin + PIECE)
        np.subtract(evaluate(fitted, pairs.x[part]), pairs.z[part], out=error[part], dtype=np.float64)
        if check_stop is not None:
            check_stop(1.0)
    loss = float(np.mean(error * error))
    if not math.isfinite(loss):
        raise TerrainError(
            "training diverged without a usable result; scale the latents down or use method fast (recipe)"
        )
    return FitResult(
        fitted,
        loss,
        tuple(history),
        seconds,
        len(history),
        task.validation_loss,
        task.epochs,
        tuple(warnings),
        task.state(),
    )


def usable_device(wanted: str) -> tuple[str, str]:
    """Where to learn, as torch names it, and a sentence where that is not what was wanted.

    wanted: ``cpu``, ``cuda``, ``mps``, or ``auto`` for the first graphics processor there is, else the processor.
    """
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, is_there in there.items() if is_there), ""
    if there.get(wanted, False):
        return wanted, ""
    return "cpu", f"no {wanted} here; training on the CPU"


def _ready(check_stop: StopCheck | None) -> Callable[[], None]:
    """For use between pieces of getting ready. What it gives raises FitStopped."""

    def ready() -> None:
        if check_stop is not None and not check_stop(0.0):
            raise FitStopped

    return ready


class _RanAwayError(Exception):
    def __init__(self, history: list[float]) -> None:
        super().__init__()
        self.history = history


def _run(task: Fitting, progress: ProgressCallback | None, began: float) -> list[float]:
    """Make the steps, or fewer when progress says False; gives the loss of each. Raises _RanAwayError."""
    history: list[float] = []
    pairs = 0
    while task.steps_done < task.steps:
        loss = task.step()
        history.append(loss)
        if not math.isfinite(loss) or not math.isfinite(task.latest_loss):
            raise _RanAwayError(history)
        pairs += min(task.batch, len(task.x))
        if progress is None:
            continue
        spent = max(time.thread_time() - began, 1e-9)
        now = TrainingProgress(
            task.steps_done,
            task.steps,
            loss,
            task.best_loss,
            task.now,
            task.validation_loss,
            task.epochs,
            spent,
            pairs / spent,
            task.state,
        )
        goes_on = progress(now)
        _turn(task, now.turning)
        if goes_on is False:
            task.look()
            break
    return history


def _turn(task: Fitting, turning: FitChange) -> None:
    """Take over what was turned. Raises TerrainError."""
    if turning.rate is not None:
        if not 0 < turning.rate <= 1:
            raise TerrainError(f"the learning rate is {turning.rate!r}; give a number above 0, at most 1")
        task.rate = float(turning.rate)
    if turning.batch is not None:
        if isinstance(turning.batch, bool) or not 1 <= turning.batch <= 1_000_000:
            raise TerrainError(f"the batch is {turning.batch!r}; give a whole number of points from 1")
        task.batch = int(turning.batch)


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
        raise TerrainError(f"the box has edges beyond ±{LARGEST:.0f}; give it the size of the map")
    if not (box_low < box_high).all():
        raise TerrainError("the box has no extent on one axis; its highest corner must lie above its lowest")
    return np.minimum(low, box_low), np.maximum(high, box_high)


def _start(start: Weights | None, shape: TerrainShape, seed: int, method: Method) -> Weights:
    if start is None:
        return initial_weights(shape, checked_seed(seed))
    if method == "recipe":
        raise TerrainError(
            "method recipe (fast) trains from scratch; omit the initial weights, or use method reference"
        )
    found = validate_weights(start)
    if replace(found, gauss=shape.gauss) != replace(shape, features=found.features) or bool(found.gauss) != bool(
        shape.gauss
    ):
        raise TerrainError(f"the initial weights have shape {found}; they must have {shape}")
    checked_seed(seed)
    return start


def _check(pairs: Pairs, shape: TerrainShape, steps: int, smoothness: float, along: float) -> None:
    points = len(pairs.x)
    if not points:
        raise TerrainError("there are no training points; draw or record some first")
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
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= 1_000_000:
        raise TerrainError(f"steps is {steps!r}; give a whole number from 1 to 1000000")
    if not 0 <= smoothness <= 1:
        raise TerrainError(f"smoothness is {smoothness!r}; give a number from 0 (follows the data) to 1 (smooth)")
    if not 0 <= along <= 1000:
        raise TerrainError(f"line smoothing (along) is {along!r}; give 0 (none) to 1000 points")
