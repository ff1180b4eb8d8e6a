"""Reading the terrain under the player's feet: the latents here and now, without ever waiting.

One point costs about as much as one voice of a simple synth, eight little more. Points are computed four or eight at a
time whether they come alone or in a crowd, so that a walk gives the same bits at any block size: products of one
column, or of more than eight, round differently. Tried: products of one column each (32 points took three times as
long) and of 32 columns, which the matrix library packs first (twice as long).
"""

from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .network import LAYERS, FloatArray, TerrainError, Weights, first_layer, validate_weights
from .residual import Residual, has_residual

LIMIT = 100.0
FEW, MANY = 4, 8


class Inference:
    """A terrain as one player hears it: preallocated, clamped to ±100, and never anything but numbers.

    weights: copied. max_points: the most points one call may ask for, at least 1. An instance belongs to one
    player: it remembers the last good latents. Raises TerrainError when the weights are not a terrain.
    """

    def __init__(self, weights: Weights, max_points: int) -> None:
        if max_points < 1:
            raise TerrainError(f"max_points is {max_points}; a player needs at least 1 point per call")
        self.shape = validate_weights(weights)
        self.max_points = max_points
        first = first_layer(weights)
        turns = weights["B_T"] * weights["two_pi"] if first == "fc_in_gau" else None
        names = (first, *LAYERS, "fc_out")
        matrices = [np.array(weights[f"{name}.weight"].T, np.float32, order="C") for name in names]
        biases = [weights[f"{name}.bias"] for name in names]
        prelu_weights = [float(weights[f"prelu{number}.weight"][0]) for number in range(1, 5)]
        residual = Residual(weights) if has_residual(weights) else None
        few, many = (_Tile(points, turns, matrices, biases, prelu_weights, residual) for points in (FEW, MANY))
        self._many = many
        self._few = few if _round_alike(matrices) else many
        self._held = np.zeros(self.shape.latent_dim, np.float32)

    def evaluate(self, coordinates: NDArray[np.floating], out: FloatArray) -> None:
        """Fill ``out [latent_dim, points]`` with the latents at ``coordinates [control_dim, points]``.

        Where a coordinate or a latent is not a finite number, the last good latents are held (zeros before the
        first). Call from the audio thread: allocates nothing. Raises TerrainError for arrays that do not fit.
        """
        points = coordinates.shape[-1]
        if coordinates.shape != (self.shape.control_dim, points) or points > self.max_points:
            raise TerrainError(
                f"coordinates have shape {coordinates.shape}; this terrain takes "
                f"[{self.shape.control_dim}, up to {self.max_points}]"
            )
        if out.shape != (self.shape.latent_dim, points):
            raise TerrainError(f"latents go to shape {out.shape} where [{self.shape.latent_dim}, {points}] is needed")
        with np.errstate(invalid="ignore", over="ignore"):
            if 0 < points <= FEW:
                self._few.evaluate(coordinates, out, self._held)
                return
            for start in range(0, points, MANY):
                stop = min(start + MANY, points)
                tile = self._few if stop - start <= FEW else self._many
                tile.evaluate(coordinates[:, start:stop], out[:, start:stop], self._held)

    def reset(self) -> None:
        """Forget the last good latents: what is held next is zeros."""
        self._held.fill(0)


class _Layer(NamedTuple):
    """A layer's matrix ``[inputs, outputs]``, its bias for a tile (broadcasting would allocate), its PReLU.

    bend: which of a number and ``prelu_weight`` times it is the PReLU; the larger one for PReLU weights up to 1.
    """

    matrix: FloatArray
    bias: FloatArray
    prelu_weight: np.float32
    bend: np.ufunc


class _Tile:
    """Room for so many points, the layers, and what is put back at lines.

    turns: frequencies ``[control_dim, features]`` in radians per unit.
    """

    def __init__(
        self,
        points: int,
        turns: FloatArray | None,
        matrices: list[FloatArray],
        biases: list[FloatArray],
        prelu_weights: list[float],
        residual: Residual | None,
    ) -> None:
        self._residual = residual
        tiled = [np.tile(bias, (points, 1)) for bias in biases]
        bends = [np.maximum if prelu_weight <= 1 else np.minimum for prelu_weight in prelu_weights]
        self._layers = tuple(
            _Layer(matrix, bias, np.float32(prelu_weight), bend)
            for matrix, bias, prelu_weight, bend in zip(matrices[:-1], tiled[:-1], prelu_weights, bends, strict=True)
        )
        self._last, self._last_bias = matrices[-1], tiled[-1]
        self._turns = turns
        control_dim = len(matrices[0]) if turns is None else len(turns)
        features, width = (0 if turns is None else turns.shape[1]), len(biases[0])
        self._places = np.zeros((points, control_dim), np.float32)
        self._angles, self._wave = (np.zeros((points, features), np.float32) for _ in range(2))
        self._waves = np.zeros((points, 2 * features), np.float32)
        self._sines, self._cosines = self._waves[:, :features], self._waves[:, features:]
        self._hidden = np.zeros((points, width), np.float32), np.zeros((points, width), np.float32)
        self._below = np.zeros((points, width), np.float32)
        self._latents = np.zeros((points, len(biases[-1])), np.float32)
        self._flat, self._rows = self._latents.reshape(-1), list(self._latents)
        self._nothing = np.zeros_like(self._flat)
        self._filled = [self._places[:count] for count in range(points + 1)]
        self._given = [self._latents[:count].T for count in range(points + 1)]

    def evaluate(self, coordinates: NDArray[np.floating], out: FloatArray, held: FloatArray) -> None:
        """As ``Inference.evaluate``, for as many points as there is room for; held: the last good latents."""
        points, inputs = coordinates.shape[1], self._places
        self._filled[points][...] = coordinates.T
        if self._turns is not None:
            # numpy takes memory to write waves into every other half row, so they are made apart
            np.dot(inputs, self._turns, out=self._angles)
            self._sines[...] = np.sin(self._angles, out=self._wave)
            self._cosines[...] = np.cos(self._angles, out=self._wave)
            inputs = self._waves
        target, spare = self._hidden
        below = self._below
        for matrix, bias, prelu_weight, bend in self._layers:
            np.dot(inputs, matrix, out=target)
            np.add(target, bias, out=target)
            np.multiply(target, prelu_weight, out=below)
            bend(target, below, out=target)
            inputs, target, spare = target, spare, target
        latents = np.dot(inputs, self._last, out=self._latents)
        np.add(latents, self._last_bias, out=latents)
        if self._residual is not None:
            for index in range(points):
                self._residual.add(self._places[index], self._rows[index])
        if not isfinite(np.dot(self._flat, self._nothing)):
            self._hold(points, held)
        np.minimum(latents, LIMIT, out=latents)
        np.maximum(latents, -LIMIT, out=latents)
        held[...] = self._rows[points - 1]
        out[...] = self._given[points]

    def _hold(self, points: int, held: FloatArray) -> None:
        """What is no number becomes the last good latents; a wrong coordinate makes wrong latents, always."""
        last = held
        for latents in self._rows[:points]:
            if isfinite(np.dot(latents, self._nothing[: len(latents)])):
                last = latents
            else:
                latents[...] = last
        self._places.fill(0.0)


def _round_alike(matrices: list[FloatArray]) -> bool:
    """Whether this machine's matrix library gives four columns the bits that it gives them among eight."""
    random = np.random.default_rng(0)
    for matrix in matrices:
        some = random.standard_normal((MANY, len(matrix))).astype(np.float32)
        if not np.array_equal(np.dot(some[:FEW], matrix), np.dot(some, matrix)[:FEW]):
            return False
    return True
