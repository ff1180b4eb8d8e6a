"""A patch's parts as plain data and back: what stands in a file, and what crosses between processes.

Arrays are named by their sha256 and travel on their own. Everything that comes in is checked; what no edit makes
raises ValueError.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .checks import MAX_SEED, NODE_NAME, PORT_NAME, EditError, checked_asset
from .frozen import DTYPES, Array, FrozenMap, array_sha256
from .patch import Asset, Cord, Node, Patch, Point
from .scan import MAX_DEPTH

PATCH_KEYS = ("format", "version", "app", "seed", "view", "nodes", "cords", "assets", "blobs")
NODE_KEYS = ("type", "values", "content", "position", "title", "muted", "bypassed")
CORD_KEYS = ("source", "target")
ASSET_KEYS = ("path", "sha256", "size", "embedded", "licence", "url")

# How many nodes a patch may have: a node that a file names in a few bytes takes a thousand times as many to play.
MAX_NODES = 10_000


def patch_in(raw: Mapping[str, Any], arrays: Mapping[str, Array]) -> Patch:
    """The patch that a file's map describes; raises ValueError for what no edit makes."""
    cords = tuple(cord_in(cord) for cord in _list(raw, "cords"))
    fed: set[str] = set()
    for cord in cords:
        if cord.target in fed:
            raise ValueError(f"two cords go into {short(cord.target)}")
        fed.add(cord.target)
    if len(map_in(raw, "nodes")) > MAX_NODES:
        raise ValueError(f"it has more than {MAX_NODES} nodes")
    seed = _whole(raw, "seed")
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"its seed is not from 0 to {MAX_SEED}")
    return Patch(
        nodes=FrozenMap({name: node_in(node, name, arrays) for name, node in map_in(raw, "nodes").items()}),
        cords=cords,
        assets=FrozenMap({name: asset_in(asset, name) for name, asset in map_in(raw, "assets").items()}),
        seed=seed,
        view=FrozenMap(_finite(map_in(raw, "view"), "view")),
        extra=FrozenMap({key: value for key, value in raw.items() if key not in PATCH_KEYS}),
    )


def refuse_hidden(patch: Patch) -> None:
    """ValueError for extra keys that would stand where a patch's own keys do, and be lost."""
    extras: list[tuple[Mapping[str, Any], tuple[str, ...]]] = [(patch.extra, PATCH_KEYS)]
    extras += [(node.extra, NODE_KEYS) for node in patch.nodes.values()]
    extras += [(cord.extra, CORD_KEYS) for cord in patch.cords]
    extras += [(asset.extra, ASSET_KEYS) for asset in patch.assets.values()]
    for extra, own in extras:
        for key in own:
            if key in extra:
                raise ValueError(f"the extra key {key!r} is one that patches use themselves")


def node_out(node: Node, arrays: dict[str, Array]) -> dict[str, Any]:
    """A node as plain data; its arrays go into ``arrays`` by sha256."""
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


def node_in(raw: Any, name: str, arrays: Mapping[str, Array]) -> Node:
    """A node from plain data. Raises ValueError."""
    where = f"node {short(name)}"
    if not isinstance(raw, dict):
        raise ValueError(f"{where} is not a map")
    if not NODE_NAME.fullmatch(name):
        raise ValueError(f"{short(name)} can't name a node")
    content: dict[str, Array] = {}
    for key, blob in map_in(raw, "content").items():
        if not isinstance(blob, str) or blob not in arrays:
            raise ValueError(f"the array {short(key)} of {where} is missing")
        content[key] = arrays[blob]
    return Node(
        type=_text(raw, "type"),
        values=FrozenMap(_finite(map_in(raw, "values"), where)),
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


def cord_in(raw: Any) -> Cord:
    """A cord from plain data. Raises ValueError."""
    if not isinstance(raw, dict):
        raise ValueError("a cord is not a map")
    source, target = _text(raw, "source"), _text(raw, "target")
    for address in (source, target):
        node, _, port = address.partition(".")
        if not (NODE_NAME.fullmatch(node) and PORT_NAME.fullmatch(port)):
            raise ValueError(f"a cord ends at {short(address)}, which is not node.port")
    if source.partition(".")[0].rpartition("/")[0] != target.partition(".")[0].rpartition("/")[0]:
        raise ValueError(f"a cord goes from {short(source)} to {short(target)}, out of its definition")
    extra = {key: value for key, value in raw.items() if key not in CORD_KEYS}
    return Cord(source, target, FrozenMap(extra))


def asset_out(asset: Asset) -> dict[str, Any]:
    """An asset as plain data."""
    return {
        **asset.extra,
        "path": asset.path,
        "sha256": asset.sha256,
        "size": asset.size,
        "embedded": asset.embedded,
        "licence": asset.licence,
        "url": asset.url,
    }


def asset_in(raw: Any, name: str) -> Asset:
    """An asset from plain data. Raises ValueError."""
    if not isinstance(raw, dict):
        raise ValueError(f"asset {short(name)} is not a map")
    embedded = raw.get("embedded")
    if embedded is not None and not isinstance(embedded, bytes):
        raise ValueError(f"asset {short(name)} has no bytes")
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
        return checked_asset(f"asset {short(name)}", asset)
    except EditError as error:
        raise ValueError(str(error).partition(";")[0]) from None


def blob_out(array: Array) -> dict[str, Any]:
    """An array as plain data: number type, shape, bytes."""
    bits = array.reshape(-1).view(np.uint8)
    return {"dtype": array.dtype.name, "shape": list(array.shape), "data": bits.data}


def blob_in(raw: Any, key: str) -> Array:
    """The array of that sha256 from plain data. Raises ValueError."""
    if not isinstance(raw, dict) or raw.get("dtype") not in DTYPES or not isinstance(raw.get("data"), bytes):
        raise ValueError("an array is not as arrays are")
    shape = _list(raw, "shape")
    if not all(type(one) is int and one >= 0 for one in shape):
        raise ValueError("an array's shape is not a list of sizes")
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


def sorted_values(value: Any, depth: int = 0) -> Any:
    """Maps with their keys in order, all the way down, and numpy's numbers as Python's; else ValueError."""
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key is not text")
        return {key: sorted_values(value[key], depth + 1) for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [sorted_values(one, depth + 1) for one in value]
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


def map_in(raw: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The map under a key. Raises ValueError."""
    found = raw.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(f"its {key} are not a map")
    return found


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        raise ValueError(f"its {key} are not a list")
    return found


def _text(raw: Mapping[str, Any], key: str, default: str | None = None) -> str:
    found = raw.get(key, default)
    if not isinstance(found, str):
        raise ValueError(f"a {key} is not text")
    return found


def _whole(raw: Mapping[str, Any], key: str) -> int:
    found = raw.get(key, 0)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ValueError(f"its {key} is not a whole number")
    return found


def _switch(raw: Mapping[str, Any], key: str) -> bool:
    found = raw.get(key, False)
    if not isinstance(found, bool):
        raise ValueError(f"{key} is neither on nor off")
    return found


def short(text: str) -> str:
    """A text as a sentence can hold it."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
