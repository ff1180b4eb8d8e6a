"""Every message that crosses between an engine and its clients, and what is checked when it arrives.

A message is a map with ``op``. Both sides begin with ``hello`` and their version; other major versions are refused in
a sentence. Unknown keys are passed over, unknown ops answered with an error. Arrays travel as ``blob`` messages of at
most 64 KiB, once each, before the edit that names them.

From a client: hello, edit (base, change), blob, set (node, param, value; it may have seconds of gliding, and at: when,
in seconds since 1970), beat (beat, tempo, at: that beat of a clock outside is heard then; tempo 0: no more), panic,
status, capture (what was recorded), keep (it goes into the patch), subscribe (what: a list of ``readings`` and
``status``; an empty one ends it), stop (the engine ends), detach (it plays on when the program that started it has
ended), bye.
From an engine: hello, board (where what nodes show is to be read; empty for nowhere; after subscribe), status (ten
times a second, after subscribe), blob, edit (revision, change: of another client, or all of the patch, ``is_whole``;
seen: how many of the client's edits and turns the document has by then), refused (seen: that edit could not be made;
all of the patch follows), edited (revision, seen), done (revision, problems), stopping (it ends because somebody said
so), forgot (arrays: an edit that names them has to bring them again), answer (to status, capture and keep; with
``error`` where there is none), news, error.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...graphs.frozen import Array
from ...graphs.parts import blob_in, blob_out
from ..beat import FAST, SLOW
from ..declare import Scalar
from ..processes.wire import Message

VERSION = (2, 0)
WATCHED = ("readings", "status")
"""What a client can subscribe to."""
PIECE = 1 << 16
LARGEST_BLOB = 1 << 30


class MessageError(ValueError):
    """A message that can't be followed; the text says what is wrong with it."""


def checked(message: Message) -> Message:
    """A message from a client, known to have what its op needs. Raises MessageError."""
    op = message.get("op")
    needs = _NEEDS.get(op) if isinstance(op, str) else None
    if needs is None:
        raise MessageError(f"{str(op)[:40]!r} is nothing that an engine does; it knows {', '.join(_NEEDS)}")
    for key, is_right in needs.items():
        if key not in message or not is_right(message[key]):
            raise MessageError(f"{op}: {key} is missing or no right one")
    for key in ("seconds", "at"):
        if key in message and not _is_time(message[key]):
            raise MessageError(f"{op}: {key} is no number of seconds")
    return message


def check_version(message: Message) -> None:
    """Raises MessageError for another major version."""
    version = message.get("version")
    if not isinstance(version, list) or not version or version[0] != VERSION[0]:
        raise MessageError(
            f"it speaks version {version}, and this program {VERSION[0]}.{VERSION[1]}; "
            "use the same version of latent-terrain on both sides"
        )


def is_value(value: object) -> bool:
    """Whether something can be a param's value."""
    return isinstance(value, bool | str) or (isinstance(value, int | float) and math.isfinite(value))


def scalar(value: Any) -> Scalar:
    """A param's value as it arrived."""
    found: Scalar = value
    return found


def pieces(key: str, array: Array) -> Iterator[Message]:
    """An array as messages."""
    raw = blob_out(np.asarray(array, order="C"))
    data = memoryview(raw["data"]).cast("B") if array.size else memoryview(b"")
    for begin in range(0, max(len(data), 1), PIECE):
        yield {
            "op": "blob",
            "sha256": key,
            "dtype": raw["dtype"],
            "shape": raw["shape"],
            "size": len(data),
            "begin": begin,
            "data": bytes(data[begin : begin + PIECE]),
        }


@dataclass
class Blobs:
    """Arrays by sha256, put together from their pieces. most: bytes of unfinished ones, against a mad client."""

    known: dict[str, Array] = field(default_factory=dict)
    most: int = LARGEST_BLOB
    _parts: dict[str, bytearray] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """The next piece of an array. Raises MessageError."""
        key, size, begin, data = message["sha256"], message["size"], message["begin"], message["data"]
        if key in self.known:
            return
        part = self._parts.setdefault(key, bytearray())
        waiting = sum(len(one) for one in self._parts.values())
        if begin != len(part) or size > LARGEST_BLOB or begin + len(data) > size or waiting + len(data) > self.most:
            self._parts.pop(key, None)
            raise MessageError("blob: its pieces are not in order, or too many")
        part += data
        if len(part) == size:
            del self._parts[key]
            try:
                whole = {"dtype": message["dtype"], "shape": message["shape"], "data": bytes(part)}
                self.known[key] = blob_in(whole, key)
            except (ValueError, TypeError) as error:
                raise MessageError(f"blob: {error}") from None

    def keep_only(self, names: set[str]) -> None:
        """Forget arrays that no patch needs."""
        for key in self.known.keys() - names:
            del self.known[key]


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types) and not (bool not in types and isinstance(value, bool))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_time(value: Any) -> bool:
    return _is(int, float)(value) and math.isfinite(value) and 0.0 <= value < 1e11


def _is_beat(value: Any) -> bool:
    return _is(int, float)(value) and abs(value) < 1e12


def _is_tempo(value: Any) -> bool:
    return _is(int, float)(value) and (value == 0 or SLOW <= value <= FAST)


def _is_watched(value: Any) -> bool:
    return isinstance(value, list) and all(one in WATCHED for one in value)


_NEEDS: Mapping[str, Mapping[str, Callable[[Any], bool]]] = {
    "hello": {"version": _is(list)},
    "edit": {"base": _is_count, "change": _is(dict)},
    "blob": {
        "sha256": _is(str),
        "dtype": _is(str),
        "shape": _is(list),
        "size": _is_count,
        "begin": _is_count,
        "data": _is(bytes),
    },
    "set": {"node": _is(str), "param": _is(str), "value": is_value},
    "beat": {"beat": _is_beat, "tempo": _is_tempo, "at": _is_time},
    "panic": {},
    "status": {"id": _is_count},
    "capture": {"id": _is_count},
    "keep": {"id": _is_count},
    "subscribe": {"what": _is_watched},
    "stop": {},
    "detach": {},
    "bye": {},
}
