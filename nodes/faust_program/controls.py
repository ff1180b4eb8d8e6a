"""What a Faust program lets people turn: its sliders, buttons, check boxes and number entries."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = ("button", "checkbox", "slider", "entry")
CHOICE = re.compile(r"(?:menu|radio)\s*\{(.*)\}")
CHOICE_PART = re.compile(r"'([^']*)'\s*:\s*([-+.\deE]+)")
UP = ["1", "on", "yes", "true"]
DOWN = ["0", "off", "no", "false"]


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
        if not place >= 0.0:  # NaN neither
            return self.initial
        place = min(place, 1.0)
        if self.is_log:
            value = self.low * math.exp(place * math.log(self.high / self.low))
        else:
            value = self.low + place * (self.high - self.low)
        if self.is_stepped:
            step = self.step if self.step > 0 else 1.0
            value = self.low + round((value - self.low) / step) * step
        return self.kept(value)

    def kept(self, value: float) -> float:
        """Within its range: the program may use it to find a place in its memory."""
        return min(max(value, self.low), self.high)

    def read(self, text: str) -> float:
        """A value as it is typed: a number in the control's unit, a choice's word, on or off. Raises ValueError."""
        if text in self.choices:
            return self.kept(self.choices[text])
        if self.is_switch and text.lower() in (*UP, *DOWN):
            return float(text.lower() in UP)
        number = text.removesuffix(self.unit).strip()
        value = float(number) if _is_number(number) else math.nan
        if not self.low <= value <= self.high:
            raise ValueError(f"{text!r} can't be its value; give one of: {self.words}")
        return value


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
