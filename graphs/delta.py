"""The difference between two patches as plain data, so that an edit crosses to another process as an edit.

What did not change is not mentioned: nodes, assets and cords, but also the values of a node that has changed others.
So two people's edits of one node meet without undoing each other. Arrays are named by their sha256 and travel on their
own; those that belong together (``merging.unit_of``) cross together.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from .frozen import Array, FrozenMap, array_sha256, same
from .parts import NODE_KEYS, PATCH_KEYS, asset_out, node_in, node_out, patch_in, sorted_values
from .patch import Cord, Node, Patch
from .three_way_merge import unit_of

T = TypeVar("T")
# What a node has beside its values and its content.
LOOKS = ("title", "muted", "bypassed", "position")
PARTS = ("nodes", "assets", "edited", "view", "extra")


@contextmanager
def _only_value_errors() -> Iterator[None]:
    """What is no edit may be no map or no list anywhere inside."""
    try:
        yield
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the edit is not valid ({type(error).__name__}: {error})") from None


def delta(before: Patch, after: Patch) -> tuple[dict[str, Any], dict[str, Array]]:
    """What makes ``after`` of ``before``, and the arrays that it names, by sha256.

    Keys: ``nodes`` and ``assets`` (name to what it is now, None where it went), ``edited`` (of a node that was there
    before, only what is another now: ``values`` and ``content`` with what is gone under ``unset`` and ``dropped``,
    ``extra`` and ``lost``, title, muted, bypassed, position), ``cords`` and ``cut`` (those that came and went),
    ``seed``, ``view`` and ``extra`` (entry by entry as a node's values).
    """
    arrays: dict[str, Array] = {}
    found: dict[str, Any] = {}
    nodes: dict[str, Any] = {}
    edited: dict[str, Any] = {}
    for name, node in after.nodes.items():
        old = before.nodes.get(name)
        if old is node or old == node:
            continue
        if old is None or old.type != node.type:
            nodes[name] = node_out(node, arrays)
        else:
            edited[name] = _edit_out(old, node, arrays)
    nodes |= dict.fromkeys(before.nodes.keys() - after.nodes.keys())
    files: dict[str, Any] = {
        name: asset_out(asset) for name, asset in after.assets.items() if before.assets.get(name) != asset
    }
    files |= dict.fromkeys(before.assets.keys() - after.assets.keys())
    if before.cords is not after.cords:
        cords = [_cord_out(cord) for cord in after.cords if cord not in _same_ends(before, cord)]
        cut = [[cord.source, cord.target] for cord in before.cords if cord not in _same_ends(after, cord)]
        found |= {key: value for key, value in (("cords", cords), ("cut", cut)) if value}
    view, extra = _nested_out(before.view, after.view), _map_out(before.extra, after.extra, "values", "unset")
    parts = (("nodes", nodes), ("edited", edited), ("assets", files), ("view", view), ("extra", extra))
    found |= {key: value for key, value in parts if value}
    if before.seed != after.seed:
        found["seed"] = after.seed
    plain: dict[str, Any] = sorted_values(found)
    return plain, arrays


@_only_value_errors()
def applied(before: Patch, change: Mapping[str, Any], arrays: Mapping[str, Array]) -> Patch:
    """The patch that a delta makes of another. arrays: at least those it names.

    Raises ValueError for nonsense, and for an edit of a node that is not there or is of another type's shape.
    """
    known = {name: change.get(name, {}) for name in PARTS}
    if not all(isinstance(one, dict) for one in known.values()):
        raise ValueError("the edit is not valid")
    cut = change.get("cut", [])
    coming = change.get("cords", [])
    if not isinstance(cut, list) or not isinstance(coming, list):
        raise ValueError("the edit's cords are not a list")
    gone = {tuple(ends) for ends in cut if isinstance(ends, list)}
    fresh = patch_in(
        {
            "nodes": {name: one for name, one in known["nodes"].items() if one is not None},
            "assets": {name: one for name, one in known["assets"].items() if one is not None},
            "cords": coming,
            "seed": change.get("seed", before.seed),
            "view": _nested_in(before.view, known["view"]) if "view" in change else {},
        },
        arrays,
    )
    cords = (*(cord for cord in before.cords if (cord.source, cord.target) not in gone), *fresh.cords)
    if len({cord.target for cord in cords}) < len(cords):
        raise ValueError("two cords would go into one port")
    extra = _map_in(before.extra, known["extra"], "values", "unset")
    if any(key in PATCH_KEYS for key in extra):
        raise ValueError("an extra key is one that patches use themselves")
    nodes = _merged(before.nodes, fresh.nodes, known["nodes"])
    for name, edit in known["edited"].items():
        if name not in nodes:
            raise ValueError(f"the node {name} that was edited is not there")
        nodes[name] = _edit_in(nodes[name], name, edit, arrays)
    return Patch(
        nodes=FrozenMap(nodes),
        cords=cords,
        assets=FrozenMap(_merged(before.assets, fresh.assets, known["assets"])),
        seed=fresh.seed,
        view=fresh.view if "view" in change else before.view,
        extra=FrozenMap(extra) if "extra" in change else before.extra,
    )


@_only_value_errors()
def followed(theirs: Patch, change: Mapping[str, Any], arrays: Mapping[str, Array]) -> Patch:
    """As ``applied``, to a patch that others may have edited since the change was made.

    Of two cords into one port, the change's goes there; none is left hanging where a node went. Raises ValueError.
    """
    coming, nodes = change.get("cords", ()), change.get("nodes", {})
    if not isinstance(coming, list | tuple) or not isinstance(nodes, dict):
        return applied(theirs, change, arrays)
    ports = {cord.get("target") for cord in coming if isinstance(cord, dict)}
    gone = {name for name, node in nodes.items() if node is None}
    kept = tuple(
        cord for cord in theirs.cords if cord.target not in ports and not {cord.source_node, cord.target_node} & gone
    )
    found = applied(theirs if len(kept) == len(theirs.cords) else replace(theirs, cords=kept), change, arrays)
    there = tuple(cord for cord in found.cords if cord.source_node in found.nodes and cord.target_node in found.nodes)
    return found if len(there) == len(found.cords) else replace(found, cords=there)


def rebased(base: Patch, mine: Patch, theirs: Patch) -> Patch:
    """What was done here to ``base``, which made ``mine`` of it, done to what others made of it meanwhile.

    What both changed is as here, value by value; a node that was edited here and removed there is kept; of two cords
    into one port, the one from here goes there.
    """
    if mine is base:
        return theirs
    if theirs is base or theirs == base:
        return mine
    change, arrays = delta(base, mine)
    lost = {name: node for name, node in mine.nodes.items() if name in change.get("edited", {})}
    lost = {
        name: node for name, node in lost.items() if name not in theirs.nodes or theirs.nodes[name].type != node.type
    }
    if lost:
        edited = {name: one for name, one in change["edited"].items() if name not in lost}
        whole = {name: sorted_values(node_out(node, arrays)) for name, node in lost.items()}
        change = {**change, "edited": edited, "nodes": {**change.get("nodes", {}), **whole}}
    return followed(theirs, change, arrays)


def named_arrays(change: Mapping[str, Any]) -> set[str]:
    """The arrays that a delta names, by sha256."""
    found: set[str] = set()
    for part in ("nodes", "edited"):
        nodes = change.get(part, {})
        for node in nodes.values() if isinstance(nodes, dict) else ():
            content = node.get("content", {}) if isinstance(node, dict) else {}
            found |= {key for key in content.values() if isinstance(key, str)} if isinstance(content, dict) else set()
    return found


def names_after(before: Mapping[str, Mapping[str, str]], change: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The arrays of each node, by their names in it as sha256, after a change; before: those before it."""
    after = {name: dict(one) for name, one in before.items() if name not in change.get("nodes", {})}
    for name, node in change.get("nodes", {}).items():
        if node is not None:
            after[name] = dict(node["content"])
    for name, edit in change.get("edited", {}).items():
        after[name] = _content_after(after.get(name, {}), edit.get("content", {}), edit.get("dropped", []))
    return after


def _edit_out(before: Node, after: Node, arrays: dict[str, Array]) -> dict[str, Any]:
    found = _map_out(before.values, after.values, "values", "unset")
    found |= _map_out(before.extra, after.extra, "extra", "lost")
    for key in LOOKS:
        if not same(getattr(before, key), getattr(after, key)):
            found[key] = list(after.position) if key == "position" else getattr(after, key)
    old, now = before.content, after.content
    if old is not now:
        units = {unit_of(key) for key in {*old, *now} if not same(old.get(key), now.get(key))}
        coming = {key: array for key, array in now.items() if unit_of(key) in units}
        if coming:
            found["content"] = {key: array_sha256(array) for key, array in coming.items()}
            for key, array in coming.items():
                arrays.setdefault(found["content"][key], array)
        dropped = [key for key in old if unit_of(key) in units and key not in now]
        found |= {"dropped": sorted(dropped)} if dropped else {}
    return found


def _edit_in(node: Node, name: str, edit: Any, arrays: Mapping[str, Array]) -> Node:
    if not isinstance(edit, dict):
        raise ValueError(f"the edit of node {name} is not a map")
    values = _map_in(node.values, edit, "values", "unset")
    extra = _map_in(node.extra, edit, "extra", "lost")
    raw = {key: edit[key] for key in ("content", *LOOKS) if key in edit}
    made = node_in({"type": node.type, "values": values, **raw}, name, arrays)
    looks = {key: getattr(made, key) for key in LOOKS if key in edit}
    if any(key in NODE_KEYS for key in extra):
        raise ValueError("an extra key is one that nodes use themselves")
    content: Mapping[str, Array] = node.content
    if "content" in edit or "dropped" in edit:
        content = FrozenMap(_content_after(content, made.content, _keys(edit, "dropped")))
    return replace(node, values=made.values, extra=FrozenMap(extra), content=content, **looks)


def _content_after(before: Mapping[str, T], coming: Mapping[str, T], dropped: Iterable[str]) -> dict[str, T]:
    """Content with what is coming, in place of all that belongs together with it or with what is dropped."""
    units = {unit_of(key) for key in (*coming, *dropped)}
    return {**{key: one for key, one in before.items() if unit_of(key) not in units}, **coming}


def _map_out(before: Mapping[str, Any], after: Mapping[str, Any], coming: str, going: str) -> dict[str, Any]:
    if before is after:
        return {}
    changed = {key: one for key, one in after.items() if key not in before or not same(before[key], one)}
    gone = sorted(before.keys() - after.keys())
    return {key: one for key, one in ((coming, changed), (going, gone)) if one}


def _map_in(before: Mapping[str, Any], change: Any, coming: str, going: str) -> dict[str, Any]:
    if not isinstance(change, dict) or not isinstance(fresh := change.get(coming, {}), dict):
        raise ValueError(f"what is changed of {coming} is not a map")
    gone = _keys(change, going)
    return {**{key: one for key, one in before.items() if key not in gone}, **fresh}


def _nested_out(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """As ``_map_out``; of an entry that is a map (snapshots), only what changed in it."""
    found = _map_out(before, after, "values", "unset")
    inside = {
        key: _map_out(before.get(key, {}), one, "values", "unset")
        for key, one in found.get("values", {}).items()
        if isinstance(one, Mapping) and isinstance(before.get(key, {}), Mapping)
    }
    if inside:
        found["values"] = {key: one for key, one in found["values"].items() if key not in inside}
        found["inside"] = inside
    return {key: one for key, one in found.items() if one}


def _nested_in(before: Mapping[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    found = _map_in(before, change, "values", "unset")
    inside = change.get("inside", {})
    if not isinstance(inside, dict):
        raise ValueError("what is changed of the view is not a map")
    for key, one in inside.items():
        there = found.get(key)
        found[key] = _map_in(there if isinstance(there, Mapping) else {}, one, "values", "unset")
    return found


def _keys(change: Mapping[str, Any], name: str) -> set[str]:
    found = change.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError(f"{name} is not a list of names")
    return set(found)


def _merged(before: Mapping[str, T], fresh: Mapping[str, T], change: Mapping[str, Any]) -> dict[str, T]:
    kept = {name: one for name, one in before.items() if name not in change}
    return {**kept, **fresh}


def _same_ends(patch: Patch, cord: Cord) -> list[Cord]:
    return [one for one in patch.cords if one.target == cord.target]


def _cord_out(cord: Cord) -> dict[str, Any]:
    return {**cord.extra, "source": cord.source, "target": cord.target}
