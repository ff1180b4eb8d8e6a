"""Learning as long as the data asks for: a second first, and where that says too little of the sounds, more after it.

Real recordings change faster along a line than the usual roughness can follow: with 24 of them an eighth of what
their latents do is lost after 300 steps, a thirtieth after 1200 at four times the roughness. Smooth latents need
neither, and would only wait. So the first fit is the usual one and is shown while it is made; it is followed by the
rougher and longer one only where its error says so, and what is shown meanwhile is always the better of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from .network import FloatArray, Weights, evaluate
from .quality import relative_error
from .residual import made_residual
from .training import FitStopped

if TYPE_CHECKING:
    from .dataset import Pairs
    from .network import TerrainShape
    from .training import FitResult, ProgressCallback, TrainingProgress

# Steps of a fit that finds out by itself how many it needs.
AUTO = 0
# The first fit; the roughness is the usual one, and another one is a wish that is kept.
STEPS, GAUSS = 300, 0.1
MORE_STEPS, MORE_GAUSS = 1200, 0.4
# Error/variance up to which the first fit is left as it is.
ENOUGH = 0.05
# The usual one.
SMOOTHNESS = 0.17
# How much of the work is done, as it is told, when the first fit is.
FIRST_SHARE = 0.3
Told: TypeAlias = Callable[["TrainingProgress", float, bool], bool]
"""Called after every step with how far the fit is, the share of all work that is done, 0 … 1, and whether this is the
second fit; False ends it with its best weights."""


def with_residual(weights: Weights, pairs: Pairs, height: float, smoothness: float) -> dict[str, FloatArray]:
    """A fitted network and what it misses at its lines (see ``residual``); the network alone where there are no lines.

    height: of the map, its shorter side. smoothness: as the fit's; above the usual one less is put back, at 1
    nothing, as the terrain is meant to be flat. Of lines that count less than others less is put back, too.
    """
    missed = pairs.z - evaluate(weights, pairs.x)
    if pairs.weights:
        counts = np.minimum(np.array(pairs.weights, np.float32), 1.0)
        missed *= np.repeat(counts, pairs.lengths)[:, None]
    strength = min(1.0, (1.0 - smoothness) / (1.0 - SMOOTHNESS))
    return {**weights, **made_residual(pairs.x, missed, pairs.lengths, height, strength)}


class Learn(Protocol):
    """A fit of all but these: its shape, how many steps, and who is told of each."""

    def __call__(self, shape: TerrainShape, steps: int, progress: ProgressCallback, /) -> FitResult:
        """As ``training.fit``."""
        ...


def fit_as_needed(learn: Learn, pairs: Pairs, shape: TerrainShape, steps: int, told: Told, *, may: bool) -> FitResult:
    """Fit a terrain: with ``steps`` of ``AUTO`` 300 of them, then rougher and longer where error/variance asks for it.

    may: whether there may be a second fit; there is none for another roughness than the usual one, which somebody
    chose. Any other ``steps`` are made as they are. Gives the better of the two fits by their error, with the seconds
    and steps of both. Raises what ``learn`` raises.
    """
    may = may and steps == AUTO and shape.gauss == GAUSS
    share = FIRST_SHARE if may else 1.0
    stopped = False

    def first_told(now: TrainingProgress, /) -> bool:
        nonlocal stopped
        goes_on = told(now, share * now.step / now.steps, False)
        stopped = goes_on is False
        return goes_on

    first = learn(shape, steps or STEPS, first_told)
    if not may or stopped or relative_error(first.loss, pairs.z) <= ENOUGH:
        return first

    def more_told(now: TrainingProgress, /) -> bool:
        done = share + (1.0 - share) * now.step / now.steps
        is_better = now.best < first.loss
        return told(now if is_better else replace(now, snapshot=lambda: dict(first.weights)), done, True)

    try:
        more = learn(replace(shape, gauss=MORE_GAUSS), MORE_STEPS, more_told)
    except FitStopped:
        return first
    best = min(first, more, key=lambda one: one.loss)
    return replace(
        best,
        history=(*first.history, *more.history),
        seconds=first.seconds + more.seconds,
        steps=first.steps + more.steps,
        epochs=first.epochs + more.epochs,
        warnings=(*first.warnings, *more.warnings),
    )
