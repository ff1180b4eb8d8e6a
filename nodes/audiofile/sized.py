"""AU, CAF and W64 files with a right length before their samples."""

import struct

from .riff import UNTOLD, Ending
from .stitched import Piece

W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
# Bytes looked through for where the samples begin.
HEAD = 1 << 16


def with_length(data: memoryview, begin: int = 0) -> tuple[tuple[Piece, ...], Ending] | None:
    """The file with another length, and whether it is cut or unfinished; None for other files and right ones."""
    head = bytes(data[begin : begin + HEAD])
    if head[:4] == b".snd" and len(head) > 24:
        start, told = struct.unpack_from(">II", head, 4)
        rest = len(data) - begin - start
        is_untold = told == 0 or told >= UNTOLD[0]
        field: tuple[int, bytes] = (8, struct.pack(">I", min(max(rest, 0), 0xFFFF_FFFF)))
    elif head[:4] == b"caff" and (place := head.find(b"data")) > 0 and len(head) >= place + 16:
        start, told = place + 12, struct.unpack_from(">q", head, place + 4)[0]
        rest = len(data) - begin - start
        is_untold = told <= 4 or told >= 1 << 62
        field = (place + 4, struct.pack(">q", rest))
    elif head[:16] == W64 and (place := head.find(W64_DATA)) > 0 and len(head) >= place + 24:
        start, told = place, struct.unpack_from("<Q", head, place + 16)[0]
        rest = len(data) - begin - start
        is_untold = told <= 24 or told >= 1 << 62
        field = (place + 16, struct.pack("<Q", rest))
    else:
        return None
    if rest <= 4 or (0 < told <= rest and not is_untold):
        return None
    at, right = field
    pieces: tuple[Piece, ...] = (head[:at] + right, (begin + at + len(right), len(data)))
    return pieces, "cut" if not is_untold else "" if told < 0 or told >= UNTOLD[0] else "unfinished"
