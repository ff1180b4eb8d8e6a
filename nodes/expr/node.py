"""The node: a formula as a setting, up to eight inputs, eight params."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Help, Param, PerSampleNode, Setting, SettingError, Setup, Signal, node
from ...engine.loops.description import PerSample
from ...engine.loops.stack import plays_together
from .code import SEED, description
from .grammar import read
from .tree import FormulaError

LOW, HIGH = -20_000.0, 20_000.0
FIRST = "in1 * p1"
# A whole number that float64 holds exactly, with room for a channel's number.
SEEDS = 1 << 52
# Formulas that are remembered as they were read: many nodes have the same one, and cards ask at every edit.
MOST_READ = 1024

Formula = Annotated[
    str,
    Setting(
        help="What is played: in1 to in8, p1 to p8, y[-1] (the past), sr, pi, + - * / % ** < > == and or not, "
        "c ? a : b, if clip wrap fold mtof ftom dbtoa atodb sin cos tan tanh exp log pow sqrt abs floor ceil round "
        "min max mod noise() phasor(f); name = …; gives a part a name."
    ),
]


@lru_cache(MOST_READ)
def described(formula: str) -> PerSample:
    """What one sample of a formula is made of. Raises FormulaError."""
    return description(read(formula))


def _turned(number: int) -> Param:
    return Param(LOW, HIGH, soft=(0.0, 1.0), help=f"p{number} of the formula")


@node(
    other_names=("gen~", "expr~", "fexpr~", "expr", "codebox", "formula", "function", "math"),
    nearest_to=("waveshaper", "biquad", "comparator", "logic", "karplus strong", "fm", "wavefolder"),
)
class Expr(PerSampleNode):
    """Plays a formula, sample by sample.

    As in gen~ and fexpr~: ``in1`` is the first input (also ``x`` or ``a``, to ``d``), ``p1`` the first param,
    ``y[-1]`` the sample before, ``in1[-p1]`` one up to 8192 samples ago, between samples by a line. ``0.5*in1 +
    0.5*y[-1]`` is a lowpass. ``w = phasor(220); sin(twopi*w)`` gives a part a name. Comparisons and ``and``, ``or``,
    ``not`` give 1 or 0; what is not 0 is true. ``if(c, a, b)`` or ``c ? a : b`` chooses. ``clip(x, low, high)``,
    ``wrap`` and ``fold`` without limits are of -1 to 1, 0 to 1 and 0 to 1. ``%`` and ``mod`` keep the sign of the
    left; these and ``/`` give 0 where the right is 0. ``noise()`` is of -1 to 1, by the patch's seed; ``phasor(f)``
    rises from 0 to 1, f times a second. Channels are played alike. An input where nothing is connected is 0. While a
    new formula is compiled, about a second, the one before plays on.
    """

    def __init__(self, setup: Setup, formula: Formula = FIRST) -> None:
        try:
            self.kind = described(formula)
        except FormulaError as error:
            raise SettingError("formula", str(error)) from None
        self.ranges = ((0.5, LOW, HIGH),) * len(self.kind.params)
        self._seed = setup.seed % SEEDS
        self.begin(setup)

    def process(
        self,
        out: Signal,
        in1: Annotated[Signal, Help("in1 of the formula, also x or a")] | None = None,
        in2: Annotated[Signal, Help("in2 of the formula, also b")] | None = None,
        in3: Annotated[Signal, Help("in3 of the formula, also c")] | None = None,
        in4: Annotated[Signal, Help("in4 of the formula, also d")] | None = None,
        in5: Annotated[Signal, Help("in5 of the formula")] | None = None,
        in6: Annotated[Signal, Help("in6 of the formula")] | None = None,
        in7: Annotated[Signal, Help("in7 of the formula")] | None = None,
        in8: Annotated[Signal, Help("in8 of the formula")] | None = None,
        p1: Annotated[float, _turned(1)] = 0.5,
        p2: Annotated[float, _turned(2)] = 0.5,
        p3: Annotated[float, _turned(3)] = 0.5,
        p4: Annotated[float, _turned(4)] = 0.5,
        p5: Annotated[float, _turned(5)] = 0.5,
        p6: Annotated[float, _turned(6)] = 0.5,
        p7: Annotated[float, _turned(7)] = 0.5,
        p8: Annotated[float, _turned(8)] = 0.5,
    ) -> Annotated[Signal, Help("what the formula gives")]:
        """Fill ``out`` ``[channels, n]``."""
        given = {"in1": in1, "in2": in2, "in3": in3, "in4": in4, "in5": in5, "in6": in6, "in7": in7, "in8": in8}
        return self.play(out, {**given, "p1": p1, "p2": p2, "p3": p3, "p4": p4, "p5": p5, "p6": p6, "p7": p7, "p8": p8})

    @staticmethod
    def uses(values: Mapping[str, Any]) -> Collection[str] | None:
        """The inputs and params that the formula names; None where it can't be read."""
        formula = values.get("formula", FIRST)
        try:
            kind = described(formula) if isinstance(formula, str) else None
        except FormulaError:
            kind = None
        return (*kind.inputs, *kind.params) if kind is not None else None

    def inherit(self, before: "Expr") -> None:
        """The formula before plays on until this one is compiled."""
        self.follow(before)

    def start(self, channels: int) -> NDArray[np.float64]:
        """What is kept before the first sample: the noise of each channel is its own."""
        kept = self.kind.start(channels)
        for place, (name, _) in enumerate(self.kind.state):
            if name == SEED:
                kept[:, place] = (self._seed + np.arange(channels) * 0x9E3779B97F4A7) % SEEDS
        return kept


plays_together(Expr)
