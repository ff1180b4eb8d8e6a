"""Messages on a pipe: four bytes of length, then one msgpack map. Bad bytes are told, never believed."""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgpack

from .. import messages

Message = dict[str, Any]
LARGEST = 256 << 20
_head = struct.Struct("<I")


class WireError(ValueError):
    """Bytes that are no message; the text says why. What follows on that pipe can't be trusted."""


def pack(message: Mapping[str, Any]) -> bytes:
    """A message as bytes, length first. Values: numbers, texts, bytes, lists and maps of these."""
    body = bytes(msgpack.packb(message, use_bin_type=True) or b"")
    return _head.pack(len(body)) + body


def framed(message: messages.Message) -> bytes:
    """A message as bytes, length first."""
    body = messages.encode(message)
    return _head.pack(len(body)) + body


def read_body(read: Callable[[int], bytes], largest: int = LARGEST) -> bytes | None:
    """The next message's bytes; None where the pipe ends between messages. ``read(n)`` gives 1 to n bytes, or none.

    largest: bytes of a message that are believed. Raises WireError for more, and for an end in the middle of one.
    """
    head = _exactly(read, _head.size)
    if not head:
        return None
    (size,) = _head.unpack(head)
    if size > largest:
        raise WireError(f"a message of {size} bytes was announced; {largest} is the most")
    body = _exactly(read, size)
    if len(body) < size:
        raise WireError("the connection ended in the middle of a message")
    return body


def read_message(read: Callable[[int], bytes], largest: int = LARGEST) -> Message | None:
    """The next message; None where the pipe ends between messages. ``read(n)`` gives 1 to n bytes, or none at the end.

    largest: bytes of a message that are believed. Raises WireError for bytes that are no message, and for an end in the
    middle of one.
    """
    body = read_body(read, largest)
    return None if body is None else unpacked(body)


def unpacked(body: bytes) -> Message:
    """A message from its bytes without the length. Raises WireError."""
    try:
        message = msgpack.unpackb(body, raw=False, strict_map_key=True, max_ext_len=0)
    except (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise WireError(f"these bytes are no message ({error})") from None
    if not isinstance(message, dict):
        raise WireError(f"a message is a map, not {type(message).__name__}")
    return message


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """So many bytes, or none at the end. Raises WireError for an end after some of them."""
    parts: list[bytes] = []
    left = count
    while left:
        part = read(min(left, 1 << 20))
        if not part:
            if parts:
                raise WireError("the connection ended in the middle of a message")
            return b""
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
