"""Whole instruments for hosts of nn~: a terrain alone, a codec alone, or a terrain with its codec, walked by
coordinates.

Methods follow the conventions of nn~ (spec §16): ``M_params`` says channels and ratio on both sides, labels are lists
of words, attributes have getters and setters. A host gives the last sample of each frame and hears whole frames.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from ..codec.bank.layers import Weights as BankWeights
from ..codec.interface import CodecFacts
from ..terrain.network import MOST_COORDINATES, Weights, shape_of
from .bank import ExportedBankDecoder, ExportedBankEncoder
from .network import ExportedNetwork, Gliding, Steering
from .stream_layers import Begun

AXES = ("x", "y", "z", "w", "v", "u", *(f"axis {number}" for number in range(7, MOST_COORDINATES + 1)))
ATTRIBUTES = ("scale", "offset", "smoothing", "glide")
FURTHEST, LONGEST_GLIDE_MS = 1e6, 10_000.0
# The code of a float among the types of attributes.
FLOAT = 2


@dataclass(frozen=True)
class Between:
    """What happens to latents between terrain and codec: each times ``factors`` plus ``shifts``, then a lag in ms."""

    factors: tuple[float, ...] = ()
    shifts: tuple[float, ...] = ()
    glide_ms: float = 0.0


class ExportedTerrain(nn.Module):
    """Method ``forward``: coordinates ``[lanes, axes, frames]`` to latents ``[lanes, latents, frames]``.

    Attributes: ``scale``, ``offset`` and ``smoothing`` of the coordinates, ``glide`` of the latents (their lag in ms).
    """

    furthest: Final[float] = FURTHEST
    longest_glide: Final[float] = LONGEST_GLIDE_MS

    def __init__(
        self, weights: Weights, ratio: int, sample_rate: int, labels: tuple[str, ...], between: Between | None = None
    ) -> None:
        super().__init__()
        shape, between = shape_of(weights), between or Between()
        self.terrain, self.steering = ExportedNetwork(weights), Steering(shape.control_dim)
        self.sample_rate = sample_rate
        self.scale, self.offset, self.smoothing = 1.0, 0.0, 0.0
        count = shape.latent_dim
        factors = torch.tensor((*between.factors, *[1.0] * count)[:count])
        shifts = torch.tensor((*between.shifts, *[0.0] * count)[:count])
        self.gliding, self.glide = Gliding(factors, shifts), between.glide_ms
        self.frame_ms = 1000.0 * ratio / sample_rate
        declare(self, "forward", (shape.control_dim, ratio, shape.latent_dim, ratio), AXES[: shape.control_dim], labels)
        _declare_attributes(self)

    def forward(self, coordinates: Tensor) -> Tensor:
        """The latents at each place."""
        latents: Tensor = self.walked(coordinates)
        return latents

    def walked(self, coordinates: Tensor) -> Tensor:
        """The latents at each place, stretched, moved and gliding as they were on the way to their decoder."""
        places = self.steering(coordinates, self.scale, self.offset, self.smoothing)
        keep = math.exp(-self.frame_ms / max(self.glide, 1e-3))
        latents: Tensor = self.gliding(self.terrain(places), keep)
        return latents

    @torch.jit.export
    def get_methods(self) -> list[str]:
        """What can be called."""
        return ["forward"]

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """What can be set."""
        return ["scale", "offset", "smoothing", "glide"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        """Hz."""
        return self.sample_rate

    @torch.jit.export
    def get_scale(self) -> list[float]:
        """What coordinates are multiplied by."""
        return [self.scale]

    @torch.jit.export
    def set_scale(self, scale: float) -> int:
        """0 when done, -1 when it is not within ±1,000,000; what is no number is within nothing."""
        if not (scale >= -self.furthest and scale <= self.furthest):
            return -1
        self.scale = scale
        return 0

    @torch.jit.export
    def get_offset(self) -> list[float]:
        """What is added to them."""
        return [self.offset]

    @torch.jit.export
    def set_offset(self, offset: float) -> int:
        """0 when done, -1 when it is not within ±1,000,000."""
        if not (offset >= -self.furthest and offset <= self.furthest):
            return -1
        self.offset = offset
        return 0

    @torch.jit.export
    def get_smoothing(self) -> list[float]:
        """How much of the frame before is kept, 0 … 0.999."""
        return [self.smoothing]

    @torch.jit.export
    def set_smoothing(self, smoothing: float) -> int:
        """0 when done, -1 when it is not 0 … 0.999."""
        if not (smoothing >= 0.0 and smoothing <= 0.999):
            return -1
        self.smoothing = smoothing
        return 0

    @torch.jit.export
    def get_glide(self) -> list[float]:
        """The lag of the latents in ms."""
        return [self.glide]

    @torch.jit.export
    def set_glide(self, glide: float) -> int:
        """0 when done, -1 when it is not 0 … 10000."""
        if not (glide >= 0.0 and glide <= self.longest_glide):
            return -1
        self.glide = glide
        return 0


class ExportedInstrument(ExportedTerrain):
    """``forward``: coordinates to sound. ``latents``: coordinates to latents. ``decode``: latents to sound."""

    def __init__(self, weights: Weights, decoder: Any, facts: CodecFacts, between: Between) -> None:
        super().__init__(weights, facts.ratio, facts.sample_rate, facts.labels, between)
        axes = AXES[: shape_of(weights).control_dim]
        sounds = channel_names(facts.channels)
        self.decoder = decoder
        declare(self, "forward", (len(axes), facts.ratio, facts.channels, 1), axes, sounds)
        declare(self, "latents", (len(axes), facts.ratio, facts.latent_dim, facts.ratio), axes, facts.labels)
        declare(self, "decode", (facts.latent_dim, facts.ratio, facts.channels, 1), facts.labels, sounds)

    def forward(self, coordinates: Tensor) -> Tensor:
        """Sound ``[lanes, channels, frames * ratio]``."""
        sound: Tensor = self.decoder(self.walked(coordinates))
        return sound

    @torch.jit.export
    def latents(self, coordinates: Tensor) -> Tensor:
        """The latents on the way, as the codec gets them."""
        return self.walked(coordinates)

    @torch.jit.export
    def decode(self, latents: Tensor) -> Tensor:
        """Sound of latents; silent until the first that are not all 0."""
        sound: Tensor = self.decoder(latents)
        return sound

    @torch.jit.export
    def get_methods(self) -> list[str]:
        """What can be called."""
        return ["forward", "latents", "decode"]


class ExportedCodec(nn.Module):
    """A codec alone: ``encode``, ``decode`` and ``forward`` (one after the other)."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, facts: CodecFacts) -> None:
        super().__init__()
        self.encoder, self.decoder, self.sample_rate = encoder, decoder, facts.sample_rate
        given, made = channel_names(facts.input_channels), channel_names(facts.channels)
        declare(self, "encode", (facts.input_channels, 1, facts.latent_dim, facts.ratio), given, facts.labels)
        declare(self, "decode", (facts.latent_dim, facts.ratio, facts.channels, 1), facts.labels, made)
        declare(self, "forward", (facts.input_channels, 1, facts.channels, 1), given, made)

    def forward(self, sound: Tensor) -> Tensor:
        """What the codec makes of a sound."""
        made: Tensor = self.decoder(self.encoder(sound))
        return made

    @torch.jit.export
    def encode(self, sound: Tensor) -> Tensor:
        """Sound to latents."""
        latents: Tensor = self.encoder(sound)
        return latents

    @torch.jit.export
    def decode(self, latents: Tensor) -> Tensor:
        """Latents to sound."""
        sound: Tensor = self.decoder(latents)
        return sound

    @torch.jit.export
    def get_methods(self) -> list[str]:
        """What can be called."""
        return ["encode", "decode", "forward"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        """Hz."""
        return self.sample_rate


class BankModel(ExportedCodec):
    """The bank codec alone."""

    def __init__(self, weights: BankWeights, facts: CodecFacts) -> None:
        super().__init__(ExportedBankEncoder(weights), ExportedBankDecoder(weights), facts)

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """Nothing can be set."""
        return ["none"]


class ExportedDecode(nn.Module):
    """A foreign model's ``decode`` as the voice of an instrument; its hidden latents are 0, not left to chance."""

    def __init__(self, model: Any, hidden: int = 0) -> None:
        super().__init__()
        self.model, self.hidden, self.begun = model, hidden, Begun()

    def forward(self, latents: Tensor) -> Tensor:
        """Sound of latents."""
        given = latents
        if self.hidden > 0:
            still = torch.zeros(latents.shape[0], self.hidden, latents.shape[2], dtype=latents.dtype)
            given = torch.cat([latents, still], 1)
        sound: Tensor = self.model.decode(given)
        is_begun: Tensor = self.begun(latents)
        return sound * is_begun.repeat_interleave(sound.shape[2] // latents.shape[2], 1)[:, None]


def declare(
    module: nn.Module,
    method: str,
    parameters: tuple[int, int, int, int],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
) -> None:
    """Say what a method takes and gives, as nn~ reads it: channels and ratio in and out, and their labels."""
    module.register_buffer(f"{method}_params", torch.tensor(parameters))
    setattr(module, f"{method}_input_labels", list(inputs))
    setattr(module, f"{method}_output_labels", list(outputs))


def _declare_attributes(module: nn.Module) -> None:
    for name in ATTRIBUTES:
        module.register_buffer(f"{name}_params", torch.tensor([FLOAT]))


def channel_names(count: int) -> tuple[str, ...]:
    """Labels of channels of sound."""
    return ("sound",) if count == 1 else tuple(f"sound {number}" for number in range(1, count + 1))
