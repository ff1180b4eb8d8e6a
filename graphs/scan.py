"""A look through a patch file's msgpack before it is believed: depth, claimed lengths, nothing executable."""

import struct

# How deep maps and lists in a file may nest.
MAX_DEPTH = 64

# How many values and keys a file may hold, arrays not counted: a byte in a file can cost 70 in memory.
MAX_VALUES = 1_000_000

_FIXED = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
}  # fmt: skip
_SIZED = {0xC4: ">B", 0xC5: ">H", 0xC6: ">I", 0xD9: ">B", 0xDA: ">H", 0xDB: ">I"}
_LISTS = {0xDC: ">H", 0xDD: ">I"}
_MAPS = {0xDE: ">H", 0xDF: ">I"}


class NotSound(ValueError):
    """The bytes are no msgpack that a patch could be; the text says what is wrong with them."""


def look_through(data: bytes) -> None:
    """Walk over every header once. Raises NotSound.

    Nothing is made of the contents, so a length that lies costs nothing: every claimed item must have at least one
    byte left for it, and there may be ``MAX_VALUES`` of them. Memory is in proportion to the depth.
    """
    position, end = 0, len(data)
    waiting = [1]
    owed = total = 1
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        waiting[-1] -= 1
        owed -= 1
        if position >= end:
            raise NotSound("it ends too early")
        head = data[position]
        position += 1
        items = 0
        if head <= 0x7F or head >= 0xE0 or head in _FIXED:
            position += _FIXED.get(head, 0)
        elif 0xA0 <= head <= 0xBF:
            position += head & 0x1F
        elif head in _SIZED:
            length, position = _number(data, position, _SIZED[head])
            position += length
        elif 0x90 <= head <= 0x9F:
            items = head & 0x0F
        elif 0x80 <= head <= 0x8F:
            items = 2 * (head & 0x0F)
        elif head in _LISTS:
            items, position = _number(data, position, _LISTS[head])
        elif head in _MAPS:
            items, position = _number(data, position, _MAPS[head])
            items *= 2
        else:
            raise NotSound("it holds a kind of value that patches never hold")
        owed += items
        total += items
        if owed > end - position:
            raise NotSound("it ends too early")
        if total > MAX_VALUES:
            raise NotSound(f"it holds more than {MAX_VALUES} values outside of arrays")
        if items:
            waiting.append(items)
            if len(waiting) > MAX_DEPTH + 1:
                raise NotSound(f"it is nested deeper than {MAX_DEPTH} levels")
    if position != end:
        raise NotSound("something follows after its end")


def _number(data: bytes, position: int, form: str) -> tuple[int, int]:
    after = position + struct.calcsize(form)
    if after > len(data):
        raise NotSound("it ends too early")
    number: int = struct.unpack_from(form, data, position)[0]
    return number, after
