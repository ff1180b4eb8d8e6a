"""Reading the land under the player's feet: the latents here and now, without ever waiting.

One point costs about as much as one voice of a simple synth. Every point is computed by the same steps whether it
comes alone or in a crowd (matrix products of many columns round differently from products of one), so a walk gives
the same bits at any block size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .network import LAYERS, FloatArray, TerrainError, Weights, first_layer, validate_weights

LIMIT = 100.0
TILE = 32


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
        tile, width = min(TILE, max_points), self.shape.width
        first = first_layer(weights)
        self._fourier = first == "fc_in_gau"
        self._two_pi = float(weights["two_pi"]) if self._fourier else 1.0
        self._frequencies = np.array(weights["B_T"].T if self._fourier else np.zeros((0, 0)), np.float32, order="C")
        self._layers = tuple(
            _Layer(
                np.array(weights[f"{name}.weight"], order="C"),
                np.tile(weights[f"{name}.bias"], (tile, 1)),
                float(weights[f"prelu{number}.weight"][0]),
            )
            for number, name in enumerate((first, *LAYERS), 1)
        )
        self._last = _Layer(
            np.array(weights["fc_out.weight"], order="C"), np.tile(weights["fc_out.bias"], (tile, 1)), 1.0
        )
        features = self.shape.features if self._fourier else 0
        self._places = _Sheet(tile, self.shape.control_dim)
        self._angles, self._waves = _Sheet(tile, features), _Sheet(tile, 2 * features)
        self._sines = [row[:features] for row in self._waves.rows]
        self._cosines = [row[features:] for row in self._waves.rows]
        self._hidden, self._spare = _Sheet(tile, width), _Sheet(tile, width)
        self._below = np.zeros((tile, width), np.float32)
        self._latents = _Sheet(tile, self.shape.latent_dim)
        self._good_places = np.zeros((tile, self.shape.control_dim), np.bool_)
        self._good_latents = np.zeros((tile, self.shape.latent_dim), np.bool_)
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
            for start in range(0, points, TILE):
                stop = min(start + TILE, points)
                self._tile(coordinates[:, start:stop], out[:, start:stop])

    def reset(self) -> None:
        """Forget the last good latents: what is held next is zeros."""
        self._held.fill(0)

    def _tile(self, coordinates: NDArray[np.floating], out: FloatArray) -> None:
        points = coordinates.shape[1]
        places = self._places.array[:points]
        np.copyto(places, coordinates.T)
        good_places = np.isfinite(places, out=self._good_places[:points])
        inputs, target, spare = self._places, self._hidden, self._spare
        if self._fourier:
            places *= self._two_pi
            self._make_waves(points)
            inputs = self._waves
        below = self._below[:points]
        for layer in self._layers:
            hidden = _through(layer, inputs, target, points)
            np.minimum(hidden, 0, out=below)
            below *= layer.slope
            np.maximum(hidden, 0, out=hidden)
            hidden += below
            inputs, target, spare = target, spare, target
        latents = _through(self._last, inputs, self._latents, points)
        good_latents = np.isfinite(latents, out=self._good_latents[:points])
        np.minimum(latents, LIMIT, out=latents)
        np.maximum(latents, -LIMIT, out=latents)
        if not (good_places.all() and good_latents.all()):
            self._hold(points)
        np.copyto(self._held, latents[points - 1])
        np.copyto(out, latents.T)

    def _make_waves(self, points: int) -> None:
        for index in range(points):
            angles = np.dot(self._frequencies, self._places.rows[index], out=self._angles.rows[index])
            np.sin(angles, out=self._sines[index])
            np.cos(angles, out=self._cosines[index])

    def _hold(self, points: int) -> None:
        last = self._held
        for index in range(points):
            latents = self._latents.rows[index]
            if self._good_places[index].all() and self._good_latents[index].all():
                last = latents
            else:
                np.copyto(latents, last)


class _Sheet:
    """Room for a tile of points, ``[points, size]``, and its rows as views made once."""

    def __init__(self, points: int, size: int) -> None:
        self.array = np.zeros((points, size), np.float32)
        self.rows = list(self.array)


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer's matrix, its bias once per point (broadcasting would allocate), its PReLU slope."""

    weight: FloatArray
    bias: FloatArray
    slope: float


def _through(layer: _Layer, inputs: _Sheet, target: _Sheet, points: int) -> FloatArray:
    for index in range(points):
        np.dot(layer.weight, inputs.rows[index], out=target.rows[index])
    outputs = target.array[:points]
    outputs += layer.bias[:points]
    return outputs
