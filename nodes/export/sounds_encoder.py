"""Sound to the moments it is like, as TorchScript: the same search as ``nodes.codec.sounds.encoder``."""

from typing import Final

import torch
from torch import Tensor, nn

from ..codec.bank.layout import mel_filters
from ..codec.sounds.encoder import BANDS, COEFFICIENTS, FLOOR, LEAP, QUIET, SKIP, STAY, WINDOW, Moments
from ..codec.sounds.layout import LATENTS, RATIO, cosines, hann
from .sounds_store import Memory, kept


class ExportedSoundsEncoder(nn.Module):
    """Sound ``[lanes, 1, frames * 1024]`` to latents ``[lanes, 9, frames]``, continuing."""

    window: Tensor
    filters: Tensor
    cosines: Tensor
    mean: Tensor
    spread: Tensor
    are_begins: Tensor
    follow_begins: Tensor
    ratio: Final[int] = RATIO
    latent_count: Final[int] = LATENTS
    coefficients: Final[int] = COEFFICIENTS
    floor: Final[float] = float(FLOOR)
    quiet: Final[float] = QUIET
    stay: Final[float] = float(STAY)
    skip: Final[float] = float(SKIP)
    leap: Final[float] = float(LEAP)

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        count = len(moments.latents)
        self.past, self.costs = Memory((WINDOW,), torch.float32), Memory((count,), torch.float32)
        self.latents, self.features, self.squares = map(kept, (moments.latents, moments.features, moments.squares))
        begins = torch.zeros(count, dtype=torch.bool)
        begins[torch.from_numpy(moments.begins)] = True
        self.register_buffer("are_begins", begins[1:].clone())
        self.register_buffer("follow_begins", begins[:-1].clone())
        self.register_buffer("window", torch.from_numpy(hann(WINDOW)))
        self.register_buffer("filters", torch.from_numpy(mel_filters(WINDOW, BANDS).T.copy()))
        self.register_buffer("cosines", torch.from_numpy(cosines(BANDS, COEFFICIENTS)))
        self.register_buffer("mean", torch.from_numpy(moments.mean.copy()))
        self.register_buffer("spread", torch.from_numpy(moments.weights.copy()))

    def forward(self, sound: Tensor) -> Tensor:
        """The next frames."""
        lanes, frames = sound.shape[0], sound.shape[2] // self.ratio
        self.past.make_room(lanes)
        self.costs.make_room(lanes)
        given = torch.nan_to_num(sound[:, 0].float(), 0.0, 0.0, 0.0)
        made = torch.zeros(lanes, self.latent_count, frames)
        for frame in range(frames):
            for lane in range(lanes):
                heard = given[lane, frame * self.ratio : (frame + 1) * self.ratio]
                made[lane, :, frame] = self._latents(lane, heard)
        return made

    def _latents(self, lane: int, heard: Tensor) -> Tensor:
        past, costs = self.past(lane), self.costs(lane)
        past.copy_(torch.cat([past[self.ratio :], heard]))
        if float(heard.abs().max().item()) < self.quiet:
            costs.zero_()
            return torch.zeros(self.latent_count)
        best = costs + self.stay
        skipped = torch.cat([costs[:1] + self.leap, costs[:-2] + self.skip])[: len(costs) - 1]
        skipped = skipped.masked_fill(self.follow_begins, float("inf"))
        following = torch.minimum(costs[:-1], skipped)
        following = following.masked_fill(self.are_begins, float("inf"))
        best = torch.cat([best[:1], torch.minimum(best[1:], following)])
        best = torch.minimum(best, costs.min() + self.leap) + self._unlikeness(past)
        costs.copy_(best - best.min())
        made: Tensor = self.latents[int(costs.argmin().item())]
        return made

    def _unlikeness(self, past: Tensor) -> Tensor:
        """How unlike the last 2048 samples each frame is: ``[frames]``."""
        power = torch.fft.rfft(past * self.window).abs() ** 2
        logs = torch.log(torch.matmul(power, self.filters) + self.floor)
        feature = (torch.matmul(logs, self.cosines) - self.mean) * self.spread
        unlike = self.squares - 2 * torch.matmul(self.features, feature) + torch.dot(feature, feature)
        return unlike / self.coefficients
