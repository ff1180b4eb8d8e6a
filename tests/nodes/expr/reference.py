"""What a formula means, said once more and slowly: numpy's float64, sample by sample; and formulas as text."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from latent_terrain.nodes.expr.tree import Binary, Formula, FunctionCall, Name, Number, Part, Past, Unary

RATE = 48_000.0
SIGNS = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
PLAIN = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "tanh", "sinh", "cosh", "exp", "abs", "floor")},
    **{name: getattr(np, name) for name in ("ceil", "trunc", "sign", "sqrt", "log", "log2", "log10")},
    "atan": np.arctan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan2": np.arctan2,
    "pow": np.power,
    "fract": lambda x: x - np.floor(x),
    "round": lambda x: np.floor(x + 0.5),
    "mtof": lambda x: 440.0 * 2.0 ** ((x - 69.0) / 12.0),
    "ftom": lambda x: 69.0 + 12.0 * np.log2(x / 440.0),
    "dbtoa": lambda x: 10.0 ** (x / 20.0),
    "atodb": lambda x: 20.0 * np.log10(x),
}


@dataclass
class Reference:
    """Plays a formula. inputs: float64 ``[n]`` by name, params numbers by name."""

    formula: Formula
    inputs: Mapping[str, NDArray[np.float64]]
    params: Mapping[str, float] = field(default_factory=dict)

    def play(self, samples: int) -> NDArray[np.float64]:
        self.heard: list[float] = []
        self.phases: dict[int, float] = {}
        with np.errstate(all="ignore"):
            for now in range(samples):
                self.now, self.named, self.seen = now, dict[str, float](), 0
                for name, part in self.formula.named:
                    self.named[name] = self.value(part)
                self.heard.append(float(self.value(self.formula.sound)))
        return np.array(self.heard)

    def value(self, part: Part) -> float:
        match part:
            case Number():
                return np.float64(part.value)
            case Name():
                return np.float64(self.of(part.name))
            case Past():
                return self.past(part.name, self.value(part.offset))
            case Unary(sign="-"):
                return -self.value(part.part)
            case Unary():
                return np.float64(self.value(part.part) == 0.0)
            case Binary():
                return self.binary(part.sign, self.value(part.left), self.value(part.right))
            case FunctionCall():
                return self.call(part.function, [self.value(one) for one in part.parts])

    def of(self, name: str) -> float:
        if name in self.named:
            return self.named[name]
        if name in self.inputs:
            return float(self.inputs[name][self.now])
        return RATE if name == "sr" else self.params[name]

    def past(self, name: str, offset: float) -> float:
        least = 1.0 if name == "y" else 0.0
        late = min(-offset, 8192.0) if -offset > least else least
        whole = math.floor(late)
        newer, older = (self.sample(name, self.now - one) for one in (whole, whole + 1))
        return np.float64(newer + (late - whole) * (older - newer))

    def sample(self, name: str, place: int) -> float:
        if place < 0:
            return 0.0
        return self.heard[place] if name == "y" else float(self.inputs[name][place])

    def binary(self, sign: str, left: float, right: float) -> float:
        match sign:
            case "/":
                return np.divide(left, right) if right != 0.0 else np.float64(0.0)
            case "%":
                return np.fmod(left, right) if right != 0.0 else np.float64(0.0)
            case "and":
                return np.float64(left != 0.0 and right != 0.0)
            case "or":
                return np.float64(left != 0.0 or right != 0.0)
        return np.float64(SIGNS[sign](left, right))

    def call(self, name: str, given: list[float]) -> float:
        match name:
            case "if":
                return given[1] if given[0] != 0.0 else given[2]
            case "min":
                return min(given)
            case "max":
                return max(given)
            case "mod":
                return self.binary("%", *given)
            case "clip":
                low, high = (*given[1:], *((-1.0, 1.0)[len(given) - 1 :]))
                return low if given[0] < low else high if given[0] > high else given[0]
            case "wrap" | "fold":
                low, high = (*given[1:], *((0.0, 1.0)[len(given) - 1 :]))
                if high == low:
                    return low
                turns = (given[0] - low) / (high - low)
                if name == "wrap":
                    return given[0] - (high - low) * np.floor(turns)
                turns = turns - 2.0 * np.floor(0.5 * turns)
                return low + (high - low) * (turns if turns < 1.0 else 2.0 - turns)
            case "phasor":
                self.seen += 1
                now = self.phases.get(self.seen, 0.0)
                following = now + given[0] / RATE
                self.phases[self.seen] = float(following - np.floor(following))
                return np.float64(now)
        return np.float64(PLAIN[name](*given))


def written(part: Part) -> str:
    """A part as text, with brackets everywhere."""
    match part:
        case Number():
            return repr(part.value)
        case Name():
            return part.name
        case Past():
            return f"{part.name}[{written(part.offset)}]"
        case Unary():
            return f"({part.sign} {written(part.part)})"
        case Binary():
            return f"({written(part.left)} {part.sign} {written(part.right)})"
        case FunctionCall():
            return f"{part.function}({', '.join(written(one) for one in part.parts)})"
