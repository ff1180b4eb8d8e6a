"""Attributes of a model that are turned while it plays, each along a range of its own."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ...engine import FloatArray
from .interface import CodecError
from .signature import Signature
from .stream import ModuleStream

# Types that are numbers.
TURNED = ("bool", "int", "float")


@dataclass(frozen=True)
class AttributeElement:
    """One element of an attribute, and what 0 and 1 of its knob mean."""

    attribute: str
    element: int
    kind: str
    low: float
    high: float

    def value(self, place: float) -> bool | int | float:
        """What a knob's place (0 … 1) means."""
        value = self.low + (self.high - self.low) * min(max(place, 0.0), 1.0)
        if self.kind == "bool":
            return value >= 0.5
        return round(value) if self.kind == "int" else value


def turn_of(text: str, signature: Signature, name: str) -> AttributeElement:
    """What is written as ``NAME LOW HIGH``, or ``NAME.2 LOW HIGH`` for its second element. Raises CodecError."""
    words = text.split()
    attribute, dot, number = words[0].rpartition(".") if words else ("", "", "")
    if not (dot and number.isdecimal()):
        attribute, number = (words[0] if words else ""), "1"
    types = signature.attributes[attribute].types if attribute in signature.attributes else ()
    if not 1 <= int(number) <= len(types) or types[int(number) - 1] not in TURNED:
        known = [key for key, one in signature.attributes.items() if set(one.types) & set(TURNED)]
        raise CodecError(
            f"{name}: {text!r} controls nothing; write NAME LOW HIGH with a numeric attribute: "
            f"{', '.join(known) or 'it has none'}"
        )
    kind = types[int(number) - 1]
    low, high = _range(words[1:], kind, name, text)
    return AttributeElement(attribute, int(number) - 1, kind, low, high)


class AttributeChanges:
    """Sets what is turned in a module, when it has changed. values: of all attributes, as they are at first."""

    def __init__(
        self, module: ModuleStream, turns: Sequence[AttributeElement], values: Mapping[str, tuple[Any, ...]]
    ) -> None:
        self._module, self._turns = module, tuple(turns)
        self._values = {one.attribute: list(values.get(one.attribute, ())) for one in turns}
        self._seen: list[float | None] = [None] * len(self._turns)

    def set_to(self, places: FloatArray) -> None:
        """Set them to their knobs' places ``[turns]``; a value that the model refuses leaves it as it was."""
        changed: dict[str, None] = {}
        for number, (turn, place) in enumerate(zip(self._turns, places, strict=True)):
            if self._seen[number] == place:
                continue
            self._seen[number] = float(place)
            values = self._values[turn.attribute]
            if turn.element < len(values):
                values[turn.element] = turn.value(float(place))
                changed[turn.attribute] = None
        for attribute in changed:
            with suppress(Exception):  # whatever the model raises: it plays on as it was set
                self._module.set_attribute(attribute, tuple(self._values[attribute]))


def _range(words: Sequence[str], kind: str, name: str, text: str) -> tuple[float, float]:
    if not words:
        return 0.0, 1.0
    try:
        low, high = (float(word) for word in words)
    except ValueError:
        low = high = float("nan")
    if not (isfinite(low) and isfinite(high)):
        raise CodecError(f"{name}: {text!r} has no range; write NAME LOW HIGH, such as gain 0 2")
    return low, high
