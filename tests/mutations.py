"""Files that are damaged in many ways: seeded, so that a case that breaks something can be had again."""

import io
import random
import zipfile
from collections.abc import Iterator

TELLING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x80",
    b"NaN",
    b"1e999",
    b"[[[[",
    b'"',
    b"{",
)


def damaged(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """So many damaged copies of a file: bits turned, pieces lost, doubled, moved, overwritten, cut off."""
    dice = random.Random(seed)
    for _ in range(count):
        mutated = bytearray(data)
        for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
            _damage(mutated, dice)
        yield bytes(mutated)


def damaged_archives(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Copies of a zip whose members are damaged and whose sums fit all the same; some are lost, doubled or renamed."""
    dice = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    for _ in range(count):
        changed = [*members]
        place = dice.randrange(len(changed))
        name, inside = changed[place]
        match dice.randrange(8):
            case 0:
                del changed[place]
            case 1:
                changed[place] = (changed[dice.randrange(len(changed))][0], inside)
            case 2:
                changed[place] = (name, changed[dice.randrange(len(changed))][1])
            case 3 | 4:  # the headers of arrays are at the begin
                head = bytearray(inside[:128])
                _damage(head, dice)
                changed[place] = (name, bytes(head) + inside[128:])
            case _:
                mutated = bytearray(inside)
                _damage(mutated, dice)
                changed[place] = (name, bytes(mutated))
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, inside in dict(changed).items():
                archive.writestr(name, inside)
        yield made.getvalue()


def _damage(data: bytearray, dice: random.Random) -> None:
    if not data:
        data += dice.choice(TELLING)
        return
    place = dice.randrange(len(data))
    match dice.randrange(8):
        case 0 | 1:
            data[place] ^= 1 << dice.randrange(8)
        case 2:
            data[place] = dice.randrange(256)
        case 3:
            del data[place:]
        case 4:
            del data[place : place + dice.choice((1, 2, 4, 64, 1024))]
        case 5:
            piece = data[place : place + dice.choice((1, 8, 64))]
            other = dice.randrange(len(data))
            data[other:other] = piece
        case 6:
            word = dice.choice(TELLING)
            data[place : place + len(word)] = word
        case _:
            length = dice.choice((1, 4, 16))
            data[place : place + length] = dice.randbytes(length)


ODD = (
    None,
    True,
    0,
    -1,
    2**40,
    -(2**62),
    0.5,
    -1e308,
    1e308,
    "",
    "x" * 3000,
    "\x1b]0;x\x07\n",
    [],
    {},
    [[]],
    {"": {}},
    [None],
)
"""Values that stand where others belong."""


def wrong_values(whole: object, seed: int, count: int) -> Iterator[object]:
    """Copies of a tree of maps and lists in which a value, or several, is of another kind, or lost."""
    dice = random.Random(seed)
    for _ in range(count):
        changed = whole
        for _ in range(dice.choice((1, 1, 2, 4))):
            changed = _with_odd(changed, dice)
        yield changed


def _with_odd(whole: object, dice: random.Random) -> object:
    if isinstance(whole, dict) and whole and dice.random() < 0.9:
        key = dice.choice(sorted(whole, key=str))
        if dice.random() < 0.1:
            return {one: value for one, value in whole.items() if one != key}
        if dice.random() < 0.05:
            return {**whole, dice.choice(("", "x" * 300, "\x1b[2J", "a/b")): whole[key]}
        return {**whole, key: _with_odd(whole[key], dice)}
    if isinstance(whole, list) and whole and dice.random() < 0.9:
        place = dice.randrange(len(whole))
        if dice.random() < 0.1:
            return whole[:place] + whole[place + 1 :]
        return [*whole[:place], _with_odd(whole[place], dice), *whole[place + 1 :]]
    return dice.choice(ODD)
