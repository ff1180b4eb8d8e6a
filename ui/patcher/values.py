"""The values of params and settings: as they stand, as they are shown, and as they lie between their ends."""

from typing import Any

from ...engine import curves
from ...engine.declare import ParamSpec
from ...engine.labels import choice_label
from .layout import NodePlace

UNITS = {"samples": "smp", "semitones": "st", "units": "u"}


def value_of(place: NodePlace, name: str) -> Any:
    """A param's or setting's value, its default if none was given; None if there is no such thing."""
    if name in place.node.values:
        return place.node.values[name]
    if place.spec is None:
        return None
    if name in place.spec.params:
        return place.spec.params[name].default
    return place.spec.settings[name].default if name in place.spec.settings else None


def shown(place: NodePlace, name: str, value: Any) -> str:
    """A value in a few letters, with its unit."""
    spec = place.spec.params.get(name) if place.spec is not None else None
    if spec is not None and spec.kind in ("float", "int") and isinstance(value, int | float):
        return number(spec, float(value))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    declared = spec or (place.spec.settings.get(name) if place.spec is not None else None)
    return choice_label(declared, str(value)) if declared is not None else str(value)


def number(spec: ParamSpec, value: float) -> str:
    """A number with as many digits as its range is worth, and its unit; where it has a face, what it stands for."""
    if spec.face is not None:
        return spec.face.shown(spec.face.at(value))
    if spec.kind == "int":
        text = f"{round(value)}"
    elif value != 0 and abs(value) < 0.001:
        text = f"{value:.2g}"
    else:
        text = f"{value:.{3 if abs(value) < 1 else 2 if abs(value) < 100 else 1 if abs(value) < 10_000 else 0}f}"
    return f"{text} {UNITS.get(spec.unit, spec.unit)}".rstrip()


def span_of(spec: ParamSpec, value: Any = None) -> tuple[float, float]:
    """The ends of a knob: the range of use by hand, and further where the value was typed beyond it."""
    low, high = spec.span if spec.face is None else (0.0, 1.0)
    if spec.face is not None or not isinstance(value, int | float) or low <= value <= high:
        return low, high
    # the middle of a bipolar knob is 0 whatever it reaches
    return (-abs(value), abs(value)) if spec.curve == "bipolar" else (min(low, value), max(high, value))


def place_of(spec: ParamSpec, value: Any, span: tuple[float, float] | None = None) -> float:
    """Where a value lies between the ends of its knob, 0 … 1, by the param's curve. span: ends other than its own."""
    low, high = span or span_of(spec, value)
    if not isinstance(value, int | float) or high <= low:
        return 0.0
    if spec.face is not None and value < 0:
        return spec.face.place_of(spec.face.initial)
    return curves.place_of(value, low, high, spec.curve)


def value_at(spec: ParamSpec, share: float, span: tuple[float, float] | None = None) -> float | int:
    """The value at a place between the ends of a knob, 0 … 1; within the param's range."""
    low, high = span or span_of(spec)
    if spec.face is not None:
        return spec.face.snapped(min(max(share, 0.0), 1.0))
    found = min(max(curves.value_at(share, low, high, spec.curve), low), high)
    return round(found) if spec.kind == "int" else found
