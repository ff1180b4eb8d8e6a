"""Scale: bring a movement from one range into another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Kernel, Param, Setting, Setup, Signal, Values, column, node, together

NARROWEST = 1e-9
FURTHEST = 1e6
LARGEST = 1e9

Numbers = NDArray[np.floating]
Number = float | Numbers

InLow = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Input minimum.")]
InHigh = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Input maximum.")]
OutLow = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Output minimum.")]
OutHigh = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help="Output maximum.")]
Curve = Annotated[
    float,
    Param(
        0.1,
        10.0,
        curve="log",
        help="Exponent: 1 is linear; above 1 more detail at the low end; below 1 at the high end.",
    ),
]
Clip = Annotated[bool, Setting(help="Clip values to the range.")]


@node(
    other_names=("map range", "zmap", "remap", "range", "normalise", "clip"),
    nearest_to=("quantize", "quantise", "limiter", "distortion", "overdrive", "waveshaper", "saturator"),
)
class Scale:
    """Map one range to another, linear or curved.

    Every channel alike: ``out_low + (out_high - out_low) · position ** curve``, where position is 0 at ``in_low`` and
    1 at ``in_high`` (below 0 the bend is mirrored). A range without width gives ``out_low`` and what lies above it
    at most. Results stay within ±1e9.
    """

    def __init__(self, setup: Setup, clip: Clip = True) -> None:
        self.clip = clip
        self._block = setup.block
        self._position = np.zeros((1, setup.block))
        self._bent = np.zeros((1, setup.block))

    def process(
        self,
        audio: Annotated[Signal, Help("the signal to rescale")],
        out: Signal,
        in_low: InLow = -1.0,
        in_high: InHigh = 1.0,
        out_low: OutLow = 0.0,
        out_high: OutHigh = 1.0,
        curve: Curve = 1.0,
    ) -> Annotated[Signal, Help("the signal in its new range")]:
        """Fill ``out`` ``[channels, n]``."""
        channels, count = out.shape
        if channels > len(self._position):
            self._position, self._bent = np.zeros((2, channels, self._block))
        position, bent = self._position[:channels, :count], self._bent[:channels, :count]
        width = _width(in_low, in_high)
        bend = curve if isinstance(curve, np.ndarray) or curve != 1.0 else None
        _mapped(audio, out, position, bent, self.clip, in_low, width, out_low, out_high - out_low, bend)
        return out


def _kernel(node: Scale, channels: Mapping[str, int]) -> Kernel:
    return Kernel("scale clipped" if node.clip else "scale", only={"curve": 1.0})


@together(Scale, alike=lambda in_low, in_high, out_low, out_high, curve: curve != 1.0, lines=True, kernel=_kernel)
class Scales:
    """Many scales in one."""

    def __init__(self, nodes: Sequence[Scale], audio: FloatArray, out: FloatArray) -> None:
        self._clip = nodes[0].clip
        self._audio, self._out = audio, out
        self._position, self._bent = np.zeros(out.shape), np.zeros(out.shape)
        self._in: tuple[Numbers, Numbers] | None = None
        self._between: tuple[FloatArray, FloatArray] | None = None
        self._width: Numbers = np.ones(())
        self._span: Numbers = np.ones(())

    def __call__(
        self, in_low: Values, in_high: Values, out_low: Values, out_high: Values, curve: Values
    ) -> Callable[[], object]:
        """Go on with these ranges and curves, which are all straight or none."""
        self._from, self._to = column(in_low, np.float64), column(out_low, np.float64)
        is_bent = isinstance(curve, np.ndarray) or any(one != 1.0 for one in curve)
        self._bend = column(curve, np.float64) if is_bent else None
        self._in = self._between = None
        if isinstance(in_low, np.ndarray) or isinstance(in_high, np.ndarray):
            self._in = column(in_low, np.float64), column(in_high, np.float64)
        else:
            self._width = column([_narrow(*ends) for ends in zip(in_low, in_high, strict=True)], np.float64)
        if isinstance(out_low, np.ndarray) or isinstance(out_high, np.ndarray):
            self._between = column(out_low), column(out_high)
        else:
            self._span = column([high - low for low, high in zip(out_low, out_high, strict=True)], np.float64)
        return self._process

    def _process(self) -> None:
        if self._in is not None:
            self._width = _wide(*self._in)
        if self._between is not None:
            self._span = self._between[1] - self._between[0]
        sound, scratch = (self._audio, self._out), (self._position, self._bent)
        _mapped(*sound, *scratch, self._clip, self._from, self._width, self._to, self._span, self._bend)


def _mapped(
    audio: FloatArray,
    out: FloatArray,
    position: NDArray[np.float64],
    bent: NDArray[np.float64],
    clip: bool,
    start: Number,
    width: Number,
    to: Number,
    span: Number,
    bend: Number | None,
) -> None:
    np.copyto(position, audio)
    np.subtract(position, start, out=position)
    np.divide(position, width, out=position)
    np.maximum(position, 0.0 if clip else -FURTHEST, out=position)
    np.minimum(position, 1.0 if clip else FURTHEST, out=position)
    if bend is not None:
        np.abs(position, out=bent)
        np.power(bent, bend, out=bent)
        np.copysign(bent, position, out=position)
    np.multiply(position, span, out=position)
    np.add(position, to, out=position)
    np.maximum(position, -LARGEST, out=position)
    np.minimum(position, LARGEST, out=position)
    np.copyto(out, position, casting="same_kind")


def _width(low: float | FloatArray, high: float | FloatArray) -> Number:
    """high - low, never nearer to 0 than a billionth."""
    if not isinstance(low, np.ndarray) and not isinstance(high, np.ndarray):
        return _narrow(low, high)
    return _wide(low, high)


def _wide(low: float | Numbers, high: float | Numbers) -> Numbers:
    width = np.subtract(high, low, dtype=np.float64)
    return np.where(np.abs(width) < NARROWEST, NARROWEST, width)


def _narrow(low: float, high: float) -> float:
    return high - low if abs(high - low) >= NARROWEST else NARROWEST
