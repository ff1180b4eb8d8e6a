"""Text: a patch to read, one thing per line in a fixed order, so that people can follow it and git can compare it."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .frozen import array_sha256
from .patch import Array, Asset, Cord, Node, Patch


def show(patch: Patch) -> str:
    """The patch as lines, sorted by name; equal patches give equal text, whatever order they were built in.

    Arrays are told by number type, shape, sha256 and range, not number by number.
    """
    return "".join(f"{line}\n" for line in _lines(patch))


def as_json(patch: Patch, with_data: bool = False) -> dict[str, Any]:
    """The patch as plain maps, lists, numbers and text, for ``json.dumps``.

    Arrays are maps of ``dtype``, ``shape`` and ``sha256``, and ``with_data`` also ``data``: nested lists, in which
    NaN and infinities are the text "nan", "inf" and "-inf". Bytes are told by ``size`` and ``sha256``, and
    ``with_data`` as ``base64``. ``extra`` keys stand beside the known ones where they were found.
    """
    return {
        **_plain_map(patch.extra, with_data),
        "format": "latent-terrain",
        "seed": patch.seed,
        "nodes": {name: _node_json(patch.nodes[name], with_data) for name in sorted(patch.nodes)},
        "cords": [
            {**_plain_map(cord.extra, with_data), "source": cord.source, "target": cord.target}
            for cord in sorted_cords(patch)
        ],
        "assets": {name: _asset_json(patch.assets[name], with_data) for name in sorted(patch.assets)},
        "view": _plain_map(patch.view, with_data),
    }


def sorted_cords(patch: Patch) -> list[Cord]:
    """The cords in the order of their addresses."""
    return sorted(patch.cords, key=lambda cord: (cord.source, cord.target))


def in_words(value: Any) -> str:
    """A value on one line: numbers and lists as in JSON, text in quotes, arrays and bytes by their sha256."""
    if isinstance(value, np.ndarray):
        return array_in_words(value)
    return _one_line(_plain(value, False))


def array_in_words(array: Array) -> str:
    """An array on one line: ``float32[22x2] sha256:ab12cd34ef56 -1..1``; the range is of its finite numbers."""
    shape = "x".join(map(str, array.shape))
    return f"{array.dtype.name}[{shape}] sha256:{array_sha256(array)[:12]}{_range(array)}"


def asset_in_words(asset: Asset) -> str:
    """A file that the patch needs, on one line."""
    parts = [quoted(asset.path), f"{asset.size} bytes", f"sha256:{asset.sha256[:12]}"]
    parts += ["embedded"] if asset.embedded is not None else []
    parts += [f"licence {quoted(asset.licence)}"] if asset.licence else []
    parts += [f"url {quoted(asset.url)}"] if asset.url else []
    return ", ".join(parts)


def place_in_words(node: Node) -> str:
    """Where a node stands on the canvas: ``260, 0``."""
    return ", ".join(repr(number).removesuffix(".0") for number in node.position)


def quoted(text: str) -> str:
    """Text in quotes, on one line whatever it contains."""
    return _one_line(text)


def bare(name: str) -> str:
    """A name as it is when it can't be misread, else in quotes."""
    return name if name and name.isprintable() and not set(name) & set(' "=') else quoted(name)


def _one_line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)


def _lines(patch: Patch) -> Iterator[str]:
    yield f"seed {patch.seed}"
    for name in sorted(patch.nodes):
        yield from _node_lines(bare(name), patch.nodes[name])
    for cord in sorted_cords(patch):
        yield f"cord {bare(cord.source)} -> {bare(cord.target)}"
        yield from _map_lines("  extra", cord.extra)
    for name in sorted(patch.assets):
        yield f"file {bare(name)}: {asset_in_words(patch.assets[name])}"
        yield from _map_lines("  extra", patch.assets[name].extra)
    yield from _map_lines("view", patch.view)
    yield from _map_lines("extra", patch.extra)


def _node_lines(name: str, node: Node) -> Iterator[str]:
    marks = [word for word, is_on in (("muted", node.muted), ("bypassed", node.bypassed)) if is_on]
    yield " ".join([f"node {name} ({bare(node.type)}) at {place_in_words(node)}", *marks])
    if node.title:
        yield f"  {name} title {quoted(node.title)}"
    for key in sorted(node.values):
        yield f"  {name}.{bare(key)} = {in_words(node.values[key])}"
    for key in sorted(node.content):
        yield f"  {name} content {bare(key)} = {array_in_words(node.content[key])}"
    yield from _map_lines(f"  {name} extra", node.extra)


def _map_lines(what: str, items: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(items):
        yield f"{what} {bare(key)} = {in_words(items[key])}"


def _range(array: Array) -> str:
    if array.dtype == np.bool_:
        return f" {np.count_nonzero(array)} true"
    finite = array[np.isfinite(array)]
    odd = array.size - finite.size
    told = f" {finite.min():.6g}..{finite.max():.6g}" if finite.size else ""
    return told + (f" ({odd} not finite)" if odd else "")


def _node_json(node: Node, with_data: bool) -> dict[str, Any]:
    return {
        **_plain_map(node.extra, with_data),
        "type": node.type,
        "title": node.title,
        "position": list(node.position),
        "muted": node.muted,
        "bypassed": node.bypassed,
        "values": _plain_map(node.values, with_data),
        "content": _plain_map(node.content, with_data),
    }


def _asset_json(asset: Asset, with_data: bool) -> dict[str, Any]:
    return {
        **_plain_map(asset.extra, with_data),
        "path": asset.path,
        "sha256": asset.sha256,
        "size": asset.size,
        "embedded": _plain(asset.embedded, with_data),
        "licence": asset.licence,
        "url": asset.url,
    }


def _plain_map(items: Mapping[str, Any], with_data: bool) -> dict[str, Any]:
    return {str(key): _plain(items[key], with_data) for key in sorted(items, key=str)}


def _plain(value: Any, with_data: bool) -> Any:
    if value is None or type(value) in (str, int, bool):  # most of what there is
        return value
    if isinstance(value, np.ndarray):
        told = {"dtype": value.dtype.name, "shape": list(value.shape), "sha256": array_sha256(value)}
        return {**told, "data": _plain(value.tolist(), with_data)} if with_data else told
    if isinstance(value, bytes):
        size = {"size": len(value), "sha256": hashlib.sha256(value).hexdigest()}
        return {**size, "base64": base64.b64encode(value).decode()} if with_data else size
    if isinstance(value, Mapping):
        return _plain_map(value, with_data)
    if isinstance(value, list | tuple):
        return [_plain(one, with_data) for one in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value
