"""Params as numbers: which of its values a param takes for what comes from a cord or a controller."""

from .declare import ParamSpec, Scalar


def takes_cords(spec: ParamSpec) -> bool:
    """Whether signals and events may drive a param: what glides at every sample, what only steps once per block."""
    return spec.ramp or spec.kind != "float"


def nearest(spec: ParamSpec, number: float) -> Scalar:
    """The value that a param takes for a finite number.

    Numbers are kept within the range, whole ones rounded; a switch is on from 0.5 up; a choice is the one at that
    place, counted from 0, the first and the last for what lies beyond.
    """
    if spec.kind == "bool":
        return number >= 0.5
    if spec.kind == "choice":
        return spec.choices[round(min(max(number, 0.0), len(spec.choices) - 1.0))]
    number = min(max(number, float(spec.low)), float(spec.high))
    return round(number) if spec.kind == "int" else number


def place(spec: ParamSpec, value: Scalar) -> float:
    """A param's value as a number: of a switch 0 or 1, of a choice its place, counted from 0."""
    return float(spec.choices.index(value)) if isinstance(value, str) else float(value)
