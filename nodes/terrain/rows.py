"""Maps drawn fast: the terrain over many rows of one set of columns.

A wave at (x, y) is made of waves at x and at y (sin(a + b) = sin a cos b + cos a sin b), so a map of 600 by 150 needs
sines of 750 places instead of 90,000. The waves of all columns lie close to few directions, as a terrain can't bend
faster than its frequencies: the first and largest layer works on those directions only. Where there are too many of
them (rough terrains over wide boxes) the waves are taken as they are. Agrees with ``evaluate`` within float32 rounding.
"""

import numpy as np
from numpy.typing import NDArray

from .network import LAYERS, FloatArray, Weights, first_layer

# How far a wave may be off, of its height.
TOLERANCE = 1e-5
# So many directions are tried, fewest first.
DIRECTIONS = (48, 160)


class Rows:
    """The terrain over columns ``x`` on axis ``across``; rows lie on axis ``down``, all else at ``values``.

    weights: of a terrain of at least two axes. Not for several threads at once.
    """

    def __init__(self, weights: Weights, x: FloatArray, across: int, down: int, values: NDArray[np.floating]) -> None:
        name = first_layer(weights)
        self._columns = len(x)
        self._weight, self._bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        self._layers = [
            (_with_bias(weights, layer), float(weights[f"prelu{number}.weight"][0]))
            for number, layer in enumerate(LAYERS, 2)
        ]
        self._prelu_weight = float(weights["prelu1.weight"][0])
        self._out = _with_bias(weights, "fc_out")
        self._room: tuple[FloatArray, ...] = ()
        rest = np.array(values, np.float32)
        rest[[across, down]] = 0.0
        self._turns: FloatArray | None = None
        if name == "fc_in_gau":
            turns = weights["B_T"] * weights["two_pi"]
            angles = np.outer(turns[across], x) + (rest @ turns)[:, None]
            self._turns = turns[down]
            features = len(angles)
            self._sines, self._cosines = self._weight[:, :features], self._weight[:, features:]
            self._mixed, self._waves = _few_directions(np.concatenate([np.sin(angles), np.cos(angles)]))
        else:
            self._fixed = np.outer(self._weight[:, across], x) + (self._weight @ rest)[:, None]
            self._rise = self._weight[:, down]

    def evaluate(self, y: FloatArray) -> FloatArray:
        """The latents over rows at ``y``: float32 ``[latent_dim, rows, columns]``."""
        count, columns, width = len(y), self._columns, len(self._bias)
        if not self._room or self._room[0].shape[1] != count * columns:
            # made once: fresh memory of this size costs more than the sums in it. The last row, of ones, brings biases
            self._room = tuple(np.ones((width + 1, count * columns), np.float32) for _ in range(3))
        here, there, below = self._room
        rows = here[:-1].reshape(width, count, columns)
        for row, place in enumerate(y):
            self._first(float(place), rows[:, row])
        _bend(here[:-1], self._prelu_weight, below[:-1])
        for matrix, prelu_weight in self._layers:
            np.dot(matrix, here, out=there[:-1])
            _bend(there[:-1], prelu_weight, below[:-1])
            here, there = there, here
        latents: FloatArray = np.dot(self._out, here)
        return latents.reshape(-1, count, columns)

    def _first(self, y: float, out: FloatArray) -> None:
        """The first layer over a row: ``[width, columns]``."""
        if self._turns is None:
            np.add(self._fixed, (self._rise * np.float32(y) + self._bias)[:, None], out=out)
            return
        angle = self._turns * np.float32(y)
        sine, cosine = np.sin(angle), np.cos(angle)
        matrix = np.concatenate(
            [self._sines * cosine - self._cosines * sine, self._sines * sine + self._cosines * cosine], axis=1
        )
        if self._mixed is not None:
            matrix = matrix @ self._mixed
        np.add(np.dot(matrix, self._waves), self._bias[:, None], out=out)


def _few_directions(waves: FloatArray) -> tuple[FloatArray | None, FloatArray]:
    """Waves ``[features, columns]`` as a product of ``[features, directions]`` and ``[directions, columns]``.

    None and the waves themselves where too many directions would be needed.
    """
    random = np.random.default_rng(0)
    for most in DIRECTIONS:
        if 2 * most > min(waves.shape):
            break
        guess = random.standard_normal((waves.shape[1], most)).astype(np.float32)
        directions = np.linalg.qr(waves @ guess)[0]
        part = directions.T @ waves
        if np.abs(waves - directions @ part).max() <= TOLERANCE:
            return directions, part
    return None, waves


def _bend(values: FloatArray, prelu_weight: float, below: FloatArray) -> None:
    """PReLU in place."""
    np.multiply(values, np.float32(prelu_weight), out=below)
    (np.maximum if prelu_weight <= 1 else np.minimum)(values, below, out=values)


def _with_bias(weights: Weights, name: str) -> FloatArray:
    """A layer's matrix with its bias as one more column."""
    return np.concatenate([weights[f"{name}.weight"], weights[f"{name}.bias"][:, None]], axis=1)
