"""What is under the hand: the one rule of what is nearest, and the hit that every surface has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class OnNothing:
    """The empty surface."""


def nearest(candidates: Iterable[tuple[float, Found]], reach: float) -> Found | None:
    """Of (distance, thing) the nearest within reach; of equal ones the last, which lies above. None for none."""
    found: Found | None = None
    for gap, one in candidates:
        if gap <= reach:
            reach, found = gap, one
    return found
