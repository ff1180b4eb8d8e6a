"""Patch files as bytes: the same patch gives the same bytes, and bytes that are no patch are told in one sentence.

A ``.ltp`` file is one msgpack map: format, version, app, seed, view, nodes, cords, assets, and blobs, where every array
stands once under its sha256 with its number type and shape. Keys are sorted. Unknown keys, and nodes of unknown types,
are kept. Nothing in a file is ever executed.

Bounds: files up to 2 GiB. Reading takes at most a few times the file's size in memory, whatever lengths it claims, and
time in proportion to the size.
"""

import math
from collections.abc import Mapping
from typing import Any

import msgpack
import numpy as np

from .checks import NODE_NAME
from .frozen import DTYPES, Array, FrozenMap, array_sha256
from .migrations import VERSION, migrated
from .patch import Asset, Cord, Node, Patch
from .scan import NotSound, look_through

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
ASSET_KEYS = ("path", "sha256", "size", "embedded", "licence", "url")


class PatchFileError(ValueError):
    """A patch file can't be read or written; the text says what is wrong with it and what to do."""


def dump(patch: Patch) -> bytes:
    """A patch as canonical bytes. Raises PatchFileError for a patch beyond 2 GiB."""
    blobs: dict[str, Any] = {}
    raw = {
        **patch.extra,
        "format": FORMAT,
        "version": VERSION,
        "app": APP,
        "seed": patch.seed,
        "view": patch.view,
        "nodes": {name: _node_out(node, blobs) for name, node in patch.nodes.items()},
        "cords": [
            {**cord.extra, "source": cord.source, "target": cord.target}
            for cord in sorted(patch.cords, key=lambda cord: (cord.source, cord.target))
        ],
        "assets": {name: _asset_out(asset) for name, asset in patch.assets.items()},
        "blobs": blobs,
    }
    try:
        data = bytes(msgpack.packb(_sorted(raw), use_bin_type=True) or b"")
    except (ValueError, OverflowError) as error:
        raise PatchFileError(f"the patch can't be written ({error}); take out what is too large") from None
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
        raw = msgpack.unpackb(data, raw=False, strict_map_key=False, max_ext_len=0, object_pairs_hook=_unique)
    except NotSound as error:
        raise PatchFileError(f"this patch file is damaged: {error}; take its previous version or an autosave") from None
    except (ValueError, TypeError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise _damaged(str(error) or type(error).__name__) from None
    return _patch_in(raw)


def _refuse_foreign(data: bytes) -> None:
    for magic, what in FOREIGN:
        if data.startswith(magic):
            raise PatchFileError(f"this is {what}, not a patch; open a .ltp file")
    head = data[:64].lstrip()
    if head[:1] in (b"{", b"[") and head[1:2] in (b'"', b"\n", b"\r", b" ", b"}", b"]", b"{"):
        raise PatchFileError("this is JSON text, not a patch; open a .ltp file")
    if not (0x80 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF)):
        raise PatchFileError("this file is no patch (it begins like none); open a .ltp file")


def _unique(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise ValueError("a key is no text")
        if key in found:
            raise ValueError(f"the key {key!r} stands twice")
        found[key] = value
    return found


def _patch_in(raw: Any) -> Patch:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise PatchFileError("this file is no patch (it does not say it is one); open a .ltp file")
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise _damaged("its version is no number")
    if version > VERSION:
        raise PatchFileError(
            f"this patch was written by a newer program ({raw.get('app', 'unknown')}, file version {version}; this one "
            f"reads up to {VERSION}); update latent-terrain"
        )
    try:
        raw = migrated(raw, version)
        blobs = {key: _blob_in(key, blob) for key, blob in _map(raw, "blobs").items()}
        return Patch(
            nodes=FrozenMap({name: _node_in(name, node, blobs) for name, node in _map(raw, "nodes").items()}),
            cords=tuple(_cord_in(cord) for cord in _list(raw, "cords")),
            assets=FrozenMap({name: _asset_in(name, asset) for name, asset in _map(raw, "assets").items()}),
            seed=_whole(raw, "seed"),
            view=FrozenMap(_map(raw, "view")),
            extra=FrozenMap({key: value for key, value in raw.items() if key not in PATCH_KEYS}),
        )
    except PatchFileError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise _damaged(str(error) or type(error).__name__) from None


def _node_out(node: Node, blobs: dict[str, Any]) -> dict[str, Any]:
    content = {}
    for name, array in node.content.items():
        content[name] = key = array_sha256(array)
        if key not in blobs:
            blobs[key] = {"dtype": array.dtype.name, "shape": list(array.shape), "data": array.tobytes()}
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


def _node_in(name: str, raw: Any, blobs: Mapping[str, Array]) -> Node:
    if not isinstance(raw, dict):
        raise ValueError(f"node {name!r} is no map")
    if not NODE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} can't name a node")
    content: dict[str, Array] = {}
    for key, blob in _map(raw, "content").items():
        if blob not in blobs:
            raise ValueError(f"the array {key!r} of node {name!r} is missing")
        content[key] = blobs[blob]
    x, y = (float(one) for one in raw.get("position", (0.0, 0.0)))
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f"node {name!r} is nowhere")
    return Node(
        type=_text(raw, "type"),
        values=FrozenMap(_map(raw, "values")),
        content=FrozenMap(content),
        position=(x, y),
        title=_text(raw, "title", ""),
        muted=_switch(raw, "muted"),
        bypassed=_switch(raw, "bypassed"),
        extra=FrozenMap({key: value for key, value in raw.items() if key not in NODE_KEYS}),
    )


def _cord_in(raw: Any) -> Cord:
    if not isinstance(raw, dict):
        raise ValueError("a cord is no map")
    source, target = _text(raw, "source"), _text(raw, "target")
    if "." not in source or "." not in target:
        raise ValueError("a cord has no port at one end")
    return Cord(
        source, target, FrozenMap({key: value for key, value in raw.items() if key not in ("source", "target")})
    )


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


def _asset_in(name: str, raw: Any) -> Asset:
    if not isinstance(raw, dict):
        raise ValueError(f"asset {name!r} is no map")
    embedded = raw.get("embedded")
    if embedded is not None and not isinstance(embedded, bytes):
        raise ValueError(f"asset {name!r} has no bytes")
    return Asset(
        _text(raw, "path"),
        _text(raw, "sha256"),
        _whole(raw, "size"),
        embedded,
        _text(raw, "licence", ""),
        _text(raw, "url", ""),
        FrozenMap({key: value for key, value in raw.items() if key not in ASSET_KEYS}),
    )


def _blob_in(key: str, raw: Any) -> Array:
    if not isinstance(raw, dict) or raw.get("dtype") not in DTYPES or not isinstance(raw.get("data"), bytes):
        raise ValueError("an array is not as arrays are")
    shape = _list(raw, "shape")
    if len(shape) > 32 or not all(type(one) is int and one >= 0 for one in shape):
        raise ValueError("an array's shape is no list of sizes")
    kind = np.dtype(raw["dtype"]).newbyteorder("<")
    if math.prod(shape) * kind.itemsize != len(raw["data"]):
        raise ValueError("an array is not as long as its shape says")
    array = np.frombuffer(raw["data"], kind).reshape(shape)
    if kind == np.bool_ and np.frombuffer(raw["data"], np.uint8).max(initial=0) > 1:
        raise ValueError("an array of switches holds other numbers")
    if array_sha256(array) != key:
        raise ValueError("an array does not match its checksum")
    return array


def _sorted(value: Any) -> Any:
    """Maps with their keys in order, all the way down; bytes and numbers as they are."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [_sorted(one) for one in value]
    return value


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


def _damaged(why: str) -> PatchFileError:
    return PatchFileError(f"this patch file is damaged: {why}; take its previous version or an autosave")
