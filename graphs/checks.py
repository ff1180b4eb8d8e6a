"""Checks: what may enter a patch, so that a slip of the hand is told at once and never reaches a file."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .frozen import Array, FrozenMap, kept_array
from .patch import Asset, Point, Value
from .printable import is_unicode

# How deep lists and maps in a value may nest.
MAX_DEPTH = 32

MAX_SEED = 2**63 - 1

# a definition of one of these names would be what the ports of all others are
NODE_NAME = re.compile(r"(?:(?!(?:inlet|outlet|param)/)[A-Za-z0-9_-]{1,64}/)?[A-Za-z0-9_-]{1,64}")
PORT_NAME = re.compile(r"[^\s.]{1,64}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class EditError(ValueError):
    """An edit can't be made; the text says where, why, and what to do."""


def checked_name(name: object) -> str:
    """A node's name: 1 to 64 letters (a-z), digits, - and _, after its definition's and a / if it is in one.

    Raises EditError for what is none.
    """
    if isinstance(name, str) and NODE_NAME.fullmatch(name):
        return name
    raise EditError(f"{_quoted(name)} can't name a node; use up to 64 letters a-z, digits, - and _")


def checked_type(type_: object) -> str:
    """A node type's name, known or not. Raises EditError unless it is one word of 1 to 128 characters."""
    if isinstance(type_, str) and 0 < len(type_) <= 128 and type_.isprintable() and " " not in type_:
        return type_
    raise EditError(f"{_quoted(type_)} can't be a node type; give one word, such as delay")


def checked_key(where: str, key: object, what: str = "a param or setting", longest: int = 128) -> str:
    """The name of a value, array or asset. Raises EditError unless it is text of 1 to ``longest`` characters."""
    if isinstance(key, str) and 0 < len(key) <= longest and is_unicode(key):
        return key
    raise EditError(f"{where}: {_quoted(key)} can't name {what}; use text of 1 to {longest} characters")


def checked_text(where: str, text: object) -> str:
    """A line of text, such as a title. Raises EditError."""
    if isinstance(text, str) and len(text) <= 1000 and is_unicode(text):
        return text
    raise EditError(f"{where}: {_quoted(text)} is not a title; use text of up to 1000 characters")


def checked_ends(address: object, side: str) -> tuple[str, str]:
    """Node and port of an address written ``node.port``. Raises EditError."""
    node, dot, port = address.partition(".") if isinstance(address, str) else ("", "", "")
    if dot and NODE_NAME.fullmatch(node) and PORT_NAME.fullmatch(port) and is_unicode(port):
        return node, port
    example = "lfo-1.out" if side == "source" else "delay-1.audio"
    raise EditError(f"{_quoted(address)} is not a {side} for a cord; write node.port, for example {example}")


def checked_seed(seed: object) -> int:
    """A whole number from 0 to 2^63 - 1. Raises EditError."""
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool) and 0 <= seed <= MAX_SEED:
        return int(seed)
    raise EditError(f"{_quoted(seed)} can't be a seed; use a whole number from 0 to {MAX_SEED}")


def checked_position(where: str, position: object) -> Point:
    """A place on the canvas: two finite numbers, in pixels. Raises EditError."""
    try:
        x, y = (float(number) for number in position)  # type: ignore[attr-defined]
    except (TypeError, ValueError, OverflowError):
        x = y = math.nan
    if math.isfinite(x) and math.isfinite(y):
        return x, y
    raise EditError(f"{where}: {_quoted(position)} is not a position on the canvas; give two numbers, such as (260, 0)")


def checked_value(where: str, value: Any, depth: int = 0) -> Value:
    """A value as it is saved: a copy in which tuples and arrays are lists and numpy's numbers are Python's.

    Raises EditError for NaN, infinities, whole numbers beyond 64 bits, broken text, anything nested more than
    ``MAX_DEPTH`` deep, maps with keys that are not text, and all other kinds of things.
    """
    if depth > MAX_DEPTH:
        raise EditError(f"{where}: this nests more than {MAX_DEPTH} lists deep; give a flatter value")
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return int(value)
        raise EditError(f"{where}: {_quoted(value)} is beyond 64 bits; use a smaller number")
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise EditError(f"{where}: {value} is not finite; use a finite number")
    if isinstance(value, str):
        if is_unicode(value):
            return str(value)
        if is_unicode("".join(letter for letter in value if not "\udc80" <= letter <= "\udcff")):
            # how Python has the bytes of a file name that are no UTF-8
            raise EditError(
                f"{where}: a patch can't hold the file name {_quoted(value)}, which is not UTF-8; "
                "rename the file, or name its folder"
            )
        raise EditError(f"{where}: {_quoted(value)} has characters that can't be saved; type the text again")
    if isinstance(value, list | tuple):
        return [checked_value(where, one, depth + 1) for one in value]
    if isinstance(value, Mapping):
        return {checked_key(where, key, "an entry"): checked_value(where, one, depth + 1) for key, one in value.items()}
    raise EditError(
        f"{where}: a value of type {type(value).__name__} can't be saved; "
        "use numbers, text, true or false, or lists and maps of them"
    )


def checked_values(where: str, values: Mapping[str, Any]) -> FrozenMap[Value]:
    """Params and settings of a node, each checked. Raises EditError."""
    values = _checked_map(where, values)
    return FrozenMap({checked_key(where, key): checked_value(f"{where}.{key}", one) for key, one in values.items()})


def checked_content(where: str, content: Mapping[str, Any]) -> FrozenMap[Array]:
    """Arrays of a node, each read-only and of a type that can be saved. Raises EditError."""
    made = {}
    for name, array in _checked_map(where, content).items():
        try:
            made[checked_key(where, name, "an array", 512)] = kept_array(array)
        except EditError:
            raise
        except ValueError as error:
            raise EditError(f"{where}, {name}: {error}") from None
    return FrozenMap(made)


def checked_asset(name: str, asset: Asset) -> Asset:
    """A file the patch needs. Raises EditError for a path that leaves the patch's folder or facts that can't be."""
    if not isinstance(asset, Asset):
        raise EditError(f"{name}: {_quoted(asset)} is not a file asset; give an Asset")
    path = asset.path
    parts = path.split("/") if isinstance(path, str) else [""]
    if any(part in ("", ".", "..") for part in parts) or "\\" in path or ":" in parts[0] or not is_unicode(path):
        raise EditError(f"{name}: {_quoted(path)} is not a path in the patch folder; write it like sounds/rain.wav")
    if not (isinstance(asset.sha256, str) and SHA256.fullmatch(asset.sha256)):
        raise EditError(f"{name}: {_quoted(asset.sha256)} is not a sha256; give 64 digits 0-9 a-f")
    if isinstance(asset.size, bool) or not isinstance(asset.size, int) or not 0 <= asset.size <= MAX_SEED:
        raise EditError(f"{name}: {_quoted(asset.size)} is not a file size; give the number of bytes")
    if not isinstance(asset.embedded, bytes | None):
        raise EditError(f"{name}: {_quoted(asset.embedded)} is embedded; embed the file's bytes")
    for text in (asset.licence, asset.url):
        if not isinstance(text, str) or not is_unicode(text):
            raise EditError(f"{name}: {_quoted(text)} is not a valid licence or URL; use text")
    if asset.embedded is not None and len(asset.embedded) != asset.size:
        raise EditError(f"{name}: {len(asset.embedded)} bytes are embedded of {asset.size}; embed the whole file")
    return asset


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names for a sentence: "a, b and 3 more", or "nothing"."""
    known = sorted(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return (", ".join(known[:most]) or "nothing") + more


def _checked_map(where: str, given: Any) -> Mapping[Any, Any]:
    if isinstance(given, Mapping):
        return given
    raise EditError(f"{where}: {_quoted(given)} is not a map; give names with what belongs to them")


def _quoted(thing: object) -> str:
    try:
        text = repr(thing)
    except (ValueError, RecursionError):
        text = f"a {type(thing).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
