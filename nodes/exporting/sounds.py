"""``builtin:sounds`` for hosts of nn~: the sounds themselves travel inside the file, and are played as here.

Attributes: ``blend`` (together, nearest or cross) and ``even`` (how far loudness is evened out, 0 … 1).
"""

import torch
from torch import Tensor, nn

from ..codec.interface import CodecFacts
from ..codec.sounds.encoder import Moments
from ..terrain.network import Weights
from .instrument import FLOAT, Between, Instrument, channel_names, declare
from .sounds_encoder import SoundsEncoder
from .sounds_player import SoundsDecoder

TEXT = 3
"""The code of a word among the types of attributes."""


class SoundsModel(nn.Module):
    """The codec alone: ``encode`` (the moments a sound is like), ``decode`` and ``forward`` (one after the other)."""

    def __init__(self, moments: Moments, decoder: SoundsDecoder, facts: CodecFacts) -> None:
        super().__init__()
        self.encoder, self.decoder, self.sample_rate = SoundsEncoder(moments), decoder, facts.sample_rate
        given, made = channel_names(facts.input_channels), channel_names(facts.channels)
        declare(self, "encode", (facts.input_channels, 1, facts.latent_dim, facts.ratio), given, facts.labels)
        declare(self, "decode", (facts.latent_dim, facts.ratio, facts.channels, 1), facts.labels, made)
        declare(self, "forward", (facts.input_channels, 1, facts.channels, 1), given, made)
        self.encode_latency = self.decode_latency = 0
        """Told, since it can't be tried: what is not among the sounds is long on its way to another moment."""
        _declare_playing(self)

    def forward(self, sound: Tensor) -> Tensor:
        """What the sounds make of another sound."""
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
    def get_attributes(self) -> list[str]:
        """What can be set."""
        return ["blend", "even"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        """Hz."""
        return self.sample_rate

    @torch.jit.export
    def get_blend(self) -> list[str]:
        """How sounds blend: together, nearest or cross."""
        return [self.decoder.blend_name()]

    @torch.jit.export
    def set_blend(self, blend: str) -> int:
        """0 when done, -1 when there is no such way."""
        return self.decoder.set_blend(blend)

    @torch.jit.export
    def get_even(self) -> list[float]:
        """How far loudness is evened out."""
        return [self.decoder.even]

    @torch.jit.export
    def set_even(self, even: float) -> int:
        """0 when done, -1 when it is not 0 … 1."""
        return self.decoder.set_even(even)


class SoundsInstrument(Instrument):
    """A land with its sounds; see ``Instrument``."""

    def __init__(self, weights: Weights, decoder: SoundsDecoder, facts: CodecFacts, between: Between) -> None:
        super().__init__(weights, decoder, facts, between)
        self.decode_latency = 0
        _declare_playing(self)

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """What can be set."""
        return ["scale", "offset", "smoothing", "glide", "blend", "even"]

    @torch.jit.export
    def get_blend(self) -> list[str]:
        """How sounds blend: together, nearest or cross."""
        return [self.decoder.blend_name()]

    @torch.jit.export
    def set_blend(self, blend: str) -> int:
        """0 when done, -1 when there is no such way."""
        done: int = self.decoder.set_blend(blend)
        return done

    @torch.jit.export
    def get_even(self) -> list[float]:
        """How far loudness is evened out."""
        return [self.decoder.even]

    @torch.jit.export
    def set_even(self, even: float) -> int:
        """0 when done, -1 when it is not 0 … 1."""
        done: int = self.decoder.set_even(even)
        return done


def _declare_playing(module: nn.Module) -> None:
    module.register_buffer("blend_params", torch.tensor([TEXT]))
    module.register_buffer("even_params", torch.tensor([FLOAT]))
