"""Patches, values, arrays and edits at random, for every property that the document must hold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import msgpack
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from latent_terrain.graphs import (
    Array,
    Asset,
    Cord,
    EditError,
    Node,
    Patch,
    add_asset,
    add_node,
    connect,
    disconnect,
    move_node,
    remove_asset,
    remove_node,
    rename_node,
    set_bypassed,
    set_content,
    set_muted,
    set_seed,
    set_title,
    set_value,
    set_view,
    unset_value,
)

Edit: TypeAlias = Callable[[Patch], Patch]

NAMES = st.sampled_from(["delay-1", "delay-2", "terrain-1", "map", "A_b-3", "x" * 64, "voice/osc", f"voice/{'y' * 64}"])
PORTS = st.sampled_from(["out", "audio", "latents", "time"])
TYPES = st.sampled_from(["delay", "terrain", "gui", "someone.elses", "voice", "inlet", "param"])
KEYS = st.sampled_from(["time", "mode", "ä key", "points"])
CONTENT_NAMES = st.sampled_from(["lines/1", "weights/fc2.weight", "takes/ä b"])
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
SHA256 = st.text("0123456789abcdef", min_size=64, max_size=64)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.tuples(NUMBERS, NUMBERS)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | NUMBERS | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3),
    max_leaves=5,
)
EXTRAS = st.dictionaries(st.sampled_from(["later", "ünknown"]), VALUES | st.binary(max_size=4), max_size=2)
ARRAYS: st.SearchStrategy[Array] = st.one_of(
    [
        arrays(np.dtype(kind), array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
        for kind in ("float32", "float64", "int32", "int64", "uint8", "bool")
    ]
)
CONTENTS = st.dictionaries(CONTENT_NAMES, ARRAYS, max_size=2)


@st.composite
def assets(draw: st.DrawFn) -> Asset:
    """A file that a patch needs, embedded or not."""
    embedded = draw(st.none() | st.binary(max_size=6))
    size = draw(st.integers(0, 2**40)) if embedded is None else len(embedded)
    path = draw(st.sampled_from(["rain.wav", "sounds/ä b.flac"]))
    return Asset(path, draw(SHA256), size, embedded, draw(TEXT), draw(TEXT), draw(EXTRAS))


NODES = st.builds(
    Node,
    TYPES,
    st.dictionaries(KEYS, VALUES, max_size=3),
    CONTENTS,
    PLACES,
    TEXT,
    st.booleans(),
    st.booleans(),
    EXTRAS,
)


@st.composite
def patches(draw: st.DrawFn, has_definitions: bool = True) -> Patch:
    """A patch with at most one cord into each port, and with keys that this version doesn't know."""
    names = NAMES if has_definitions else NAMES.filter(lambda name: "/" not in name)
    nodes = draw(st.dictionaries(names, NODES, max_size=4))
    cords: dict[str, Cord] = {}
    if nodes:
        ends = st.builds("{}.{}".format, st.sampled_from(sorted(nodes)), PORTS)
        for source, target, extra in draw(st.lists(st.tuples(ends, ends, EXTRAS), max_size=4)):
            if source.rpartition("/")[0] == target.rpartition("/")[0]:
                cords[target] = Cord(source, target, extra)
    files = draw(st.dictionaries(TEXT.filter(bool), assets(), max_size=2))
    view = draw(st.dictionaries(KEYS, VALUES, max_size=2))
    seed = draw(st.integers(0, 2**63 - 1))
    return Patch(nodes, tuple(cords.values()), files, seed, view, draw(EXTRAS))


def shuffled(draw: st.DrawFn, patch: Patch) -> Patch:
    """The same patch, built in another order."""

    def mixed(items: Mapping[str, Any]) -> dict[str, Any]:
        return {key: _deep(items[key]) for key in draw(st.permutations(list(items)))}

    def _deep(value: Any) -> Any:
        return mixed(value) if isinstance(value, dict) else value

    nodes = {
        name: replace(node, values=mixed(node.values), content=mixed(node.content), extra=mixed(node.extra))
        for name, node in mixed(patch.nodes).items()
    }
    cords = tuple(draw(st.permutations(list(patch.cords))))
    return Patch(nodes, cords, mixed(patch.assets), patch.seed, mixed(patch.view), mixed(patch.extra))


def forgiving(edit: Edit) -> Edit:
    """The edit, or nothing when it can't be made; anything but an EditError is a fault."""

    def attempt(patch: Patch) -> Patch:
        try:
            return edit(patch)
        except EditError:
            return patch

    return attempt


def edits() -> st.SearchStrategy[Edit]:
    """One edit of any kind; many fit no patch, and then do nothing."""
    ends = st.builds("{}.{}".format, NAMES, PORTS)
    files = st.sampled_from(["rain", "wind"])
    contents = st.tuples(CONTENTS, st.booleans())
    kinds: list[tuple[Callable[..., Patch], tuple[st.SearchStrategy[Any], ...]]] = [
        (add_node, (TYPES, NAMES | st.none(), st.dictionaries(KEYS, VALUES, max_size=2), PLACES, CONTENTS)),
        (add_node, (TYPES, NAMES)),
        (remove_node, (NAMES,)),
        (rename_node, (NAMES, NAMES)),
        (move_node, (NAMES, PLACES)),
        (set_value, (NAMES, KEYS, VALUES)),
        (unset_value, (NAMES, KEYS)),
        (set_title, (NAMES, TEXT)),
        (set_muted, (NAMES, st.booleans())),
        (set_bypassed, (NAMES, st.booleans())),
        (connect, (ends, ends)),
        (disconnect, (ends, ends)),
        (set_seed, (st.integers(-3, 2**64),)),
        (set_view, (KEYS, VALUES)),
        (add_asset, (files, assets())),
        (remove_asset, (files,)),
    ]
    made = [st.tuples(*parts).map(_edit(function)) for function, parts in kinds]
    filling = st.tuples(NAMES, contents).map(
        lambda given: forgiving(lambda patch: set_content(patch, given[0], *given[1]))
    )
    return st.one_of([*made, filling])


def _edit(function: Callable[..., Patch]) -> Callable[[tuple[Any, ...]], Edit]:
    return lambda given: forgiving(lambda patch: function(patch, *given))


def packed(value: Any) -> bytes:
    """A value as msgpack, for files that no program of ours would write."""
    return bytes(msgpack.packb(value) or b"")
