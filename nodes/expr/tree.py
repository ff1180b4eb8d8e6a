"""A formula as a tree: what the grammar reads, and the code is made of."""

from dataclasses import dataclass
from typing import TypeAlias


class FormulaError(ValueError):
    """A formula can't be read: what is wrong, and where. place: of the character, from 1."""

    def __init__(self, text: str, place: int) -> None:
        self.place = place
        super().__init__(f"{text}, at {place}")


@dataclass(frozen=True)
class Number:
    """A number that is written out, or a constant."""

    value: float


@dataclass(frozen=True)
class Name:
    """An input, a param, the sample rate, or a name given before (``=``)."""

    name: str


@dataclass(frozen=True)
class Past:
    """An earlier sample of an input or of the output: ``y[-1]``. offset: how far, in samples, negative."""

    name: str
    offset: "Part"


@dataclass(frozen=True)
class Unary:
    """``-`` or ``not``."""

    sign: str
    part: "Part"


@dataclass(frozen=True)
class Binary:
    """Two parts with an operator between them."""

    sign: str
    left: "Part"
    right: "Part"


@dataclass(frozen=True)
class FunctionCall:
    """A function of the list in ``functions``; ``if`` is one."""

    function: str
    parts: tuple["Part", ...]


Part: TypeAlias = Number | Name | Past | Unary | Binary | FunctionCall


@dataclass(frozen=True)
class Formula:
    """Parts with names, in order, then the part that is heard."""

    named: tuple[tuple[str, Part], ...]
    sound: Part
