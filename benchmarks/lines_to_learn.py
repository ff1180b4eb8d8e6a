"""Made-up things to learn, for comparisons: lines over a canvas of 32 by 8, and smooth latents with noise along them.

Held out are the places halfway between the points, with the latents as they are without noise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from latent_terrain.nodes.terrain.dataset import Pairs

Floats = NDArray[np.float32]
CURVES, POINTS = 18, 74
BOX = (np.array([-16.0, -4.0]), np.array([16.0, 4.0]))


@dataclass(frozen=True, eq=False)
class Task:
    """Pairs to learn from, and places ``[n, 2]`` with their true latents ``[n, latents]`` to be judged by."""

    pairs: Pairs
    between: Floats
    wanted: Floats


def separate(seed: int, latents: int = 8) -> Task:
    """18 lines, each in a cell of its own, in steps of 0.09."""
    random = np.random.default_rng(seed)
    paths = []
    for curve in range(CURVES):
        left, top = -16 + 32 * (curve % 6) / 6, -4 + 8 * (curve // 6) / 3
        path = None
        while path is None:
            knots = np.stack([np.linspace(0.4, 4.9, 10), random.uniform(0.3, 2.3, 10)], 1)
            path = _even(knots + np.array([left, top]), 0.09)
        paths.append(path)
    return _task(paths, random, latents)


def crossing(seed: int, latents: int = 8) -> Task:
    """18 lines all over the canvas, one across the other, in steps of 0.65."""
    random = np.random.default_rng(1000 + seed)
    paths = []
    for _ in range(CURVES):
        path = None
        while path is None:
            path = _even(random.uniform((-15.5, -3.8), (15.5, 3.8), (10, 2)), 0.65)
        paths.append(path)
    return _task(paths, random, latents)


def _even(knots: NDArray[np.float64], step: float) -> NDArray[np.float64] | None:
    """Twice as many points as are learned, half a step apart, along a spline through knots; None if it is too short."""
    spline = CubicSpline(np.arange(len(knots)), knots)
    fine = np.asarray(spline(np.linspace(0, len(knots) - 1, 4000)))
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    wanted = np.arange(2 * POINTS - 1) * step / 2
    if wanted[-1] > along[-1]:
        return None
    return np.stack([np.interp(wanted, along, axis) for axis in fine.T], 1)


def _task(paths: list[NDArray[np.float64]], random: np.random.Generator, latents: int) -> Task:
    moments = np.arange(2 * POINTS - 1) / 2
    covariance = np.exp(-0.5 * ((moments[:, None] - moments) / 4) ** 2) + 1e-8 * np.eye(len(moments))
    factor = np.linalg.cholesky(covariance)
    x, z, between, wanted = [], [], [], []
    for path in paths:
        clean = 0.95 * factor @ random.standard_normal((len(moments), latents))
        x.append(path[::2])
        z.append(clean[::2] + 0.3 * random.standard_normal((POINTS, latents)))
        between.append(path[1::2])
        wanted.append(clean[1::2])
    pairs = Pairs(_floats(x), _floats(z), (POINTS,) * len(paths))
    return Task(pairs, _floats(between), _floats(wanted))


def _floats(parts: list[NDArray[np.float64]]) -> Floats:
    return np.concatenate(parts).astype(np.float32)
