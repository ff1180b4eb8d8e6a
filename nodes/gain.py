"""Gain: make a sound louder or quieter."""

from collections.abc import Callable
from functools import partial
from math import exp, log
from typing import Annotated, overload

import numpy as np

from ..engine import FloatArray, Help, Kernel, Param, Resting, Signal, Values, column, node, together

NEPERS = log(10.0) / 20.0

Decibels = Annotated[float, Param(-90.0, 24.0, unit="dB", help="0 dB is unchanged, -6 dB is half.")]


@node(
    linear=True,
    other_names=("vca", "volume", "amplify", "*~", "level", "fader", "attenuator", "mute", "amp"),
    nearest_to=("compressor",),
)
def gain(
    audio: Annotated[Signal, Help("the sound to make louder or softer")], out: Signal, level: Decibels = 0.0
) -> Annotated[Signal, Help("the sound at its new level")]:
    """Scale a sound by a level in decibels."""
    return np.multiply(audio, amplitude(level), out=out)


@overload
def amplitude(decibels: float) -> float: ...
@overload
def amplitude(decibels: FloatArray) -> FloatArray: ...
@overload
def amplitude(decibels: float | FloatArray) -> float | FloatArray: ...
def amplitude(decibels: float | FloatArray) -> float | FloatArray:
    """The factor that a level stands for: 0 dB is 1, a number for a number, an array for an array."""
    if isinstance(decibels, np.ndarray):
        factor = np.multiply(decibels, np.float32(NEPERS))
        return np.exp(factor, out=factor)
    return exp(decibels * NEPERS)


_KERNEL = Kernel("times", still=frozenset({"level"}), worth={"level": amplitude})


@together(gain, lines=True, kernel=_KERNEL)
def gains(audio: FloatArray, out: FloatArray) -> Resting:
    """Many gains in one, or one without its frame."""

    def rest(level: Values) -> Callable[[], object]:
        if isinstance(level, np.ndarray):
            return partial(_follow, audio, level, np.zeros_like(level), out)
        return partial(np.multiply, audio, column([amplitude(one) for one in level]), out)

    return rest


def _follow(audio: FloatArray, level: FloatArray, factor: FloatArray, out: FloatArray) -> None:
    np.multiply(level, np.float32(NEPERS), out=factor)
    np.exp(factor, out=factor)
    np.multiply(audio, factor, out=out)
