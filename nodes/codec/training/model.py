"""The network that learns to hear and play: what was heard in, latents between, partials and noise bands out.

Causal throughout, so that what is trained here in one piece runs later frame by frame (``..bank``). Level is no
business of the network: it passes beside it as a latent of its own, and every frame is played at that level.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bank.filterbank import BANDS
from ..bank.layout import BEND, CONTROLS, HOPS_PER_FRAME, PARTIALS, noise_shapes

SLOPE = 0.2


@dataclass(frozen=True)
class Shape:
    """How large a codec is: ``latents`` with the level's among them, and the widths of the two networks."""

    latents: int = 16
    encoder_width: int = 160
    decoder_width: int = 208


class TorchCausalConvolution(nn.Conv1d):
    """A convolution over time that sees no future: ``[batch, in, time]`` to ``[batch, out, time / stride]``."""

    def __init__(self, inputs: int, outputs: int, width: int, dilation: int = 1, stride: int = 1) -> None:
        super().__init__(inputs, outputs, width, dilation=dilation, stride=stride)
        self.history = (width - 1) * dilation + 1 - stride

    def forward(self, input: Tensor) -> Tensor:
        """Convolve, with silence before the beginning."""
        return super().forward(functional.pad(input, (self.history, 0)))


class TorchResidualBlock(nn.Module):
    """A small correction added to what passes through."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.wide = TorchCausalConvolution(width, width, 3, dilation)
        self.point = TorchCausalConvolution(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """``[batch, width, time]`` to the same."""
        hidden = self.wide(functional.leaky_relu(x, SLOPE))
        correction: Tensor = self.point(functional.leaky_relu(hidden, SLOPE))
        return x + correction


class Upsample(nn.Module):
    """Four hops from one frame by sub-pixel convolution; all four start alike, so no tone at the frame rate."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.spread = TorchCausalConvolution(width, width * HOPS_PER_FRAME, 2)
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
    """What was heard to the mean and log-variance of the latents, without the level's."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.encoder_width
        self.enter = TorchCausalConvolution(BANDS, width, 3)
        self.fast = nn.ModuleList([TorchResidualBlock(width, 1), TorchResidualBlock(width, 2)])
        self.stride = TorchCausalConvolution(width, width, 2 * HOPS_PER_FRAME, stride=HOPS_PER_FRAME)
        self.slow = nn.ModuleList([TorchResidualBlock(width, 1), TorchResidualBlock(width, 2)])
        self.leave = TorchCausalConvolution(width, 2 * (shape.latents - 1), 3)

    def forward(self, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Bands ``[batch, 152, hops]`` to two ``[batch, latents - 1, hops / 4]``."""
        x = self.enter(heard)
        for block in self.fast:
            x = block(x)
        x = self.stride(x)
        for block in self.slow:
            x = block(x)
        mean, spread = self.leave(functional.leaky_relu(x, SLOPE)).chunk(2, 1)
        return mean, spread.clamp(-10, 4)


class ControlDecoder(nn.Module):
    """Latents without the level's to raw controls; ``shape_controls`` makes amplitudes, bends and noise of them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.decoder_width
        self.enter = TorchCausalConvolution(shape.latents - 1, width, 3)
        self.slow = nn.ModuleList([TorchResidualBlock(width, 1), TorchResidualBlock(width, 2)])
        self.upsample = Upsample(width)
        self.fast = nn.ModuleList([TorchResidualBlock(width, dilation) for dilation in (1, 2, 4)])
        self.leave = TorchCausalConvolution(width, CONTROLS, 1)

    def forward(self, latents: Tensor) -> Tensor:
        """``[batch, latents - 1, frames]`` to ``[batch, 256, frames * 4]``."""
        x = self.enter(latents)
        for block in self.slow:
            x = block(x)
        x = self.upsample(x)
        for block in self.fast:
            x = block(x)
        raw: Tensor = self.leave(functional.leaky_relu(x, SLOPE))
        return raw


class Autoencoder(nn.Module):
    """Encoder and decoder together, trained as one."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = ControlDecoder(shape)


def shape_controls(raw: Tensor, level: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Raw controls ``[batch, 256, hops]`` at a level (rms ``[batch, frames]``) to amplitude, bend and noise gain.

    Whatever the network says, the four hops of a frame together have the power that the level asks for.
    """
    amplitude, noise = level_curve(raw[:, :PARTIALS]), level_curve(raw[:, 2 * PARTIALS :])
    bend = torch.tanh(raw[:, PARTIALS : 2 * PARTIALS]) * BEND
    of_frame = power(amplitude, noise).view(len(raw), -1, HOPS_PER_FRAME).mean(2)
    scale = (level / (of_frame + 1e-12).sqrt()).repeat_interleave(HOPS_PER_FRAME, 1)[:, None]
    return amplitude * scale, bend, noise * scale


def power(amplitude: Tensor, noise: Tensor) -> Tensor:
    """Mean square of the sound that controls give: ``[batch, hops]``."""
    share = torch.from_numpy(noise_shapes().mean(axis=1)).to(amplitude)
    return (amplitude**2).sum(1) / 2 + torch.einsum("bnt,n->bt", noise**2, share) / 3


def level_curve(raw: Tensor) -> Tensor:
    """A number to a level of 0 … 2, nearly exponential below 1 (the ``exp_sigmoid`` of DDSP)."""
    return 2 * torch.sigmoid(raw - 4) ** 2.303 + 1e-7
