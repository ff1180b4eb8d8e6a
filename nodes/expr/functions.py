"""What a formula may call: each function with its number of arguments, in words, and as Python for numba.

What has no number where gen~ gives one gives the same here: division and ``mod`` by 0 give 0.
"""

from dataclasses import dataclass
from math import e, pi, tau
from typing import Final

INPUTS: Final = tuple(f"in{number}" for number in range(1, 9))
PARAMS: Final = tuple(f"p{number}" for number in range(1, 9))
# As fexpr~ (x1), and as the ports of multiply and add call them.
ALIASES: Final = {
    **{f"x{number}": f"in{number}" for number in range(1, 9)},
    **{letter: f"in{number}" for number, letter in enumerate("abcd", 1)},
    "x": "in1",
    "in": "in1",
    "y1": "y",
    "out": "y",
    "samplerate": "sr",
}
CONSTANTS: Final = {"pi": pi, "twopi": tau, "e": e}
# Those whose past is kept.
KEPT: Final = (*INPUTS, "y")
MOST_HISTORY: Final = 8192


@dataclass(frozen=True)
class Function:
    """A function: how many arguments it takes; text: the expression it is; definition: what that calls."""

    least: int
    most: int
    text: str
    definition: str = ""


def _plain(name: str) -> Function:
    return Function(1, 1, f"math.{name}({{0}})")


def _defined(least: int, most: int, name: str, body: str) -> Function:
    return Function(least, most, f"{name}({{all}})", body)


FUNCTIONS: Final = {
    **{name: _plain(name) for name in ("sin", "cos", "tan", "tanh", "sinh", "cosh", "exp", "atan")},
    "abs": Function(1, 1, "abs({0})"),
    "floor": Function(1, 1, "float(np.floor({0}))"),
    "ceil": Function(1, 1, "float(np.ceil({0}))"),
    "trunc": Function(1, 1, "float(np.trunc({0}))"),
    "round": Function(1, 1, "float(np.floor({0} + 0.5))"),
    "fract": Function(1, 1, "({0} - float(np.floor({0})))"),
    "sign": Function(1, 1, "float(np.sign({0}))"),
    "sqrt": Function(1, 1, "float(np.sqrt({0}))"),
    "log": Function(1, 1, "float(np.log({0}))"),
    "log2": Function(1, 1, "float(np.log2({0}))"),
    "log10": Function(1, 1, "float(np.log10({0}))"),
    "asin": Function(1, 1, "float(np.arcsin({0}))"),
    "acos": Function(1, 1, "float(np.arccos({0}))"),
    "atan2": Function(2, 2, "math.atan2({0}, {1})"),
    "min": Function(2, 8, "min({all})"),
    "max": Function(2, 8, "max({all})"),
    "pow": Function(2, 2, "float(np.power({0}, {1}))"),
    "mtof": Function(1, 1, "(440.0 * 2.0 ** (({0} - 69.0) / 12.0))"),
    "ftom": Function(1, 1, "(69.0 + 12.0 * float(np.log2({0} / 440.0)))"),
    "dbtoa": Function(1, 1, "(10.0 ** ({0} / 20.0))"),
    "atodb": Function(1, 1, "(20.0 * float(np.log10({0})))"),
    "if": Function(3, 3, "({1} if {0} != 0.0 else {2})"),
    "mod": _defined(2, 2, "f_mod", "def f_mod(a, b):\n    return float(np.fmod(a, b)) if b != 0.0 else 0.0"),
    "clip": _defined(
        1, 3, "f_clip", "def f_clip(a, low=-1.0, high=1.0):\n    return low if a < low else high if a > high else a"
    ),
    "wrap": _defined(
        1,
        3,
        "f_wrap",
        "def f_wrap(a, low=0.0, high=1.0):\n"
        "    span = high - low\n"
        "    if span == 0.0:\n"
        "        return low\n"
        "    return a - span * float(np.floor((a - low) / span))",
    ),
    "fold": _defined(
        1,
        3,
        "f_fold",
        "def f_fold(a, low=0.0, high=1.0):\n"
        "    span = high - low\n"
        "    if span == 0.0:\n"
        "        return low\n"
        "    turns = (a - low) / span\n"
        "    turns = turns - 2.0 * float(np.floor(0.5 * turns))\n"
        "    return low + span * (turns if turns < 1.0 else 2.0 - turns)",
    ),
}
"""All but those with a memory of their own."""

# How many arguments they take; the code of each is in ``code``.
WITH_MEMORY: Final = {"noise": (0, 0), "phasor": (1, 1)}

DIVIDE = "def f_divide(a, b):\n    return a / b if b != 0.0 else 0.0"

NOISE = """\
def f_noise(seed, count):
    z = np.uint64(seed) + np.uint64(count) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (2.0 / 9007199254740992.0) - 1.0"""
"""Numbers of -1 … 1 by counting (Steele, Lea & Flood: Fast Splittable Pseudorandom Number Generators, 2014)."""

PAST = f"""\
def f_past(ring, now, offset, least, mask):
    late = -offset
    if not late > least:
        late = least
    if late > {MOST_HISTORY}.0:
        late = {MOST_HISTORY}.0
    whole = int(late)
    newer, older = ring[(now - whole) & mask], ring[(now - whole - 1) & mask]
    return newer + (late - whole) * (older - newer)"""
"""A sample of the past, between two of them by a line; an offset that is no number is the latest."""


def arity(name: str) -> tuple[int, int] | None:
    """How many arguments a function takes, at least and at most; None for one that isn't there."""
    if name in WITH_MEMORY:
        return WITH_MEMORY[name]
    found = FUNCTIONS.get(name)
    return (found.least, found.most) if found is not None else None


def known_names() -> tuple[str, ...]:
    """All that a formula may name."""
    return (*FUNCTIONS, *WITH_MEMORY, *INPUTS, *PARAMS, *ALIASES, *CONSTANTS, "y", "sr")
