"""Pan: place a sound between left and right."""

from collections.abc import Callable, Mapping
from functools import partial
from math import cos, pi, sin, sqrt
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Kernel, Param, Resting, Signal, Size, Values, node, together

Place = Annotated[float, Param(-1.0, 1.0, help="-1 is left, 0 centre, 1 right.")]


@node(linear=True, other_names=("stereo", "balance", "panner"))
def pan(
    audio: Annotated[Signal, Size("any"), Help("the sound to place")],
    out: Annotated[Signal, Size(2)],
    place: Place = 0.0,
) -> Annotated[Signal, Size(2), Help("the sound in stereo")]:
    """Equal-power stereo panner.

    Mono: 3 dB less on both sides in the middle, so that it is as loud everywhere. Stereo: a balance that turns the
    far side down and leaves the near one. Of more channels the odd ones count as left, the even ones as right.
    """
    left, right = _sides(place)
    if len(audio) == 1:
        np.multiply(audio[0], left, out=out[0])
        np.multiply(audio[0], right, out=out[1])
        return out
    np.copyto(out, audio[:2])
    for channel in range(2, len(audio)):
        np.add(out[channel % 2], audio[channel], out=out[channel % 2])
    np.multiply(out[0], _at_most_1(left), out=out[0])
    np.multiply(out[1], _at_most_1(right), out=out[1])
    return out


def _kernel(node: object, channels: Mapping[str, int]) -> Kernel:
    worth = _places if channels["audio"] == 1 else _balance
    return Kernel("times", still=frozenset({"place"}), worth={"place": worth})


@together(pan, lines=True, kernel=_kernel)
def pans(audio: FloatArray, out: FloatArray) -> Resting | None:
    """Many pans of mono or stereo in one, or one without its frame."""
    channels = audio.shape[1]
    if channels > 2:
        return None

    def rest(place: Values) -> Callable[[], object]:
        if isinstance(place, np.ndarray):
            return partial(_follow, audio, place, np.zeros_like(place), out)
        sides = np.array([_sides(one) for one in place])
        if channels == 2:
            sides = np.minimum(sides * sqrt(2.0), 1.0)
        return partial(np.multiply, audio, sides.astype(np.float32)[:, :, None], out)

    return rest


def _follow(audio: FloatArray, place: FloatArray, angles: FloatArray, out: FloatArray) -> None:
    np.add(place, np.float32(1.0), out=angles)
    np.multiply(angles, np.float32(pi / 4.0), out=angles)
    np.cos(angles[:, 0], out=out[:, 0])
    np.sin(angles[:, 0], out=out[:, 1])
    if audio.shape[1] == 2:
        np.multiply(out, np.float32(sqrt(2.0)), out=out)
        np.minimum(out, np.float32(1.0), out=out)
    np.multiply(audio, out, out=out)


def _at_most_1(side: float | FloatArray) -> float | FloatArray:
    """The balance's factor: 1 from the middle on."""
    if isinstance(side, np.ndarray):
        louder = np.multiply(side, np.float32(sqrt(2.0)))
        return np.minimum(louder, np.float32(1.0), out=louder)
    return min(side * sqrt(2.0), 1.0)


def _sides(place: float | FloatArray) -> tuple[float, float] | tuple[FloatArray, FloatArray]:
    if isinstance(place, np.ndarray):
        angles = (place[0] + np.float32(1.0)) * np.float32(pi / 4.0)
        return np.cos(angles), np.sin(angles)
    return _places(place)


def _places(place: float) -> tuple[float, float]:
    angle = (place + 1.0) * pi / 4.0
    return cos(angle), sin(angle)


def _balance(place: float) -> tuple[float, float]:
    left, right = _places(place)
    return min(left * sqrt(2.0), 1.0), min(right * sqrt(2.0), 1.0)
