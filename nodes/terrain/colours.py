"""The colours of a terrain: which directions its pictures show and over which range, measured once and kept with it.

They are taken from the terrain along its lines and on a fixed grid over its map, never from the part that somebody
looks at: so a place has one colour at every zoom and size, in the window, on the pad and in a picture file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .network import FloatArray, Weights, evaluate, network_alone, shape_of
from .residual import PLACES

DEFAULT_RANGE = (-1.0, 4.0)
# A terrain is looked at in about so many places of its map, and in at most so many of its lines.
GRID_PLACES, LINE_PLACES = 1024, 256
# How fast it changes is measured in every so many of them, over this share of the map's shorter side.
THINNED, STEP = 4, 1 / 512
# Directions that came out this near those of before are those of before, so that the same data gives the same bytes.
SAME = 1e-3


@dataclass(frozen=True, eq=False)
class TerrainColours:
    """What of a terrain its pictures show. All float32.

    axes: the directions in latent space that are green, red and blue, ``[at most 3, latents]``. spans: the least and
    the largest value along each ``[axes, 2]``. ranges: those of each latent ``[latents, 2]``. change: those of how far
    the latents move per unit of the map ``[2]``.
    """

    axes: FloatArray
    spans: FloatArray
    ranges: FloatArray
    change: FloatArray

    @cached_property
    def arrays(self) -> dict[str, FloatArray]:
        """By name, as they are saved and sent."""
        return {"axes": self.axes, "spans": self.spans, "ranges": self.ranges, "change": self.change}


def colours_in(arrays: Mapping[str, NDArray[np.generic]], latent_dim: int) -> TerrainColours | None:
    """The colours that arrays hold for a terrain of so many latents; None where they are none."""
    count = min(3, latent_dim)
    shapes = {"axes": (count, latent_dim), "spans": (count, 2), "ranges": (latent_dim, 2), "change": (2,)}
    for name, shape in shapes.items():
        array = arrays.get(name)
        if array is None or array.dtype != np.float32 or array.shape != shape or not np.isfinite(array).all():
            return None
    return TerrainColours(**{name: np.asarray(arrays[name], np.float32) for name in shapes})


def measured_colours(
    weights: Weights,
    box: tuple[float, ...] = (),
    lines: NDArray[np.floating] | None = None,
    before: FloatArray | None = None,
) -> TerrainColours:
    """The colours of a terrain; the same for the same arguments.

    box: one corner, then the other of its map. lines: places of its training data ``[points, control_dim]``; by
    default those that its residual knows. before: axes that the new ones are to be near (see ``principal_axes``).
    """
    known = weights.get(PLACES) if lines is None else lines
    low, high = _edges(box, shape_of(weights).control_dim, known)
    # The residual is left out on the grid: it reaches no farther than a hair from the lines, and takes most time.
    parts = [(network_alone(weights), _grid(low, high))]
    if known is not None and len(known):
        parts.append((dict(weights), _some(known)))
    step = max(float((high - low).min()) * STEP, 1e-6)
    found = [_looked_at(terrain, places, step) for terrain, places in parts]
    values, change = (np.concatenate(some) for some in zip(*found, strict=True))
    axes = principal_axes(values, before)
    along = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0) @ axes.T
    return TerrainColours(
        axes,
        np.array([auto_range(one) for one in along.T], np.float32),
        np.array([auto_range(one) for one in values.T], np.float32),
        np.array(auto_range(change, 2.0, 98.0), np.float32),
    )


def principal_axes(values: NDArray[np.floating], before: FloatArray | None = None) -> FloatArray:
    """The directions along which ``values [n, latents]`` vary most, float32 ``[at most 3, latents]``.

    By themselves a direction's largest part points up. While a terrain learns they would turn and flip at will; with
    ``before`` they are turned among themselves as near as can be to those.
    """
    flat = np.nan_to_num(np.asarray(values, np.float64), posinf=0.0, neginf=0.0)
    flat = flat - flat.mean(0)
    size, vectors = np.linalg.eigh(flat.T @ flat / max(1, len(flat)))
    found = vectors[:, np.argsort(-size, kind="stable")[:3]].T
    if before is not None and before.shape == found.shape:
        left, _, right = np.linalg.svd(before.astype(np.float64) @ found.T)
        turned = (left @ right) @ found
        return before if np.abs(turned - before).max() < SAME else turned.astype(np.float32)
    signs = np.sign(found[np.arange(len(found)), np.argmax(np.abs(found), axis=1)])
    return np.asarray(found * np.where(signs == 0, 1.0, signs)[:, np.newaxis], np.float32)


def auto_range(
    values: NDArray[np.floating], low_percent: float = 1.0, high_percent: float = 99.0
) -> tuple[float, float]:
    """The range that holds all but the rarest values; a little room around them when they are all alike."""
    finite = np.asarray(values)[np.isfinite(values)]
    if not finite.size:
        return DEFAULT_RANGE
    low, high = (float(edge) for edge in np.percentile(finite, (low_percent, high_percent)))
    if high - low < 1e-6 * max(1.0, abs(low)):
        return low - 0.5, high + 0.5
    return low, high


def _edges(box: tuple[float, ...], axes: int, lines: NDArray[np.floating] | None) -> tuple[FloatArray, FloatArray]:
    """Low and high corner of what is looked at: the box on the axes that it names, the lines' extent on others."""
    low, high = np.full(axes, -1.0, np.float32), np.full(axes, 1.0, np.float32)
    if lines is not None and len(lines):
        low, high = np.asarray(lines.min(0), np.float32), np.asarray(lines.max(0), np.float32)
    half = len(box) // 2
    if len(box) == 2 * half and half <= axes and np.isfinite(box).all():
        low[:half], high[:half] = box[:half], box[half:]
    return np.minimum(low, high), np.maximum(low, high)


def _grid(low: FloatArray, high: FloatArray) -> FloatArray:
    """Places evenly over all axes, both edges included."""
    steps = round(GRID_PLACES ** (1 / len(low)))
    sides = [np.linspace(one, other, steps, dtype=np.float32) for one, other in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, len(low))


def _some(lines: NDArray[np.floating]) -> FloatArray:
    which = np.linspace(0, len(lines) - 1, min(len(lines), LINE_PLACES)).round().astype(int)
    return np.asarray(lines[which], np.float32)


def _looked_at(weights: Weights, places: FloatArray, step: float) -> tuple[FloatArray, NDArray[np.float64]]:
    """The latents at places, and how far they move per unit at every few of them: the gradient's Frobenius norm."""
    some = places[::THINNED]
    beside = [some + axis for axis in np.eye(places.shape[1], dtype=np.float32) * step]
    latents = evaluate(weights, np.concatenate([places, *beside]))  # at once: it is slow to begin
    here, there = latents[: len(places)], latents[len(places) :].reshape(len(beside), *latents[: len(some)].shape)
    moved = (there.astype(np.float64) - here[::THINNED]) / step
    return here, np.sqrt(np.sum(moved**2, axis=(0, 2)))
