"""A codec as heavy as RAVE that sings a steady tone, so that every click in what is played stands out."""

import warnings
from pathlib import Path

import torch
from render_speed import LATENT, RATIO, Decoder
from torch import Tensor, nn

from latent_terrain.nodes.codec.trust import digest_of, trust


class Singing(nn.Module):
    """Computes all that a RAVE-sized decoder computes, and sings a tone whose level glides with the first latent."""

    last: Tensor

    def __init__(self, level: float, waves: int = 20) -> None:
        super().__init__()
        self.heavy, self.ratio = Decoder(), RATIO
        phase = torch.arange(RATIO) / RATIO * 2 * torch.pi * waves
        self.register_buffer("tone", level * torch.sin(phase).reshape(1, 1, RATIO))
        self.register_buffer("rise", (torch.arange(RATIO) / RATIO).reshape(1, 1, RATIO))
        self.register_buffer("last", torch.zeros(64, 1, 1))
        self.register_buffer("decode_params", torch.tensor([LATENT, RATIO, 1, 1]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["decode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return 44_100

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return self.sung(z)

    def sung(self, z: Tensor) -> Tensor:
        """What ``decode`` gives, also to those that add to it."""
        noise = self.heavy.decode(z)
        first = torch.tanh(z[:, :1])
        before = torch.cat([self.last[: z.shape[0]], first[..., :-1]], -1)
        self.last[: z.shape[0]] = first[..., -1:]
        glide = before.repeat_interleave(self.ratio, -1)
        glide = glide + (first - before).repeat_interleave(self.ratio, -1) * self.rise.repeat(1, 1, z.shape[2])
        return self.tone.repeat(z.shape[0], 1, z.shape[2]) * (0.7 + 0.3 * glide) + 1e-7 * noise


def save_singing(path: Path, level: float) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Singing(level).eval()).save(str(path))
        trust(digest_of(path.read_bytes()), path.name)
    return path
