"""Which sound a line stands for: kept by the sound's name and content, so that no line ever moves to another sound.

Lines are numbered by the order of the sounds. Beside each lies what its sound was (``sounds/0003``: uint8, 32 bytes of
what it is and its name), so that they are numbered anew when sounds come, go, change places or names. The line of a
sound that has gone is kept aside (``aside/lines/0000`` …) until its sound is back. A drawing saved before lines knew
their sounds is taken to belong to the sounds that its patch has when it is first looked at.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Content, Trajectories
from ...graphs.frozen import array_sha256

SOUNDS = "sounds/"
ASIDE = "aside/"
# What belongs to a sound.
KINDS = ("lines/", "curves/", "weights/", "cleared/")
MARK = 32


@dataclass(frozen=True)
class SoundMark:
    """A sound as lines know it: its name, and 32 bytes of what its latents are (all zero: not known)."""

    name: str
    mark: bytes = bytes(MARK)


@dataclass
class _Entry:
    """What is drawn for a sound, under a number of its own or kept aside."""

    number: int
    sound: SoundMark | None
    is_aside: bool
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


def marks_of(names: Sequence[str], arrays: Sequence[NDArray[Any]]) -> tuple[SoundMark, ...]:
    """The sounds of a set of trajectories, in order."""
    return tuple(SoundMark(name, _mark(array)) for name, array in zip(names, arrays, strict=True))


def sounds_in(latents: Trajectories | None) -> tuple[SoundMark, ...]:
    """The sounds that a map's lines are paired with; () while they are not known."""
    return marks_of(latents.names, latents.arrays) if latents is not None else ()


def renumbered(content: Content, sounds: Sequence[SoundMark]) -> Content:
    """A map's content with its lines numbered as these sounds are; the same object where that is so already.

    A line whose sound is not there is kept aside; one that was kept aside comes back with its sound, unless another
    has been drawn for that meanwhile. Without sounds nothing is changed: they are not known yet.
    """
    if not sounds or not any(name.startswith(KINDS) or name.startswith(ASIDE) for name in content):
        return content
    entries = list(_entries(content, sounds))
    away = {index for index, entry in enumerate(entries) if entry.is_aside}
    places = matched([entry.sound for entry in entries], sounds, away)
    made: dict[str, NDArray[Any]] = {}
    taken: set[int] = set()
    left: list[_Entry] = []
    for entry, place in zip(entries, places, strict=True):
        # a line that never had a sound stays where it is, as long as nobody else is there
        target = entry.number if entry.sound is None and not entry.is_aside else place
        if target is None or target in taken or (entry.sound is None and target < len(sounds)):
            left.append(entry)
            continue
        taken.add(target)
        made |= {f"{kind}{target:04d}": array for kind, array in entry.arrays.items()}
        if target < len(sounds):
            made[f"{SOUNDS}{target:04d}"] = _written(sounds[target])
    for number, entry in enumerate(left):
        made |= {f"{ASIDE}{kind}{number:04d}": array for kind, array in entry.arrays.items()}
        made[f"{ASIDE}{SOUNDS}{number:04d}"] = _written(entry.sound or SoundMark(f"line {entry.number + 1}"))
    kept = {name: array for name, array in content.items() if not name.startswith((*KINDS, SOUNDS, ASIDE))}
    made = {name: _same_object(content.get(name), array) for name, array in made.items()}
    if kept.keys() | made.keys() == content.keys() and all(made[name] is content[name] for name in made):
        return content
    return {**kept, **made}


def with_marks(content: Content, sounds: Sequence[SoundMark]) -> Content:
    """The content with each line marked as that of the sound of its number."""
    numbers = {int(name[-4:]) for name in content if name.startswith(KINDS) and name[-4:].isdecimal()}
    kept = {
        name: array
        for name, array in content.items()
        if not name.startswith(SOUNDS) or (name[-4:].isdecimal() and int(name[-4:]) in numbers)
    }
    for number in numbers:
        if number < len(sounds):
            name = f"{SOUNDS}{number:04d}"
            kept[name] = _same_object(content.get(name), _written(sounds[number]))
    return kept


def rearranged(
    content: Content, before: Sequence[SoundMark], after: Sequence[SoundMark], places: Sequence[int | None]
) -> Content:
    """A map's content when the sounds that it is paired with were put in order by hand.

    places: which of the sounds ``after`` each of those ``before`` is now; None for one that is gone.
    """
    made = dict(with_marks(renumbered(content, before), before))
    for number, place in enumerate(places):
        name = f"{SOUNDS}{number:04d}"
        if place is not None and name in made:
            made[name] = _written(after[place])
    return renumbered(made, after) if after else made


def names_aside(content: Content) -> tuple[str, ...]:
    """The names of sounds whose lines are kept aside."""
    prefix = f"{ASIDE}{SOUNDS}"
    found = sorted(name for name in content if name.startswith(prefix))
    return tuple(sound.name for name in found if (sound := _read(content[name])) is not None)


def _entries(content: Content, sounds: Sequence[SoundMark]) -> Iterator[_Entry]:
    """All that is drawn for sounds: those under their numbers first, then those kept aside."""
    for prefix in ("", ASIDE):
        found: dict[int, dict[str, NDArray[Any]]] = {}
        for kind in KINDS:
            for name, array in content.items():
                digits = name.removeprefix(f"{prefix}{kind}")
                if digits != name and digits.isdecimal():
                    found.setdefault(int(digits), {})[kind] = array
        for number in sorted(found):
            known = content.get(f"{prefix}{SOUNDS}{number:04d}")
            sound = _read(known) if known is not None else None
            if known is None and not prefix and number < len(sounds):
                sound = sounds[number]
            yield _Entry(number, sound, bool(prefix), found[number])


def matched(
    wanted: Sequence[SoundMark | None], there: Sequence[SoundMark], away: Collection[int] = ()
) -> list[int | None]:
    """For each sound its place among those that are there: the very same, else the same content, else the same name.

    away: which of those wanted had gone before. One of these is known by its name alone only where no other sound has
    that name, so that a second ``voice`` in another folder does not get the line of the first.
    """
    places: list[int | None] = [None] * len(wanted)
    named = Counter(one.name for one in wanted if one is not None), Counter(one.name for one in there)
    is_left = [True] * len(there)

    def settle(key: Callable[[SoundMark], Hashable], is_meant: Callable[[int, SoundMark], bool]) -> None:
        free: dict[Hashable, deque[int]] = {}
        for number, one in enumerate(there):
            if is_left[number]:
                free.setdefault(key(one), deque()).append(number)
        for index, sought in enumerate(wanted):
            if sought is None or places[index] is not None or not is_meant(index, sought):
                continue
            if found := free.get(key(sought)):
                place = found.popleft()
                places[index], is_left[place] = place, False

    settle(lambda one: one, lambda index, one: True)
    settle(lambda one: one.mark, lambda index, one: one.mark != bytes(MARK))
    settle(lambda one: one.name, lambda index, one: index not in away or all(some[one.name] == 1 for some in named))
    return places


def _mark(array: NDArray[Any]) -> bytes:
    return bytes.fromhex(array_sha256(np.asarray(array, np.float32)))


def _written(sound: SoundMark) -> NDArray[Any]:
    array = np.frombuffer(sound.mark + sound.name.encode("utf-8", "surrogateescape"), np.uint8)
    array.setflags(write=False)
    return array


def _read(array: NDArray[Any]) -> SoundMark | None:
    raw = np.asarray(array, np.uint8).tobytes()
    return SoundMark(raw[MARK:].decode("utf-8", "surrogateescape"), raw[:MARK]) if len(raw) >= MARK else None


def _same_object(known: NDArray[Any] | None, array: NDArray[Any]) -> NDArray[Any]:
    """The array that is there already, if it is equal: what did not change is not sent or saved anew."""
    if known is not None and known.dtype == array.dtype and np.array_equal(known, array):
        return known
    return array
