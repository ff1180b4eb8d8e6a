"""What every message is made of, and how it is read: checked where it arrives; what is wrong with it is a sentence."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias, TypeVar

from msgspec import Meta, Struct
from msgspec.msgpack import Decoder, Encoder

from ...graphs.parts import sorted_values
from ...graphs.printable import printable

# Letters of a message's name in a sentence about it, and of that sentence.
SHOWN, LONGEST = 40, 240
LARGEST_FLOAT = 1.7976931348623157e308
Finite: TypeAlias = Annotated[float, Meta(ge=-LARGEST_FLOAT, le=LARGEST_FLOAT)]
"""Any number but infinity, and NaN, which fails both bounds."""
Count: TypeAlias = Annotated[int, Meta(ge=0)]
Time: TypeAlias = Annotated[float, Meta(ge=0.0, lt=1e11)]
"""Seconds: how long, or since 1970."""
Value: TypeAlias = Finite | int | bool | str
"""A param's."""
Some = TypeVar("Some")


class MessageError(ValueError):
    """What came can't be followed; the text says why. number: of that message, 0 where it has none."""

    number = 0


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op", tag=str.lower):
    """The base of all. number: counts questions, each of which is answered by one message with its number."""

    number: Count = 0


class Changing(Message, frozen=True):
    """What names a change of a patch (see ``graphs.delta``)."""

    change: dict[str, Any]


class Error(Message, frozen=True):
    """A message could not be followed, or, with its number, a question not be answered."""

    text: str


def decoder(known: Any) -> "Decoder[Any]":
    """What reads messages of some kinds, and that one of ours could not be followed. known: their union."""
    return Decoder(known | Error, ext_hook=_no_such_kind)


def encode(message: Message) -> bytes:
    """A message as bytes."""
    return _encoder.encode(message)


def decode(body: bytes, known: "Decoder[Some]") -> Some:
    """The message in these bytes. Raises MessageError with a sentence for its sender."""
    try:
        message = known.decode(body)
        if isinstance(message, Changing):
            sorted_values(message.change)  # what no file could keep is no change of a patch
        return message
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise _told(body, str(error)) from None


def _told(body: bytes, text: str) -> MessageError:
    text, _, where = text.replace("`", "").partition(" - at $")
    try:
        head = _head.decode(body)
    except (ValueError, OverflowError, RecursionError, MemoryError):
        return MessageError("these bytes are not a message")
    if where == ".op" or not head.op:
        where, text = "", "unknown message; use one version of latent-terrain on both sides"
    found = MessageError(printable(f"{head.op[:SHOWN]}{where}: {text}".removeprefix(": ")[:LONGEST]))
    found.number = max(head.number, 0)
    return found


def _no_such_kind(code: int, data: object) -> object:
    raise ValueError(f"there are no values of kind {code}")


def _plain(value: object) -> object:
    """A patch's frozen maps are maps on the wire, and numpy's numbers numbers."""
    return dict(value) if isinstance(value, Mapping) else sorted_values(value)


class _Head(Struct):
    op: str = ""
    number: int = 0


_head, _encoder = Decoder(_Head), Encoder(enc_hook=_plain)
