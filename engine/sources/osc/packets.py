"""What is in an OSC packet: messages, however deep their bundles, or nothing but a sentence; and packets made."""

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, TypeAlias

Message: TypeAlias = tuple[str, list[Any], float]
"""Address, arguments, and when it is meant to be: seconds since 1970, 0 for at once."""

BUNDLE = b"#bundle\x00"
# Bundles inside bundles, at most.
DEEPEST = 8
# Seconds from 1900, where OSC's time begins, to 1970.
NTP_EPOCH = 2_208_988_800
_size, _time = struct.Struct(">i"), struct.Struct(">II")


LARGEST_FLOAT = 3.4028234663852886e38
LONGEST_TEXT = 1024


class PacketError(ValueError):
    """Bytes that are no OSC packet."""


def messages_of(packet: bytes) -> list[Message]:
    """The messages of a packet in order, those of time-tagged bundles with their time.

    python-osc reads the messages. Bundles are taken apart here, as there an element of negative size would be read
    for ever and a deep nesting would exhaust the stack. Raises PacketError; then nothing of the packet counts.
    """
    return list(_messages(packet, 0, 0.0))


def packed(address: str, values: Iterable[object]) -> bytes:
    """A message as bytes, whatever the values are: numbers too large for OSC's usual kinds go as its larger ones, and
    what it has no kind for as a text.
    """
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(_text(address))
    for value in values:
        if value is None or isinstance(value, bool):
            builder.add_arg(value)
        elif isinstance(value, int) and -(2**63) <= value < 2**63:
            builder.add_arg(value, "i" if -(2**31) <= value < 2**31 else "h")
        elif isinstance(value, float):
            builder.add_arg(value, "d" if LARGEST_FLOAT < abs(value) < math.inf else "f")
        else:
            builder.add_arg(_text(value if isinstance(value, str) else repr(value)))
    return bytes(builder.build().dgram)


def _text(text: str) -> str:
    """A text as OSC can hold it: short, without what is no UTF-8, and without the end of a text in it."""
    return text[:LONGEST_TEXT].encode(errors="replace").decode().replace("\0", "?")


def _messages(packet: bytes, depth: int, when: float) -> Iterator[Message]:
    if packet.startswith(BUNDLE):
        if depth >= DEEPEST:
            raise PacketError(f"its bundles are nested deeper than {DEEPEST}")
        for element in _elements(packet):
            yield from _messages(element, depth + 1, _when(packet) or when)
    elif packet.startswith(b"/"):
        yield _message(packet, when)
    else:
        raise PacketError("it is neither a message nor a bundle")


def _elements(bundle: bytes) -> Iterator[bytes]:
    """What a bundle holds after its name and its time tag."""
    place = len(BUNDLE) + 8
    if len(bundle) < place:
        raise PacketError("its bundle has no time tag")
    while place < len(bundle):
        if len(bundle) - place < _size.size:
            raise PacketError("its bundle breaks off")
        (size,) = _size.unpack_from(bundle, place)
        place += _size.size
        if size <= 0 or size % 4 or size > len(bundle) - place:
            raise PacketError(f"an element of its bundle has {size} bytes")
        yield bundle[place : place + size]
        place += size


def _when(bundle: bytes) -> float:
    """A bundle's time in seconds since 1970; 0 for "immediately" and for times before that."""
    seconds, fraction = _time.unpack_from(bundle, len(BUNDLE))
    return max(0.0, seconds - NTP_EPOCH + fraction / 2**32) if seconds else 0.0


def _message(packet: bytes, when: float) -> Message:
    try:
        message = _reader()(packet)
        return message.address, list(message), when
    except Exception as error:  # untrusted bytes: python-osc has an error of its own for some, Python's for others
        raise PacketError(f"its message can't be read ({type(error).__name__})") from None


@cache
def _reader() -> Callable[[bytes], Any]:
    from pythonosc.osc_message import OscMessage

    return OscMessage
