"""Scale: bring a movement from one range into another."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Param, Setting, Setup, Signal, node

NARROWEST = 1e-9
FURTHEST = 1e6
LARGEST = 1e9

InLow = Annotated[float, Param(-1e6, 1e6, help="The value that becomes the lowest.")]
InHigh = Annotated[float, Param(-1e6, 1e6, help="The value that becomes the highest.")]
OutLow = Annotated[float, Param(-1e6, 1e6, help="What the lowest becomes.")]
OutHigh = Annotated[float, Param(-1e6, 1e6, help="What the highest becomes.")]
Curve = Annotated[
    float,
    Param(
        0.1,
        10.0,
        curve="log",
        help="1 is straight; above, more detail near the low end; below, near the high.",
    ),
]
Clip = Annotated[bool, Setting(help="Whether values beyond the range stop at its ends.")]


@node
class Scale:
    """Map one range onto another, straight or bent.

    Every channel alike: ``out_low + (out_high - out_low) · position ** curve``, where position is 0 at ``in_low`` and
    1 at ``in_high`` (below 0 the bend is mirrored). A range without width gives ``out_low`` and what lies above it
    at most. Results stay within ±1e9.
    """

    def __init__(self, setup: Setup, clip: Clip = True) -> None:
        self._clip = clip
        self._block = setup.block
        self._position = np.zeros((1, setup.block))
        self._bent = np.zeros((1, setup.block))

    def process(
        self,
        audio: Signal,
        out: Signal,
        in_low: InLow = -1.0,
        in_high: InHigh = 1.0,
        out_low: OutLow = 0.0,
        out_high: OutHigh = 1.0,
        curve: Curve = 1.0,
    ) -> Signal:
        """Fill ``out`` ``[channels, n]``."""
        channels, count = out.shape
        if channels > len(self._position):
            self._position, self._bent = np.zeros((2, channels, self._block))
        position, bent = self._position[:channels, :count], self._bent[:channels, :count]
        np.subtract(audio, in_low, out=position, dtype=np.float64)
        np.divide(position, _width(in_low, in_high), out=position)
        np.maximum(position, 0.0 if self._clip else -FURTHEST, out=position)
        np.minimum(position, 1.0 if self._clip else FURTHEST, out=position)
        if isinstance(curve, np.ndarray) or curve != 1.0:
            np.abs(position, out=bent)
            np.power(bent, curve, out=bent)
            np.copysign(bent, position, out=position)
        np.multiply(position, out_high - out_low, out=position)
        np.add(position, out_low, out=position)
        np.maximum(position, -LARGEST, out=position)
        np.minimum(position, LARGEST, out=position)
        np.copyto(out, position, casting="same_kind")
        return out


def _width(low: float | FloatArray, high: float | FloatArray) -> float | FloatArray:
    """high - low, never nearer to 0 than a billionth."""
    if not isinstance(low, np.ndarray) and not isinstance(high, np.ndarray):
        return high - low if abs(high - low) >= NARROWEST else NARROWEST
    width = np.subtract(high, low, dtype=np.float64)
    return np.where(np.abs(width) < NARROWEST, NARROWEST, width)
