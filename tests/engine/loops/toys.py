"""Nodes by code per sample, to be tested."""

import math
from typing import Annotated

from latent_terrain.engine import Help, Param, Sample, State, per_sample

Cutoff = Annotated[float, Param(10.0, 20_000.0, unit="Hz", curve="log", help="cutoff frequency")]
Damping = Annotated[float, Param(0.05, 2.0, help="2: none of it rings")]
Pole = Annotated[float, Param(0.0, 0.999, help="how slow it is")]


@per_sample
def toy_one_pole(
    audio: Annotated[Sample, Help("the sound")], kept: State = 0.0, pole: Pole = 0.9
) -> tuple[Annotated[float, Help("the low part")], float]:
    """Smooths a sound by one pole."""
    kept = audio + pole * (kept - audio)
    return kept, kept


def coefficients(cutoff: Cutoff = 1000.0, damping: Damping = 1.0, sample_rate: float = 0.0) -> tuple[float, float]:
    g = math.tan(math.pi * min(cutoff / sample_rate, 0.49))
    return g, 1.0 / (1.0 + g * (g + damping))


@per_sample(prepare=coefficients)
def toy_svf(audio: Sample, g: float, scale: float, one: State = 0.0, two: State = 0.0) -> tuple[float, float, float]:
    """Lets the low part of a sound through."""
    # Zavalishin: The Art of VA Filter Design, 2.1.2, chapter 4.
    band = (one + g * (audio - two)) * scale
    low = two + g * band
    return low, 2.0 * band - one, 2.0 * low - two


@per_sample
def toy_drive(a: Sample, b: Sample, amount: Annotated[float, Param(0.1, 10.0, help="drive")] = 2.0) -> float:
    """Multiplies two sounds and saturates."""
    return math.tanh(amount * a * b)
