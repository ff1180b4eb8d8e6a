"""The bytes of a WAV file, written here so that the same sound is always the same file, of any size.

libsndfile stamps the date into float WAV files, and a header that is only right after closing loses an interrupted
take. Layout: RIFF, a JUNK chunk that turns into ds64 (EBU Tech 3306, RF64) past 4 GiB, fmt, fact (float), data.
"""

import struct

import numpy as np
from numpy.typing import NDArray

# Sample formats and their bytes per sample.
SUBTYPES = {"PCM_16": 2, "PCM_24": 3, "FLOAT": 4}
SMALL = 0xFFFF_FFFF
EXTENSIBLE = 0xFFFE
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def wav_header(rate: int, channels: int, subtype: str, frames: int) -> bytes:
    """Everything before the samples, the same length for any number of frames."""
    width = SUBTYPES[subtype]
    size = frames * channels * width
    code = 3 if subtype == "FLOAT" else 1
    layout = struct.pack("<HIIHH", channels, rate, rate * channels * width, channels * width, 8 * width)
    if channels > 2:
        extension = struct.pack("<HHIH", 22, 8 * width, 0, code) + GUID_TAIL
        form = _chunk(b"fmt ", struct.pack("<H", EXTENSIBLE) + layout + extension)
    else:
        form = _chunk(b"fmt ", struct.pack("<H", code) + layout + (bytes(2) if subtype == "FLOAT" else b""))
    fact = _chunk(b"fact", struct.pack("<I", min(frames, SMALL))) if subtype == "FLOAT" else b""
    whole = 4 + 36 + len(form) + len(fact) + 8 + size + size % 2
    if whole > SMALL:
        sizes = _chunk(b"ds64", struct.pack("<QQQI", whole, size, frames, 0))
        start = b"RF64" + struct.pack("<I", SMALL) + b"WAVE"
        return start + sizes + form + fact + b"data" + struct.pack("<I", SMALL)
    start = b"RIFF" + struct.pack("<I", whole) + b"WAVE"
    return start + _chunk(b"JUNK", bytes(28)) + form + fact + b"data" + struct.pack("<I", size)


def samples_to_bytes(integers_or_floats: NDArray[np.int32] | NDArray[np.float32], subtype: str) -> bytes:
    """Interleaved little-endian samples of ``[n, channels]``: float32 as is, int32 by their upper bits."""
    if subtype == "FLOAT":
        return integers_or_floats.astype("<f4").tobytes()
    whole = np.ascontiguousarray(integers_or_floats, "<i4").view(np.uint8).reshape(-1, 4)
    return whole[:, 4 - SUBTYPES[subtype] :].tobytes()


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body
