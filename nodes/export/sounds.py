"""``builtin:sounds`` for hosts of nn~: the sounds themselves travel inside the file, and are played as here.

Attributes: ``blend`` (together, nearest or cross) and ``even`` (how far loudness is evened out, 0 … 1).
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..codec.interface import CodecFacts
from ..codec.sounds.encoder import Moments
from ..terrain.network import Weights
from .instrument import FLOAT, Between, ExportedCodec, ExportedInstrument
from .sounds_encoder import ExportedSoundsEncoder
from .sounds_player import SoundsDecoder

# The code of a word among the types of attributes.
TEXT = 3


class _Playing(nn.Module):
    """What may be turned of a model whose ``decoder`` plays sounds."""

    if TYPE_CHECKING:  # TorchScript would take it for the type of the decoder
        decoder: Any

    def _declare_playing(self) -> None:
        self.decode_latency = 0
        self.register_buffer("blend_params", torch.tensor([TEXT]))
        self.register_buffer("even_params", torch.tensor([FLOAT]))

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


class SoundsModel(ExportedCodec, _Playing):
    """The codec alone: what ``encode`` gives are the moments that a sound is like."""

    def __init__(self, moments: Moments, decoder: SoundsDecoder, facts: CodecFacts) -> None:
        super().__init__(ExportedSoundsEncoder(moments), decoder, facts)
        self.encode_latency = 0
        """Told, since it can't be tried: what is not among the sounds is long on its way to another moment."""
        self._declare_playing()

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """What can be set."""
        return ["blend", "even"]


class SoundsInstrument(ExportedInstrument, _Playing):
    """A terrain with its sounds; see ``ExportedInstrument``."""

    def __init__(self, weights: Weights, decoder: SoundsDecoder, facts: CodecFacts, between: Between) -> None:
        super().__init__(weights, decoder, facts, between)
        self._declare_playing()

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        """What can be set."""
        return ["scale", "offset", "smoothing", "glide", "blend", "even"]
