"""Patch files as bytes: the same patch gives the same bytes, and bytes that are no patch are told in one sentence.

A ``.ltp`` file is one msgpack map: format, version, app, seed, view, nodes, cords, assets, and blobs, where every array
stands once under its sha256 with its number type and shape. Keys are sorted. Unknown keys, and nodes of unknown types,
are kept. Nothing in a file is ever executed.

Bounds: files up to 2 GiB, a million values outside of arrays (``scan.MAX_VALUES``), 64 levels. Reading takes at most
three times the file's size plus 300 MB of memory, whatever lengths the file claims, and time in proportion to the size.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgpack
import numpy as np

from .checks import MAX_SEED, NODE_NAME, PORT_NAME, EditError, checked_asset
from .frozen import DTYPES, Array, FrozenMap, array_sha256
from .migrations import VERSION, migrated
from .patch import Asset, Cord, Node, Patch, Point
from .scan import MAX_DEPTH, look_through

FORMAT = "latent-terrain"
APP = "latent-terrain 0.1"
MAX_BYTES = 2**31

FOREIGN = (
    (b"RIFF", "a WAV sound"),
    (b"RF64", "a WAV sound"),
    (b"fLaC", "a FLAC sound"),
    (b"OggS", "an OGG sound"),
    (b"FORM", "an AIFF sound"),
    (b"ID3", "an MP3 sound"),
    (b"\x89PNG", "a PNG picture"),
    (b"PK\x03\x04", "a zip archive (perhaps a model)"),
    (b"%PDF", "a PDF"),
)
PATCH_KEYS = ("format", "version", "app", "seed", "view", "nodes", "cords", "assets", "blobs")
NODE_KEYS = ("type", "values", "content", "position", "title", "muted", "bypassed")
CORD_KEYS = ("source", "target")
ASSET_KEYS = ("path", "sha256", "size", "embedded", "licence", "url")


class PatchFileError(ValueError):
    """A patch file can't be read or written; the text says what is wrong with it and what to do."""


def dump(patch: Patch) -> bytes:
    """A patch as canonical bytes, which ``load`` makes the same patch of.

    Raises PatchFileError for a patch that would not come back: beyond the bounds of a file, or with names, numbers or
    cords that no edit makes.
    """
    arrays: dict[str, Array] = {}
    nodes = {name: _node_out(node, arrays) for name, node in patch.nodes.items()}
    size = sum(array.nbytes for array in arrays.values())
    if size + sum(len(asset.embedded or b"") for asset in patch.assets.values()) > MAX_BYTES:
        raise PatchFileError("the patch is larger than 2 GiB; keep long recordings as sound files")
    whole = {
        **patch.extra,
        "format": FORMAT,
        "version": VERSION,
        "app": APP,
        "seed": patch.seed,
        "view": patch.view,
        "nodes": nodes,
        "cords": [
            {**cord.extra, "source": cord.source, "target": cord.target}
            for cord in sorted(patch.cords, key=lambda cord: (cord.source, cord.target))
        ],
        "assets": {name: _asset_out(asset) for name, asset in patch.assets.items()},
        "blobs": {key: _blob_out(array) for key, array in arrays.items()},
    }
    try:
        _refuse_hidden(patch)
        raw = _sorted(whole)
        _patch_in(raw, arrays)
        data = bytes(msgpack.packb(raw, use_bin_type=True) or b"")
        look_through(data)
    except UnicodeEncodeError:
        raise _unsaved("a text has characters that no file can hold") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise _unsaved(str(error)) from None
    except MemoryError:
        raise PatchFileError("the patch needs more memory than is free; close other programs and save again") from None
    if len(data) > MAX_BYTES:
        raise PatchFileError("the patch is larger than 2 GiB; keep long recordings as sound files")
    return data


def load(data: bytes) -> Patch:
    """A patch from bytes. Raises PatchFileError, and nothing else, for bytes that are no patch."""
    if len(data) > MAX_BYTES:
        raise PatchFileError("this file is larger than 2 GiB, which no patch is; is it the right one?")
    if not data:
        raise PatchFileError("this file is empty; take its previous version or an autosave")
    _refuse_foreign(data)
    try:
        look_through(data)
        raw = _migrated(
            msgpack.unpackb(data, raw=False, strict_map_key=False, max_ext_len=0, object_pairs_hook=_unique)
        )
        return _patch_in(raw, {key: _blob_in(blob, key) for key, blob in _map(raw, "blobs").items()})
    except PatchFileError:
        raise
    except UnicodeDecodeError:
        raise _damaged("a text in it can't be read") from None
    except (ValueError, TypeError, OverflowError, msgpack.exceptions.UnpackException) as error:
        raise _damaged(str(error)) from None
    except MemoryError:
        raise PatchFileError("this patch needs more memory than is free; close other programs") from None


def _refuse_foreign(data: bytes) -> None:
    for magic, what in FOREIGN:
        if data.startswith(magic):
            raise PatchFileError(f"this is {what}, not a patch; open a .ltp file")
    head = data[:64].lstrip()
    if head[:1] in (b"{", b"[") and head[1:2] in (b'"', b"\n", b"\r", b" ", b"}", b"]", b"{"):
        raise PatchFileError("this is JSON text, not a patch; open a .ltp file")
    if all(0x20 <= byte < 0x7F or byte in b"\t\n\r" for byte in data[:256]):
        raise PatchFileError("this is plain text, not a patch; open a .ltp file")
    if not (0x80 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF)):
        raise PatchFileError("this file is no patch (it begins like none); open a .ltp file")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise ValueError("a key is no text")
        if key in found:
            raise ValueError(f"the key {_short(key)} stands twice")
        found[key] = value
    return found


def _migrated(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise PatchFileError("this file is no patch (it does not say it is one); open a .ltp file")
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ValueError("its version is no number")
    if version > VERSION:
        app = raw.get("app")
        writer = app if isinstance(app, str) and 0 < len(app) <= 60 and app.isprintable() else "unknown"
        raise PatchFileError(
            f"this patch was written by a newer program ({writer}, file version {version}; this one reads up to "
            f"{VERSION}); update latent-terrain"
        )
    return migrated(raw, version)


def _patch_in(raw: Mapping[str, Any], arrays: Mapping[str, Array]) -> Patch:
    """The patch that a file's map describes; raises ValueError for what no edit makes."""
    cords = tuple(_cord_in(cord) for cord in _list(raw, "cords"))
    fed: set[str] = set()
    for cord in cords:
        if cord.target in fed:
            raise ValueError(f"two cords go into {_short(cord.target)}")
        fed.add(cord.target)
    seed = _whole(raw, "seed")
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"its seed is not from 0 to {MAX_SEED}")
    return Patch(
        nodes=FrozenMap({name: _node_in(node, name, arrays) for name, node in _map(raw, "nodes").items()}),
        cords=cords,
        assets=FrozenMap({name: _asset_in(asset, name) for name, asset in _map(raw, "assets").items()}),
        seed=seed,
        view=FrozenMap(_finite(_map(raw, "view"), "view")),
        extra=FrozenMap({key: value for key, value in raw.items() if key not in PATCH_KEYS}),
    )


def _refuse_hidden(patch: Patch) -> None:
    """ValueError for extra keys that would stand where a patch's own keys do, and be lost."""
    extras: list[tuple[Mapping[str, Any], tuple[str, ...]]] = [(patch.extra, PATCH_KEYS)]
    extras += [(node.extra, NODE_KEYS) for node in patch.nodes.values()]
    extras += [(cord.extra, CORD_KEYS) for cord in patch.cords]
    extras += [(asset.extra, ASSET_KEYS) for asset in patch.assets.values()]
    for extra, own in extras:
        for key in own:
            if key in extra:
                raise ValueError(f"the extra key {key!r} is one that patches use themselves")


def _node_out(node: Node, arrays: dict[str, Array]) -> dict[str, Any]:
    content = {}
    for name, array in node.content.items():
        content[name] = key = array_sha256(array)
        arrays.setdefault(key, array)
    return {
        **node.extra,
        "type": node.type,
        "values": node.values,
        "content": content,
        "position": list(node.position),
        "title": node.title,
        "muted": node.muted,
        "bypassed": node.bypassed,
    }


def _node_in(raw: Any, name: str, arrays: Mapping[str, Array]) -> Node:
    where = f"node {_short(name)}"
    if not isinstance(raw, dict):
        raise ValueError(f"{where} is no map")
    if not NODE_NAME.fullmatch(name):
        raise ValueError(f"{_short(name)} can't name a node")
    content: dict[str, Array] = {}
    for key, blob in _map(raw, "content").items():
        if not isinstance(blob, str) or blob not in arrays:
            raise ValueError(f"the array {_short(key)} of {where} is missing")
        content[key] = arrays[blob]
    return Node(
        type=_text(raw, "type"),
        values=FrozenMap(_finite(_map(raw, "values"), where)),
        content=FrozenMap(content),
        position=_place(raw.get("position", [0.0, 0.0]), where),
        title=_text(raw, "title", ""),
        muted=_switch(raw, "muted"),
        bypassed=_switch(raw, "bypassed"),
        extra=FrozenMap({key: value for key, value in raw.items() if key not in NODE_KEYS}),
    )


def _place(raw: Any, where: str) -> Point:
    if (
        isinstance(raw, list)
        and len(raw) == 2
        and all(type(one) in (int, float) and abs(one) < math.inf for one in raw)
    ):
        return float(raw[0]), float(raw[1])
    raise ValueError(f"{where} has no place on the canvas")


def _cord_in(raw: Any) -> Cord:
    if not isinstance(raw, dict):
        raise ValueError("a cord is no map")
    source, target = _text(raw, "source"), _text(raw, "target")
    for address in (source, target):
        node, _, port = address.partition(".")
        if not (NODE_NAME.fullmatch(node) and PORT_NAME.fullmatch(port)):
            raise ValueError(f"a cord ends at {_short(address)}, which is no node.port")
    extra = {key: value for key, value in raw.items() if key not in CORD_KEYS}
    return Cord(source, target, FrozenMap(extra))


def _asset_out(asset: Asset) -> dict[str, Any]:
    return {
        **asset.extra,
        "path": asset.path,
        "sha256": asset.sha256,
        "size": asset.size,
        "embedded": asset.embedded,
        "licence": asset.licence,
        "url": asset.url,
    }


def _asset_in(raw: Any, name: str) -> Asset:
    if not isinstance(raw, dict):
        raise ValueError(f"asset {_short(name)} is no map")
    embedded = raw.get("embedded")
    if embedded is not None and not isinstance(embedded, bytes):
        raise ValueError(f"asset {_short(name)} has no bytes")
    asset = Asset(
        _text(raw, "path"),
        _text(raw, "sha256"),
        _whole(raw, "size"),
        embedded,
        _text(raw, "licence", ""),
        _text(raw, "url", ""),
        FrozenMap({key: value for key, value in raw.items() if key not in ASSET_KEYS}),
    )
    try:
        return checked_asset(f"asset {_short(name)}", asset)
    except EditError as error:
        raise ValueError(str(error).partition(";")[0]) from None


def _blob_out(array: Array) -> dict[str, Any]:
    bits = array.reshape(-1).view(np.uint8)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": bits.data}


def _blob_in(raw: Any, key: str) -> Array:
    if not isinstance(raw, dict) or raw.get("dtype") not in DTYPES or not isinstance(raw.get("data"), bytes):
        raise ValueError("an array is not as arrays are")
    shape = _list(raw, "shape")
    if not all(type(one) is int and one >= 0 for one in shape):
        raise ValueError("an array's shape is no list of sizes")
    kind = np.dtype(raw["dtype"]).newbyteorder("<")
    if math.prod(shape) * kind.itemsize != len(raw["data"]):
        raise ValueError("an array is not as long as its shape says")
    if kind == np.bool_ and np.frombuffer(raw["data"], np.uint8).max(initial=0) > 1:
        raise ValueError("an array of switches holds other numbers")
    try:
        array = np.frombuffer(raw["data"], kind).reshape(shape)
    except (ValueError, OverflowError):
        raise ValueError("an array's shape is larger than any array") from None
    if array_sha256(array) != key:
        raise ValueError("an array does not match its checksum")
    return array


def _sorted(value: Any, depth: int = 0) -> Any:
    """Maps with their keys in order, all the way down, and numpy's numbers as Python's; else ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key is no text")
        return {key: _sorted(value[key], depth + 1) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(one, depth + 1) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError("a whole number is beyond 64 bits")
    if value is not None and not isinstance(value, bool | int | float | str | bytes | memoryview):
        raise ValueError(f"a value of type {type(value).__name__} has no place in a file")
    return value


def _finite(values: dict[str, Any], where: str) -> dict[str, Any]:
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"a number in {where} is not finite")
        if isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
    return values


def _map(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = raw.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(f"its {key} are no map")
    return found


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        raise ValueError(f"its {key} are no list")
    return found


def _text(raw: Mapping[str, Any], key: str, default: str | None = None) -> str:
    found = raw.get(key, default)
    if not isinstance(found, str):
        raise ValueError(f"a {key} is no text")
    return found


def _whole(raw: Mapping[str, Any], key: str) -> int:
    found = raw.get(key, 0)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ValueError(f"its {key} is no whole number")
    return found


def _switch(raw: Mapping[str, Any], key: str) -> bool:
    found = raw.get(key, False)
    if not isinstance(found, bool):
        raise ValueError(f"{key} is neither on nor off")
    return found


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _damaged(why: str) -> PatchFileError:
    return PatchFileError(f"this patch file is damaged: {why}; take its previous version or an autosave")


def _unsaved(why: str) -> PatchFileError:
    return PatchFileError(f"the patch can't be saved: {why}; undo the edit that put it there and save again")
