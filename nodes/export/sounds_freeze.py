"""A held moment as TorchScript: the same spectrum, partials and chance as ``nodes.codec.sounds.freeze``."""

import math
from typing import Final

import torch
from torch import Tensor, nn

from ..codec.sounds.analysis import band_weights
from ..codec.sounds.chance import FIRST, LARGE, MASK, SECOND
from ..codec.sounds.freeze import (
    BINS,
    HOP,
    LOOKS,
    MOVED,
    NOISE_LEVEL,
    PEAK,
    REACH,
    SETTLING,
    SPREAD,
    STEADY_LEVEL,
    STEP,
    WINDOW,
)
from ..codec.sounds.layout import CHANNELS, RATIO, hann
from ..codec.sounds.player import MOST_VOICES
from .sounds_store import Memory, kept

# Bins on either side that a peak is compared with.
AROUND = 12


class FrozenChance:
    """Numbers of one lane, as ``nodes.codec.sounds.chance`` makes them. count: how many were drawn."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed = seed
        self.count = count


class HashDraw(nn.Module):
    """The hash that makes chance; its numbers stay within 64 bits."""

    first: Final[int] = FIRST
    second_low: Final[int] = SECOND & 0xFFFF
    second_high: Final[int] = SECOND >> 16
    large: Final[int] = LARGE
    mask: Final[int] = MASK
    whole: Final[float] = 2.0**32
    bins: Final[int] = BINS

    def forward(self, chance: FrozenChance) -> float:
        """The next number, 0 to below 1."""
        return self.hashed(self.next(chance)) / self.whole

    def begun(self, seed: int, count: int) -> FrozenChance:
        """The chance of a seed after so many draws."""
        high = ((seed >> 32) & self.mask) ^ self.large
        return FrozenChance(self.hashed(seed & self.mask) ^ self.hashed(high), count)

    def numbers(self, chance: FrozenChance) -> Tensor:
        """One for each bin: float64 ``[bins]``."""
        x = (torch.arange(self.bins, dtype=torch.int64) * self.large + self.next(chance)) & self.mask
        x = ((x ^ (x >> 16)) * self.first) & self.mask
        x = x ^ (x >> 15)
        x = (x * self.second_low + (((x * self.second_high) & 0xFFFF) << 16)) & self.mask
        drawn: Tensor = (x ^ (x >> 16)).double() / self.whole
        return drawn

    def next(self, chance: FrozenChance) -> int:
        """Count on."""
        chance.count = (chance.count + 1) & self.mask
        return self.hashed(chance.seed ^ self.hashed(chance.count))

    def hashed(self, given: int) -> int:
        """A number of 32 bits from another."""
        x = ((given ^ (given >> 16)) * self.first) & self.mask
        x = x ^ (x >> 15)
        x = (x * self.second_low + (((x * self.second_high) & 0xFFFF) << 16)) & self.mask
        return x ^ (x >> 16)


class Freezing(nn.Module):
    """Held moments of all voices; each voice's memory is known by its lane and slot."""

    window: Tensor
    expected: Tensor
    inner: Tensor
    hop: Final[int] = HOP
    length: Final[int] = WINDOW
    looks: Final[int] = LOOKS
    moved: Final[float] = MOVED
    around_reach: Final[int] = AROUND
    reach: Final[int] = REACH
    peak: Final[float] = PEAK
    settling: Final[float] = float(SETTLING)
    steady_level: Final[float] = float(STEADY_LEVEL)
    noise_level: Final[float] = float(NOISE_LEVEL)
    per_step: Final[float] = HOP / STEP
    step: Final[int] = STEP
    spread: Final[float] = SPREAD * RATIO
    turn: Final[float] = 2 * math.pi
    half_turn: Final[float] = math.pi

    def __init__(self) -> None:
        super().__init__()
        self.drawing = HashDraw()
        self.tail = Memory((MOST_VOICES, CHANNELS, WINDOW), torch.float32)
        self.spectra = Memory((MOST_VOICES, 3, CHANNELS, BINS), torch.float32)
        """Magnitudes, those wanted, and phases between the channels."""
        self.motion = Memory((MOST_VOICES, 3, BINS), torch.float64)
        """Phases, what they advance with each frame, and whether they are steady."""
        self.weights = kept(band_weights(WINDOW))
        self.register_buffer("window", torch.from_numpy(hann(WINDOW)))
        self.register_buffer("expected", 2 * math.pi * torch.arange(BINS, dtype=torch.float64) * (STEP / WINDOW))
        inner = torch.ones(BINS)
        inner[0] = inner[-1] = 0.0
        self.register_buffer("inner", inner)

    def forward(self, lane: int, slot: int, gains: Tensor, is_begun: bool, chance: FrozenChance) -> Tensor:
        """A frame ``[2, 1024]``; gains: of 32 bands, none: ``[0]``."""
        spectra, motion = self.spectra(lane)[slot], self.motion(lane)[slot]
        spectra[0] += self.settling * (spectra[1] - spectra[0])
        is_steady = motion[2] > 0
        steady, noise = torch.full_like(self.inner, self.steady_level), torch.full_like(self.inner, self.noise_level)
        shape = torch.where(is_steady, steady, noise)
        if gains.shape[0] > 0:
            shape = shape * torch.exp(torch.matmul(self.weights, gains))
        if not is_begun:
            for _ in range(self.length // self.hop - 1):
                self._add(lane, slot, shape, chance)
                self._shift(lane, slot)
        self._add(lane, slot, shape, chance)
        made: Tensor = self.tail(lane)[slot, :, : self.hop].clone()
        self._shift(lane, slot)
        return made

    def make_room(self, lanes: int) -> None:
        """Remember for so many lanes."""
        self.tail.make_room(lanes)
        self.spectra.make_room(lanes)
        self.motion.make_room(lanes)

    def begin(self, lane: int, slot: int) -> None:
        """What is held begins anew."""
        self.tail(lane)[slot].zero_()

    def forget(self, lane: int, slot: int) -> None:
        """Another sound takes the slot."""
        self.begin(lane, slot)
        self.spectra(lane)[slot].zero_()
        self.motion(lane)[slot].zero_()

    def _add(self, lane: int, slot: int, shape: Tensor, chance: FrozenChance) -> None:
        spectra, motion = self.spectra(lane)[slot], self.motion(lane)[slot]
        drawn = self.drawing.numbers(chance) * self.turn
        motion[0] = torch.remainder(motion[0] + motion[1], self.turn)
        phases = (torch.where(motion[2] > 0, motion[0], drawn) + spectra[2]).float()
        levels = spectra[0] * shape
        held = torch.complex(levels * torch.cos(phases), levels * torch.sin(phases) * self.inner)
        self.tail(lane)[slot] += torch.fft.irfft(held, n=self.length) * self.window

    def _shift(self, lane: int, slot: int) -> None:
        tail = self.tail(lane)[slot]
        tail[:, : -self.hop] = tail[:, self.hop :].clone()
        tail[:, -self.hop :] = 0.0

    def starts(self, at: float, samples: float) -> list[int]:
        """Where the windows begin that are looked at around a moment of a sound: five to go by, two for the phases."""
        reach = min(self.spread, max(0.5 * (samples - self.length), 0.0))
        middle = min(max(at, reach), max(samples - reach, reach))
        step, half = 2 * reach / (self.looks - 1), self.length // 2
        found = [int(middle + (number * step - reach)) - half for number in range(self.looks)]
        found.append(int(middle) - half)
        found.append(int(middle) - half + self.step)
        return found

    def look(self, lane: int, slot: int, windows: Tensor, is_begun: bool) -> None:
        """Take the spectrum of windows ``[7, 2, 4096]``: the mean of several, so that it is none of them."""
        seen = torch.fft.rfft(windows.double() * self.window.double())
        found = seen[: self.looks].abs() + 1e-5
        mean = torch.exp(torch.log(found).sum(0) / self.looks)
        power = (found * found).sum(2).sum(0)[:, None]
        mean = mean * torch.sqrt(power / self.looks / ((mean * mean).sum(1, True) + 1e-12))
        first, second = seen[self.looks].sum(0), seen[self.looks + 1].sum(0)
        spectra, motion = self.spectra(lane)[slot], self.motion(lane)[slot]
        spectra[1] = mean
        spectra[2] = torch.angle(seen[self.looks] * torch.conj(first))
        self._find_partials(motion, mean.sum(0), torch.angle(second * torch.conj(first)))
        if not is_begun:
            spectra[0] = mean
            motion[0] = torch.angle(first)

    def _find_partials(self, motion: Tensor, magnitudes: Tensor, turned: Tensor) -> None:
        """Which bins belong to partials, and by how much their phases advance with each frame."""
        deviation = torch.remainder(turned - self.expected + self.half_turn, self.turn) - self.half_turn
        advance = (self.expected + deviation) * self.per_step
        inside, before, after = magnitudes[1:-1], magnitudes[:-2], magnitudes[2:]
        is_peak = (inside > before) & (inside >= after) & (inside > self.peak * self._around(magnitudes)[1:-1])
        peaks = torch.nonzero(is_peak)[:, 0] + 1
        motion[1] = advance
        motion[2] = 0.0
        if peaks.shape[0] > 0:
            bins = torch.arange(magnitudes.shape[0])
            nearest = peaks[torch.searchsorted((peaks[1:] + peaks[:-1]).double() / 2, bins.double())]
            motion[1] = advance[nearest]
            motion[2] = (torch.abs(bins - nearest) <= self.reach).double()

    def _around(self, row: Tensor) -> Tensor:
        """Of each bin, the mean over what is around it, but not next to it."""
        reach = self.around_reach
        first, last = row[:1], row[-1:]
        total = torch.cumsum(torch.cat([first.repeat(reach + 1), row, last.repeat(reach)]), 0)
        wide = total[2 * reach + 1 :] - total[: -2 * reach - 1]
        short = torch.cumsum(torch.cat([first.repeat(3), row, last.repeat(2)]), 0)
        return ((wide - (short[5:] - short[:-5])) / (2 * reach + 1 - 5)).float()
