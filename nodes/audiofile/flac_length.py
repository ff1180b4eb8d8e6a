"""How long a FLAC file says it is: kept right while it grows, so that it opens also when nobody finishes it.

The encoder of libsndfile writes the length when it closes; until then the header says "unknown", which many players
refuse. Source: the STREAMINFO block of RFC 9639, section 8.2; libFLAC encodes a block once a sample beyond it is there.
"""

from pathlib import Path

from ...graphs.file_read import open_regular

# Samples of one FLAC frame at libsndfile's compression level.
BLOCK = 4096
# Where the byte lies whose lower half, with four bytes more, is the number of samples (36 bits).
_LENGTH_AT = 21
# Bytes from the beginning of a file to the end of that number.
HEAD = _LENGTH_AT + 5


def encoded_samples(written: int) -> int:
    """How many samples are in a file whose encoder has been given so many and has not been closed."""
    return max(0, written - 1) // BLOCK * BLOCK


def set_length(path: Path, samples: int) -> None:
    """Have a FLAC file say how many samples per channel it has. Raises OSError."""
    with path.open("r+b", buffering=0) as file:
        head = file.read(HEAD)
        if len(head) < HEAD or not head.startswith(b"fLaC"):
            return  # nothing has been encoded yet
        file.seek(_LENGTH_AT)
        file.write(with_length(head, samples)[_LENGTH_AT:])


def length_of(path: Path) -> int:
    """How many samples per channel a FLAC file says it has, 0 where it does not say. Raises OSError, ReadError."""
    with open_regular(path) as file:
        return told_length(file.read(HEAD))


def told_length(head: bytes) -> int:
    """The number of samples in a file's first bytes."""
    return int.from_bytes(head[_LENGTH_AT:HEAD], "big") & (1 << 36) - 1


def with_length(head: bytes, samples: int) -> bytes:
    """A file's first bytes with another number of samples."""
    upper = head[_LENGTH_AT] & 0xF0 | samples >> 32 & 0x0F
    return head[:_LENGTH_AT] + bytes([upper]) + (samples & 0xFFFF_FFFF).to_bytes(4, "big")
