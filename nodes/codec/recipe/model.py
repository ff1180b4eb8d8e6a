"""The network that learns to hear and play: log-mel in, eight latents between, partials and noise bands out.

Causal throughout, so that what is trained here in one piece runs later frame by frame (``..bank``).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bank.layout import (
    BEND,
    CONTROLS,
    HOPS_PER_FRAME,
    LATENTS,
    MEL_BANDS,
    MEL_FLOOR,
    MEL_OFFSET,
    MEL_SCALE,
    PARTIALS,
)

ENCODER_WIDTH = 128
DECODER_WIDTH = 192
SLOPE = 0.2


class CausalConvolution(nn.Conv1d):
    """A convolution over time that sees no future: ``[batch, in, time]`` to ``[batch, out, time / stride]``."""

    def __init__(self, inputs: int, outputs: int, width: int, dilation: int = 1, stride: int = 1) -> None:
        super().__init__(inputs, outputs, width, dilation=dilation, stride=stride)
        self.history = (width - 1) * dilation + 1 - stride

    def forward(self, input: Tensor) -> Tensor:
        """Convolve, with silence before the beginning."""
        return super().forward(functional.pad(input, (self.history, 0)))


class Residual(nn.Module):
    """A small correction added to what passes through."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.wide = CausalConvolution(width, width, 3, dilation)
        self.point = CausalConvolution(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``[batch, width, time]`` to the same."""
        hidden = self.wide(functional.leaky_relu(x, SLOPE))
        correction: Tensor = self.point(functional.leaky_relu(hidden, SLOPE))
        return x + correction


class Upsample(nn.Module):
    """Four hops from one frame by sub-pixel convolution; all four start alike, so no tone at the frame rate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spread = CausalConvolution(width, width * HOPS_PER_FRAME, 2)
        with torch.no_grad():
            for weight in (self.spread.weight, self.spread.bias):
                assert weight is not None
                weight.copy_(weight[:width].repeat(HOPS_PER_FRAME, *[1] * (weight.dim() - 1)))

    def forward(self, x: Tensor) -> Tensor:
        """``[batch, width, frames]`` to ``[batch, width, frames * 4]``."""
        spread: Tensor = self.spread(functional.leaky_relu(x, SLOPE))
        batch, _, frames = spread.shape
        hops = spread.view(batch, HOPS_PER_FRAME, -1, frames).permute(0, 2, 3, 1)
        return hops.reshape(batch, -1, frames * HOPS_PER_FRAME)


class Encoder(nn.Module):
    """Mel spectra to the mean and log-variance of the latents."""

    def __init__(self) -> None:
        super().__init__()
        width = ENCODER_WIDTH
        self.enter = CausalConvolution(MEL_BANDS, width, 3)
        self.fast = nn.ModuleList([Residual(width, 1), Residual(width, 2)])
        self.stride = CausalConvolution(width, width, 2 * HOPS_PER_FRAME, stride=HOPS_PER_FRAME)
        self.slow = nn.ModuleList([Residual(width, 1), Residual(width, 2)])
        self.leave = CausalConvolution(width, 2 * LATENTS, 3)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Magnitudes ``[batch, 96, hops]`` to two ``[batch, 8, hops / 4]``."""
        x = self.enter((torch.log(mel + MEL_FLOOR) + MEL_OFFSET) / MEL_SCALE)
        for block in self.fast:
            x = block(x)
        x = self.stride(x)
        for block in self.slow:
            x = block(x)
        mean, spread = self.leave(functional.leaky_relu(x, SLOPE)).chunk(2, 1)
        return mean, spread.clamp(-10, 4)


class Decoder(nn.Module):
    """Latents to raw controls; ``shape_controls`` makes amplitudes, bends and noise of them."""

    def __init__(self) -> None:
        super().__init__()
        width = DECODER_WIDTH
        self.enter = CausalConvolution(LATENTS, width, 3)
        self.slow = Residual(width, 1)
        self.upsample = Upsample(width)
        self.fast = nn.ModuleList([Residual(width, dilation) for dilation in (1, 2, 4)])
        self.leave = CausalConvolution(width, CONTROLS, 1)

    def forward(self, latents: Tensor) -> Tensor:
        """``[batch, 8, frames]`` to ``[batch, 256, frames * 4]``."""
        x = self.upsample(self.slow(self.enter(latents)))
        for block in self.fast:
            x = block(x)
        raw: Tensor = self.leave(functional.leaky_relu(x, SLOPE))
        return raw


class Autoencoder(nn.Module):
    """Encoder and decoder together, trained as one."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()


def shape_controls(raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Raw controls ``[batch, 256, hops]`` to amplitude (0 … 1), bend (semitones) and noise gain (0 … 2)."""
    amplitude = level_curve(raw[:, :PARTIALS]) * 0.5
    bend = torch.tanh(raw[:, PARTIALS : 2 * PARTIALS]) * BEND
    return amplitude, bend, level_curve(raw[:, 2 * PARTIALS :])


def level_curve(raw: Tensor) -> Tensor:
    """A number to a level of 0 … 2, nearly exponential below 1 (the ``exp_sigmoid`` of DDSP)."""
    return 2 * torch.sigmoid(raw - 4) ** 2.303 + 1e-7
