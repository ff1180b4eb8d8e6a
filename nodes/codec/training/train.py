"""Training the built-in codec: first what was found in the sounds, then how it all sounds together.

A variational autoencoder. At first it is regressed onto partials and noise bands, which takes minutes on one
processor core; then the bank is also played, and its spectra compared with the sound's. Mostly silent stretches are
left out, so that little of the terrain is silent.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ....graphs.file_write import write_file
from ..bank.filterbank import FLOOR, OFFSET, SCALE
from ..bank.layout import HOP, HOPS_PER_FRAME
from .analysis import Features, load_features
from .audible import render, spectral_distance
from .losses import WEIGHTS, Controls, control_losses
from .model import Autoencoder, Shape

# Called with how far the work is (0 … 1) and a few words; False asks to stop and keep the best so far.
Progress = Callable[[float, str], bool]

# Hops at the beginning of a piece that only fill the network's memory.
WARM_HOPS = 32
PIECE_HOPS = WARM_HOPS + 128
BATCH, AUDIBLE_BATCH = 16, 8
LEARNING_RATE, AUDIBLE_RATE = 2e-3, 8e-4
# Of so many stretches of a sound as long as what is learned from at once, one is held back to check with.
CHECKED_EVERY = 12
# A look is a gain when the distance is less by such a share.
BETTER = 0.005
DIVERGENCE_WEIGHT, SLOWNESS_WEIGHT = 0.0007, 0.03
LINEAR_WEIGHT, LOG_WEIGHT = 2.0, 2.0
# How much the losses of the first part still count in the second.
CONTROL_SHARE = 0.3
EMA = 0.998
SOUNDING = 0.01
# Steps between two looks at sounds that are held back.
LOOK = 250
# Steps between two words of how far it is, at which it can be stopped.
TELL = 10


@dataclass(frozen=True)
class TrainingPlan:
    """How long to learn: ``steps`` on what was found, then ``audible_steps`` with a perceptual loss; and with what.

    patience: a part ends after so many looks without gain; None: all steps are made. batch_scale: so many times the
    sounds a step that one processor core can take, for accelerators. log_weight: how much the difference of logs
    counts in the perceptual loss; quiet and noisy sounds gain by more of it, at the end of a training.
    """

    steps: int = 8000
    audible_steps: int = 12000
    seed: int = 0
    device: str = "cpu"
    shape: Shape = field(default_factory=Shape)
    patience: int | None = 2
    batch_scale: int = 1
    log_weight: float = LOG_WEIGHT


@dataclass(frozen=True)
class Report:
    """How the training went: steps done, and at each look the distance of held-out sounds (linear, log)."""

    steps: int
    validation: tuple[tuple[float, float], ...]


def train(
    features: Path, checkpoint: Path, plan: TrainingPlan, progress: Progress | None = None, start: Path | None = None
) -> Report:
    """Train on a features file, saving the best averaged weights to ``checkpoint`` at every look (250 steps).

    start: an earlier checkpoint to go on from. The same plan, features and torch build give the same weights.
    Each of both parts ends sooner when nothing comes of it any more. Stops, keeping the best, when ``progress``
    returns False: it is asked every ten steps. Stopped before the first look there is no checkpoint.
    """
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    learning, checking = split(load_features(features))
    learning = [part for part in learning if len(part) > PIECE_HOPS]
    if not learning:
        raise ValueError(f"the sounds in {features} are too short to train on; give at least one of 2 seconds")
    model, average = Autoencoder(plan.shape).to(plan.device), Autoencoder(plan.shape).to(plan.device)
    if start:
        model.load_state_dict(torch.load(start, weights_only=True))
    average.load_state_dict(model.state_dict())
    clips = _clips(checking or learning, plan.device)
    validation: list[tuple[float, float]] = []
    step, fruitless, best = 0, 0, float("inf")
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    while step < plan.steps + plan.audible_steps:
        step += 1
        audible = step > plan.steps
        for group in optimizer.param_groups:
            group["lr"] = _rate(step, plan)
        piece = _batch(learning, random, plan.batch_scale * (AUDIBLE_BATCH if audible else BATCH), plan.device)
        losses = _step(model, piece, min(1.0, step / 300), plan.log_weight if audible else 0.0)
        optimizer.zero_grad()
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        _follow(average, model, min(EMA, (1 + step) / (10 + step)))
        total = plan.steps + plan.audible_steps
        if step % TELL == 0 and step % LOOK and progress and not progress(step / total, f"step {step} of {total}"):
            break
        if step % LOOK == 0 or step == total:
            validation.append(_validate(average, clips))
            if sum(validation[-1]) == min(sum(one) for one in validation):
                held = io.BytesIO()
                torch.save(average.state_dict(), held)
                write_file(checkpoint, held.getvalue())
            words = " ".join(f"{name} {float(loss.detach()):.3f}" for name, loss in losses.items())
            linear, logs = validation[-1]
            if progress and not progress(step / total, f"step {step}: distance {linear:.4f} {logs:.4f}; {words}"):
                break
            fruitless = 0 if sum(validation[-1]) < best * (1 - BETTER) else fruitless + 1
            best = min(best, sum(validation[-1]))
            ended = plan.patience is not None and fruitless >= plan.patience
            if ended and audible:
                break
            if ended:  # what is left is learned by ear
                plan, fruitless, best = replace(plan, steps=step), 0, float("inf")
    return Report(step, tuple(validation))


def split(parts: dict[str, Features]) -> tuple[list[Features], list[Features]]:
    """What to learn from, and what to check with: a twelfth of every part, in slices from all over it.

    Short sounds lie one after the other in a part, and all of them are to be learned and checked. A part of less than
    four slices is learned whole.
    """
    learning, checking = [], []
    for features in parts.values():
        windows = max(1, round(len(features) / (CHECKED_EVERY * PIECE_HOPS)))
        if len(features) < 4 * PIECE_HOPS:
            learning.append(features)
            continue
        begin = 0
        for window in range(windows):
            middle = round((window + 0.5) * len(features) / windows) // HOPS_PER_FRAME * HOPS_PER_FRAME
            cut = middle - PIECE_HOPS // 2 // HOPS_PER_FRAME * HOPS_PER_FRAME
            learning.append(features.cut(begin, cut))
            begin = cut + PIECE_HOPS
            checking.append(features.cut(cut, begin))
        learning.append(features.cut(begin, len(features)))
    return learning, checking


@dataclass(frozen=True)
class _Pieces:
    """A batch: what is heard, the level, the controls that were found, and the sound."""

    heard: Tensor
    level: Tensor
    wanted: Controls
    sound: Tensor


def _step(model: Autoencoder, pieces: _Pieces, warmth: float, log_weight: float) -> dict[str, Tensor]:
    """The losses of a step; with a ``log_weight`` the perceptual one too."""
    device = pieces.heard.device.type
    with torch.autocast(device, torch.bfloat16, enabled=_is_fast_with_halves(device)):
        mean, spread = (part.float() for part in model.encoder(pieces.heard))
        latents = mean + torch.randn_like(mean) * (spread / 2).exp()
        raw = model.decoder(latents).float()
    frames = WARM_HOPS // HOPS_PER_FRAME
    found, controls = control_losses(raw[..., WARM_HOPS:], pieces.level[:, frames:], _later(pieces.wanted))
    share = CONTROL_SHARE if log_weight else 1.0
    losses = {name: share * WEIGHTS[name] * loss for name, loss in found.items()}
    if log_weight:
        linear, logs = spectral_distance(render(*controls), pieces.sound[:, WARM_HOPS * HOP :])
        losses |= {"linear": LINEAR_WEIGHT * linear, "log": log_weight * logs}
    mean, spread = mean[..., frames:], spread[..., frames:]
    divergence = 0.5 * (mean**2 + spread.exp() - 1 - spread).sum(1).mean()
    losses["divergence"] = DIVERGENCE_WEIGHT * warmth * divergence
    losses["slowness"] = SLOWNESS_WEIGHT * mean.diff().square().mean((0, 2)).div(mean.var((0, 2)) + 0.01).mean()
    return losses


def _is_fast_with_halves(device: str) -> bool:
    """Whether numbers of 16 bits are quicker there: a processor that has none computes them ten times slower."""
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return device != "cpu" or (known is not None and bool(known()))


def _later(controls: Controls) -> Controls:
    amplitude, bend, noise = (one[..., WARM_HOPS:] for one in controls)
    return amplitude, bend, noise


def _clips(parts: Sequence[Features], device: str, most: int = 32) -> _Pieces:
    """Pieces spread evenly over what is held back."""
    found = []
    for part in parts:
        for start in range(0, len(part) - PIECE_HOPS + 1, PIECE_HOPS):
            found.append(part.cut(start, start + PIECE_HOPS))
    loud = [one for one in found if np.abs(one.sound[WARM_HOPS * HOP :]).max() > SOUNDING] or found
    chosen = [loud[int(place)] for place in np.linspace(0, len(loud) - 1, min(most, len(loud)))]
    return _tensors(chosen, [1.0] * len(chosen), device)


def _validate(model: Autoencoder, clips: _Pieces) -> tuple[float, float]:
    """Spectral distance (linear, log) of clips reproduced from their mean latents, always with one seed."""
    frames = WARM_HOPS // HOPS_PER_FRAME
    devices = [clips.heard.device] if clips.heard.device.type == "cuda" else []
    with torch.no_grad(), torch.random.fork_rng(devices):
        torch.manual_seed(0)
        raw = model.decoder(model.encoder(clips.heard)[0])
        _, controls = control_losses(raw[..., WARM_HOPS:], clips.level[:, frames:], _later(clips.wanted))
        linear, logs = spectral_distance(render(*controls), clips.sound[:, WARM_HOPS * HOP :])
    return float(linear), float(logs)


def _batch(parts: list[Features], random: np.random.Generator, size: int, device: str) -> _Pieces:
    lengths = np.array([len(part) for part in parts], dtype=np.float64)
    chosen: list[Features] = []
    refused = 0
    while len(chosen) < size:
        part = parts[random.choice(len(parts), p=lengths / lengths.sum())]
        start = int(random.integers(0, (len(part) - PIECE_HOPS) // HOPS_PER_FRAME + 1)) * HOPS_PER_FRAME
        piece = part.cut(start, start + PIECE_HOPS)
        if (piece.level > SOUNDING).mean() > 0.6 or random.random() < 0.05 or refused > 100 * size:
            chosen.append(piece)
        else:
            refused += 1
    return _tensors(chosen, list(np.exp(random.uniform(-0.7, 0.7, size))), device)


def _tensors(parts: Sequence[Features], gains: Sequence[float], device: str) -> _Pieces:
    """Features as one batch, each at another gain."""

    def stack(name: str, scaled: bool = True) -> Tensor:
        rows = [
            getattr(part, name).astype(np.float32).T * (gain if scaled else 1.0)
            for part, gain in zip(parts, gains, strict=True)
        ]
        return torch.from_numpy(np.stack(rows).astype(np.float32)).to(device)

    magnitudes = (stack("heard", scaled=False) * float(SCALE) - float(OFFSET)).exp() - float(FLOOR)
    louder = magnitudes * torch.tensor(gains, dtype=torch.float32, device=device)[:, None, None]
    return _Pieces(
        (torch.log(louder.clamp_min(0.0) + float(FLOOR)) + float(OFFSET)) / float(SCALE),
        stack("level"),
        (stack("amplitude"), stack("bend", scaled=False), stack("noise")),
        stack("sound"),
    )


def _rate(step: int, plan: TrainingPlan) -> float:
    """The learning rate: warmed up, held, and falling along a cosine in each of the two parts."""
    audible = step > plan.steps
    done = (step - plan.steps) / plan.audible_steps if audible else step / plan.steps
    least = 0.02 if audible or not plan.audible_steps else 0.3
    fall = least + (1 - least) * (0.5 + 0.5 * cos(pi * max(0.0, (done - 0.35) / 0.65)))
    within = step - plan.steps if audible else step
    return (AUDIBLE_RATE if audible else LEARNING_RATE) * min(1.0, within / 40 + 0.02) * fall


def _follow(average: Autoencoder, model: Autoencoder, keep: float) -> None:
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
            slow.lerp_(fast, 1 - keep)
