"""How far the controls that a codec sets are from those that were found in the sound.

The losses forgive a wrong semitone when the timbre is right, and lean to the loud side, because the median of
uncertain levels is heard as too quiet.
"""

from functools import cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ..bank.layout import PARTIALS
from .model import shape_controls

FLOOR = 1e-3
TIMBRE_WIDTHS, TONE_WIDTHS = (5, 13), (25, 2 * PARTIALS - 1)
# Semitones from a fundamental to its harmonics 1 … 8, and what each counts for the fundamental's salience.
HARMONICS = {0: 1.0, 12: 0.8, 19: 0.64, 24: 0.51, 28: 0.41, 31: 0.33, 34: 0.26, 36: 0.21}
# Saliences are compared as probabilities: how far the clearest fundamental stands out among them.
SALIENCE_CONTRAST = 6.0
# What each of ``control_losses`` counts.
WEIGHTS = {
    "partials": 1.0,
    "timbre": 0.7,
    "tone": 0.3,
    "convergence": 3.0,
    "salience": 0.5,
    "bend": 0.5,
    "noise": 1.0,
    "balance": 1.0,
}

# Amplitude ``[batch, 112, hops]``, bend in semitones, and noise gain ``[batch, 32, hops]``.
Controls = tuple[Tensor, Tensor, Tensor]


def control_losses(raw: Tensor, level: Tensor, wanted: Controls) -> tuple[dict[str, Tensor], Controls]:
    """The losses by name (see ``WEIGHTS``) of raw controls at a level, and the controls themselves.

    partials: log amplitude. timbre: log energy smeared over 5 and 13 semitones, forgiving a wrong pitch.
    tone: the same over 2 octaves and over all. convergence: of magnitudes, a semitone wide, where loud partials count
    most. salience: which fundamentals are heard, wherever their harmonics lie. bend: of what sounds.
    noise: log gain. balance: what each partial and band does on average, so that none is left on or given up.
    """
    played, bent, hissed = shape_controls(raw, level)
    amplitude, bend, noise = wanted
    root = amplitude.sqrt()

    def smeared(widths: tuple[int, ...], lean: float) -> Tensor:
        return torch.stack([_missing(_smear(played**2, w), _smear(amplitude**2, w), lean) for w in widths]).sum()

    losses = {
        "partials": (torch.log(played + FLOOR) - torch.log(amplitude + FLOOR)).abs().mean(),
        "timbre": smeared(TIMBRE_WIDTHS, 0.1),
        "tone": smeared(TONE_WIDTHS, 0.2),
        "convergence": _convergence(_smear(played**2, 3), _smear(amplitude**2, 3)),
        "salience": _unlike(_salience(played), _salience(amplitude)),
        "bend": ((bent - bend).abs() * root).sum() / (root.sum() + FLOOR),
        "noise": (torch.log(hissed + FLOOR) - torch.log(noise + FLOOR)).abs().mean(),
        "balance": _imbalance(played, amplitude, 3e-4) + _imbalance(hissed, noise, FLOOR),
    }
    return losses, (played, bent, hissed)


def _smear(energy: Tensor, width: int) -> Tensor:
    return torch.einsum("ij,bjt->bit", _neighbours(width).to(energy), energy)


@cache
def _neighbours(width: int) -> Tensor:
    """How much each semitone hears of the others under a Hann window ``width`` semitones wide: ``[112, 112]``."""
    distance = np.abs(np.subtract.outer(np.arange(PARTIALS), np.arange(PARTIALS)))
    window = np.where(distance <= width // 2, np.cos(np.pi * distance / (width + 1)) ** 2, 0.0)
    return torch.from_numpy((window * 2 / (width + 1)).astype(np.float32))


def _convergence(played: Tensor, wanted: Tensor) -> Tensor:
    """Norm of the difference of magnitudes over the norm of what is wanted, of each piece; from energies."""
    ours, theirs = (played + 1e-8).sqrt(), (wanted + 1e-8).sqrt()
    norm = theirs.square().sum((1, 2)).sqrt()
    return (((ours - theirs).square().sum((1, 2)) + 1e-9).sqrt() / (norm + 0.1)).mean()


def _salience(amplitude: Tensor) -> Tensor:
    """How clearly each semitone is a fundamental: the sum of its harmonics' compressed shares, ``[batch, 112, hops]``.

    Harmonic summation after Hermes (1988); the square root keeps one loud harmonic from passing for a fundamental.
    """
    norm = (amplitude.square().sum(1, keepdim=True) + 1e-10).sqrt()  # silence has a gradient too
    share = (amplitude / (norm + FLOOR) + 1e-4).sqrt() - 1e-2
    return torch.einsum("ij,bjt->bit", _harmonics().to(share), share)


@cache
def _harmonics() -> Tensor:
    found = np.zeros((PARTIALS, PARTIALS), np.float32)
    for steps, weight in HARMONICS.items():
        found += weight * np.eye(PARTIALS, k=steps, dtype=np.float32)
    return torch.from_numpy(found)


def _unlike(played: Tensor, wanted: Tensor) -> Tensor:
    """Mean divergence (Kullback and Leibler) of which semitone is most salient, of each hop."""
    theirs = torch.softmax(SALIENCE_CONTRAST * wanted, 1)
    ours, logs = (torch.log_softmax(SALIENCE_CONTRAST * one, 1) for one in (played, wanted))
    return (theirs * (logs - ours)).sum(1).mean()


def _imbalance(played: Tensor, wanted: Tensor, floor: float) -> Tensor:
    """How far the mean of each row over a batch is off, beyond a factor of two: squared natural logs, averaged."""
    ratio = torch.log((played.mean((0, 2)) + floor) / (wanted.mean((0, 2)) + floor))
    return (functional.relu(ratio.abs() - 0.7) ** 2).mean()


def _missing(played: Tensor, wanted: Tensor, lean: float) -> Tensor:
    """Mean distance of two log energies; what is missing counts ``1 + lean``, what is too much ``1 − lean``."""
    lack = 0.5 * (torch.log(wanted + FLOOR**2) - torch.log(played + FLOOR**2))
    return (lack.abs() + lean * lack).mean()
