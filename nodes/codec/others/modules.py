"""Codecs of other libraries as modules with two methods, ``encode`` and ``decode``, on latents that are continuous.

EnCodec and Mimi: the frames before their quantiser. DAC: the 8 numbers of each of its codebooks, before they are
rounded to an entry, so 72 latents instead of 1024. Oobleck: the mean of its distribution. How far each of them looks
around is measured when it is loaded (see ``probe``).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize


class Foreign(nn.Module):
    """What all of them tell: ``latent_dim``, ``ratio`` (samples per frame), ``sample_rate`` (Hz), ``channels``."""

    latent_dim: int
    ratio: int
    sample_rate: int
    channels: int

    def _fitted(self, sound: Tensor, frames: int) -> Tensor:
        """Exactly ``frames`` frames of sound: odd strides leave some samples over or short."""
        missing = frames * self.ratio - sound.shape[-1]
        return nn.functional.pad(sound, (0, missing)) if missing else sound


class Encodec(Foreign):
    """EnCodec (Défossez et al. 2022) without its quantiser."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        config = model.config
        self.encoder, self.decoder = model.encoder, model.decoder
        self.latent_dim, self.ratio = int(config.hidden_size), int(config.hop_length)
        self.sample_rate, self.channels = int(config.sampling_rate), int(config.audio_channels)

    def encode(self, sound: Tensor) -> Tensor:
        """Sound ``[lanes, channels, frames * ratio]`` to latents ``[lanes, latent_dim, frames]``."""
        return torch.as_tensor(self.encoder(sound))

    def decode(self, latents: Tensor) -> Tensor:
        """Latents ``[lanes, latent_dim, frames]`` to sound ``[lanes, channels, frames * ratio]``."""
        return self._fitted(self.decoder(latents), latents.shape[-1])


class Dac(Foreign):
    """Descript Audio Codec (Kumar et al. 2023): the numbers that each of its codebooks is asked for."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        config = model.config
        self.encoder, self.decoder = model.encoder, model.decoder
        self.books: Any = nn.ModuleList(model.quantizer.quantizers)
        self.size = int(config.codebook_dim)
        self.latent_dim, self.ratio = len(self.books) * self.size, int(config.hop_length)
        self.sample_rate, self.channels = int(config.sampling_rate), 1

    def encode(self, sound: Tensor) -> Tensor:
        """Sound ``[lanes, 1, frames * ratio]`` to latents ``[lanes, codebooks * size, frames]``."""
        rest, found = self.encoder(sound)[..., : sound.shape[-1] // self.ratio], []
        for book in self.books:
            found.append(book.in_proj(rest))
            rest = rest - book.out_proj(found[-1])
        return torch.cat(found, 1)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents ``[lanes, codebooks * size, frames]`` to sound ``[lanes, 1, frames * ratio]``."""
        parts = torch.tensor_split(latents, len(self.books), 1)
        joined = torch.stack([book.out_proj(part) for book, part in zip(self.books, parts, strict=True)]).sum(0)
        return self._fitted(self.decoder(joined), latents.shape[-1])


class Mimi(Foreign):
    """Mimi (Défossez et al. 2024) without its quantiser: 12.5 frames a second."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        config = model.config
        self.encoder, self.decoder = model.encoder, model.decoder
        self.latent_dim = int(config.hidden_size)
        self.sample_rate, self.channels = int(config.sampling_rate), int(config.audio_channels)
        self.ratio = round(config.sampling_rate / config.frame_rate)

    def encode(self, sound: Tensor) -> Tensor:
        """Sound ``[lanes, 1, frames * ratio]`` to latents ``[lanes, latent_dim, frames]``."""
        return torch.as_tensor(self.encoder(sound, use_streaming=False).latents)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents ``[lanes, latent_dim, frames]`` to sound ``[lanes, 1, frames * ratio]``."""
        return self._fitted(self.decoder(latents).audio_values, latents.shape[-1])


class Oobleck(Foreign):
    """The autoencoder of Stable Audio Open (Evans et al. 2024): stereo, without a quantiser."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        config = model.config
        self.encoder, self.decoder = model.encoder, model.decoder
        self.latent_dim, self.ratio = int(config.decoder_input_channels), int(model.hop_length)
        self.sample_rate, self.channels = int(config.sampling_rate), int(config.audio_channels)

    def encode(self, sound: Tensor) -> Tensor:
        """Sound ``[lanes, channels, frames * ratio]`` to the means ``[lanes, latent_dim, frames]``."""
        return torch.as_tensor(self.encoder(sound).chunk(2, dim=1)[0])

    def decode(self, latents: Tensor) -> Tensor:
        """Latents ``[lanes, latent_dim, frames]`` to sound ``[lanes, channels, frames * ratio]``."""
        return self._fitted(self.decoder(latents), latents.shape[-1])


def without_norms(module: nn.Module) -> nn.Module:
    """The same module with weight norms worked out once: it is faster, and can be copied."""
    for one in list(module.modules()):
        if parametrize.is_parametrized(one):
            held: Any = one.parametrizations
            for name in list(held.keys()):
                parametrize.remove_parametrizations(one, name)
        elif hasattr(one, "weight_g"):
            nn.utils.remove_weight_norm(one)
    return module
