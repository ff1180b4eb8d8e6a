"""Mappings: which controller turns which param or recalls which snapshot, and how; kept by name in the patch.

A controller is named by a word: ``midi:Launch Control/1/cc/21`` (device, channel, kind, number; ``*`` for any device or
channel), ``gamepad:Stadia/1/axis/0``, or an OSC address (``osc:/fader/3``, ``osc:/xy#2`` for its second number). What
it sends is a place 0 … 1; OSC numbers go through ``low`` and ``high`` of the source first.

Where the number itself is followed (mode ``follow``), the word has none: ``midi:Keys/1/program`` is all programs of
that channel, ``…/note`` all keys, ``gamepad:…/button`` all buttons; of an OSC address it is the number that is sent.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...engine import curves
from ...engine.declare import ParamSpec, Scalar
from ...engine.messages import LearnControl
from ...engine.palette import Palette
from ...engine.param_numbers import nearest
from ...engine.snapshots import SLOT
from ...graphs import EditError, Patch, set_view
from ...graphs.printable import printable

KEY = "controls"
FOLLOW = "follow"
MODES = ("absolute", "toggle", "momentary", FOLLOW)
# Kinds of controllers of which the number says what was pressed.
PRESSED = ("note", "program", "button")
SNAPSHOT, COMMAND, ANY = "snapshot", "command", "*"
LONGEST_COMMAND = 200
LONGEST_MORPH = 600.0
CURVES = ("linear", "log", "exponential", "bipolar")
MOST = 1024
# A knob that is picked up this near to where the param is, as a place 0 … 1, has it.
NEAR = 0.02


@dataclass(frozen=True)
class ControlMapping:
    """One controller on one param. low, high: what 0 and 1 mean, in the param's units; they may be the wrong way round.

    mode: ``absolute`` follows; ``toggle`` switches between low and high whenever it is pressed; ``momentary`` is high
    while pressed; ``follow`` is the number of what is pressed, with low added (1 where a device counts its first
    program as 1). curve: how the way between is spread. pickup: nothing happens until the controller has passed where
    the param is, so that it never jumps. given: the range of an OSC number.

    Without a node it recalls a snapshot whenever it is pressed: that of the slot ``param``, or of the followed number,
    within so many seconds; or does the command that ``param`` is (``/train terrain``).
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
    seconds: float = 0.0

    @property
    def target(self) -> str:
        """What it turns or recalls, in words."""
        if self.node:
            return f"{self.node}.{self.param}"
        if self.is_command:
            return self.param
        return f"{SNAPSHOT} {self.param}" if self.param else f"{SNAPSHOT} of its number"

    @property
    def is_command(self) -> bool:
        """Whether it does a command when it is pressed."""
        return not self.node and self.param.startswith("/")

    def value_at(self, place: float) -> float:
        """What a place 0 … 1 means."""
        return curves.value_at(place, self.low, self.high, self.curve)

    def place_of(self, value: float) -> float:
        """Where a value is between low and high, 0 … 1."""
        return curves.place_of(value, self.low, self.high, self.curve)


@dataclass
class MappingState:
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

    def is_press(self, place: float) -> bool:
        """Whether it is pressed anew; what comes again as it was was let go unseen (programs, many OSC buttons)."""
        before, self.last = self.last, place
        return place > 0 and (before is None or before <= 0 or before == place)

    def is_chosen(self, number: float) -> bool:
        """Whether a number that is followed is chosen anew: a fader chooses each number once on its way."""
        before, self.last = self.last, number
        return before is None or before == number or round(before) != round(number)

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
    others = [one for one in mappings_of(patch) if _identity(one) != _identity(mapping)]
    if len(others) >= MOST:
        raise EditError(f"there are already {MOST} mappings; remove some")
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


def without(patch: Patch, mapping: ControlMapping) -> Patch:
    """The patch without one mapping."""
    return _written(patch, [one for one in mappings_of(patch) if _identity(one) != _identity(mapping)])


def taken_by(wanted: LearnControl, source: str, spec: ParamSpec | None, now: Any = None) -> ControlMapping | None:
    """The mapping that a controller gets; None for one that has no number to follow. spec, now: of the param."""
    node, param, seconds = wanted.node, wanted.param, wanted.seconds
    if wanted.by_number:
        source = source if source.startswith("osc:") else source.rpartition("/")[0]
        if not can_follow(source):
            return None
        return ControlMapping(source, node, param, 0.0, 1.0, mode=FOLLOW, seconds=seconds)
    if not node:
        return ControlMapping(source, "", param, 0.0, 1.0, mode="momentary", seconds=seconds)
    return learned(source, node, spec, now) if spec is not None else None


def learned(source: str, node: str, spec: ParamSpec, now: Any = None) -> ControlMapping:
    """The mapping that a learned controller gets: the range that a knob has, by its curve; buttons toggle switches.

    A key on a param of steps (a map's pad, its line, its mode) brings back the value that it has ``now``, as a
    program, which is never let go, does on all params.
    """
    is_key = "/note/" in source or "/button/" in source
    if "/program/" in source or (is_key and spec.kind in ("int", "choice")):
        number = as_number(spec, spec.default if now is None else now)
        return ControlMapping(source, node, spec.name, number, number, mode="momentary")
    low, high = range_of(spec) if spec.kind in ("bool", "choice") else map(float, spec.span)
    is_button = spec.kind == "bool" and (is_key or source.startswith("osc:"))
    curve = "linear" if spec.curve == "log" and low <= 0 else spec.curve
    return ControlMapping(source, node, spec.name, low, high, curve, "toggle" if is_button else "absolute")


def range_of(spec: ParamSpec) -> tuple[float, float]:
    """The ends of a param as numbers: a choice by its place."""
    return (0.0, float(len(spec.choices) - 1)) if spec.kind == "choice" else (float(spec.low), float(spec.high))


def as_value(spec: ParamSpec, number: float) -> Scalar:
    """A number as this param takes it."""
    return nearest(spec, number)


def as_number(spec: ParamSpec, value: Any) -> float:
    """A param's value as a number: a choice by its place."""
    return float(spec.choices.index(value)) if isinstance(value, str) and value in spec.choices else _number(value)


def stepped(spec: ParamSpec, number: float) -> Scalar | None:
    """A followed number as this param takes it; None for one that it does not have."""
    low, high = range_of(spec)
    return as_value(spec, number) if math.ceil(low) <= number <= math.floor(high) else None


def fits(mapping: ControlMapping, source: str) -> bool:
    """Whether a controller is the one of a mapping; ``*`` in the mapping's device or channel is any."""
    if mapping.source == source:
        return True
    # names of devices have no slash; a source without a number is of all numbers
    has_number = mapping.source.rpartition("/")[2] not in PRESSED
    wished = (mapping.source if has_number else f"{mapping.source}/{ANY}").rsplit("/", 3)
    found = source.rsplit("/", 3)
    if ANY not in "/".join(wished) or len(wished) != 4 or len(found) != 4:
        return False
    device, channel, kind, number = wished
    any_device = f"{found[0].partition(':')[0]}:{ANY}"
    is_there = device in (any_device, found[0]) and channel in (ANY, found[1])
    return is_there and kind == found[2] and (number == found[3] or not has_number)


def can_follow(source: str) -> bool:
    """Whether a source brings numbers to follow: all keys, programs or buttons of a device, and what OSC sends."""
    return source.startswith("osc:") or source.rpartition("/")[2] in PRESSED


def place_of(mapping: ControlMapping, source: str, numbers: list[float]) -> float | None:
    """Where a controller is for a mapping, 0 … 1; None when it is another's."""
    if not mapping.source.startswith("osc:"):
        return numbers[0] if numbers and fits(mapping, source) else None
    number = _osc_number(mapping, source, numbers)
    if number is None:
        return None
    low, high = mapping.given
    return min(max((number - low) / (high - low), 0.0), 1.0) if high != low else 0.0


def number_of(mapping: ControlMapping, source: str, numbers: list[float]) -> float | None:
    """The number that a mapping follows; None for another's controller, and where it is let go."""
    if mapping.source.startswith("osc:"):
        number = _osc_number(mapping, source, numbers)
    else:
        is_pressed = bool(numbers) and numbers[0] > 0 and fits(mapping, source)
        number = float(source.rpartition("/")[2]) if is_pressed else None
    return None if number is None else mapping.low + number


def _osc_number(mapping: ControlMapping, source: str, numbers: list[float]) -> float | None:
    wished, _, which = mapping.source.partition("#")
    at = int(which) - 1 if which.isdecimal() and len(which) < 5 else 0
    return numbers[at] if wished == source.partition("#")[0] and 0 <= at < len(numbers) else None


def spec_of(patch: Patch, palette: Palette, mapping: ControlMapping) -> ParamSpec | None:
    """The param that a mapping turns, if it is there."""
    node = patch.nodes.get(mapping.node)
    spec = palette.get(node.type) if node is not None else None
    return spec.params.get(mapping.param) if spec is not None else None


def _identity(one: ControlMapping) -> tuple[str, str, str]:
    """What no two mappings of a patch have in common; a controller recalls one snapshot or does one command only."""
    return one.source, one.node, one.param if one.node else ""


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
                float(raw.get("seconds", 0.0)),
            )
        except (KeyError, TypeError, ValueError, IndexError, OverflowError):
            continue
        if not _wrong(one):
            yield one


def _check(patch: Patch, one: ControlMapping) -> None:
    if one.node and one.node not in patch.nodes:
        raise EditError(f"no node {printable(one.node)}")
    if not one.source.startswith(("midi:", "gamepad:", "osc:/")):
        raise EditError(
            f"{one.source!r} is not a controller source; use midi:DEVICE/CHANNEL/KIND/NUMBER, gamepad:… or osc:/ADDRESS"
        )
    if wrong := _wrong(one):
        raise EditError(wrong)


def _wrong(one: ControlMapping) -> str:
    """Why a mapping can't be, or an empty string."""
    if one.curve not in CURVES or one.mode not in MODES:
        return f"a mapping is {', '.join(MODES)}, and {', '.join(CURVES)}"
    if not all(map(math.isfinite, (one.low, one.high, *one.given))):
        return "a mapping's range is two numbers"
    if one.mode == FOLLOW and not can_follow(one.source):
        return f"{printable(one.source)} has no number to follow; use a program change, key, button or OSC number"
    if not one.node and one.mode not in ("momentary", FOLLOW):
        return f"a snapshot mapping must be momentary or {FOLLOW}"
    if one.is_command:
        return (
            ""
            if len(one.param) <= LONGEST_COMMAND and one.mode == "momentary"
            else "a command is 200 characters at most"
        )
    if not one.node and not (SLOT.fullmatch(one.param) if one.mode == "momentary" else not one.param):
        return f"{one.param[:40]!r} is not a valid snapshot name; use a number or a word of letters and digits"
    if not 0 <= one.seconds <= LONGEST_MORPH:
        return f"a snapshot is recalled within 0 to {LONGEST_MORPH:g} seconds"
    return ""


def as_argument(word: str) -> int | float | str:
    """A word of a command as OSC has it: a number where it is one."""
    if word.removeprefix("-").isdecimal() and len(word) < 10:
        return int(word)
    try:
        number = float(word)
    except ValueError:
        return word
    return number if math.isfinite(number) else word


def _number(value: Any) -> float:
    return float(value) if isinstance(value, bool | int | float) else 0.0


__all__ = [
    "ControlMapping",
    "MappingState",
    "as_argument",
    "as_number",
    "as_value",
    "can_follow",
    "fits",
    "learned",
    "mapped",
    "mappings_of",
    "number_of",
    "place_of",
    "range_of",
    "spec_of",
    "stepped",
    "taken_by",
    "unmapped",
    "without",
]
