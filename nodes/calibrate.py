"""Calibrate: a sensor learns its own range, so that what you can do fills what is played."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from ..engine import Content, ControlSignal, FloatArray, Help, Param, Setting, Setup, Signal, node
from .control_rate import ControlSteps, value_at
from .osc_in import Edge

LOW, HIGH, MEAN, SQUARES, COUNT = "low", "high", "mean", "squares", "count"
# Standard deviations from one end of the output to the middle.
DEVIATIONS = 3.0
# A range narrower than this share of its height is none: a sensor that was not connected must not be blown up.
NARROWEST = 1e-6
Learning = Annotated[bool, Param(0, 1, help="learns while on, beginning anew; then it keeps what it learned")]


@dataclass
class _Learned:
    """What is known of each channel: lowest and highest value, mean, sum of squares about it, and how many values."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]
    count: int = 0

    @classmethod
    def nothing(cls, channels: int) -> "_Learned":
        low, high, mean, squares = np.zeros((4, channels))
        return cls(low, high, mean, squares)


@node(
    other_names=("autoscale", "normalise", "normalize", "min max", "sensor range", "z-score", "standardise", "minmax"),
)
class Calibrate:
    """Brings each channel of a sensor into one range, which it has learned from that channel.

    Turn ``learning`` on (also by OSC: /node/calibrate/learning 1), move through all you will do, and turn it off.
    range: the lowest value learned becomes ``low`` and the highest ``high``. zscore: the mean becomes the middle, and
    three standard deviations the ends, so that one wrong value spoils little. What was learned is kept in the patch
    when that is saved. Before the first learning 0 … 1 is taken as the range. What is no number is passed over.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        method: Annotated[Literal["range", "zscore"], Setting(help="what the output range is made from")] = "range",
        clip: Annotated[bool, Setting(help="hold values beyond what was learned at the ends")] = True,
    ) -> None:
        self.method, self.clip = method, clip
        self._steps = ControlSteps(setup)
        self._learned = _learned_in(content)
        self._is_learning = False
        self._scratch: NDArray[np.float64] = np.zeros((5, 0))
        self._ends: tuple[float | FloatArray, float | FloatArray, bool] = (0.0, 1.0, False)
        if self._learned is None:
            setup.warn("not calibrated yet: turn learning on, move through the sensor's range, and turn it off")

    def process(
        self,
        audio: Annotated[Signal, Help("the signal to calibrate, such as a sensor's")],
        out: Signal,
        learning: Learning = False,
        low: Edge = 0.0,
        high: Edge = 1.0,
    ) -> Annotated[ControlSignal, Help("the signal from low to high")]:
        """Fill ``out`` ``[channels, n]``."""
        if self._scratch.shape[1] != len(audio):
            self._scratch = np.zeros((5, len(audio)))
            self._spare = _Learned.nothing(len(audio))
        self._ends = (low, high, bool(learning))
        return self._steps.process(audio, out, self._step)

    def capture(self) -> Content:
        """What was learned, each ``[channels]``: low, high, mean, squares (about the mean), and count ``[1]``."""
        known = self._learned
        if known is None or not known.count:
            return {}
        numbers = {LOW: known.low, HIGH: known.high, MEAN: known.mean, SQUARES: known.squares}
        return {**{name: one.copy() for name, one in numbers.items()}, COUNT: np.array([known.count], np.float64)}

    def renews(self, content: Content) -> bool:
        """Whatever it knows, it goes on playing."""
        return True

    def prepare(self, content: Content) -> _Learned | None:
        """What the patch knows."""
        return _learned_in(content)

    def renew(self, learned: _Learned | None) -> None:
        """Audio thread only: calibrate by this; while it learns, that goes on."""
        if not self._is_learning:
            self._learned = learned

    def reset(self) -> None:
        """Begin at rest; what was learned stays."""
        self._steps.reset()
        self._is_learning = False

    def _step(self, values: FloatArray, out: FloatArray, sample: int) -> None:
        low, high, learning = value_at(self._ends[0], sample), value_at(self._ends[1], sample), self._ends[2]
        if learning and not self._is_learning:
            self._learned, self._spare = self._spare, _cleared(self._spare, self._learned, len(values))
        self._is_learning = learning
        known = self._learned
        if known is not None and len(known.low) != len(values):
            known = None  # learned from another sensor
        if learning and known is not None:
            self._learn(known, values)
        begin, width, place = self._scratch[0], self._scratch[1], self._scratch[2]
        if known is None or not known.count:
            begin.fill(0.0)
            width.fill(1.0)
        elif self.method == "range":
            np.copyto(begin, known.low)
            np.subtract(known.high, known.low, out=width)
        else:
            np.multiply(known.squares, (2 * DEVIATIONS) ** 2 / known.count, out=width)
            np.sqrt(width, out=width)
            np.multiply(width, -0.5, out=begin)
            np.add(begin, known.mean, out=begin)
        self._widen(begin, width)
        np.subtract(values, begin, out=place)
        np.divide(place, width, out=place)
        if self.clip:
            np.clip(place, 0.0, 1.0, out=place)
        np.multiply(place, high - low, out=place)
        np.add(place, low, out=place)
        np.clip(place, -1e9, 1e9, out=place)
        np.copyto(out, place, casting="same_kind")

    def _learn(self, known: _Learned, values: FloatArray) -> None:
        """One more moment; Welford's mean and squares lose nothing over hours."""
        away, part = self._scratch[3], self._scratch[4]
        if not known.count:
            np.copyto(known.low, values)
            np.copyto(known.high, values)
        known.count += 1
        np.minimum(known.low, values, out=known.low)
        np.maximum(known.high, values, out=known.high)
        np.subtract(values, known.mean, out=away)
        np.multiply(away, 1.0 / known.count, out=part)
        np.add(known.mean, part, out=known.mean)
        np.subtract(values, known.mean, out=part)
        np.multiply(part, away, out=part)
        np.add(known.squares, part, out=known.squares)

    def _widen(self, begin: NDArray[np.float64], width: NDArray[np.float64]) -> None:
        """Where a channel has not moved, it gives the middle rather than noise."""
        least = self._scratch[4]
        np.abs(begin, out=least)
        np.multiply(least, NARROWEST, out=least)
        np.add(least, NARROWEST * NARROWEST, out=least)
        np.less(width, least, out=self._scratch[3], casting="unsafe")
        np.multiply(self._scratch[3], 0.5, out=least)
        np.subtract(begin, least, out=begin)
        np.maximum(width, self._scratch[3], out=width)


def _cleared(spare: _Learned, before: _Learned | None, channels: int) -> _Learned:
    """Room for the learning after this one; ``spare`` is emptied, for the one that begins."""
    for array in (spare.low, spare.high, spare.mean, spare.squares):
        array.fill(0.0)
    spare.count = 0
    return before if before is not None and len(before.low) == channels else _Learned.nothing(channels)


def _learned_in(content: Content) -> _Learned | None:
    """What a patch knows; None for nothing, or what can't be."""
    arrays = [np.asarray(content.get(name, ()), np.float64).ravel() for name in (LOW, HIGH, MEAN, SQUARES, COUNT)]
    channels = len(arrays[0])
    is_whole = all(len(one) == channels for one in arrays[:4]) and len(arrays[4]) == 1 and arrays[4][0] >= 1
    if not channels or not is_whole or not all(np.isfinite(one).all() for one in arrays):
        return None
    low, high, mean, squares = (one.copy() for one in arrays[:4])
    return _Learned(low, high, mean, squares, int(arrays[4][0]))
