"""Where the value of a param comes from, as its node declares it: OSC, MIDI, a gamepad, a finger on the browser pad.

``Param(source=…)`` takes one of these; ``{name}`` in it stands for what the node's setting of that name says.

- ``osc:/address``, or ``osc:/address#2`` for its second number: as it is sent. ``osc:{address}#2 of {size}``: only
  where the setting ``size`` says that so many are taken.
- ``midi:cc/1`` (``bend/0``, ``pressure/0``, ``program/1``, ``note/60``), ``gamepad:axis/0`` (``button/0``): the range
  of the param, from one end to the other. ``midi:DEVICE/CHANNEL/cc/1`` is of one device or channel: a part of its
  name; ``*`` and, for channels, 0 are any. ``midi:cc/{number}#2 of {size}``: of the controller after that one, only
  where the setting ``size`` says that so many are taken.
- ``midi:key/note``, ``midi:key/velocity``, ``midi:key/gate`` (also with device and channel): the newest key held.
- ``pad:finger/1/x`` (``y``, ``pressure``): the range of the param; ``tilt_x``, ``tilt_y``: -1 … 1.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

Scheme = Literal["osc", "midi", "gamepad", "pad"]
KINDS = {
    "midi": ("cc", "bend", "pressure", "program", "note", "touch", "key"),
    "gamepad": ("axis", "button"),
}
KEY = ("note", "velocity", "gate")
FINGER = ("x", "y", "pressure", "tilt_x", "tilt_y")
# Kinds of which a channel has one.
WITHOUT_NUMBER = ("bend", "pressure")
ANY = ("*", "")
SETTING = re.compile(r"\{(\w+)\}")
# What a node's setting of a name is.
Settings = Callable[[str], Any]


@dataclass(frozen=True)
class ParamSource:
    """A source as declared. parts: device, channel, kind and number; of OSC the address; with settings in braces.

    index: which number of an OSC message, or which controller from the named one up, from 1. count: the setting that
    says how many of them are taken.
    """

    scheme: Scheme
    parts: tuple[str, ...]
    index: int = 1
    count: str = ""

    @property
    def settings(self) -> frozenset[str]:
        """The settings that it depends on."""
        return frozenset(SETTING.findall("/".join(self.parts))) | ({self.count} if self.count else set())

    def address(self, settings: Settings) -> str:
        """The OSC address, for a node with these settings; "" for another source."""
        return _filled(self.parts[0], settings) if self.scheme == "osc" else ""

    def taken(self, settings: Settings) -> bool:
        """Whether a node with these settings takes so many numbers of an OSC message, or so many controllers."""
        return not self.count or self.index <= int(settings(self.count))

    def heard(self, settings: Settings, source: str, numbers: Sequence[float], low: float, high: float) -> float | None:
        """What a param of this range is, now that a controller (``midi:Keys/1/cc/21``) sends this; None: as before."""
        scheme, _, sent = source.partition(":")
        if scheme != self.scheme:
            return None
        if scheme == "osc":
            is_ours = sent == self.address(settings) and self.taken(settings) and self.index <= len(numbers)
            return numbers[self.index - 1] if is_ours else None
        wanted, found = [_filled(part, settings) for part in self.parts], sent.rsplit("/", len(self.parts) - 1)
        if len(found) != len(wanted):
            return None
        if scheme == "pad":
            is_number = found[-1].startswith("tilt")
            return (numbers[0] if is_number else low + (high - low) * numbers[0]) if found == wanted else None
        device, channel, kind, number = wanted
        if device not in ANY and device.lower() not in found[0].lower():
            return None
        if channel not in (*ANY, "0", found[1]):
            return None
        if kind == "key":
            return _of_key(number, numbers) if found[2] == "note" else None
        if kind in WITHOUT_NUMBER:
            is_it = self.index == 1
        else:
            is_it = self.taken(settings) and found[3] == _after(number, self.index - 1)
        return low + (high - low) * numbers[0] if is_it and kind == found[2] else None


def read_source(text: str) -> ParamSource:
    """A source from what ``Param(source=…)`` says. Raises ValueError with a sentence."""
    scheme, _, rest = text.partition(":")
    if scheme == "osc":
        address, index, count = _counted(rest)
        if not re.fullmatch(r"/[^#\s]+|\{\w+\}", address) or not index:
            raise ValueError(f"{text!r} is not a source; write osc:/address, or osc:/address#2 for its second number")
        return ParamSource("osc", (address,), index, count)
    parts = tuple(rest.split("/"))
    if scheme == "pad" and len(parts) == 3 and parts[0] == "finger" and parts[2] in FINGER:
        return ParamSource("pad", parts)
    if scheme in ("midi", "gamepad") and len(parts) in (2, 4):
        device, channel, kind, which = parts if len(parts) == 4 else ("*", "*", *parts)
        number, index, count = _counted(which) if kind != "key" else (which, 1, "")
        is_known = number in KEY if kind == "key" else bool(SETTING.fullmatch(number)) or number.isdecimal()
        if is_known and index and (kind in KINDS[scheme] or SETTING.fullmatch(kind)):
            found_parts = (device, channel, kind, number)
            return ParamSource("midi" if scheme == "midi" else "gamepad", found_parts, index, count)
    if scheme not in get_args(Scheme):
        raise ValueError(f"{text!r} is not a source; it begins with {', '.join(f'{one}:' for one in get_args(Scheme))}")
    raise ValueError(f"{text!r} is not a source; write {_EXAMPLES[scheme]}")


_EXAMPLES = {
    "midi": "midi:cc/1, midi:key/note or midi:DEVICE/CHANNEL/cc/1",
    "gamepad": "gamepad:axis/0 or gamepad:button/0",
    "pad": f"pad:finger/1/ and one of {', '.join(FINGER)}",
}


def _counted(text: str) -> tuple[str, int, str]:
    """``21#2 of {size}`` as what it begins with, the number after ``#`` (1 without) and the setting after ``of``."""
    found = re.fullmatch(r"([^#]*?)(?:#(\d+))?(?: of \{(\w+)\})?", text)
    return (found[1], int(found[2] or 1), found[3] or "") if found is not None else (text, 1, "")


def _after(number: str, steps: int) -> str:
    """The number of the controller so many after this one."""
    return str(int(number) + steps) if number.isdecimal() else number


def _filled(part: str, settings: Settings) -> str:
    return SETTING.sub(lambda found: str(settings(found[1])), part)


def _of_key(what: str, numbers: Sequence[float]) -> float | None:
    """Of a note's velocity, the note that sounds after it (-1: none) and its velocity: what a voice makes of it."""
    if len(numbers) < 3:
        return None
    is_held = numbers[1] >= 0
    if what == "gate":
        return float(is_held)
    return numbers[KEY.index(what) + 1] if is_held else None
