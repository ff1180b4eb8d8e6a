"""A terrain as TorchScript: coordinates to latents, as ``nodes.terrain.network`` computes them."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..terrain.network import Weights, shape_of
from ..terrain.residual import FLOOR, RADII, Residual, has_residual
from .stream_layers import LANES

FURTHEST_LATENT = 100.0


class ExportedNetwork(nn.Module):
    """Coordinates ``[lanes, control_dim, frames]`` to latents ``[lanes, latent_dim, frames]``, within ±100."""

    frequencies: Tensor

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        arrays = {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
        self.nearness = Nearness(weights)
        self.has_fourier = shape_of(weights).gauss > 0
        nothing = torch.zeros(1, 1)
        turns = arrays["B_T"] * arrays["two_pi"] if self.has_fourier else nothing
        self.register_buffer("frequencies", turns)
        first = "fc_in_gau" if self.has_fourier else "fc_in_linear"
        self.layers = nn.ModuleList(
            [_linear(arrays, first), *(_linear(arrays, name) for name in ("fc2", "fc3", "fc4"))]
        )
        self.prelu_weights = [float(arrays[f"prelu{number}.weight"][0]) for number in range(1, 5)]
        self.leave = _linear(arrays, "fc_out")

    def forward(self, coordinates: Tensor) -> Tensor:
        """The latents at each place."""
        x = coordinates.transpose(1, 2)
        if self.has_fourier:
            angles = torch.matmul(x, self.frequencies)
            x = torch.cat([torch.sin(angles), torch.cos(angles)], 2)
        for number, layer in enumerate(self.layers):
            x = functional.leaky_relu(layer(x), self.prelu_weights[number])
        latents: Tensor = self.leave(x) + self.nearness(coordinates.transpose(1, 2))
        return torch.nan_to_num(latents, 0.0, 100.0, -100.0).clamp(-100.0, 100.0).transpose(1, 2)


class Nearness(nn.Module):
    """What a terrain's network misses near its lines: places ``[lanes, frames, axes]`` to latents; else zeros."""

    places: Tensor
    missed: Tensor
    falls: Tensor

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.has_points = has_residual(weights)
        shape = shape_of(weights)
        places, missed = torch.zeros(1, shape.control_dim), torch.zeros(1, shape.latent_dim)
        falls = torch.ones(1)
        self.radius, self.reach, self.floor = 1.0, RADII, FLOOR
        if self.has_points:
            residual = Residual(weights)
            places, missed, falls = (torch.from_numpy(one.copy()) for one in residual.arrays)
            self.radius = residual.radius
        self.register_buffer("places", places)
        self.register_buffer("missed", missed)
        self.register_buffer("falls", falls)

    def forward(self, x: Tensor) -> Tensor:
        """As ``nodes.terrain.residual`` has it, over all points."""
        if not self.has_points:
            return torch.zeros(x.shape[0], x.shape[1], self.missed.shape[1])
        frames: list[Tensor] = []
        for frame in range(x.shape[1]):
            frames.append(self._added(x[:, frame]))
        return torch.stack(frames, 1)

    def _added(self, x: Tensor) -> Tensor:
        """Of one frame: ``[lanes, axes]`` to ``[lanes, latents]``."""
        squares = torch.zeros(x.shape[0], self.places.shape[0])
        for axis in range(x.shape[1]):
            squares = squares + (self.places[:, axis] - x[:, axis : axis + 1]).square()
        least = squares.amin(1, keepdim=True)
        shares = torch.exp((least - squares) * self.falls) * (squares < (self.reach * self.radius) ** 2)
        near = (torch.exp(least / (-2 * self.radius**2)) - self.floor) / (1 - self.floor)
        whole = shares.sum(1, keepdim=True)
        near = torch.where(whole > 0, near.clamp_min(0.0) / whole.clamp_min(1e-30), torch.zeros_like(near))
        added: Tensor = torch.matmul(shares, self.missed) * near
        return added


class Steering(nn.Module):
    """Coordinates scaled, moved and smoothed, frame by frame; what is no number repeats the frame before.

    smoothing: 0 follows at once, towards 1 it glides ever longer.
    """

    cache: Tensor

    def __init__(self, axes: int) -> None:
        super().__init__()
        self.register_buffer("cache", torch.zeros(LANES, axes + 1))

    def forward(self, given: Tensor, scale: float, offset: float, smoothing: float) -> Tensor:
        """``[lanes, axes, frames]`` to the same."""
        lanes = given.shape[0]
        before, is_begun = self.cache[:lanes, :-1].clone(), self.cache[:lanes, -1:].clone()
        wanted = given * scale + offset
        frames: list[Tensor] = []
        for frame in range(given.shape[2]):
            now = wanted[..., frame]
            now = torch.where(torch.isfinite(now), now, before)
            before = torch.where(is_begun > 0, now + smoothing * (before - now), now)
            is_begun = torch.ones_like(is_begun)
            frames.append(before)
        self.cache[:lanes] = torch.cat([before, is_begun], 1)
        return torch.stack(frames, 2)


class Gliding(nn.Module):
    """Latents stretched and moved, and then followed with a lag, as ``latent_scale`` and ``latent_smooth`` do."""

    cache: Tensor
    factors: Tensor
    shifts: Tensor

    def __init__(self, factors: Tensor, shifts: Tensor) -> None:
        super().__init__()
        self.register_buffer("factors", factors[:, None])
        self.register_buffer("shifts", shifts[:, None])
        self.register_buffer("cache", torch.zeros(LANES, len(factors) + 1))

    def forward(self, latents: Tensor, keep: float) -> Tensor:
        """``[lanes, latents, frames]`` to the same; keep: the share of the frame before, 0 … 1."""
        given = latents * self.factors + self.shifts
        lanes = given.shape[0]
        state, is_begun = self.cache[:lanes, :-1].clone(), self.cache[:lanes, -1:].clone()
        frames: list[Tensor] = []
        for frame in range(given.shape[2]):
            now = given[..., frame]
            state = torch.where(is_begun > 0, now + keep * (state - now), now)
            is_begun = torch.ones_like(is_begun)
            frames.append(state)
        self.cache[:lanes] = torch.cat([state, is_begun], 1)
        return torch.stack(frames, 2)


def _linear(arrays: dict[str, Tensor], name: str) -> nn.Linear:
    weight = arrays[f"{name}.weight"]
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight, layer.bias = nn.Parameter(weight, False), nn.Parameter(arrays[f"{name}.bias"], False)
    return layer
