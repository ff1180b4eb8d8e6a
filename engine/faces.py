"""Faces: what a param of one node stands for while its settings are as they are, in a unit of its own.

A node whose params are places 0 … 1 on controls that only its settings name (``faust``) tells the controls by
``faces()``. Patches, cords and controllers keep the places; cards and the inspector show and take the values.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from .hooks import HasFaces, offers

if TYPE_CHECKING:
    from .compile import CompiledPatch

Faces = Mapping[str, "ParamFace"]
"""Of a node's params by name; one that is left out stands for nothing."""
NO_FACES: Mapping[str, Faces] = {}
UP = ("1", "on", "yes", "true")
DOWN = ("0", "off", "no", "false")
SWITCH = (("off", 0.0), ("on", 1.0))
# Digits after the point, at most, of a value whose step says how many it is worth.
MOST_DIGITS = 5
# Nodes whose faces are told, the first ones: a status is sent ten times a second.
MOST_TOLD = 200


@dataclass(frozen=True)
class ParamFace:
    """label, unit: as shown. low, high, initial, step: in that unit. initial: what a param below 0 stands for.

    step: how far a hand moves it at the least, 0 for any distance; is_stepped: no value between is played.
    words: what some values are called; a switch has ``SWITCH``.
    """

    label: str
    low: float = 0.0
    high: float = 1.0
    initial: float = 0.0
    unit: str = ""
    step: float = 0.0
    is_log: bool = False
    is_stepped: bool = False
    words: tuple[tuple[str, float], ...] = ()

    def at(self, place: float) -> float:
        """The value at a place from 0, the low end, to 1, the high end; below 0 the initial one."""
        if not place >= 0.0:  # NaN neither
            return self.initial
        place = min(place, 1.0)
        if self.is_log:
            value = self.low * math.exp(place * math.log(self.high / self.low))
        else:
            value = self.low + place * (self.high - self.low)
        return self.kept(self._stepped(value) if self.is_stepped else value)

    def place_of(self, value: float) -> float:
        """The other way round: 0 … 1."""
        value = self.kept(value)
        if not self.low < self.high:
            return 0.0
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def snapped(self, place: float) -> float:
        """The place of the step that is nearest to a place 0 … 1, where a hand lets go of it."""
        value = self.at(place)
        return self.place_of(self._stepped(value)) if self.step > 0 else place

    def kept(self, value: float) -> float:
        """Within the range."""
        return min(max(value, self.low), self.high)

    def shown(self, value: float) -> str:
        """A value of the face in a few letters, with its unit, or by its word."""
        for word, number in self.words:
            if number == value:
                return word
        return f"{self._digits(value)} {self.unit}".rstrip()

    @property
    def range(self) -> str:
        """What it may be: ``20 to 20000 Hz, logarithmic, default 440 Hz``."""
        if self.words:
            return f"{', '.join(word for word, _ in self.words)}; default {self.shown(self.initial)}"
        unit = f" {self.unit}" if self.unit else ""
        scale = ", logarithmic" if self.is_log else ""
        return f"{self.low:g} to {self.high:g}{unit}{scale}, default {self.initial:g}{unit}"

    def read(self, text: str) -> float:
        """A value as it is typed: a number in its unit, a word, on or off. Raises ValueError."""
        typed = text.strip()
        for word, number in self.words:
            if typed == word:
                return self.kept(number)
        if self.words == SWITCH and typed.lower() in (*UP, *DOWN):
            return float(typed.lower() in UP)
        try:
            value = float(typed.removesuffix(self.unit).strip())
        except ValueError:
            value = math.nan
        if not self.low <= value <= self.high:
            raise ValueError(f"{text!r} can't be its value; give one of: {self.label} {self.range}")
        return value

    def _stepped(self, value: float) -> float:
        step = self.step if self.step > 0 else 1.0
        return self.low + round((value - self.low) / step) * step

    def _digits(self, value: float) -> str:
        if not self.step > 0:
            return f"{value:.4g}"
        digits = next((one for one in range(MOST_DIGITS) if _is_whole(self.step * 10**one)), MOST_DIGITS)
        return f"{value:.{digits}f}"


class FacesTold:
    """What all nodes of an engine tell, as plain data for a status; not for the audio thread."""

    def __init__(self) -> None:
        self._of: object = None
        self._nodes: list[tuple[str, HasFaces]] = []
        self._known: dict[int, tuple[Faces, dict[str, dict[str, Any]]]] = {}

    def now(self, compiled: "CompiledPatch") -> dict[str, dict[str, dict[str, Any]]]:
        """By node, then by param. What has not changed is the same object as before."""
        if self._of is not compiled:
            nodes = ((name, one.node) for name, one in list(compiled.instances.items()))
            self._nodes = [(name, one) for name, one in nodes if offers(one, HasFaces)][:MOST_TOLD]
            self._of, self._known = compiled, {}
        return dict(self._told())

    def _told(self) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
        for name, node in self._nodes:
            faces = node.faces()
            if not faces:
                continue
            known = self._known.get(id(faces))
            if known is None:
                known = self._known[id(faces)] = faces, {param: asdict(one) for param, one in faces.items()}
            yield name, known[1]


def read_faces(told: object) -> Mapping[str, Faces]:
    """What a status tells; none where that can't be understood."""
    try:
        return msgspec.convert(told, dict[str, dict[str, ParamFace]])
    except (msgspec.ValidationError, TypeError):
        return NO_FACES


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-3 * max(1.0, number)
