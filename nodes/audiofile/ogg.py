"""OGG files by their pages: a radio stream or a joined file is several streams, one after the other."""

from dataclasses import dataclass

PAGE = 27
FIRST = 2
"""The flag of a stream's first page."""


@dataclass(frozen=True)
class OggLinks:
    """spans: first byte and the one after the last of each stream in turn. is_torn: whether the file ends in a page."""

    spans: tuple[tuple[int, int], ...]
    is_torn: bool


def find_links(data: memoryview, begin: int = 0) -> OggLinks | None:
    """The streams that follow one another in an OGG file; None for what is none."""
    if bytes(data[begin : begin + 4]) != b"OggS":
        return None
    starts = [begin]
    place, is_beginning, is_torn, end = begin, True, False, begin
    while place + PAGE <= len(data):
        if bytes(data[place : place + 4]) != b"OggS":
            place = _next(data, place)
            if place < 0:
                break
            continue
        segments = data[place + 26]
        size = PAGE + segments + sum(data[place + PAGE : place + PAGE + segments])
        if place + size > len(data):
            is_torn = True
            break
        is_first = bool(data[place + 5] & FIRST)
        if is_first and not is_beginning:
            starts.append(place)
        is_beginning = is_first
        place += size
        end = place
    is_torn |= 0 < len(data) - place < PAGE and bytes(data[place : place + 4]) == b"OggS"
    return OggLinks(tuple(zip(starts, [*starts[1:], end], strict=True)), is_torn)


def _next(data: memoryview, place: int) -> int:
    window = 1 << 16
    while place < len(data):
        found = bytes(data[place : place + window + 3]).find(b"OggS")
        if found >= 0:
            return place + found
        place += window
    return -1
