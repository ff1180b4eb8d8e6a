"""Layers that remember, as TorchScript: the past of each lane in a buffer, as hosts of nn~ expect.

The buffers are named ``pad`` or ``cache``. Zeroing every such buffer is a reset.
"""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

# A batch may have so many lanes, each with a past of its own.
LANES = 64
SLOPE = 0.2


class PastBuffer(nn.Module):
    """Gives what came before along with what comes: ``[lanes, channels, n]`` to ``[lanes, channels, kept + n]``."""

    pad: Tensor

    def __init__(self, channels: int, kept: int) -> None:
        super().__init__()
        self.kept = kept
        self.register_buffer("pad", torch.zeros(LANES, channels, kept))

    def forward(self, x: Tensor) -> Tensor:
        """Join, and keep the end."""
        if self.kept == 0:
            return x
        joined = torch.cat([self.pad[: x.shape[0]], x], -1)
        self.pad[: x.shape[0]] = joined[..., -self.kept :]
        return joined


class Begun(nn.Module):
    """Whether latents have come: 0 for frames before the first that is not all zeros, which hosts give at first."""

    cache: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("cache", torch.zeros(LANES, 1))

    def forward(self, latents: Tensor) -> Tensor:
        """``[lanes, latents, frames]`` to 0 or 1, ``[lanes, frames]``."""
        lanes = latents.shape[0]
        has_come = (latents != 0).any(1).to(torch.float32)
        begun = torch.cummax(torch.cat([self.cache[:lanes], has_come], 1), 1)[0]
        self.cache[:lanes] = begun[:, -1:]
        return begun[:, 1:]


class Convolution(nn.Module):
    """A causal convolution; weight ``[outputs, inputs, width]`` as torch lays it out."""

    def __init__(self, weight: Tensor, bias: Tensor, dilation: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.dilation, self.stride = dilation, stride
        self.past = PastBuffer(weight.shape[1], (weight.shape[2] - 1) * dilation + 1 - stride)
        self.weight, self.bias = nn.Parameter(weight, False), nn.Parameter(bias, False)

    def forward(self, x: Tensor) -> Tensor:
        """``[lanes, inputs, n]`` to ``[lanes, outputs, n / stride]``."""
        return functional.conv1d(self.past(x), self.weight, self.bias, stride=self.stride, dilation=self.dilation)


class StreamedResidual(nn.Module):
    """A small correction added to what passes through."""

    slope: Final[float] = SLOPE

    def __init__(self, wide: Convolution, point: Convolution) -> None:
        super().__init__()
        self.wide, self.point = wide, point

    def forward(self, x: Tensor) -> Tensor:
        """``[lanes, channels, n]`` to the same."""
        hidden: Tensor = self.wide(functional.leaky_relu(x, self.slope))
        correction: Tensor = self.point(functional.leaky_relu(hidden, self.slope))
        return x + correction
