"""Teaching the built-in codec: it sees features, never audio, so half an hour on one processor core is enough.

A variational autoencoder regressed onto partials and noise bands. No sound is rendered while it learns; the
losses forgive a wrong semitone when the timbre is right, and latents drawn at random must not be a blast, because
a terrain will visit all of them. Mostly silent stretches are left out, so that little of the land is silent.
"""

from dataclasses import dataclass
from functools import cache
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..bank.layout import HOPS_PER_FRAME, LATENTS, PARTIALS, noise_shapes
from .analysis import Features, load_features
from .model import Autoencoder, shape_controls
from .sounds import Progress

SEGMENT_HOPS = 128
BATCH = 16
LEARNING_RATE = 2e-3
VALIDATION_SHARE = 0.08
DIVERGENCE_WEIGHT = 0.005
EMA = 0.998
FLOOR = 1e-3
LOUDEST_DB = -15.0
SOUNDING = 0.01
TIMBRE_WIDTHS, TONE_WIDTHS = (5, 13), (25, 2 * PARTIALS - 1)
WEIGHTS = {
    "partials": 1.0,
    "timbre": 1.0,
    "tone": 0.3,
    "loud": 1.0,
    "bend": 0.5,
    "noise": 1.0,
    "energy": 1.0,
    "balance": 3.0,
    "blast": 0.3,
}


@dataclass(frozen=True)
class Report:
    """How the training went: steps done, and the validation loss at each look."""

    steps: int
    validation: tuple[float, ...]


def train(
    features: Path,
    checkpoint: Path,
    steps: int = 12000,
    seed: int = 0,
    progress: Progress | None = None,
    start: Path | None = None,
) -> Report:
    """Train on a features file, saving the best averaged weights to ``checkpoint`` at every look (250 steps).

    start: an earlier checkpoint to go on from. The same seed, features and torch build give the same weights.
    Stops, keeping the best, when ``progress`` returns False.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    learning, checking = split(load_features(features))
    learning = [part for part in learning if len(part.mel) > SEGMENT_HOPS]
    if not learning:
        raise ValueError(f"the sounds in {features} are too short to learn from; give at least one of 2 seconds")
    model, average = Autoencoder(), Autoencoder()
    if start:
        model.load_state_dict(torch.load(start, weights_only=True))
    average.load_state_dict(model.state_dict())
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    validation: list[float] = []
    step = 0
    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * _schedule(step, steps)
        losses = _step(model, _batch(learning, random), step)
        optimizer.zero_grad()
        total = torch.stack([WEIGHTS.get(name, 1.0) * loss for name, loss in losses.items()]).sum()
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        step += 1
        _follow(average, model, min(EMA, (1 + step) / (10 + step)))
        if step % 250 == 0 or step == steps:
            validation.append(validate(average, checking))
            if validation[-1] == min(validation):
                torch.save(average.state_dict(), checkpoint.with_suffix(".part"))
                checkpoint.with_suffix(".part").replace(checkpoint)
            words = " ".join(f"{name} {float(loss.detach()):.3f}" for name, loss in losses.items())
            if progress and not progress(step / steps, f"step {step}: validation {validation[-1]:.4f}; {words}"):
                break
    return Report(step, tuple(validation))


def split(parts: dict[str, Features]) -> tuple[list[Features], list[Features]]:
    """The first 92 % of every part to learn from, and the last 8 % to check with."""
    learning, checking = [], []
    for features in parts.values():
        cut = int(len(features.mel) * (1 - VALIDATION_SHARE)) // HOPS_PER_FRAME * HOPS_PER_FRAME
        end = len(features.mel) // HOPS_PER_FRAME * HOPS_PER_FRAME
        learning.append(_cut(features, 0, cut))
        checking.append(_cut(features, cut, end))
    return learning, checking


def validate(model: Autoencoder, parts: list[Features]) -> float:
    """The weighted reconstruction loss over whole parts, latents at their means.

    Without ``balance``, which means nothing on one instrument alone.
    """
    total = 0.0
    with torch.no_grad():
        for features in parts:
            mel, *target = _tensors([features], [1.0])
            losses = reconstruction_losses(model.decoder(model.encoder(mel)[0]), *target)
            total += sum(WEIGHTS[name] * float(loss) for name, loss in losses.items() if name != "balance")
    return total / len(parts)


def reconstruction_losses(raw: Tensor, amplitude: Tensor, bend: Tensor, noise: Tensor) -> dict[str, Tensor]:
    """How far controls are from what was heard: everything ``[batch, …, hops]``, one number per name.

    partials: log amplitude. timbre: log energy smeared over 5 and 13 semitones, forgiving a wrong pitch.
    tone: the same over 2 octaves and over all. loud: squared difference of root amplitude. bend: of what sounds.
    noise: log gain. balance: what each partial and band does on average, so that none is left on or given up.
    energy: log energy of everything. Energies lean to the loud side, since a median of levels is heard as too
    quiet.
    """
    played, bent, hissed = shape_controls(raw)
    root = amplitude.sqrt()

    def smeared(widths: tuple[int, ...], lean: float) -> Tensor:
        return torch.stack([_missing(_smear(played**2, w), _smear(amplitude**2, w), lean) for w in widths]).sum()

    return {
        "partials": (torch.log(played + FLOOR) - torch.log(amplitude + FLOOR)).abs().mean(),
        "timbre": smeared(TIMBRE_WIDTHS, 0.1),
        "tone": smeared(TONE_WIDTHS, 0.2),
        "loud": ((played.sqrt() - root) ** 2).sum(1).mean() / (amplitude.sum(1).mean() + FLOOR),
        "bend": ((bent - bend).abs() * root).sum() / (root.sum() + FLOOR),
        "noise": (torch.log(hissed + FLOOR) - torch.log(noise + FLOOR)).abs().mean(),
        "balance": _imbalance(played, amplitude, 3e-4) + _imbalance(hissed, noise, FLOOR),
        "energy": _missing(power(played, hissed), power(amplitude, noise), 0.2),
    }


def power(amplitude: Tensor, noise: Tensor) -> Tensor:
    """Mean square of the sound that controls give: ``[batch, hops]``."""
    share = torch.from_numpy(noise_shapes().mean(axis=1))
    return (amplitude**2).sum(1) / 2 + torch.einsum("bnt,n->bt", noise**2, share) / 3


def _step(model: Autoencoder, batch: list[Tensor], step: int) -> dict[str, Tensor]:
    mel, *target = batch
    with _half_precision():
        mean, spread = (part.float() for part in model.encoder(mel))
        latents = mean + torch.randn_like(mean) * (spread / 2).exp()
        raw = model.decoder(latents).float()
    losses = reconstruction_losses(raw, *target)
    divergence = 0.5 * (mean**2 + spread.exp() - 1 - spread).sum(1).mean()
    losses["divergence"] = DIVERGENCE_WEIGHT * min(1.0, step / 300) * divergence
    losses["blast"] = _blast(model, mean.detach())
    return losses


def _half_precision() -> torch.autocast:
    """Halves the time of a step on processors with bfloat16; the losses stay in full precision."""
    return torch.autocast("cpu", torch.bfloat16)


def _blast(model: Autoencoder, latents: Tensor) -> Tensor:
    """How far random latents are over the loudest wanted level, in tens of decibels; half of them are held.

    Only the loud side counts. Asking for a least level as well was tried: the network met it by leaving one noise
    band on for ever.
    """
    seen = latents.permute(1, 0, 2).flatten(1)
    axes = torch.linalg.cholesky(torch.cov(seen) + 1e-3 * torch.eye(LATENTS))
    drawn = torch.randn(16, LATENTS, 6)
    drawn[8:] = drawn[8:, :, :1]
    latents = torch.einsum("ij,bjt->bit", axes, drawn) + seen.mean(1)[:, None]
    with _half_precision():
        raw = model.decoder(latents)[..., -2 * HOPS_PER_FRAME :].float()
    amplitude, _, noise = shape_controls(raw)
    decibels = 10 * torch.log10(power(amplitude, noise) + 1e-9)
    return functional.relu(decibels - LOUDEST_DB).mean() / 10


def _batch(parts: list[Features], random: np.random.Generator) -> list[Tensor]:
    lengths = np.array([len(part.mel) for part in parts], dtype=np.float64)
    chosen: list[Features] = []
    while len(chosen) < BATCH:
        part = parts[random.choice(len(parts), p=lengths / lengths.sum())]
        start = int(random.integers(0, len(part.mel) - SEGMENT_HOPS))
        piece = _cut(part, start, start + SEGMENT_HOPS)
        sounding = np.maximum(piece.amplitude.max(axis=1), piece.noise.max(axis=1)) > SOUNDING
        if sounding.mean() > 0.6 or random.random() < 0.05:
            chosen.append(piece)
    return _tensors(chosen, list(np.exp(random.uniform(-0.7, 0.8, BATCH))))


def _tensors(parts: list[Features], gains: list[float]) -> list[Tensor]:
    def stack(arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack([np.ascontiguousarray(a.T, dtype=np.float32) for a in arrays]))

    pairs = list(zip(parts, gains, strict=True))
    return [
        stack([part.mel * gain for part, gain in pairs]),
        stack([part.amplitude * gain for part, gain in pairs]),
        stack([part.bend for part, _ in pairs]),
        stack([part.noise * gain for part, gain in pairs]),
    ]


def _cut(features: Features, start: int, end: int) -> Features:
    return Features(
        features.mel[start:end], features.amplitude[start:end], features.bend[start:end], features.noise[start:end]
    )


def _smear(energy: Tensor, width: int) -> Tensor:
    return torch.einsum("ij,bjt->bit", _neighbours(width), energy)


@cache
def _neighbours(width: int) -> Tensor:
    """How much each semitone hears of the others under a Hann window ``width`` semitones wide: ``[112, 112]``."""
    distance = np.abs(np.subtract.outer(np.arange(PARTIALS), np.arange(PARTIALS)))
    window = np.where(distance <= width // 2, np.cos(np.pi * distance / (width + 1)) ** 2, 0.0)
    return torch.from_numpy((window * 2 / (width + 1)).astype(np.float32))


def _imbalance(played: Tensor, wanted: Tensor, floor: float) -> Tensor:
    """How far the mean of each row over a batch is off, beyond a factor of two: squared natural logs, averaged."""
    ratio = torch.log((played.mean((0, 2)) + floor) / (wanted.mean((0, 2)) + floor))
    return (functional.relu(ratio.abs() - 0.7) ** 2).mean()


def _missing(played: Tensor, wanted: Tensor, lean: float) -> Tensor:
    """Mean distance of two log energies; what is missing counts ``1 + lean``, what is too much ``1 − lean``."""
    lack = 0.5 * (torch.log(wanted + FLOOR**2) - torch.log(played + FLOOR**2))
    return (lack.abs() + lean * lack).mean()


def _schedule(step: int, steps: int) -> float:
    done = step / steps
    fall = 0.02 + 0.98 * (0.5 + 0.5 * cos(pi * max(0.0, (done - 0.35) / 0.65)))
    return min(1.0, step / 40 + 0.02) * fall


def _follow(average: Autoencoder, model: Autoencoder, keep: float) -> None:
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
            slow.lerp_(fast, 1 - keep)
