"""OSC packets for tests, made by hand so that what reads them is not checked by itself."""

import struct
from typing import Any

from latent_terrain.engine.messages.children import Range


def message(address: str, *values: Any) -> bytes:
    tags, data = ",", b""
    for value in values:
        if isinstance(value, bool):
            tags += "T" if value else "F"
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        elif isinstance(value, float):
            tags, data = tags + "f", data + struct.pack(">f", value)
        else:
            tags, data = tags + "s", data + text(value)
    return text(address) + text(tags) + data


def bundle(*elements: bytes, seconds: int = 0) -> bytes:
    time_tag = struct.pack(">II", seconds, 0 if seconds else 1)
    return b"#bundle\x00" + time_tag + b"".join(struct.pack(">i", len(one)) + one for one in elements)


def text(word: str) -> bytes:
    raw = word.encode()
    return raw + bytes(4 - len(raw) % 4)


def about(
    kind: str = "float", low: float = 0.0, high: float = 1.0, curve: str = "linear", choices: tuple[str, ...] = ()
) -> Range:
    return Range(low, high, kind, choices, curve)
