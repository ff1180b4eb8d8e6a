"""The bank codec as TorchScript: the same networks, partials and noise as ``nodes.codec.bank``, for hosts of nn~."""

import math
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ..codec.bank.decoder import FURTHEST_LATENT, LOUDEST_DB
from ..codec.bank.encoder import LOUDEST_INPUT
from ..codec.bank.filterbank import FLOOR, LONGEST, OFFSET, SCALE, AnalysisWindow, filterbank
from ..codec.bank.layers import Weights
from ..codec.bank.layout import (
    BEND,
    HOP,
    HOPS_PER_FRAME,
    LEVEL_WINDOW,
    LOOK_BACK,
    NOISE_HOPS,
    NOISE_WINDOW,
    PARTIALS,
    QUIETEST_DB,
    QUIETEST_PARTIAL,
    RATIO,
    SAMPLE_RATE,
    hann,
    noise_shapes,
    noise_window,
    partial_frequencies,
    start_phases,
)
from ..codec.bank.synthesis import noise_spectra
from .stream_layers import LANES, SLOPE, Begun, Convolution, PastBuffer, StreamedResidual

# Frames that are sung at once: more would cost memory.
CHUNK = 8


class ExportedAnalysis(nn.Module):
    """A window of the filterbank: ``[lanes, samples]`` with the past before them to ``[lanes, bands, hops]``."""

    window: Tensor
    filters: Tensor
    hop: Final[int] = HOP

    def __init__(self, window: AnalysisWindow) -> None:
        super().__init__()
        self.length, self.start = window.length, LONGEST - window.delay - window.length
        self.register_buffer("window", torch.from_numpy(window.window))
        self.register_buffer("filters", torch.from_numpy(window.filters))

    def forward(self, longer: Tensor, hops: int) -> Tensor:
        """Magnitudes of this window's bands."""
        windows = longer[:, self.start :].unfold(1, self.length, self.hop)[:, :hops]
        spectra = torch.fft.rfft(windows * self.window).abs()[..., : self.filters.shape[0]]
        return torch.matmul(spectra, self.filters).transpose(1, 2)


class ExportedBankEncoder(nn.Module):
    """Sound ``[lanes, 1, frames * 1024]`` to latents ``[lanes, latents, frames]``, continuing."""

    level_window: Tensor
    whiten: Tensor
    mean: Tensor
    hop: Final[int] = HOP
    hops_per_frame: Final[int] = HOPS_PER_FRAME
    ratio: Final[int] = RATIO
    slope: Final[float] = SLOPE
    floor: Final[float] = float(FLOOR)
    offset: Final[float] = float(OFFSET)
    scale: Final[float] = float(SCALE)
    loudest: Final[float] = LOUDEST_INPUT
    silence: Final[float] = 10.0 ** (QUIETEST_DB / 20)

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.past = PastBuffer(1, LONGEST - HOP)
        self.filterbank = nn.ModuleList([ExportedAnalysis(window) for window in filterbank()])
        self.enter = _convolution(weights, "encoder.enter")
        self.fast = nn.ModuleList([_residual(weights, f"encoder.fast.{k}", 2**k) for k in range(2)])
        self.stride = _convolution(weights, "encoder.stride", stride=HOPS_PER_FRAME)
        self.slow = nn.ModuleList([_residual(weights, f"encoder.slow.{k}", 2**k) for k in range(2)])
        self.leave = _convolution(weights, "encoder.leave")
        self.register_buffer("whiten", _tensor(weights["whiten"]))
        self.register_buffer("mean", _tensor(weights["mean"])[:, None])
        self.register_buffer("level_window", torch.from_numpy(hann(LEVEL_WINDOW) / hann(LEVEL_WINDOW).sum()))
        self.level_mean, self.level_spread = (float(one) for one in weights["level"])
        self.level_start = LONGEST - HOP + RATIO - LOOK_BACK - RATIO // 2 - LEVEL_WINDOW // 2

    def forward(self, sound: Tensor) -> Tensor:
        """The next frames."""
        given = torch.nan_to_num(sound[:, :1], 0.0, self.loudest, -self.loudest).clamp(-self.loudest, self.loudest)
        hops = given.shape[2] // self.hop
        longer = self.past(given)[:, 0]
        heard: list[Tensor] = []
        for window in self.filterbank:
            heard.append(window(longer, hops))
        x = self.enter((torch.log(torch.cat(heard, 1) + self.floor) + self.offset) / self.scale)
        for block in self.fast:
            x = block(x)
        x = self.stride(x)
        for block in self.slow:
            x = block(x)
        means = self.leave(functional.leaky_relu(x, self.slope))
        windows = longer[:, self.level_start :].unfold(1, self.level_window.shape[0], self.ratio)[
            :, : hops // self.hops_per_frame
        ]
        power = torch.matmul(windows * windows, self.level_window)
        decibels = 20 * torch.log10(power.sqrt().clamp_min(self.silence))
        level = (decibels - self.level_mean) / self.level_spread
        return torch.cat([torch.matmul(self.whiten, means - self.mean), level[:, None]], 1)


class ExportedBankDecoder(nn.Module):
    """Latents ``[lanes, latents, frames]`` to sound ``[lanes, 1, frames * 1024]``, continuing."""

    unwhiten: Tensor
    mean: Tensor
    pitches: Tensor
    start: Tensor
    powers: Tensor
    power_of_noise: Tensor
    hops_per_frame: Final[int] = HOPS_PER_FRAME
    slope: Final[float] = SLOPE
    furthest: Final[float] = FURTHEST_LATENT
    loudest: Final[float] = LOUDEST_DB
    quietest: Final[float] = QUIETEST_DB
    partials: Final[int] = PARTIALS
    reach: Final[float] = BEND / 12

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.enter = _convolution(weights, "decoder.enter")
        self.slow = nn.ModuleList([_residual(weights, f"decoder.slow.{k}", 2**k) for k in range(2)])
        self.upsample = _convolution(weights, "decoder.upsample.spread")
        self.fast = nn.ModuleList([_residual(weights, f"decoder.fast.{k}", 2**k) for k in range(3)])
        self.leave = _convolution(weights, "decoder.leave")
        self.register_buffer("unwhiten", _tensor(weights["unwhiten"]))
        self.register_buffer("mean", _tensor(weights["mean"])[:, None])
        self.level_mean, self.level_spread = (float(one) for one in weights["level"])
        self.register_buffer("power_of_noise", torch.from_numpy(noise_shapes().mean(axis=1) / 3))
        self.voice, self.breath, self.begun = Singing(), Breathing(), Begun()

    def forward(self, latents: Tensor) -> Tensor:
        """The next frames."""
        held = torch.nan_to_num(latents, 0.0, self.furthest, -self.furthest).clamp(-self.furthest, self.furthest)
        x = self.enter(torch.matmul(self.unwhiten, held[:, :-1]) + self.mean)
        for block in self.slow:
            x = block(x)
        spread = self.upsample(functional.leaky_relu(x, self.slope))
        lanes, frames = spread.shape[0], spread.shape[2]
        x = (
            spread.view(lanes, self.hops_per_frame, -1, frames)
            .permute(0, 2, 3, 1)
            .reshape(lanes, -1, frames * self.hops_per_frame)
        )
        for block in self.fast:
            x = block(x)
        raw = self.leave(functional.leaky_relu(x, self.slope))
        bend = torch.tanh(raw[:, self.partials : 2 * self.partials].double()) * self.reach
        amplitude, noise = level_curve(raw[:, : self.partials]), level_curve(raw[:, 2 * self.partials :])
        gain = self._gain(amplitude, noise, held[:, -1], self.begun(held))
        sound: Tensor = self.voice(amplitude * gain, bend) + self.breath(noise * gain)
        return sound[:, None]

    def _gain(self, amplitude: Tensor, noise: Tensor, wanted: Tensor, is_begun: Tensor) -> Tensor:
        """What brings each frame to the level that its latent asks for: ``[lanes, 1, hops]``; 0 before the first."""
        power = (amplitude**2).sum(1) / 2 + torch.matmul(self.power_of_noise, noise**2)
        of_frame = power.view(power.shape[0], -1, self.hops_per_frame).double().mean(2)
        decibels = (wanted * self.level_spread + self.level_mean).clamp_max(self.loudest)
        rms = torch.where(decibels > self.quietest, torch.pow(10.0, decibels / 20), torch.zeros_like(decibels))
        gain = (is_begun * rms / (of_frame + 1e-12).sqrt()).float()
        return gain.repeat_interleave(self.hops_per_frame, 1)[:, None]


class Singing(nn.Module):
    """The partials: amplitude ``[lanes, 112, hops]`` and bend in octaves to sound ``[lanes, hops * 256]``."""

    pitches: Tensor
    start: Tensor
    powers: Tensor
    hop: Final[int] = HOP
    least: Final[float] = QUIETEST_PARTIAL
    turn: Final[float] = 2 * math.pi
    chunk: Final[int] = CHUNK * HOPS_PER_FRAME
    rate: Final[int] = SAMPLE_RATE

    def __init__(self) -> None:
        super().__init__()
        self.phase, self.hertz, self.level = (Last(kind) for kind in (torch.float64, torch.float64, torch.float32))
        ramp = torch.arange(1, HOP + 1) / HOP
        self.register_buffer("powers", torch.stack([torch.ones(HOP), ramp, ramp**2]))
        self.register_buffer("pitches", torch.from_numpy(partial_frequencies())[:, None])
        self.register_buffer("start", torch.from_numpy(start_phases())[:, None])

    def forward(self, amplitude: Tensor, bend: Tensor) -> Tensor:
        """The next hops."""
        lanes, hops = amplitude.shape[0], amplitude.shape[2]
        hertz = self.pitches * torch.exp2(bend)
        levels = (amplitude - self.least).clamp_min(0.0)
        last = self.hertz.get(lanes)
        first = torch.where(last == 0, hertz[..., :1], last)
        cycles = torch.cat([first, hertz], 2) * (self.hop / self.rate)
        bends = (cycles[..., 1:] - cycles[..., :-1]) / 2
        ends = self.phase.get(lanes) + torch.cumsum(cycles[..., :-1] + bends, 2)
        starts = (self.start + ends - (cycles[..., :-1] + bends)) % 1.0
        before = torch.cat([self.level.get(lanes), levels], 2)
        self.hertz.put(hertz[..., -1:])
        self.phase.put(ends[..., -1:] % 1.0)
        self.level.put(levels[..., -1:])
        motion = torch.stack([starts, cycles[..., :-1], bends], 3).float().transpose(1, 2)
        lines = torch.stack([before[..., :-1], before[..., 1:] - before[..., :-1]], 2).permute(0, 3, 2, 1)
        ramp = self.powers[1]
        parts: list[Tensor] = []
        for at in range(0, hops, self.chunk):
            wave = torch.sin(torch.matmul(motion[:, at : at + self.chunk], self.powers) * self.turn)
            made = torch.matmul(lines[:, at : at + self.chunk], wave)
            parts.append((made[:, :, 0] + made[:, :, 1] * ramp).flatten(1))
        return torch.cat(parts, 1)


class Breathing(nn.Module):
    """The noise: gain ``[lanes, 32, hops]`` to sound ``[lanes, hops * 256]``, from the same table of noise."""

    cache: Tensor
    table: Tensor
    shapes: Tensor
    window: Tensor
    hop: Final[int] = HOP
    noise_hops: Final[int] = NOISE_HOPS
    noise_window: Final[int] = NOISE_WINDOW

    def __init__(self) -> None:
        super().__init__()
        self.tail = PastBuffer(1, HOP)
        self.register_buffer("cache", torch.zeros(LANES, 1))
        table = torch.from_numpy(noise_spectra())
        self.register_buffer("table", torch.view_as_real(table).contiguous())
        self.register_buffer("shapes", torch.from_numpy(noise_shapes()))
        self.register_buffer("window", torch.from_numpy(noise_window()))

    def forward(self, gain: Tensor) -> Tensor:
        """The next hops."""
        lanes, hops = gain.shape[0], gain.shape[2]
        places = (self.cache[:lanes] + torch.arange(hops)) % self.noise_hops
        self.cache[:lanes] = (self.cache[:lanes] + hops) % self.noise_hops
        spectra = torch.view_as_complex(self.table[places.long()].contiguous())
        pieces = (
            torch.fft.irfft(spectra * torch.matmul(gain.transpose(1, 2), self.shapes), n=self.noise_window)
            * self.window
        )
        tails = self.tail(pieces[..., self.hop :].flatten(1)[:, None])[:, 0, : hops * self.hop]
        sound: Tensor = pieces[..., : self.hop].flatten(1) + tails
        return sound


class Last(nn.Module):
    """The last value of each partial: ``[lanes, 112, 1]``."""

    cache: Tensor

    def __init__(self, kind: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("cache", torch.zeros(LANES, PARTIALS, 1, dtype=kind))

    def forward(self, lanes: int) -> Tensor:
        """As ``get``."""
        return self.cache[:lanes].clone()

    @torch.jit.export
    def get(self, lanes: int) -> Tensor:
        """Of so many lanes."""
        return self.cache[:lanes].clone()

    @torch.jit.export
    def put(self, value: Tensor) -> None:
        """Keep it."""
        self.cache[: value.shape[0]] = value


def level_curve(raw: Tensor) -> Tensor:
    """A number to a level of 0 … 2, nearly exponential below 1."""
    levels: Tensor = 2 * torch.exp(-2.303 * torch.log1p(torch.exp((4.0 - raw).clamp_max(40.0)))) + 1e-7
    return levels


def _convolution(weights: Weights, name: str, dilation: int = 1, stride: int = 1) -> Convolution:
    kernel = _tensor(weights[f"{name}.weight"]).permute(2, 1, 0).contiguous()
    return Convolution(kernel, _tensor(weights[f"{name}.bias"]), dilation, stride)


def _residual(weights: Weights, name: str, dilation: int) -> StreamedResidual:
    return StreamedResidual(_convolution(weights, f"{name}.wide", dilation), _convolution(weights, f"{name}.point"))


def _tensor(array: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(array.copy())
