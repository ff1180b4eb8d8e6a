"""Dividing the canvas into one cell per sound, larger cells for longer sounds, so that nothing overlaps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .units import Floats

SAMPLES_PER_CELL = 24
FEWEST_SAMPLES = 4096


@dataclass(frozen=True)
class Cell:
    """A convex part of the canvas.

    middle: a point ``[2]`` well inside. normals ``[m, 2]`` and limits ``[m]``: its walls; a point p is inside
    where ``normals @ p <= limits``. spread ``[2, 2]``: covariance of the points inside, so its long axis.
    """

    middle: Floats
    normals: Floats
    limits: Floats
    spread: Floats

    def room(self, direction: Floats) -> float:
        """How far one can go from the middle in a direction (unit vector ``[2]``) before meeting a wall."""
        facing = self.normals @ direction
        slack = self.limits - self.normals @ self.middle
        ahead = facing > 1e-12
        return float(np.min(slack[ahead] / facing[ahead], initial=np.inf))


def spread_out(centres: Floats, shares: Floats, low: Floats, high: Floats, rounds: int) -> tuple[Floats, Floats]:
    """Centres ``[n, 2]`` moved apart until each has about its share of the area, and their weights ``[n]``.

    Neighbours mostly stay neighbours. Source: Lloyd 1982, with the power diagram of Aurenhammer 1987; the
    weights are kept so small that every centre stays inside its own cell.
    """
    samples = _grid(low, high, len(centres))
    area = float(np.prod(high - low))
    wanted = shares / shares.sum() * area
    weights = np.zeros(len(centres))
    for _ in range(rounds):
        owner = _owners(samples, centres, weights)
        counts = np.bincount(owner, minlength=len(centres))
        sums = np.stack([np.bincount(owner, samples[:, axis], len(centres)) for axis in range(2)], axis=1)
        middle = sums / np.maximum(counts, 1)[:, np.newaxis]
        centres = np.where(counts[:, np.newaxis] > 0, middle, centres)
        weights = _bounded(weights + (wanted - counts * (area / len(samples))) * 0.4, centres)
    return centres, weights


def cut_cells(centres: Floats, weights: Floats, low: Floats, high: Floats, margin: float) -> list[Cell] | None:
    """The cell of every centre, its walls moved inward by a margin; None when one has no room left."""
    samples = _grid(low, high, len(centres))
    owner = _owners(samples, centres, weights)
    sides = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    edges = np.concatenate((high, -low)) - margin
    cells = []
    for index, centre in enumerate(centres):
        others = np.delete(np.arange(len(centres)), index)
        away = centres[others] - centre
        far = np.maximum(np.linalg.norm(away, axis=1), 1e-12)
        power = np.sum(centres[others] ** 2, axis=1) - centre @ centre - weights[others] + weights[index]
        normals = np.concatenate((away / far[:, np.newaxis], sides))
        limits = np.concatenate((power / (2 * far) - margin, edges))
        inside = np.concatenate((samples[owner == index], centre[np.newaxis]))
        slack = np.min(limits - inside @ normals.T, axis=1)
        if slack.max() <= 0:
            return None
        good = inside[slack >= 0.7 * slack.max()]
        middle = good[np.argmin(np.sum((good - inside.mean(axis=0)) ** 2, axis=1))]
        spread = np.cov(inside.T) if len(inside) > 2 else np.eye(2)
        cells.append(Cell(middle, normals, limits, spread))
    return cells


def _grid(low: Floats, high: Floats, cells: int) -> Floats:
    """Evenly spaced points ``[s, 2]`` over the whole area, enough of them for every cell."""
    width, height = high - low
    count = max(FEWEST_SAMPLES, SAMPLES_PER_CELL * cells)
    across = min(max(round((count * width / height) ** 0.5), 8), count // 8)
    x, y = ((np.arange(n) + 0.5) / n for n in (across, count // across))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    samples: Floats = low + grid * (high - low)
    return samples


def _owners(samples: Floats, centres: Floats, weights: Floats) -> NDArray[np.intp]:
    """Which cell each sample lies in."""
    power = samples @ (-2.0 * centres.T) + (np.sum(centres**2, axis=1) - weights)
    owner: NDArray[np.intp] = np.argmin(power, axis=1)
    return owner


def _bounded(weights: Floats, centres: Floats) -> Floats:
    """Weights from 0 up to less than the squared distance to the nearest neighbour."""
    if len(centres) < 2:
        return np.zeros(len(centres))
    gaps = np.sum((centres[:, np.newaxis] - centres) ** 2, axis=2)
    np.fill_diagonal(gaps, np.inf)
    bounded: Floats = np.clip(weights - weights.min(), 0.0, 0.8 * gaps.min(axis=1))
    return bounded
