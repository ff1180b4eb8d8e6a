"""Models of other people's that are odd but good: int8, from a graphics card, talkative, of large windows, noisy."""

import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .models import LATENT, RATIO, Codec, Dicing, Early, folded, unfolded

NOISE = 1e-3
WINDOW = 8192


class Noisy(Dicing):
    """Fills three latents with chance and has a small noise generator in its sound, as RAVE has."""

    def __init__(self, level: float = NOISE) -> None:
        super().__init__(tells=True)
        self.level = level

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        missing = self.whole - z.shape[1]
        if missing > 0:
            z = torch.cat([z, torch.randn(z.shape[0], missing, z.shape[2])], 1)
        made = unfolded(torch.tanh(self.make(self.enter(self.mix(z)))), self.channels)
        return made + self.level * (2 * torch.rand_like(made) - 1)


class Talkative(Codec):
    """Prints whenever it decodes."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        print("decoding", z.shape[2], "frames of so many that there is much to be told about each of them")
        return unfolded(torch.tanh(self.make(z)), self.channels)


class OnCard(Codec):
    """Asks for a graphics card in its program, in every way that exporters leave behind."""

    def __init__(self) -> None:
        super().__init__()
        self.where = "cuda"

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        still = torch.zeros(z.shape[0], z.shape[1], z.shape[2], device="cuda:0")
        one = torch.ones(1, device=torch.device("cuda")).to("cuda")
        other = torch.zeros(1, device=self.where).to(torch.device("cuda:1"))
        return unfolded(torch.tanh(self.make((z.cuda() + still) * one + other)), self.channels)


class Windowed(nn.Module):
    """An effect that takes whole windows of 8192 samples and declares nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("forward_params", torch.tensor([1, 1, 1, 1]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["forward"]

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] % 8192:
            raise RuntimeError("give whole windows")
        return 0.5 * x


class InEights(Codec):
    """A decoder that takes frames eight by eight."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        if z.shape[2] % 8:
            raise RuntimeError("give eight")
        return unfolded(torch.tanh(self.make(z)), self.channels)


class FarApart(Early):
    """Declares frames of 131072 samples."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("decode_params", torch.tensor([LATENT, 131_072, 1, 1]))


class Ahead(Codec):
    """Looks ahead: an average around each frame and each sample, made to stream by a delay of half of it."""

    cache: Tensor
    pad: Tensor

    def __init__(self, frames: int, samples: int) -> None:
        super().__init__()
        self.frames, self.samples = frames, samples
        self.register_buffer("cache", torch.zeros(64, LATENT, 2 * frames))
        self.register_buffer("pad", torch.zeros(64, 1, 2 * samples))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        joined = torch.cat([self.cache[: z.shape[0]], z], 2)
        self.cache[: z.shape[0]] = joined[..., joined.shape[2] - 2 * self.frames :]
        return unfolded(self.make(nn.functional.avg_pool1d(joined, 2 * self.frames + 1, 1)), 1)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        joined = torch.cat([self.pad[: x.shape[0]], x], 2)
        self.pad[: x.shape[0]] = joined[..., joined.shape[2] - 2 * self.samples :]
        late = joined[..., self.samples : joined.shape[2] - self.samples]
        return self.hear(folded(late, self.ratio))


class Shifted(Codec):
    """An export without streaming whose answer lies some frames late within each call."""

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.frames = frames

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        still = nn.functional.pad(z, (self.frames, 0))[..., : z.shape[2]]
        return unfolded(torch.tanh(self.make(still)), 1)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        found = self.hear(folded(x, self.ratio))
        return nn.functional.pad(found, (self.frames, 0))[..., : found.shape[2]]


class Causal(Codec):
    """Causal convolutions, late by nothing but their own width; streaming, or padded anew in every call."""

    cache: Tensor

    def __init__(self, streams: bool) -> None:
        super().__init__()
        self.streams = streams
        self.enter = nn.Conv1d(LATENT, LATENT, 3)
        self.register_buffer("cache", torch.zeros(64, LATENT, 2))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        before = self.cache[: z.shape[0]] if self.streams else torch.zeros(z.shape[0], z.shape[1], 2)
        joined = torch.cat([before, z], 2)
        if self.streams:
            self.cache[: z.shape[0]] = joined[..., -2:]
        return unfolded(torch.tanh(self.make(self.enter(joined))), 1)


class Small(nn.Module):
    """A decoder of two layers, to be made int8 of."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(8)
        self.take, self.give = torch.ao.quantization.QuantStub(), torch.ao.quantization.DeQuantStub()
        self.wide = nn.Conv1d(LATENT, 16, 1)
        self.make = nn.Linear(16, RATIO)
        self.register_buffer("decode_params", torch.tensor([LATENT, RATIO, 1, 1]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["decode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return 44_100

    def forward(self, z: Tensor) -> Tensor:
        made: Tensor = self.give(self.make(self.wide(self.take(z)).transpose(1, 2)))
        return torch.tanh(made).reshape(z.shape[0], 1, -1)

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return self.forward(z)


def int8(kind: str) -> Any:
    """``Small`` with numbers of eight bits: its layers ``dynamic``, or everything (``static``)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _int8(kind)


def _int8(kind: str) -> Any:
    model = Small().eval()
    if kind == "dynamic":
        return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    setup: Any = model
    setup.qconfig = torch.ao.quantization.get_default_qconfig(torch.backends.quantized.engine)
    prepared = torch.ao.quantization.prepare(model)
    prepared(torch.randn(4, LATENT, 50))
    return torch.ao.quantization.convert(prepared)


def with_code(path: Path, target: Path, old: str, new: str) -> Path:
    """A copy of a model file with words of its program replaced."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as made:
        for entry in source.infolist():
            data = source.read(entry)
            made.writestr(entry.filename, data.replace(old.encode(), new.encode()) if ".py" in entry.filename else data)
    return target
