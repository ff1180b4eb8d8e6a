"""What strangers might send: values, maps and bytes of every kind, the same for the same seed."""

import math
import random
import string
from collections.abc import Sequence
from typing import Any

import msgpack

FEW, MANY = 300, 3000
"""Cases of a test that is always run, and of one for the slow set."""
ODD: Sequence[Any] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63 - 1,
    -(2**63),
    0.0,
    -0.0,
    1e308,
    -1e308,
    5e-324,
    math.nan,
    math.inf,
    -math.inf,
    "",
    "\0",
    "\x1b]0;title\x07",
    "\u202eevil",
    "*",
    "{",
    "[!",
    "/",
    "9" * 5000,
    b"",
    b"\xff\x00",
    [],
    {},
    [[[[]]]],
    {"a": 1},
)


def packed(message: Any) -> bytes:
    """Any value as bytes on the wire, length first, whether it is a message or none."""
    body = bytes(msgpack.packb(message, use_bin_type=True) or b"")
    return len(body).to_bytes(4, "little") + body


def value(chance: random.Random, depth: int = 3) -> Any:
    """Any value that a message between processes can hold."""
    kind = chance.randrange(9 if depth else 7)
    if kind < 4:
        return chance.choice(ODD)
    if kind == 4:
        return chance.uniform(-1e3, 1e3)
    if kind == 5:
        return chance.randrange(-(2**63), 2**63)
    if kind == 6:
        return "".join(chance.choices(string.printable, k=chance.randrange(20)))
    if kind == 7:
        return [value(chance, depth - 1) for _ in range(chance.randrange(5))]
    return {word(chance): value(chance, depth - 1) for _ in range(chance.randrange(5))}


def word(chance: random.Random) -> str:
    """A short key."""
    return "".join(chance.choices("abcde", k=chance.randrange(1, 4)))


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Bytes with a few of them changed, dropped, doubled or cut off."""
    made = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(made) + 1)
        match chance.randrange(5):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + chance.randrange(1, 9)]
            case 2:
                made[at:at] = made[at : at + chance.randrange(1, 9)]
            case 3:
                made[at:at] = chance.randbytes(chance.randrange(1, 9))
            case _:
                del made[at + chance.randrange(1, 9) :]
    return bytes(made)


def replaced(chance: random.Random, whole: dict[str, Any]) -> dict[str, Any]:
    """A map with something in it replaced, added or taken away, at any depth."""
    made = dict(whole)
    key = chance.choice([*made, word(chance)])
    inside = made.get(key)
    match chance.randrange(4):
        case 0 if isinstance(inside, dict):
            made[key] = replaced(chance, inside)
        case 1:
            made.pop(key, None)
        case _:
            made[key] = value(chance)
    return made
