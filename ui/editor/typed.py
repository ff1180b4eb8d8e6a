"""Values as they are typed: numbers with units, little sums such as ``2*pi``, lists, words."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from ...engine.declare import ParamSpec, SettingSpec

SUMS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
NAMES = {"pi": math.pi, "e": math.e}
YES, NO = ("on", "yes", "true", "1"), ("off", "no", "false", "0")


def read_value(text: str, param: ParamSpec | None, setting: SettingSpec | None) -> Any:
    """The value that a text means for a param or a setting. Raises ValueError with a sentence."""
    text = text.strip()
    if param is not None:
        return _param(text, param)
    if setting is None:
        return text
    if setting.choices:
        return _choice(text, setting.choices)
    default = setting.default
    if isinstance(default, bool):
        return _switch(text)
    if isinstance(default, int | float):
        found = number(text)
        low, high = setting.about.low, setting.about.high
        if (low is not None and found < low) or (high is not None and found > high):
            raise ValueError(f"{text} is out of range; give {low:g} to {high:g}")
        return round(found) if isinstance(default, int) else found
    if isinstance(default, tuple):
        parts = [part.strip() for part in text.split(",") if part.strip()]
        is_numbers = bool(default) and isinstance(default[0], int | float)
        return [number(part) for part in parts] if is_numbers else parts
    return text


def number(text: str) -> float:
    """A number, or a little sum of numbers. Raises ValueError with a sentence."""
    words = text.strip().rstrip("%").strip()
    while words and words[-1].isalpha() and not words.endswith(("pi", "e")):
        words = words[:-1].rstrip()
    try:
        found = _worked_out(ast.parse(words, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, TypeError):
        raise ValueError(f"{text!r} is no number; write one, or a sum such as 2*pi") from None
    if not math.isfinite(found):
        raise ValueError(f"{text!r} is too large; give a smaller number")
    return found


def _param(text: str, spec: ParamSpec) -> Any:
    if spec.kind == "bool":
        return _switch(text)
    if spec.kind == "choice":
        return _choice(text, spec.choices)
    found = number(text)
    if not spec.low <= found <= spec.high:
        raise ValueError(f"{found:g} is out of range; give {spec.low:g} to {spec.high:g}")
    return round(found) if spec.kind == "int" else found


def _choice(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"{text!r} is none of {', '.join(choices)}")
    return text


def _switch(text: str) -> bool:
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    raise ValueError(f"{text!r} is neither on nor off")


def _worked_out(part: ast.expr) -> float:
    match part:
        case ast.Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        case ast.Name(name) if name in NAMES:
            return NAMES[name]
        case ast.UnaryOp(ast.USub(), inner):
            return -_worked_out(inner)
        case ast.UnaryOp(ast.UAdd(), inner):
            return _worked_out(inner)
        case ast.BinOp(left, sign, right) if type(sign) in SUMS:
            one, other = _worked_out(left), _worked_out(right)
            if isinstance(sign, ast.Pow) and (abs(other) > 64 or abs(one) > 1e6):
                raise ValueError("too large")
            return SUMS[type(sign)](one, other)
    raise ValueError("no number")
