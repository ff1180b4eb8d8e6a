"""OGG files by their pages: a radio stream or a joined file is several streams, one after the other.

Of a damaged file, decoders pass over the pages that are not sound and go on with the next, so that all after them comes
too early. Here a stream ends before such pages, and goes on after them with its own headers in front.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .search import place_of
from .stitched import Piece

PAGE = 27
# The flag of a stream's first page.
FIRST = 2
# How many packets come before the sound.
HEADERS = {b"\x01vorbis": 3, b"OpusHead": 2}
OPUS_HZ = 48_000
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True)
class OggRun:
    """A stream, or as much of one as has no page missing in it.

    end: its last sample and one, as the stream counts them, -1 where unknown; tick: in so many Hz, 0 for the stream's
    own rate. is_after_hole: whether pages of its stream are missing before it. link: which of the streams it is of.
    skip: how many ticks that stream's decoder leaves out at its beginning.
    """

    pieces: tuple[Piece, ...]
    end: int = -1
    tick: int = 0
    is_after_hole: bool = False
    link: int = 0
    skip: int = 0


@dataclass(frozen=True)
class OggLinks:
    """runs: in turn. is_torn: whether the file ends in a page."""

    runs: tuple[OggRun, ...]
    is_torn: bool


@dataclass(frozen=True)
class _Page:
    begin: int
    end: int
    flags: int
    granule: int
    serial: int
    number: int
    packets: int


def find_links(data: memoryview, begin: int = 0) -> OggLinks | None:
    """The streams that follow one another in an OGG file; None for what is none."""
    if bytes(data[begin : begin + 4]) != b"OggS":
        return None
    pages = list(_pages(data, begin))
    if not pages:
        return None
    links: list[list[_Page]] = [[]]
    is_beginning = True
    for page in pages:
        is_first = bool(page.flags & FIRST)
        if is_first and not is_beginning:
            links.append([])
        is_beginning = is_first
        links[-1].append(page)
    begins = [begin, *(link[0].begin for link in links[1:]), pages[-1].end]
    spans = enumerate(zip(links, pairwise(begins), strict=True))
    runs = [run for number, (link, span) in spans for run in _runs(data, link, span, number)]
    return OggLinks(tuple(runs), b"OggS" in bytes(data[pages[-1].end :]))


def _runs(data: memoryview, pages: list[_Page], span: tuple[int, int], link: int) -> list[OggRun]:
    """A stream in as many runs as the pages that are missing in it leave."""
    whole = OggRun((span,), link=link)
    first = pages[0]
    code = bytes(data[first.begin + PAGE + 1 : first.begin + PAGE + 9])
    kind = next((name for name in HEADERS if code.startswith(name)), b"")
    is_whole = all(b.number in (a.number, (a.number + 1) & 0xFFFF_FFFF) for a, b in pairwise(pages))
    if is_whole or not kind or any(page.serial != first.serial for page in pages):
        return [whole]
    count = packets = 0
    while packets < HEADERS[kind]:
        if count == len(pages) or pages[count].number != first.number + count:
            return [whole]
        packets, count = packets + pages[count].packets, count + 1
    is_opus = kind == b"OpusHead"
    start = bytes(data[first.begin : first.end])
    skip = int.from_bytes(start[PAGE + 11 : PAGE + 13], "little") if is_opus else 0
    headers: tuple[Piece, ...] = (_without_skip(start) if is_opus else start, (first.end, pages[count - 1].end))
    stretches = [pages[:count]]
    for before, page in pairwise(pages[count - 1 :]):
        if page.number != before.number + 1:
            stretches.append([])
        stretches[-1].append(page)
    runs: list[OggRun] = []
    for stretch in stretches:
        end = max(page.granule for page in stretch)
        if end <= 0:  # nothing but headers, or no packet that ends
            continue
        place = (stretch[0].begin, stretch[-1].end)
        is_first = stretch is stretches[0]
        pieces = (place,) if is_first else (*headers, place)
        runs.append(OggRun(pieces, end, OPUS_HZ if is_opus else 0, not is_first, link, skip))
    return runs or [whole]


def _pages(data: memoryview, begin: int) -> Iterator[_Page]:
    """The pages that are sound; decoders pass over the others too."""
    place = begin
    while (place := place_of(data, b"OggS", place)) >= 0:
        if place + PAGE > len(data):
            break
        sizes = bytes(data[place + PAGE : place + PAGE + data[place + 26]])
        end = place + PAGE + len(sizes) + sum(sizes)
        head = bytes(data[place : place + PAGE])
        if end > len(data) or _checksum(bytes(data[place:end])) != head[22:26]:
            place += 1
            continue
        granule, serial, number = (
            int.from_bytes(head[a:b], "little", signed=b == 14) for a, b in ((6, 14), (14, 18), (18, 22))
        )
        yield _Page(place, end, head[5], granule, serial, number, sum(size < 255 for size in sizes))
        place = end


def _checksum(page: bytes) -> bytes:
    """OGG's sum is zlib's with every bit mirrored, and not inverted."""
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRROR)
    return (zlib.crc32(mirrored, 0xFFFF_FFFF) ^ 0xFFFF_FFFF).to_bytes(4, "big").translate(_MIRROR)


def _without_skip(page: bytes) -> bytes:
    """Opus' first page, of a stream that does not begin here: nothing is to be left out at its beginning."""
    made = page[: PAGE + 11] + bytes(2) + page[PAGE + 13 :]
    return made[:22] + _checksum(made) + made[26:]
