"""Messages on a pipe: four bytes of length, then the message."""

import struct
from collections.abc import Callable

from .. import messages

LARGEST = 256 << 20
_head = struct.Struct("<I")


class WireError(ValueError):
    """No message, or one too large; the text says which. What follows on that pipe can't be trusted."""


def with_length(message: messages.Message) -> bytes:
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
