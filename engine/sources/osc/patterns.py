"""Wildcards in OSC addresses: ``/node/*/level`` turns all levels at once.

``*`` any letters, ``?`` one, ``[a-c]`` ``[!a-c]`` one of a set or not, ``{low,high}`` one of some words; never past a
``/``. Matched by the places in the name that each part can reach, so that no pattern takes long, whatever it is.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

# Letters of a pattern, at most.
LONGEST = 256
WILD = frozenset("*?[]{}")
_Part: TypeAlias = Callable[[str, set[int]], set[int]]
"""From the places in a name reached so far to those reached with one more part of the pattern."""


def is_pattern(text: str) -> bool:
    """Whether there is a wildcard in it."""
    return not WILD.isdisjoint(text)


def fits(pattern: str, address: str) -> bool:
    """Whether a whole address fits a pattern, part by part, as a wildcard does not reach over a slash."""
    parts, names = pattern.split("/"), address.split("/")
    return len(parts) == len(names) and all(matching(part, [name]) for part, name in zip(parts, names, strict=True))


def matching(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that fit a pattern, in their order. A pattern that is none (``[a``, too long) fits nothing."""
    if not is_pattern(pattern):
        return [name for name in names if name == pattern]
    parts = _parts(pattern)
    return [] if parts is None else [name for name in names if _fits(parts, name)]


def _fits(parts: tuple[_Part, ...], name: str) -> bool:
    places = {0}
    for part in parts:
        places = part(name, places)
        if not places:
            return False
    return len(name) in places


@lru_cache(256)
def _parts(pattern: str) -> tuple[_Part, ...] | None:
    """A pattern in its parts; None when it is none."""
    if len(pattern) > LONGEST:
        return None
    parts: list[_Part] = []
    place = 0
    while place < len(pattern):
        letter = pattern[place]
        end = place + 1
        if letter == "*":
            parts.append(_anything)
        elif letter == "?":
            parts.append(_one_letter)
        elif letter in "[{":
            end = pattern.find("]" if letter == "[" else "}", place) + 1
            inside = pattern[place + 1 : end - 1]
            if not end or not inside:
                return None
            parts.append(_one_of(inside) if letter == "[" else _words(inside.split(",")))
        elif letter in "]}":
            return None
        else:
            parts.append(_words([letter]))
        place = end
    return tuple(parts)


def _anything(name: str, places: set[int]) -> set[int]:
    return set(range(min(places), len(name) + 1))


def _one_letter(name: str, places: set[int]) -> set[int]:
    return {place + 1 for place in places if place < len(name)}


def _one_of(inside: str) -> _Part:
    is_not = inside.startswith("!") and len(inside) > 1
    letters = _letters(inside[1:] if is_not else inside)

    def part(name: str, places: set[int]) -> set[int]:
        return {place + 1 for place in places if place < len(name) and (name[place] in letters) is not is_not}

    return part


def _letters(inside: str) -> frozenset[str]:
    """The letters of ``a-cx``; a minus at an end is itself."""
    found: set[str] = set()
    place = 0
    while place < len(inside):
        if inside[place + 1 : place + 2] == "-" and place + 2 < len(inside):
            first, last = sorted((min(ord(inside[place]), 127), min(ord(inside[place + 2]), 127)))
            found.update(map(chr, range(first, last + 1)))
            place += 3
        else:
            found.add(inside[place])
            place += 1
    return frozenset(found)


def _words(words: list[str]) -> _Part:
    def part(name: str, places: set[int]) -> set[int]:
        return {place + len(word) for place in places for word in words if name.startswith(word, place)}

    return part
