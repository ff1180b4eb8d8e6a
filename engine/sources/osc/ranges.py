"""What a param takes from OSC: a number in its own units or from 0 to 1, a switch, or a word."""

from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ....graphs import Patch
from ...curves import value_at
from ...declare import ParamSpec, Scalar
from ...messages.children import Range, Ranges
from ...palette import Palette
from ...typed import number, switch


@dataclass(frozen=True)
class TakenValue:
    """What became of a value. value: None when it was refused; remark: why, or how it was changed, else empty."""

    value: Scalar | None
    remark: str = ""


def ranges_of(patch: Patch, palette: Palette) -> Ranges:
    """All that can be turned in a patch."""
    found: Ranges = {}
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is not None and spec.params:
            found[name] = {key: _range(one) for key, one in spec.params.items()}
    return found


def from_norm(about: Range, norm: float) -> Scalar:
    """What a slider's place (0 … 1) means for a param: along its curve, on or off from the middle, one of its words.

    A log curve whose low end is not above 0 has no logarithm and is taken as linear.
    """
    place = min(max(float(norm), 0.0), 1.0)
    if about.kind == "bool":
        return place >= 0.5
    if about.kind == "choice":
        choices = about.choices
        return str(choices[min(int(place * len(choices)), len(choices) - 1)])
    value = min(max(value_at(place, about.low, about.high, about.curve), about.low), about.high)
    return round(value) if about.kind == "int" else value


def taken(about: Range, given: list[Any], is_norm: bool) -> TakenValue:
    """What a param makes of a message's arguments: in its own units, or 0 … 1 where ``is_norm``."""
    if len(given) != 1:
        return TakenValue(None, f"takes one value, not {len(given)}")
    (value,) = given
    if isinstance(value, str) and about.kind != "choice":
        value = _read(value, about.kind)
    if about.kind == "choice" and not is_norm:
        if isinstance(value, str) and value in about.choices:
            return TakenValue(value)
        return TakenValue(None, f"takes one of {', '.join(about.choices)}, not {value!r:.40}")
    if not isinstance(value, bool | int | float):
        return TakenValue(None, f"takes a number, not {value!r:.40}")
    number = float(value)
    if not isfinite(number):
        return TakenValue(None, f"takes a number, not {number}")
    if is_norm:
        return TakenValue(*_clipped(number, 0.0, 1.0))
    if about.kind == "bool":
        return TakenValue(number >= 0.5)
    kept, remark = _clipped(number, about.low, about.high)
    return TakenValue(round(kept) if about.kind == "int" else kept, remark)


def _read(text: str, kind: str) -> Any:
    """A number or a switch that was sent as a text; the text where it is none."""
    found = switch(text.strip()) if kind == "bool" else text
    if not isinstance(found, str):
        return found
    with suppress(ValueError):
        return number(text)
    return text


def _clipped(number: float, low: float, high: float) -> tuple[float, str]:
    if low <= number <= high:
        return number, ""
    return min(max(number, low), high), f"goes from {low:g} to {high:g}; {number:g} was taken as its end"


def _range(spec: ParamSpec) -> Range:
    # sliders that were laid out for all of a range keep what their places mean
    curve = "linear" if spec.curve == "bipolar" else spec.curve
    return Range(float(spec.low), float(spec.high), spec.kind, tuple(spec.choices), curve)
