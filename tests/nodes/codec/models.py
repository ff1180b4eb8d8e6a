"""Small models with the conventions of nn~, made of plain torch modules and scripted when a test asks for them.

They are imported only where torch is. Every one is seeded: the same model each time.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from latent_terrain.nodes.codec.trust import digest_of, trust

LATENT, RATIO = 4, 64


class Remembering(nn.Module):
    """A causal convolution that keeps its past for up to 64 lanes, as streaming exports do.

    Like theirs, the memory is saved with residue in it and with gradients on.
    """

    pad: Tensor

    def __init__(self, inputs: int, outputs: int, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, size)
        self.keep = size - 1
        self.register_buffer("pad", torch.randn(64, inputs, size - 1, requires_grad=True))

    def forward(self, x: Tensor) -> Tensor:
        joined = torch.cat([self.pad[: x.shape[0]], x], -1)
        self.pad[: x.shape[0]] = joined[..., -self.keep :]
        return self.convolution(joined)


class Delay(nn.Module):
    """Late by so many samples, as symmetric convolutions made streamable are."""

    cache: Tensor

    def __init__(self, channels: int, samples: int) -> None:
        super().__init__()
        self.samples = samples
        self.register_buffer("cache", torch.zeros(64, channels, samples))

    def forward(self, x: Tensor) -> Tensor:
        joined = torch.cat([self.cache[: x.shape[0]], x], -1)
        self.cache[: x.shape[0]] = joined[..., -self.samples :]
        return joined[..., : x.shape[-1]]


def unfolded(x: Tensor, channels: int) -> Tensor:
    """Frames ``[b, channels * ratio, n]`` to sound ``[b, channels, n * ratio]``."""
    b, n = x.shape[0], x.shape[2]
    return x.reshape(b, channels, -1, n).permute(0, 1, 3, 2).reshape(b, channels, -1)


def folded(x: Tensor, ratio: int) -> Tensor:
    """Sound ``[b, channels, n * ratio]`` to frames ``[b, channels * ratio, n]``."""
    b, c = x.shape[0], x.shape[1]
    return x.reshape(b, c, -1, ratio).permute(0, 1, 3, 2).reshape(b, c * ratio, -1)


class Codec(nn.Module):
    """What all share: parameters, labels, rate; memoryless by itself."""

    def __init__(
        self, ratio: int = RATIO, channels: int = 1, rate: int = 44_100, other_rate: int | None = None
    ) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.ratio, self.channels, self.rate = ratio, channels, rate
        self.sr = other_rate
        latent = LATENT
        self.make = nn.Conv1d(latent, channels * ratio, 1)
        self.hear = nn.Conv1d(channels * ratio, latent, 1)
        self.register_buffer("decode_params", torch.tensor([latent, ratio, channels, 1]))
        self.register_buffer("encode_params", torch.tensor([channels, 1, latent, ratio]))
        self.decode_input_labels = [f"axis {number}" for number in range(latent)]

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["encode", "decode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return self.rate

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(torch.tanh(self.make(z)), self.channels)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.hear(folded(x, self.ratio))


class Streaming(Codec):
    """Keeps the past at frame rate and at sound rate, in both directions; can be late on purpose."""

    def __init__(self, ratio: int = RATIO, channels: int = 1, late: int = 0) -> None:
        super().__init__(ratio, channels)
        self.enter = Remembering(LATENT, LATENT, 3)
        self.polish = Remembering(channels, channels, 9)
        self.listen = Remembering(channels, channels, 5)
        self.late_out = Delay(channels, late) if late else nn.Identity()
        self.late_in = Delay(channels, late) if late else nn.Identity()

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = unfolded(self.make(torch.tanh(self.enter(z))), self.channels)
        return self.late_out(torch.tanh(self.polish(made)))

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.hear(folded(self.late_in(self.listen(x)), self.ratio))


class Late(Codec):
    """Memoryless but for a delay both ways: easy to see shifts with."""

    def __init__(self, late: int) -> None:
        super().__init__()
        self.out, self.inwards = Delay(1, late), Delay(1, late)

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return self.out(unfolded(torch.tanh(self.make(z)), self.channels))

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.hear(folded(self.inwards(x), self.ratio))


class Symmetric(Codec):
    """Looks as far ahead as back and remembers nothing: an export without streaming."""

    def __init__(self) -> None:
        super().__init__()
        self.around = nn.Sequential(nn.Conv1d(LATENT, 8, 5, padding=2), nn.Tanh(), nn.Conv1d(8, LATENT, 3, padding=1))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(torch.tanh(self.make(self.around(z))), self.channels)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.around(self.hear(folded(x, self.ratio)))


class InPairs(Symmetric):
    """As above, but takes frames only two by two."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        if z.shape[2] % 2:
            raise RuntimeError("frames come in pairs")
        return unfolded(torch.tanh(self.make(self.around(z))), self.channels)


class FarSeeing(Symmetric):
    """Every frame depends on more neighbours than can be given: smooth, and without streaming."""

    shape: Tensor

    def __init__(self, ahead: bool = True) -> None:
        super().__init__()
        self.ahead = ahead
        shape = torch.hann_window(241, periodic=False) / 20
        self.register_buffer("shape", shape.expand(LATENT, 1, 241).contiguous())

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        far = nn.functional.conv1d(nn.functional.pad(z, (120, 120) if self.ahead else (240, 0)), self.shape, groups=4)
        return nn.functional.interpolate(far[:, :1], scale_factor=float(self.ratio), mode="linear")


class Dicing(Streaming):
    """Fills missing latents with chance, as RAVE does; ``full_latent_size`` wide inputs leave nothing to chance."""

    def __init__(self, tells: bool = False) -> None:
        super().__init__()
        self.latent_size, self.whole = LATENT, LATENT + 3
        self.full_latent_size = LATENT + 3 if tells else 0
        self.mix = nn.Conv1d(LATENT + 3, LATENT, 1)

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        missing = self.whole - z.shape[1]
        if missing > 0:
            z = torch.cat([z, torch.randn(z.shape[0], missing, z.shape[2])], 1)
        return unfolded(torch.tanh(self.make(self.enter(self.mix(z)))), self.channels)


class Early(nn.Module):
    """The layout of the first exports: no list of methods, the rate in a buffer."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(6)
        self.make = nn.Conv1d(LATENT, RATIO, 1)
        self.register_buffer("decode_params", torch.tensor([LATENT, RATIO, 1, 1]))
        self.register_buffer("sampling_rate", torch.tensor([48_000]))
        self.register_buffer("latent_size", torch.tensor([LATENT]))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(self.make(z), 1)


class Unhealthy(Streaming):
    """Gives nonsense for a loud latent, and remembers it."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = self.enter(torch.where(z > 50.0, torch.full_like(z, float("nan")), z))
        return unfolded(torch.tanh(self.make(made)), self.channels)


class Counting(Codec):
    """Keeps its state in a plain attribute, where a reset of buffers does not reach."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = unfolded(torch.tanh(self.make(z)), self.channels) + 0.01 * self.count
        self.count += z.shape[2]
        return made


class OneLane(Codec):
    """Takes no batch: its memory is for one lane, and it adapts what it keeps to what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("past", torch.zeros(1, LATENT, 1))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        joined = torch.cat([self.past, z], 2)
        self.past = joined[..., -1:]
        return unfolded(torch.tanh(self.make(joined[..., :-1] + z)), self.channels)


class SelfTaught(Codec):
    """Changes its own weights while it plays."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = unfolded(torch.tanh(self.make(z)), self.channels)
        self.make.weight.mul_(0.5)
        return made


class Humming(nn.Module):
    """Hums a steady tone, a whole number of waves per frame, hardly moved by its latents: any click stands out."""

    tone: Tensor

    def __init__(self, ratio: int, latents: int, level: float, waves: int = 4) -> None:
        super().__init__()
        phase = torch.arange(ratio) / ratio * 2 * torch.pi * waves
        self.register_buffer("tone", level * torch.sin(phase).reshape(1, 1, ratio))
        self.register_buffer("decode_params", torch.tensor([latents, ratio, 1, 1]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["decode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return 44_100

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return self.tone.repeat(z.shape[0], 1, z.shape[2]) + 1e-6 * z.mean()


class Adjustable(Streaming):
    """A codec with settings, one of them kept in a buffer."""

    offset: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.gain = (1.0,)
        self.register_buffer("offset", torch.zeros(1))
        self.register_buffer("gain_params", torch.tensor([2]))
        self.register_buffer("offset_params", torch.tensor([2]))

    @torch.jit.export
    def get_attributes(self) -> list[str]:
        return ["gain", "offset"]

    @torch.jit.export
    def get_gain(self) -> tuple[float]:
        return self.gain

    @torch.jit.export
    def set_gain(self, gain: float) -> int:
        if gain < 0.0:
            return -1
        self.gain = (gain,)
        return 0

    @torch.jit.export
    def get_offset(self) -> Tensor:
        return self.offset

    @torch.jit.export
    def set_offset(self, offset: float) -> int:
        self.offset[0] = offset
        return 0

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        made = unfolded(torch.tanh(self.make(self.enter(z))), self.channels)
        return made * self.gain[0] + self.offset


class Saving(Early):
    """Writes a file when it decodes."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        torch.save(z, "/tmp/never-written")
        return unfolded(self.make(z), 1)


class Reading(Early):
    """Reads a file when it decodes."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        other = torch.from_file("/tmp/never-read", False, 1)
        return unfolded(self.make(z), 1) + other


class Forking(Early):
    """Starts work in the background."""

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return torch.jit.wait(torch.jit.fork(unfolded, self.make(z), 1))


class Lying(Early):
    """Declares four latents and takes five."""

    def __init__(self) -> None:
        super().__init__()
        self.make = nn.Conv1d(LATENT + 1, RATIO, 1)


def save(model: nn.Module, path: Path, *, allowed: bool = True) -> Path:
    """Script a model, write it, and allow it to run here unless told otherwise."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted: Any = torch.jit.script(model.eval())
        scripted.save(str(path))
    if allowed:
        trust(digest_of(path.read_bytes()), path.name)
    return path


class Discrete(Codec):
    """Latents are numbers of entries in a table, as RAVE's discrete exports have them."""

    table: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.randn(1024, LATENT))

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        entries = self.table[z.round().clamp(0, 1023).long()].mean(-1)
        return unfolded(self.make(entries), self.channels)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return (self.hear(folded(x, self.ratio)) * 100.0).round().clamp(0, 1023)


class DiscreteDeaf(Discrete):
    """The same without an encoder."""

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["decode"]


class Sixteen(nn.Module):
    """Sixteen latents, as the built-in codec and many RAVE exports have; memoryless, every 256 samples."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(16)
        latent, ratio = 16, 256
        self.ratio, self.sr = ratio, 44_100
        self.make = nn.Conv1d(latent, ratio, 1)
        self.hear = nn.Conv1d(ratio, latent, 1)
        self.register_buffer("decode_params", torch.tensor([latent, ratio, 1, 1]))
        self.register_buffer("encode_params", torch.tensor([1, 1, latent, ratio]))

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return self.sr

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return unfolded(torch.tanh(self.make(z)), 1)

    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return self.hear(folded(x, self.ratio))

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))
