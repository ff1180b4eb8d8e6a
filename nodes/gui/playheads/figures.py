"""Figures that a playhead can go round for ever without anything being drawn."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..units import Floats, MapError

Shape = Literal["circle", "ellipse", "lissajous", "spiral", "rose", "walk", "sweep"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
TURN = 2 * math.pi


@dataclass(frozen=True)
class Figure:
    """The settings of an orbit; each shape uses the ones that name it.

    detune_x, detune_y: frequency ratios of the two axes, all shapes; unequal ones make the figure drift.
    angle: rotation in cycles (ellipse, lissajous: phase of y against x; sweep: direction). flatness: height
    of the ellipse against its width, 0..1. ratio_x, ratio_y: lissajous. turns: windings of the spiral from
    its middle to its rim. petals: rose. seed: walk. Raises MapError.
    """

    detune_x: float = 1.0
    detune_y: float = 1.0
    angle: float = 0.0
    flatness: float = 0.5
    ratio_x: float = 3.0
    ratio_y: float = 2.0
    turns: float = 4.0
    petals: float = 5.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("detune_x", "detune_y", "angle", "flatness", "ratio_x", "ratio_y", "turns", "petals"):
            if not abs(getattr(self, name)) <= 1000:
                raise MapError(f"orbit: {name} is {getattr(self, name)}; give a number within 1000")
        if not 0 <= self.flatness <= 1:
            raise MapError(f"orbit: flatness is {self.flatness}; give 0 (a stroke) to 1 (a circle)")
        if not self.turns > 0.01:
            raise MapError(f"orbit: a spiral of {self.turns} turns is none; give more than 0.01")


def figure_points(shape: Shape, phase: Floats, figure: Figure | None = None) -> Floats:
    """The points ``[2, n]`` within -1..1 of a shape at phases in cycles ``[n]``.

    One cycle is one round of circle, ellipse and sweep (there and back), one turn of the spiral and the
    rose, one round of the lissajous at ratio 1, one new heading of the walk. Every point depends on its
    phase alone, so any phase may be asked for in any order. Phases that are not finite count as 0.
    """
    settings = Figure() if figure is None else figure
    if shape not in SHAPES:
        raise MapError(f"orbit: there is no shape '{shape}'; choose one of {', '.join(SHAPES)}")
    cycles = np.where(np.isfinite(phase), phase, 0.0)
    x, y = cycles * settings.detune_x, cycles * settings.detune_y
    return np.stack(_points(shape, x, y, settings))


def _points(shape: Shape, x: Floats, y: Floats, figure: Figure) -> tuple[Floats, Floats]:
    if shape == "circle":
        return np.cos(TURN * x), np.sin(TURN * y)
    if shape == "ellipse":
        return _rotated_ellipse(x, y, figure)
    if shape == "lissajous":
        return np.sin(TURN * figure.ratio_x * x), np.sin(TURN * (figure.ratio_y * y + figure.angle))
    if shape == "spiral":
        return (
            _there_and_back(x / figure.turns) * np.cos(TURN * x),
            _there_and_back(y / figure.turns) * np.sin(TURN * y),
        )
    if shape == "rose":
        return (
            np.cos(TURN * figure.petals * x) * np.cos(TURN * x),
            np.cos(TURN * figure.petals * y) * np.sin(TURN * y),
        )
    if shape == "walk":
        return _wander(x, figure.seed, 0), _wander(y, figure.seed, 1)
    cosine, sine = math.cos(TURN * figure.angle), math.sin(TURN * figure.angle)
    rim = max(abs(cosine), abs(sine))
    return (
        (2 * _there_and_back(2 * x) - 1) * (cosine / rim),
        (2 * _there_and_back(2 * y) - 1) * (sine / rim),
    )


def _rotated_ellipse(x: Floats, y: Floats, figure: Figure) -> tuple[Floats, Floats]:
    """An ellipse turned by its angle, written as one cosine per axis so that detuning cannot leave the frame."""
    cosine, sine = math.cos(TURN * figure.angle), math.sin(TURN * figure.angle)
    flat_cosine, flat_sine = figure.flatness * cosine, figure.flatness * sine
    return (
        math.hypot(cosine, flat_sine) * np.cos(TURN * x + math.atan2(flat_sine, cosine)),
        math.hypot(sine, flat_cosine) * np.cos(TURN * y - math.atan2(flat_cosine, sine)),
    )


def _there_and_back(phase: Floats) -> Floats:
    """A triangle from 0 at phase 0 to 1 at phase 1 and back."""
    return 1.0 - np.abs(1.0 - np.mod(phase, 2.0))


def _wander(phase: Floats, seed: int, axis: int) -> Floats:
    """A smooth random path within -1..1: a cubic B-spline over values drawn per whole number of cycles.

    The B-spline never leaves the range of its values and never stands still at them, unlike noise that is
    eased from value to value, which halts at every one. The values crowd towards ±1 (sine of a uniform
    draw), because the spline averages and would otherwise seldom leave the middle.
    """
    whole = np.floor(phase)
    t = phase - whole
    values = _draws(np.clip(whole, -(2.0**62), 2.0**62).astype(np.int64), seed, axis)
    weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    path: Floats = sum((w * v for w, v in zip(weights, values, strict=True)), np.zeros_like(t)) / 6.0
    return path


def _draws(whole: NDArray[np.int64], seed: int, axis: int) -> tuple[Floats, ...]:
    """The random values at the four whole numbers around each phase. Source: SplitMix64 (Steele 2014)."""
    if not whole.size:
        return (np.zeros(whole.shape),) * 4
    first, last = int(whole.min()), int(whole.max())
    if last - first >= whole.size:
        return tuple(_drawn(whole + offset, seed, axis) for offset in range(-1, 3))
    # In a block of sound the phases hardly leave one whole number: each is drawn once, not once for every sample.
    table, index = _drawn(np.arange(first - 1, last + 3), seed, axis), whole - first
    return tuple(table[index + offset] for offset in range(4))


def _drawn(whole: NDArray[np.int64], seed: int, axis: int) -> Floats:
    key = _mixed(np.array([(seed * 2 + axis) % 2**64], np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    bits = _mixed(key ^ whole.astype(np.uint64) * np.uint64(0xD1342543DE82EF95))
    uniform = (bits >> np.uint64(11)).astype(np.float64) / 2.0**53
    drawn: Floats = np.sin(math.pi * (uniform - 0.5))
    return drawn


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
