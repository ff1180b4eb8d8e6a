"""Mappings: which controller turns which param, over which range, along which curve; kept by name in the patch.

A controller is named by a word: ``midi:Launch Control/1/cc/21`` (device, channel, kind, number; ``*`` for any device or
channel), ``gamepad:Stadia/1/axis/0``, or an OSC address (``osc:/fader/3``, ``osc:/xy#2`` for its second number). What
it sends is a place 0 … 1; OSC numbers go through ``low`` and ``high`` of the source first.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...engine.declare import ParamSpec, Scalar
from ...engine.palette import Palette
from ...graphs import EditError, Patch, set_view

KEY = "controls"
MODES = ("absolute", "toggle", "momentary")
CURVES = ("linear", "log", "exponential")
MOST = 1024
NEAR = 0.02
"""A knob that is picked up this near to where the param is, as a place 0 … 1, has it."""


@dataclass(frozen=True)
class ControlMapping:
    """One controller on one param. low, high: what 0 and 1 mean, in the param's units; they may be the wrong way round.

    mode: ``absolute`` follows; ``toggle`` switches between low and high whenever it is pressed; ``momentary`` is high
    while pressed. curve: how the way between is spread. pickup: nothing happens until the controller has passed where
    the param is, so that it never jumps. given: the range of an OSC number.
    """

    source: str
    node: str
    param: str
    low: float
    high: float
    curve: str = "linear"
    mode: str = "absolute"
    pickup: bool = False
    given: tuple[float, float] = (0.0, 1.0)

    def value_at(self, place: float) -> float:
        """What a place 0 … 1 means."""
        place = min(max(place, 0.0), 1.0)
        if self.curve == "exponential":
            place *= place
        elif self.curve == "log" and self.low > 0 and self.high > 0:
            return float(self.low * (self.high / self.low) ** place)
        return self.low + (self.high - self.low) * place

    def place_of(self, value: float) -> float:
        """Where a value is between low and high, 0 … 1."""
        if self.low == self.high:
            return 0.0
        if self.curve == "log" and self.low > 0 and self.high > 0:
            place = math.log(max(value, 1e-12) / self.low) / math.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
            place = math.sqrt(max(place, 0.0)) if self.curve == "exponential" else place
        return min(max(place, 0.0), 1.0)


@dataclass
class Follower:
    """What one mapping remembers while it plays: where its controller was, and whether it has picked the param up."""

    last: float | None = None
    has: bool = False
    sent: float | None = None
    is_on: bool = False

    def move(self, mapping: ControlMapping, place: float, now: Scalar) -> float | None:
        """The controller is at a place 0 … 1 and the param at ``now``: what to turn the param to, None for nothing."""
        before, self.last = self.last, place
        if mapping.mode == "momentary":
            return mapping.high if place > 0 else mapping.low
        if mapping.mode == "toggle":
            was_down = before is not None and before > 0
            if place <= 0 or was_down:
                return None
            is_high = abs(_number(now) - mapping.high) < abs(_number(now) - mapping.low)
            return mapping.low if is_high else mapping.high
        if mapping.pickup and not self._has_it(mapping, place, before, _number(now)):
            return None
        self.sent = mapping.value_at(place)
        return self.sent

    def _has_it(self, mapping: ControlMapping, place: float, before: float | None, now: float) -> bool:
        if self.has and self.sent is not None and abs(mapping.place_of(self.sent) - mapping.place_of(now)) > NEAR:
            self.has = False  # somebody else has turned it
        if not self.has:
            there = mapping.place_of(now)
            has_passed = before is not None and min(before, place) <= there <= max(before, place)
            self.has = has_passed or abs(place - there) <= NEAR
        return self.has


def mappings_of(patch: Patch) -> tuple[ControlMapping, ...]:
    """All mappings of a patch, in order; what can't be read is left out."""
    kept = patch.view.get(KEY)
    return tuple(_read(kept)) if isinstance(kept, list | tuple) else ()


def mapped(patch: Patch, mapping: ControlMapping) -> Patch:
    """The patch with a mapping added, in place of one of the same source and param. Raises EditError."""
    _check(patch, mapping)
    others = [one for one in mappings_of(patch) if _place(one) != _place(mapping)]
    if len(others) >= MOST:
        raise EditError(f"there are {MOST} mappings already; remove some")
    return _written(patch, [*others, mapping])


def unmapped(patch: Patch, source: str = "", node: str = "", param: str = "") -> Patch:
    """The patch without the mappings of a source, or of a node, or of its param."""
    return _written(
        patch,
        [
            one
            for one in mappings_of(patch)
            if not (
                (not source or one.source == source)
                and (not node or one.node == node)
                and (not param or one.param == param)
            )
        ],
    )


def learned(source: str, node: str, spec: ParamSpec, now: Any = None) -> ControlMapping:
    """The mapping that a learned controller gets: all of the param's range; buttons toggle switches.

    A key on a param of steps (a canvas's pad, its line, its mode) brings back the value that it has ``now``.
    """
    if ("/note/" in source or "/button/" in source) and spec.kind in ("int", "choice"):
        number = as_number(spec, spec.default if now is None else now)
        return ControlMapping(source, node, spec.name, number, number, mode="momentary")
    low, high = (0.0, 1.0) if spec.kind == "bool" else (float(spec.low), float(spec.high))
    if spec.kind == "choice":
        low, high = 0.0, float(len(spec.choices) - 1)
    is_button = spec.kind == "bool" and ("/note/" in source or "/button/" in source or source.startswith("osc:"))
    curve = "log" if spec.curve == "log" and low > 0 else "linear"
    return ControlMapping(source, node, spec.name, low, high, curve, "toggle" if is_button else "absolute")


def as_value(spec: ParamSpec, number: float) -> Scalar:
    """A number as this param takes it."""
    if spec.kind == "bool":
        return number >= 0.5
    if spec.kind == "choice":
        return spec.choices[min(max(round(number), 0), len(spec.choices) - 1)]
    number = min(max(number, float(spec.low)), float(spec.high))
    return round(number) if spec.kind == "int" else number


def as_number(spec: ParamSpec, value: Any) -> float:
    """A param's value as a number: a choice by its place."""
    return float(spec.choices.index(value)) if isinstance(value, str) and value in spec.choices else _number(value)


def fits(mapping: ControlMapping, source: str) -> bool:
    """Whether a controller is the one of a mapping; ``*`` in the mapping's device or channel is any."""
    if mapping.source == source:
        return True
    wished, found = mapping.source.rsplit("/", 3), source.rsplit("/", 3)
    if "*" not in mapping.source or len(wished) != 4 or len(found) != 4:
        return False
    device, channel, *rest = wished
    any_device = f"{found[0].partition(':')[0]}:*"
    return device in (any_device, found[0]) and channel in ("*", found[1]) and rest == found[2:]


def spec_of(patch: Patch, palette: Palette, mapping: ControlMapping) -> ParamSpec | None:
    """The param that a mapping turns, if it is there."""
    node = patch.nodes.get(mapping.node)
    spec = palette.get(node.type) if node is not None else None
    return spec.params.get(mapping.param) if spec is not None else None


def _place(one: ControlMapping) -> tuple[str, str, str]:
    return one.source, one.node, one.param


def _written(patch: Patch, all_: list[ControlMapping]) -> Patch:
    plain = [{**asdict(one), "given": list(one.given)} for one in all_]
    return set_view(patch, KEY, plain or None) if plain or KEY in patch.view else patch


def _read(kept: Any) -> Iterator[ControlMapping]:
    for raw in kept[:MOST]:
        if not isinstance(raw, Mapping):
            continue
        try:
            given = tuple(float(one) for one in raw.get("given", (0.0, 1.0)))
            one = ControlMapping(
                str(raw["source"]),
                str(raw["node"]),
                str(raw["param"]),
                float(raw["low"]),
                float(raw["high"]),
                str(raw.get("curve", "linear")),
                str(raw.get("mode", "absolute")),
                bool(raw.get("pickup", False)),
                (given[0], given[1]),
            )
        except (KeyError, TypeError, ValueError, IndexError):
            continue
        if one.curve in CURVES and one.mode in MODES and all(map(math.isfinite, (one.low, one.high, *one.given))):
            yield one


def _check(patch: Patch, one: ControlMapping) -> None:
    if one.node not in patch.nodes:
        raise EditError(f"there is no node {one.node}")
    if not one.source.startswith(("midi:", "gamepad:", "osc:/")):
        raise EditError(
            f"{one.source!r} is no controller; write midi:DEVICE/CHANNEL/KIND/NUMBER, gamepad:… or osc:/ADDRESS"
        )
    if one.curve not in CURVES or one.mode not in MODES:
        raise EditError(f"a mapping is {', '.join(MODES)}, and {', '.join(CURVES)}")
    if not all(map(math.isfinite, (one.low, one.high, *one.given))):
        raise EditError("a mapping's range is two numbers")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else 0.0


__all__ = [
    "ControlMapping",
    "Follower",
    "as_number",
    "as_value",
    "fits",
    "learned",
    "mapped",
    "mappings_of",
    "spec_of",
    "unmapped",
]
