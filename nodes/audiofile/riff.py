"""WAV and AIFF files by what lies in them: where the samples are, and a header that says so.

The lengths in a header are written last. A recorder that dies leaves zeros there (or what it wrote a while ago), one
that writes into a pipe leaves the largest number; and a chunk that nobody needs may be damaged.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .stitched import Piece

SMALL = 0xFFFF_FFFF
# Lengths from the one to the other are what programs write that can't tell how long it will be.
UNTOLD = (0x7FFF_0000, SMALL)
# Formats of WAV whose samples lie side by side: integers, floats, A-law, µ-law.
PLAIN = {1, 3, 6, 7}
EXTENSIBLE, MP3 = 0xFFFE, 0x55
# More than so many bytes after the sound that are no chunk are sound too.
LOOSE = 1024
TAGS = (b"TAG", b"ID3", b"APETAGEX", b"LYRICS")
AIFC_PLAIN = (
    b"NONE",
    b"twos",
    b"sowt",
    b"fl32",
    b"FL32",
    b"fl64",
    b"FL64",
    b"raw ",
    b"in24",
    b"in32",
    b"alaw",
    b"ulaw",
)
Ending = Literal["", "cut", "unfinished"]


@dataclass(frozen=True)
class Samples:
    """Where samples lie: first byte and the one after the last; header: what to put before them.

    frames: samples per channel, 0 where only a decoder can tell. told: what the header says. ending: ``cut``: the file
    ends before what the header says; ``unfinished``: the header says less than there is.
    """

    begin: int
    end: int
    header: bytes
    frames: int
    told: int
    ending: Ending
    rate: float
    is_mp3: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The file as it should be."""
        return (self.header, (self.begin, self.end))


def find_samples(data: memoryview, begin: int = 0) -> Samples | None:
    """The samples of a WAV or AIFF file that begins at a byte; None for what is none, or lacks its description."""
    form, kind = bytes(data[begin : begin + 4]), bytes(data[begin + 8 : begin + 12])
    if form in (b"RIFF", b"RIFX", b"RF64", b"BW64") and kind == b"WAVE":
        return _wave(data, begin, form)
    if form == b"FORM" and kind in (b"AIFF", b"AIFC"):
        return _aiff(data, begin, kind)
    return None


def _wave(data: memoryview, begin: int, form: bytes) -> Samples | None:
    order = ">" if form == b"RIFX" else "<"
    layout, fact, long_size = b"", b"", 0
    found: tuple[int, int] | None = None
    for name, start, size in _chunks(data, begin + 12, order):
        if name == b"ds64" and size >= 16:
            long_size = struct.unpack_from("<Q", data, start + 8)[0]
        elif name == b"fmt " and size >= 14 and not layout:
            layout = bytes(data[start : start + size])
        elif name == b"fact":
            fact = bytes(data[start : start + size])
        elif name == b"data":
            found = (start, long_size if form in (b"RF64", b"BW64") and size in (0, SMALL) else size)
        if found and layout:
            break
    if found is None or len(layout) < 14:
        return None
    code, channels, rate, _, width = struct.unpack_from(f"{order}HHIIH", layout)
    if code == EXTENSIBLE and len(layout) >= 26:
        code = struct.unpack_from(f"{order}H", layout, 24)[0]
    is_plain = code in PLAIN and channels > 0 and width > 0 and width % channels == 0
    unit = width if is_plain else 1
    start, told = found
    end, ending = _extent(data, start, told)
    size = (end - start) // unit * unit
    chunks = _chunk(b"fmt ", layout, order) + (_chunk(b"fact", fact, order) if fact and not is_plain else b"")
    frames = size // unit if is_plain else 0
    header = _wave_header(chunks, size, frames, order, form)
    told_frames = told // unit if is_plain else 0
    return Samples(start, start + size, header, frames, told_frames, ending, float(rate), code == MP3)


def _wave_header(chunks: bytes, size: int, frames: int, order: str, form: bytes) -> bytes:
    whole = 4 + len(chunks) + 8 + size
    if whole > SMALL and order == "<":
        sizes = _chunk(b"ds64", struct.pack("<QQQI", whole + 36, size, frames, 0), "<")
        return b"RF64" + struct.pack("<I", SMALL) + b"WAVE" + sizes + chunks + b"data" + struct.pack("<I", SMALL)
    name = b"RIFX" if form == b"RIFX" else b"RIFF"
    return name + struct.pack(f"{order}I", whole) + b"WAVE" + chunks + b"data" + struct.pack(f"{order}I", size)


def _aiff(data: memoryview, begin: int, kind: bytes) -> Samples | None:
    common, version = b"", b""
    found: tuple[int, int] | None = None
    for name, start, size in _chunks(data, begin + 12, ">"):
        if name == b"COMM" and size >= 18:
            common = bytes(data[start : start + size])
        elif name == b"FVER":
            version = _chunk(b"FVER", bytes(data[start : start + size]), ">")
        elif name == b"SSND" and start + 8 <= len(data):
            found = (start, size)
        if found and common:
            break
    if found is None or not common:
        return None
    channels, told_frames, bits = struct.unpack_from(">HIH", common)
    is_plain = kind == b"AIFF" or common[18:22] in AIFC_PLAIN
    unit = channels * ((bits + 7) // 8)
    if not is_plain or not unit:
        return None
    start, told = found
    shift = 8 + struct.unpack_from(">I", data, start)[0]
    shift = shift if start + shift <= len(data) else 8
    end, ending = _extent(data, start, told)
    size = max(0, end - start - shift) // unit * unit
    frames = size // unit
    if told_frames and told_frames < frames and not ending:
        frames, size = told_frames, told_frames * unit  # what pads the chunk is no sound
    elif told_frames > frames and not ending:
        ending = "cut"
    elif told_frames < frames and not ending:
        ending = "unfinished"
    common = common[:2] + struct.pack(">I", frames) + common[6:]
    body = version + _chunk(b"COMM", common, ">")
    body += b"SSND" + struct.pack(">III", min(size + 8, SMALL), 0, 0)
    header = b"FORM" + struct.pack(">I", min(4 + len(body) + size, SMALL)) + kind + body
    first = start + shift
    return Samples(first, first + size, header, frames, told_frames, ending, _extended(common[8:18]))


def _chunks(data: memoryview, place: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and told size of each chunk, as long as they make sense."""
    while place + 8 <= len(data):
        name, size = bytes(data[place : place + 4]), struct.unpack_from(f"{order}I", data, place + 4)[0]
        if not _is_name(name):
            return
        yield name, place + 8, size
        after = place + 8 + size
        # chunks are padded to even sizes; some programs forget it
        place = after + 1 if size % 2 and not _is_name(bytes(data[after : after + 4])) else after


def _extent(data: memoryview, start: int, told: int) -> tuple[int, Ending]:
    """The byte after the sound that begins at ``start``, and whether that is what was told."""
    rest = len(data) - start
    if told > rest:
        return len(data), "" if UNTOLD[0] <= told <= UNTOLD[1] or told >= 1 << 62 else "cut"
    left = rest - told
    is_more = left > (LOOSE if told else 0) and not any(_is_chain(data, start + told + pad) for pad in (0, 1))
    if is_more and not bytes(data[start + told : start + told + 8]).startswith(TAGS):
        return len(data), "unfinished"
    return start + told, ""


def _is_chain(data: memoryview, place: int) -> bool:
    """Whether what follows is chunk after chunk, in either order of bytes."""
    if place >= len(data):
        return True
    if place + 8 > len(data) or not _is_name(bytes(data[place : place + 4])):
        return False
    sizes = (int.from_bytes(data[place + 4 : place + 8], "little"), int.from_bytes(data[place + 4 : place + 8], "big"))
    return any(size <= len(data) - place - 8 for size in sizes)


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= letter < 127 for letter in name)


def _chunk(name: bytes, body: bytes, order: str) -> bytes:
    return name + struct.pack(f"{order}I", len(body)) + body + bytes(len(body) % 2)


def _extended(number: bytes) -> float:
    """A rate as AIFF has it: an 80-bit float."""
    exponent = int.from_bytes(number[:2], "big") & 0x7FFF
    return float(int.from_bytes(number[2:], "big")) * 2.0 ** (exponent - 16383 - 63) if 0 < exponent < 17000 else 0.0
