"""Which nodes listen to a controller, and what each of them is told: osc_in, midi_in, keyboard, gamepad."""

from collections.abc import Iterator
from typing import Any

from ...engine.declare import Scalar
from ...engine.palette import Palette
from ...engine.typed import setting_of
from ...graphs import Node, Patch

LETTERS = "abcd"
STICKS = ("left_x", "left_y", "right_x", "right_y")
TRIGGERS = ("left_trigger", "right_trigger")
BUTTONS = ("a", "b", "x", "y")


def received(patch: Patch, palette: Palette, source: str, numbers: list[float]) -> Iterator[tuple[str, str, Scalar]]:
    """(node, param, value) for every node that listens to this. See ``Conductor.control`` for the sources."""
    if not numbers:
        return
    for name, node in patch.nodes.items():
        match node.type:
            case "osc_in" if source == f"osc:{_value(node, palette, 'address')}":
                size = int(_value(node, palette, "size"))
                yield from ((name, letter, _held(one)) for letter, one in zip(LETTERS[:size], numbers, strict=False))
            case "midi_in" if _is_meant(node, palette, source) and _kind(source) == _wished(node, palette):
                yield name, "value", numbers[0]
            case "keyboard" if source.startswith("midi:") and _is_meant(node, palette, source):
                yield from ((name, param, value) for param, value in _keys(source, numbers))
            case "gamepad" if source.startswith("gamepad:") and _is_named(node, palette, source):
                yield from ((name, param, value) for param, value in _moved(source, numbers[0]))


def surplus(patch: Patch, palette: Palette, source: str, numbers: list[float]) -> Iterator[tuple[str, int, int]]:
    """(node, how many it takes, how many it could) for nodes that are sent more numbers than they take."""
    if not source.startswith("osc:"):
        return
    for name, node in patch.nodes.items():
        if node.type == "osc_in" and source == f"osc:{_value(node, palette, 'address')}":
            size = int(_value(node, palette, "size"))
            if len(numbers) > size:
                yield name, size, len(LETTERS)


def _keys(source: str, numbers: list[float]) -> Iterator[tuple[str, Scalar]]:
    """What a keyboard makes of a note [velocity, the note that sounds after it or -1, its velocity], bend, pressure."""
    kind = source.rsplit("/", 2)[-2]
    if kind == "note" and len(numbers) >= 3:
        if numbers[1] >= 0:
            yield "note", numbers[1]
            yield "velocity", numbers[2]
            yield "gate", 1.0
        else:
            yield "gate", 0.0
    elif kind == "bend":
        yield "bend", numbers[0] * 2.0 - 1.0
    elif kind == "pressure":
        yield "pressure", numbers[0]


def _moved(source: str, place: float) -> Iterator[tuple[str, Scalar]]:
    kind, number = source.rsplit("/", 2)[-2:]
    at = int(number)
    if kind == "axis" and at < len(STICKS):
        yield STICKS[at], 2.0 * place - 1.0
    elif kind == "axis" and at - len(STICKS) < len(TRIGGERS):
        yield TRIGGERS[at - len(STICKS)], place
    elif kind == "button" and at < len(BUTTONS):
        yield BUTTONS[at], place


def _is_named(node: Node, palette: Palette, source: str) -> bool:
    device = source.partition(":")[2].rsplit("/", 3)[0]
    return str(_value(node, palette, "device")).lower() in device.lower()


def _is_meant(node: Node, palette: Palette, source: str) -> bool:
    if not source.startswith("midi:"):
        return False
    channel = source.rsplit("/", 3)[1]
    return int(_value(node, palette, "channel")) in (0, int(channel)) and _is_named(node, palette, source)


def _kind(source: str) -> tuple[str, int]:
    kind, number = source.rsplit("/", 2)[-2:]
    return kind, int(number) if kind in ("cc", "note") else 0


def _wished(node: Node, palette: Palette) -> tuple[str, int]:
    kind = str(_value(node, palette, "listen"))
    return kind, int(_value(node, palette, "number")) if kind in ("cc", "note") else 0


def _value(node: Node, palette: Palette, setting: str) -> Any:
    spec = palette.get(node.type)
    return setting_of(node, spec.settings[setting]) if spec is not None else ""


def _held(number: float) -> float:
    return min(max(number, -1e6), 1e6)
