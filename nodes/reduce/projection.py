"""From many numbers to few: principal axes, axes by chance, or a bent plane on which distances stay as they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...engine import FloatArray

Method: TypeAlias = Literal["pca", "random", "learned"]
Told: TypeAlias = Callable[[float], bool]
"""Called with how far it is, 0 … 1; False ends it with what there is."""
# Of more moments so many are looked at, evenly taken.
MOST_POINTS = 4096
HIDDEN, STEPS, PAIRS, RATE = 32, 600, 512, 0.01
# So much of the moments lies within the box; the rest is held at its edge.
WITHIN = 0.98
# A channel that varies less does not vary, and is left out.
STILL = 1e-9
ARRAYS = ("mean", "scale", "axes", "bend_in", "bend_shift", "bend_out", "middle", "half")


@dataclass(frozen=True, eq=False)
class Projection:
    """x becomes ``((x - mean) · scale) @ axes + tanh(… @ bend_in + bend_shift) @ bend_out``, then lies in a box.

    mean, scale: ``[inputs]``. axes: ``[inputs, size]``. bend_in: ``[inputs, hidden]``, bend_shift: ``[hidden]``,
    bend_out: ``[hidden, size]``, with 0 hidden for a flat one. middle, half: ``[size]``, where the moments lie.
    """

    mean: FloatArray
    scale: FloatArray
    axes: FloatArray
    bend_in: FloatArray
    bend_shift: FloatArray
    bend_out: FloatArray
    middle: FloatArray
    half: FloatArray

    @property
    def arrays(self) -> dict[str, FloatArray]:
        """All of it by name."""
        return {name: getattr(self, name) for name in ARRAYS}

    def __call__(self, x: NDArray[np.floating]) -> FloatArray:
        """Moments ``[moments, inputs]`` as places ``[moments, size]``, -1 … 1 along each."""
        seen = (np.asarray(x, np.float32) - self.mean) * self.scale
        places = seen @ self.axes + np.tanh(seen @ self.bend_in + self.bend_shift) @ self.bend_out
        return np.clip((places - self.middle) / self.half, -1.0, 1.0).astype(np.float32)


def read_projection(arrays: Mapping[str, np.ndarray]) -> Projection | None:
    """One from its arrays; None where they are none, or damaged."""
    found = [np.asarray(arrays[name], np.float32) for name in ARRAYS if name in arrays]
    if len(found) < len(ARRAYS) or found[2].ndim != 2:
        return None
    (inputs, size), hidden = found[2].shape, found[4].size
    shapes = ((inputs,), (inputs,), (inputs, size), (inputs, hidden), (hidden,), (hidden, size), (size,), (size,))
    if any(one.shape != shape or not np.isfinite(one).all() for one, shape in zip(found, shapes, strict=True)):
        return None
    return Projection(*found) if size and (found[7] > 0).all() else None


def fitted(x: FloatArray, size: int, method: Method, seed: int, told: Told = lambda done: True) -> Projection:
    """A projection for moments ``[moments, inputs]``. Raises ValueError where there is nothing to make one from.

    Every channel counts by how far it goes from its mean, not by its unit. pca: axes of the largest variance, the first
    first. random: by chance, which nearly keeps distances (Johnson and Lindenstrauss 1984) and needs no more than the
    channels' spread. learned: pca, bent by a small network so that distances between moments stay as they are, near
    ones most (Sammon 1969). Equal seeds give equal ones.
    """
    points = np.asarray(x, np.float64)[:: -(-len(x) // MOST_POINTS)]
    if len(points) < 2 or not np.isfinite(points).all():
        raise ValueError("there are fewer than two moments to learn from; record a longer take")
    mean, deviation = points.mean(0), points.std(0)
    if not (deviation > STILL).any():
        raise ValueError("no channel moves in these takes; record the sensors while they move")
    scale = np.where(deviation > STILL, 1.0 / np.maximum(deviation, STILL), 0.0)
    seen = (points - mean) * scale
    random = np.random.default_rng(seed)
    axes = random.standard_normal((seen.shape[1], size)) if method == "random" else _principal(seen, size)
    bent: tuple[NDArray[np.float64], ...] = (np.zeros((seen.shape[1], 0)), np.zeros(0), np.zeros((0, size)))
    if method == "learned":
        axes, bent = _bent(seen, axes, random, told)
    places = seen @ axes + np.tanh(seen @ bent[0] + bent[1]) @ bent[2]
    low, high = np.quantile(places, ((1 - WITHIN) / 2, (1 + WITHIN) / 2), axis=0)
    half = np.maximum((high - low) / 2, 1e-6)
    parts = (mean, scale, axes, *bent, (low + high) / 2, half)
    return Projection(*(np.asarray(one, np.float32) for one in parts))


def _principal(seen: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Directions of the largest variance ``[inputs, size]``; 0 where there are no more."""
    axes = np.zeros((seen.shape[1], size))
    found = np.linalg.svd(seen, full_matrices=False)[2][:size].T
    # Which way an axis points is nobody's choice; it is that of its largest number, so that it stays from take to take.
    found *= np.sign(found[np.abs(found).argmax(0), np.arange(found.shape[1])])
    axes[:, : found.shape[1]] = found
    return axes


def _bent(
    seen: NDArray[np.float64], axes: NDArray[np.float64], random: np.random.Generator, told: Told
) -> tuple[NDArray[np.float64], tuple[NDArray[np.float64], ...]]:
    """Axes and a bend, by Adam on Sammon's stress of pairs drawn by lot."""
    inputs, size = axes.shape
    values = [
        axes.copy(),
        random.standard_normal((inputs, HIDDEN)) / np.sqrt(inputs),
        random.uniform(-1, 1, HIDDEN),
        np.zeros((HIDDEN, size)),
    ]
    momentum, power = ([np.zeros_like(one) for one in values] for _ in range(2))
    for step in range(1, STEPS + 1):
        a, b = (seen[random.integers(0, len(seen), PAIRS)] for _ in range(2))
        for place, gradient in enumerate(_gradients(values, a, b)):
            momentum[place] += 0.1 * (gradient - momentum[place])
            power[place] += 0.01 * (gradient**2 - power[place])
            way = momentum[place] / (1 - 0.9**step) / (np.sqrt(power[place] / (1 - 0.99**step)) + 1e-8)
            values[place] -= RATE * (1 - step / STEPS) * way
        if step % 20 == 0 and not told(step / STEPS):
            break
    return values[0], (values[1], values[2], values[3])


def _gradients(
    values: list[NDArray[np.float64]], a: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Of the mean of ``(d' - d)² / d``, d the distance of two moments and d' that of their places."""
    axes, into, shift, out = values
    bent_a, bent_b = np.tanh(a @ into + shift), np.tanh(b @ into + shift)
    apart = np.maximum(np.linalg.norm(a - b, axis=1), 1e-3)
    way = (a - b) @ axes + (bent_a - bent_b) @ out
    now = np.maximum(np.linalg.norm(way, axis=1), 1e-9)
    pull = (2 * (now - apart) / apart / now / len(a))[:, None] * way
    side_a, side_b = (pull @ out.T) * (1 - bent_a**2), -(pull @ out.T) * (1 - bent_b**2)
    return (a - b).T @ pull, a.T @ side_a + b.T @ side_b, side_a.sum(0) + side_b.sum(0), (bent_a - bent_b).T @ pull
