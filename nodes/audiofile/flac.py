"""The length of a FLAC file by its last frames, where its header does not tell it, or tells it wrongly."""

from dataclasses import dataclass
from itertools import pairwise

from .flac_length import HEAD, told_length, with_length
from .search import place_of
from .stitched import Piece

TAIL = 1 << 19
SIZES = {1: 192, 2: 576, 3: 1152, 4: 2304, 5: 4608, **{code: 256 << (code - 8) for code in range(8, 16)}}
CRC_8 = 0x07
START = b"fLaC\x00\x00\x00\x22"


@dataclass(frozen=True)
class FlacEnd:
    """told: samples by the header, 0 where it does not say. begin, end: first sample of the last frame, and the one
    after it; end 0 where no frame was found."""

    told: int
    begin: int
    end: int


def flac_end(data: memoryview, begin: int = 0) -> FlacEnd | None:
    """How long a FLAC file is by its header and by its frames; None for what is none. begin: its first byte."""
    if bytes(data[begin : begin + 4]) != b"fLaC" or len(data) < begin + HEAD or data[begin + 4] & 0x7F:
        return None
    told = told_length(bytes(data[begin : begin + HEAD]))
    steady = int.from_bytes(data[begin + 8 : begin + 10], "big")
    frames = _frames(bytes(data[max(begin, len(data) - TAIL) :]), steady)
    starts, ends = {first for first, _ in frames}, {last for _, last in frames}
    for first, last in reversed(frames):
        # what only looks like a frame follows no other
        if first in ends or first == 0 or last in starts:
            return FlacEnd(told, first, last)
    return FlacEnd(told, 0, 0)


def flac_streams(data: memoryview, begin: int = 0) -> tuple[tuple[int, int], ...]:
    """First byte and the one after the last of each FLAC stream in turn: more than one where files were joined."""
    starts = [begin]
    while (place := place_of(data, START, starts[-1] + HEAD)) >= 0:
        starts.append(place)
    return tuple(pairwise([*starts, len(data)]))


def flac_pieces(data: memoryview, samples: int, begin: int = 0) -> tuple[Piece, ...]:
    """The file with another length in its header."""
    return (with_length(bytes(data[begin : begin + HEAD]), samples), (begin + HEAD, len(data)))


def _frames(data: bytes, steady: int) -> list[tuple[int, int]]:
    """First sample and the one after the last of each frame whose header is sound, in the order of the file."""
    found: list[tuple[int, int]] = []
    place = data.find(b"\xff")
    while 0 <= place < len(data) - 6:
        if data[place + 1] in (0xF8, 0xF9):
            frame = _frame(data, place, steady)
            if frame is not None:
                found.append(frame)
        place = data.find(b"\xff", place + 1)
    return found


def _frame(data: bytes, place: int, steady: int) -> tuple[int, int] | None:
    by_sample = data[place + 1] & 1
    size_code, rate_code = data[place + 2] >> 4, data[place + 2] & 0xF
    if size_code == 0 or rate_code == 15 or data[place + 3] >> 4 > 10 or data[place + 3] & 1:
        return None
    number, at = _coded(data, place + 4)
    if at < 0:
        return None
    size = SIZES.get(size_code, 0)
    if size_code in (6, 7):
        width = size_code - 5
        size = int.from_bytes(data[at : at + width], "big") + 1
        at += width
    at += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if at >= len(data) or _crc8(data[place:at]) != data[at]:
        return None
    first = number if by_sample else number * steady
    return first, first + size


def _coded(data: bytes, place: int) -> tuple[int, int]:
    """A number as FLAC writes it (like UTF-8, up to 7 bytes), and the place after it; -1 for none."""
    first = data[place]
    if first < 0x80:
        return first, place + 1
    more = next((count for count in range(1, 7) if not first & (0x80 >> (count + 1))), 6)
    if first < 0xC0 or first == 0xFF or place + more >= len(data):
        return 0, -1
    number = first & (0x3F >> more)
    for byte in data[place + 1 : place + 1 + more]:
        if byte >> 6 != 2:
            return 0, -1
        number = number << 6 | byte & 0x3F
    return number, place + 1 + more


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ CRC_8) & 0xFF if value & 0x80 else value << 1
    return value
