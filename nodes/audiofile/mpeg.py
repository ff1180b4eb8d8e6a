"""MP3 files by their frames: how many there are, whatever the file says or does not say about it.

Without a length in the file, decoders guess it from the first frames and the size, which is wrong for any variable
bit rate, and a little wrong for many constant ones. The first 529 samples of such a file are the decoder's own delay
and no sound; they are left out, as where a file tells its length.
"""

from dataclasses import dataclass

from .stitched import Piece

RATES = (44_100, 48_000, 32_000)
KBITS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# So many frames in a row are no accident.
SURE = 4
# Bytes looked through for the first of them.
ENOUGH = 8 << 20
# Seconds of silence for a hole; a count that tells of more is more likely damaged itself.
MOST_MISSING = 600


@dataclass(frozen=True)
class Header:
    """What a frame's four bytes say; like: what stays the same from frame to frame."""

    version: int
    layer: int
    rate: int
    size: int
    samples: int
    is_mono: bool
    like: tuple[int, int, int]


@dataclass(frozen=True)
class Frames:
    """The frames of a file: stretches of bytes that are nothing else, how many, and of how many samples.

    told: how many its own info frame says, 0 without. is_torn: whether the file ends within a frame. pieces: the file
    with an info frame that is right; () where that is so already and nothing lies between the frames. hole: where
    something lies between them and some are missing, how many come before it and how many are missing in all, (0, 0)
    elsewhere; is_filled: whether silent frames stand for them, so that those after keep their time.
    """

    count: int
    samples: int
    rate: int
    told: int
    is_torn: bool
    pieces: tuple[Piece, ...]
    hole: tuple[int, int] = (0, 0)
    is_filled: bool = False


def find_frames(data: memoryview, begin: int = 0) -> Frames | None:
    """The MPEG frames from a byte on; None where there are none. Data of another rate further on is left out."""
    first = _first(data, begin)
    if first < 0:
        return None
    head = header_at(data, first)
    assert head is not None
    runs, counts, is_torn = _runs(data, first, head)
    count = sum(counts)
    info = bytes(data[first : first + head.size])
    if head.layer < 3:  # which know no info frames; their bit rate is constant, so that a guess is right
        return Frames(count, head.samples, head.rate, 0, is_torn, tuple(runs))
    tag = _tag(info)
    is_vbri = tag < 0 and info[36:40] == b"VBRI"
    if tag >= 0 or is_vbri:
        runs[0] = (first + head.size, runs[0][1])
        count, counts[0] = count - 1, counts[0] - 1
    has_count = tag >= 0 and info[tag + 7] & 1
    at = 50 if is_vbri else tag + 8
    told = int.from_bytes(info[at : at + 4], "big") if has_count or is_vbri else 0
    if has_count and told == count and len(runs) == 1:
        return Frames(count, head.samples, head.rate, told, is_torn, ())
    pieces: list[Piece] = list(runs)
    lacks = told - count
    hole = (counts[0], lacks) if lacks > 1 and len(runs) > 1 else (0, 0)
    is_filled = hole != (0, 0) and len(runs) == 2 and not is_torn and lacks * head.samples < MOST_MISSING * head.rate
    if is_filled:
        pieces.insert(1, _silent_frame(info[:4], head) * lacks)
        count = told
    if has_count:
        size = head.size + sum(len(one) if isinstance(one, bytes) else one[1] - one[0] for one in pieces)
        right = _corrected(info, tag, count, told, size)
    else:
        right = _info_frame(info[:4], head, count)
    return Frames(count, head.samples, head.rate, told, is_torn, (right, *pieces), hole, is_filled)


def header_at(data: memoryview, place: int) -> Header | None:
    """The frame that begins at a byte, if one does."""
    if place + 4 > len(data) or data[place] != 0xFF or data[place + 1] & 0xE0 != 0xE0:
        return None
    one, two, three = data[place + 1], data[place + 2], data[place + 3]
    version, layer, bits, rate = (one >> 3) & 3, 4 - ((one >> 1) & 3), two >> 4, (two >> 2) & 3
    if version == 1 or layer == 4 or bits in (0, 15) or rate == 3:
        return None
    age = 1 if version == 3 else 2
    hz = RATES[rate] >> (0 if version == 3 else 1 if version == 2 else 2)
    rates = KBITS[age, layer] if (age, layer) in KBITS else KBITS[2, 2]
    kbits, padding = rates[bits - 1] * 1000, (two >> 1) & 1
    if layer == 1:
        samples, size = 384, (12 * kbits // hz + padding) * 4
    else:
        samples = 576 if layer == 3 and age == 2 else 1152
        size = samples // 8 * kbits // hz + padding
    return Header(age, layer, hz, size, samples, three >> 6 == 3, (version, layer, rate))


def _first(data: memoryview, begin: int) -> int:
    """The first byte of the first frame that others follow; -1 without."""
    place = begin
    whole = bytes(data[begin : begin + ENOUGH])
    while place < begin + len(whole):
        if _follow(data, place) >= SURE or (place == begin and _ends_there(data, place)):
            return place
        found = whole.find(b"\xff", place - begin + 1)
        if found < 0:
            return -1
        place = begin + found
    return -1


def _follow(data: memoryview, place: int) -> int:
    """How many frames alike follow one another here, at most as many as make sure."""
    head, count = header_at(data, place), 0
    like = head.like if head else None
    while head is not None and head.like == like and count < SURE:
        place, count = place + head.size, count + 1
        head = header_at(data, place)
    return count


def _ends_there(data: memoryview, place: int) -> bool:
    """Whether frames lead from here to the end of a short file."""
    head = header_at(data, place)
    while head is not None and place < len(data):
        place += head.size
        head = header_at(data, place)
    return place == len(data)


def _runs(data: memoryview, first: int, head: Header) -> tuple[list[tuple[int, int]], list[int], bool]:
    """Stretches of whole frames alike, how many frames in each, and whether the last one is torn."""
    runs: list[tuple[int, int]] = []
    counts: list[int] = []
    place = begin = first
    count, is_torn = 0, False
    while True:
        here = header_at(data, place)
        if here is not None and here.like == head.like:
            is_torn = place + here.size > len(data)
            if not is_torn:
                place, count = place + here.size, count + 1
                continue
        if place > begin:
            runs.append((begin, place))
            counts.append(count)
            count = 0
        if is_torn:
            break
        begin = _next(data, place + 1, head)
        if begin < 0:
            break
        place = begin
    return runs, counts, is_torn


def _next(data: memoryview, place: int, head: Header) -> int:
    """The next frame alike after something that is none."""
    window = 1 << 16
    while place < len(data):
        part = bytes(data[place : place + window])
        found = part.find(b"\xff")
        while found >= 0:
            here = header_at(data, place + found)
            if here is not None and here.like == head.like and _follow(data, place + found) >= SURE:
                return place + found
            found = part.find(b"\xff", found + 1)
        place += len(part)
    return -1


def _tag(frame: bytes) -> int:
    """Where a frame's ``Xing`` or ``Info`` is, which tells the length; -1 for a frame of sound."""
    return next((place for place in (36, 21, 13, 38, 23, 15) if frame[place : place + 4] in (b"Xing", b"Info")), -1)


def _info_frame(like: bytes, head: Header, count: int) -> bytes:
    """A frame without sound that tells how many follow, and nothing of silence at the ends, which would be cut."""
    return _frame_with(like, head, b"Xing" + (5).to_bytes(4, "big") + count.to_bytes(4, "big"))


def _silent_frame(like: bytes, head: Header) -> bytes:
    return _frame_with(like, head, b"")


def _frame_with(like: bytes, head: Header, what: bytes) -> bytes:
    """A frame without sound, with some bytes where the sound would be."""
    aside = (17 if head.is_mono else 32) if head.version == 1 else (9 if head.is_mono else 17)
    body = bytes(aside) + what
    for code in range(1, 15):
        start = bytes([0xFF, like[1] | 1, code << 4 | like[2] & 0x0C, like[3]])
        made = header_at(memoryview(start), 0)
        if made is not None and made.size >= len(start) + len(body):
            return start + body + bytes(made.size - len(start) - len(body))
    return b""


def _corrected(info: bytes, tag: int, count: int, told: int, size: int) -> bytes:
    """An info frame with another count and size (bytes). Of a file that lacks its end no silence is taken off there."""
    frame = bytearray(info)
    frame[tag + 8 : tag + 12] = count.to_bytes(4, "big")
    flags = frame[tag + 7]
    if flags & 2:
        at = tag + 8 + 4 * (flags & 1)
        frame[at : at + 4] = min(size, 0xFFFF_FFFF).to_bytes(4, "big")
    extra = tag + 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    if abs(count - told) > 1 and extra + 24 <= len(frame):
        frame[extra + 22] &= 0xF0
        frame[extra + 23] = 0
    return bytes(frame)
