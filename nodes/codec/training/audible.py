"""Hearing while learning: the bank played in torch, and how far its spectra are from the sound it should be.

The gradient reaches amplitudes and noise only. Through a phase it would say nothing useful: pitch is learnt from
the partials that were found in the sound.
"""

from functools import cache

import torch
from torch import Tensor

from ..bank.layout import HOP, NOISE_WINDOW, PARTIALS, SAMPLE_RATE, noise_shapes, noise_window, partial_frequencies

WINDOWS = (4096, 2048, 1024, 512, 256)
LOG_FLOOR = 1e-4
# Keeps the spectral convergence of near silence from being a division by nothing.
QUIET = 0.02


def render(amplitude: Tensor, bend: Tensor, noise: Tensor) -> Tensor:
    """Controls ``[batch, rows, hops]`` to sound ``[batch, hops * 256]``, from phases and noise drawn at random."""
    return _sing(amplitude, bend.detach()) + _noise(noise)


def spectral_distance(played: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Multi-resolution STFT distance of ``[batch, samples]``: spectral convergence, and mean difference of logs.

    Windows of 4096 … 256 samples, amplitudes such that a full-scale sine is 1. The measure of ``..likeness``.
    """
    linear, logs = [], []
    for length in WINDOWS:
        ours, theirs = _spectrum(played, length), _spectrum(wanted, length)
        norm = theirs.square().sum((1, 2)).sqrt() + QUIET * ours.shape[1] ** 0.5
        linear.append(((ours - theirs).square().sum((1, 2)) + 1e-9).sqrt() / norm)
        logs.append((torch.log(ours + LOG_FLOOR) - torch.log(theirs + LOG_FLOOR)).abs().mean((1, 2)))
    return torch.stack(linear).mean(), torch.stack(logs).mean()


def _spectrum(sound: Tensor, length: int) -> Tensor:
    window = _window(length).to(sound)
    spectrum = torch.stft(sound, length, length // 4, window=window, center=False, return_complex=True)
    return (spectrum.real.square() + spectrum.imag.square() + 1e-14).sqrt() * (2 / float(window.sum()))


@cache
def _window(length: int) -> Tensor:
    return torch.hann_window(length)


def _sing(amplitude: Tensor, bend: Tensor) -> Tensor:
    ramp = (torch.arange(1, HOP + 1, dtype=torch.float32, device=bend.device) / HOP)[None]
    pitches = torch.from_numpy(partial_frequencies()).to(bend.device)
    with torch.no_grad():
        cycles = pitches[:, None] * torch.exp2(bend.double() / 12) * (HOP / SAMPLE_RATE)
        before = torch.cat([cycles[..., :1], cycles[..., :-1]], 2)
        ends = torch.cumsum((before + cycles) / 2, 2)
        scattered = torch.rand(len(bend), PARTIALS, 1, dtype=torch.float64, device=bend.device)
        starts = (scattered + ends - (before + cycles) / 2) % 1.0
        motion = torch.stack([starts, before, (cycles - before) / 2], 3).float().transpose(1, 2)
        powers = torch.cat([torch.ones_like(ramp), ramp, ramp**2])
        wave = (motion @ powers).mul_(2 * torch.pi).sin_()
    first = torch.cat([amplitude[..., :1], amplitude[..., :-1]], 2)
    lines = torch.stack([first, amplitude - first], 2).permute(0, 3, 2, 1)
    steady, rising = (lines @ wave).unbind(2)
    sung: Tensor = (steady + rising * ramp).flatten(1)
    return sung


def _noise(gain: Tensor) -> Tensor:
    batch, _, hops = gain.shape
    window = torch.from_numpy(noise_window()).to(gain)
    shapes = torch.from_numpy(noise_shapes()).to(gain)
    hiss = torch.rand(batch, (hops + 1) * HOP, device=gain.device) * 2 - 1
    spectra = torch.fft.rfft(hiss.unfold(1, NOISE_WINDOW, HOP) * window)
    pieces = torch.fft.irfft(spectra * (gain.transpose(1, 2) @ shapes), n=NOISE_WINDOW) * window
    tails = torch.nn.functional.pad(pieces[:, :-1, HOP:], (0, 0, 1, 0))
    hissed: Tensor = (pieces[..., :HOP] + tails).flatten(1)
    return hissed
