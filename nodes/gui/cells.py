"""Dividing the map into one cell per sound, larger cells for longer sounds, so that nothing overlaps."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .units import Floats

SAMPLES_PER_CELL = 24
FEWEST_SAMPLES = 4096
# Samples on a side of what is looked at together.
TILE = 20
MOST_WALLS = 512


@dataclass(frozen=True)
class Cell:
    """A convex part of the map.

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
        return float(np.divide(self.slack, facing, out=np.full(len(facing), np.inf), where=facing > 1e-12).min())

    @cached_property
    def slack(self) -> Floats:
        """How far the middle is from each wall ``[m]``."""
        slack: Floats = self.limits - self.normals @ self.middle
        return slack


def spread_out(centres: Floats, shares: Floats, low: Floats, high: Floats, rounds: int) -> tuple[Floats, Floats]:
    """Centres ``[n, 2]`` moved apart until each has about its share of the area, and their weights ``[n]``.

    Neighbours mostly stay neighbours. Source: Lloyd 1982, with the power diagram of Aurenhammer 1987; the
    weights are kept so small that every centre stays inside its own cell.
    """
    tiles = _tiles(low, high, len(centres))
    samples = np.concatenate(tiles)
    area = float(np.prod(high - low))
    wanted = shares / shares.sum() * area
    weights = np.zeros(len(centres))
    for _ in range(rounds):
        owner = _owners(tiles, centres, weights)
        counts = np.bincount(owner, minlength=len(centres))
        sums = np.stack([np.bincount(owner, samples[:, axis], len(centres)) for axis in range(2)], axis=1)
        middle = sums / np.maximum(counts, 1)[:, np.newaxis]
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            middle[empty] = _free_samples(samples, owner, counts, centres[empty])
        centres = middle
        weights = _bounded(weights + (wanted - counts * (area / len(samples))) * 0.4, centres)
    return centres, weights


def cut_cells(
    centres: Floats, weights: Floats, low: Floats, high: Floats, margin: float, wanted: int | None = None
) -> list[Cell] | None:
    """The cells of the first so many centres (None: all), walls moved inward by a margin; None if one has no room."""
    tiles = _tiles(low, high, len(centres))
    samples, owner = np.concatenate(tiles), _owners(tiles, centres, weights)
    order = np.argsort(owner, kind="stable")
    parts = np.split(samples[order], np.searchsorted(owner[order], np.arange(1, len(centres))))
    sides = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    edges = np.concatenate((high, -low)) - margin
    # walls farther away than any sample, and the next to it, are not the cell's
    step = 3 * float(np.sqrt(np.prod(high - low) / len(samples)))
    cells = []
    for index, centre in enumerate(centres[:wanted]):
        others = _others(centres, index)
        away = centres[others] - centre
        far = np.maximum(np.linalg.norm(away, axis=1), 1e-12)
        power = np.sum(centres[others] ** 2, axis=1) - centre @ centre - weights[others] + weights[index]
        normals = np.concatenate((away / far[:, np.newaxis], sides))
        limits = np.concatenate((power / (2 * far) - margin, edges))
        inside = np.concatenate((parts[index], centre[np.newaxis]))
        slack = np.min(limits - inside @ normals.T, axis=1)
        if slack.max() <= 0:
            return None
        good = inside[slack >= 0.7 * slack.max()]
        middle = good[np.argmin(np.sum((good - inside.mean(axis=0)) ** 2, axis=1))]
        spread = np.cov(inside.T) if len(inside) > 2 else np.eye(2)
        reach = float(np.sqrt(np.max(np.sum((inside - middle) ** 2, axis=1)))) + step
        near = limits - normals @ middle <= reach
        cells.append(Cell(middle, normals[near], limits[near], spread))
    return cells


def _free_samples(samples: Floats, owner: NDArray[np.intp], counts: NDArray[np.intp], lost: Floats) -> Floats:
    """For centres ``[e, 2]`` that own nothing, since others stand where they do: the nearest samples to be had."""
    left = counts.copy()
    free = np.ones(len(samples), np.bool_)
    found = np.empty_like(lost)
    for index, centre in enumerate(lost):
        away = np.sum((samples - centre) ** 2, axis=1)
        away[~free | (left[owner] < 2)] = np.inf
        best = int(np.argmin(away))
        free[best] = False
        left[owner[best]] -= 1
        found[index] = samples[best]
    return found


def _others(centres: Floats, index: int) -> NDArray[np.intp]:
    """The centres that can share a wall with one: all the others, or the nearest 512."""
    if len(centres) <= MOST_WALLS + 1:
        return np.delete(np.arange(len(centres)), index)
    away = centres - centres[index]
    nearest = np.argpartition(np.einsum("nc,nc->n", away, away), MOST_WALLS)[: MOST_WALLS + 1]
    others: NDArray[np.intp] = nearest[nearest != index]
    return others


def _tiles(low: Floats, high: Floats, cells: int) -> list[Floats]:
    """Evenly spaced points over the whole area, enough of them for every cell, in tiles ``[s, 2]`` of some cells."""
    width, height = high - low
    count = max(FEWEST_SAMPLES, SAMPLES_PER_CELL * cells)
    across = min(max(round((count * width / height) ** 0.5), 8), count // 8)
    x, y = (
        low[axis] + (np.arange(n) + 0.5) / n * (high - low)[axis] for axis, n in enumerate((across, count // across))
    )
    return [
        np.stack(np.meshgrid(x[left : left + TILE], y[top : top + TILE]), axis=-1).reshape(-1, 2)
        for top in range(0, len(y), TILE)
        for left in range(0, len(x), TILE)
    ]


def _owners(tiles: list[Floats], centres: Floats, weights: Floats) -> NDArray[np.intp]:
    """Which cell each sample lies in, tile by tile: ``[s]``."""
    found: list[NDArray[np.intp]] = []
    constant = np.sum(centres**2, axis=1) - weights
    for samples in tiles:
        middle = (samples[0] + samples[-1]) / 2
        reach = float(np.linalg.norm(samples[-1] - middle))
        away = np.linalg.norm(centres - middle, axis=1)
        # a centre is in question where its best power within the tile beats somebody's worst
        least = np.maximum(away - reach, 0.0) ** 2 - weights
        near = np.flatnonzero(least <= np.min((away + reach) ** 2 - weights))
        power = samples @ (-2.0 * centres[near].T) + constant[near]
        found.append(near[np.argmin(power, axis=1)])
    return np.concatenate(found)


def _bounded(weights: Floats, centres: Floats) -> Floats:
    """Weights from 0 up to less than the squared distance to the nearest neighbour."""
    if len(centres) < 2:
        return np.zeros(len(centres))
    gaps, centres = np.empty(len(centres)), centres - centres.mean(axis=0)
    for begin in range(0, len(centres), 1024):
        own = centres[begin : begin + 1024]
        squares = np.sum(own**2, axis=1)[:, np.newaxis] + np.sum(centres**2, axis=1) - 2.0 * (own @ centres.T)
        squares[np.arange(len(own)), begin + np.arange(len(own))] = np.inf
        gaps[begin : begin + 1024] = np.maximum(squares.min(axis=1), 0.0)
    bounded: Floats = np.clip(weights - weights.min(), 0.0, 0.8 * gaps)
    return bounded
