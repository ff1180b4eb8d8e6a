"""The difference between two patches as plain data, so that an edit crosses to another process as an edit.

Nodes, assets and cords that did not change are not mentioned; arrays are named by their sha256 and travel on their own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .frozen import Array, FrozenMap
from .parts import PATCH_KEYS, asset_out, node_out, patch_in, sorted_values
from .patch import Cord, Patch

WHOLE = ("seed", "view", "extra")
"""What is sent whole when it changed."""


def delta(before: Patch, after: Patch) -> tuple[dict[str, Any], dict[str, Array]]:
    """What makes ``after`` of ``before``, and the arrays of the nodes that changed, by sha256.

    Keys: ``nodes`` and ``assets`` (name to what it is now, None where it went), ``cords`` and ``cut`` (those that came
    and went), ``seed``, ``view``, ``extra``.
    """
    arrays: dict[str, Array] = {}
    found: dict[str, Any] = {}
    nodes: dict[str, Any] = {
        name: node_out(node, arrays) for name, node in after.nodes.items() if before.nodes.get(name) != node
    }
    nodes |= dict.fromkeys(before.nodes.keys() - after.nodes.keys())
    files: dict[str, Any] = {
        name: asset_out(asset) for name, asset in after.assets.items() if before.assets.get(name) != asset
    }
    files |= dict.fromkeys(before.assets.keys() - after.assets.keys())
    if before.cords is not after.cords:
        cords = [_cord_out(cord) for cord in after.cords if cord not in _same_ends(before, cord)]
        cut = [[cord.source, cord.target] for cord in before.cords if cord not in _same_ends(after, cord)]
        found |= {key: value for key, value in (("cords", cords), ("cut", cut)) if value}
    found |= {key: value for key, value in (("nodes", nodes), ("assets", files)) if value}
    for key in WHOLE:
        if getattr(before, key) != getattr(after, key):
            found[key] = getattr(after, key)
    plain: dict[str, Any] = sorted_values(found)
    return plain, arrays


def applied(before: Patch, change: Mapping[str, Any], arrays: Mapping[str, Array]) -> Patch:
    """The patch that a delta makes of another. arrays: at least those it names. Raises ValueError."""
    known = {name: change.get(name, {}) for name in ("nodes", "assets", "extra")}
    if not all(isinstance(one, dict) for one in known.values()):
        raise ValueError("the edit is no edit")
    cut = change.get("cut", [])
    coming = change.get("cords", [])
    if not isinstance(cut, list) or not isinstance(coming, list):
        raise ValueError("the edit's cords are no list")
    gone = {tuple(ends) for ends in cut if isinstance(ends, list)}
    fresh = patch_in(
        {
            "nodes": {name: one for name, one in known["nodes"].items() if one is not None},
            "assets": {name: one for name, one in known["assets"].items() if one is not None},
            "cords": coming,
            "seed": change.get("seed", before.seed),
            "view": change.get("view", {}),
        },
        arrays,
    )
    cords = (*(cord for cord in before.cords if (cord.source, cord.target) not in gone), *fresh.cords)
    if len({cord.target for cord in cords}) < len(cords):
        raise ValueError("two cords would go into one port")
    if any(key in PATCH_KEYS for key in known["extra"]):
        raise ValueError("an extra key is one that patches use themselves")
    return Patch(
        nodes=_merged(before.nodes, fresh.nodes, known["nodes"]),
        cords=cords,
        assets=_merged(before.assets, fresh.assets, known["assets"]),
        seed=fresh.seed,
        view=fresh.view if "view" in change else before.view,
        extra=FrozenMap(known["extra"]) if "extra" in change else before.extra,
    )


def rebased(base: Patch, mine: Patch, theirs: Patch) -> Patch:
    """What was done here to ``base``, which made ``mine`` of it, done to what others made of it meanwhile.

    A node that both changed is as here; of two cords into one port, the one from here goes there.
    """
    if theirs is base or theirs == base:
        return mine
    change, arrays = delta(base, mine)
    ports = {cord["target"] for cord in change.get("cords", ())}
    gone = {name for name, node in change.get("nodes", {}).items() if node is None}
    cords = tuple(
        cord
        for cord in theirs.cords
        if cord.target not in ports and not {cord.source.partition(".")[0], cord.target.partition(".")[0]} & gone
    )
    found = applied(replace(theirs, cords=cords), change, arrays)
    there = tuple(cord for cord in found.cords if _is_between(found, cord))
    return found if len(there) == len(found.cords) else replace(found, cords=there)


def named_arrays(change: Mapping[str, Any]) -> set[str]:
    """The arrays that a delta names, by sha256."""
    nodes = change.get("nodes", {})
    found: set[str] = set()
    for node in nodes.values() if isinstance(nodes, dict) else ():
        content = node.get("content", {}) if isinstance(node, dict) else {}
        found |= {key for key in content.values() if isinstance(key, str)} if isinstance(content, dict) else set()
    return found


def _merged(before: Mapping[str, Any], fresh: Mapping[str, Any], change: Mapping[str, Any]) -> FrozenMap[Any]:
    kept = {name: one for name, one in before.items() if name not in change}
    return FrozenMap({**kept, **fresh})


def _is_between(patch: Patch, cord: Cord) -> bool:
    return all(end.partition(".")[0] in patch.nodes for end in (cord.source, cord.target))


def _same_ends(patch: Patch, cord: Cord) -> list[Cord]:
    return [one for one in patch.cords if one.target == cord.target]


def _cord_out(cord: Cord) -> dict[str, Any]:
    return {**cord.extra, "source": cord.source, "target": cord.target}
