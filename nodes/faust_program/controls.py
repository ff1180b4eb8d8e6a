"""What a Faust program lets people turn: its sliders, buttons, check boxes and number entries."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ...engine.faces import SWITCH, ParamFace

LONGEST_WORD, MOST_WORDS = 32, 64
KINDS = ("button", "checkbox", "slider", "entry")
CHOICE = re.compile(r"(?:menu|radio)\s*\{(.*)\}")
CHOICE_PART = re.compile(r"'([^']*)'\s*:\s*([-+.\deE]+)")


@dataclass(frozen=True)
class Control:
    """One of them. initial, low, high, step: in the program's own unit. about: its metadata. zone: where it is read.

    All of it comes from the program, so the numbers may be any.
    """

    kind: str
    label: str
    initial: float
    low: float
    high: float
    step: float
    about: Mapping[str, str] = field(default_factory=dict)
    zone: Any = None

    @property
    def unit(self) -> str:
        """``[unit:Hz]``."""
        return self.about.get("unit", "")

    @property
    def is_log(self) -> bool:
        """``[scale:log]``, of a range that can be one."""
        return self.about.get("scale") == "log" and 0 < self.low < self.high

    @property
    def choices(self) -> Mapping[str, float]:
        """``[style:menu{'saw':0;'square':1}]``: the words and what they stand for."""
        found = CHOICE.match(self.about.get("style", ""))
        numbers = CHOICE_PART.findall(found.group(1)) if found else []
        return {word: float(number) for word, number in numbers if _is_number(number)}

    @property
    def is_switch(self) -> bool:
        """On or off."""
        return self.kind in ("button", "checkbox")

    @property
    def is_stepped(self) -> bool:
        """Only its steps mean something."""
        return self.is_switch or self.kind == "entry" or bool(self.choices)

    @cached_property
    def face(self) -> ParamFace:
        """What a knob that turns it stands for."""
        words = SWITCH if self.is_switch else tuple(self.choices.items())
        numbers = (self.low, self.high, self.initial)
        return ParamFace(self.label, *numbers, self.unit, self.step, self.is_log, self.is_stepped, words)

    @property
    def words(self) -> str:
        """Its label, range and initial value: ``time 0.1 to 20 s (2)``."""
        if self.is_switch:
            return f"{self.label} off or on"
        if self.choices:
            return f"{self.label} {', '.join(self.choices)}"
        unit = f" {self.unit}" if self.unit else ""
        scale = ", logarithmic" if self.is_log else ""
        return f"{self.label} {self.low:g} to {self.high:g}{unit}{scale} ({self.initial:g})"

    def at(self, place: float) -> float:
        """The value at a place from 0, its low end, to 1, its high end; below 0 as the program begins."""
        return self.face.at(place)

    def kept(self, value: float) -> float:
        """Within its range: the program may use it to find a place in its memory."""
        return self.face.kept(value)

    def read(self, text: str) -> float:
        """A value as it is typed: a number in the control's unit, a choice's word, on or off. Raises ValueError."""
        return self.face.read(text)


def told_face(control: Control) -> ParamFace:
    """Its face, as it is told to who looks: with no more words than a card has room for, and finite numbers."""
    face = control.face
    label, unit = face.label[:LONGEST_WORD], face.unit[:LONGEST_WORD]
    if not all(map(math.isfinite, (face.low, face.high, face.initial, face.step))) or face.low > face.high:
        return ParamFace(label)
    words = tuple((word[:LONGEST_WORD], number) for word, number in face.words[:MOST_WORDS])
    return replace(face, label=label, unit=unit, words=words)


def named(controls: Sequence[Control], label: str) -> Control:
    """The control of that label (letters of either case). Raises ValueError with those that there are."""
    for control in controls:
        if control.label.casefold() == label.strip().casefold():
            return control
    there = ", ".join(control.label for control in controls[:16])
    raise ValueError(f"the program has no control {label!r}; " + (f"it has {there}" if there else "it has none"))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
