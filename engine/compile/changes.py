"""Changes: which nodes of a patch have to be bound anew after an edit."""

from collections.abc import Mapping, Set
from typing import Any

from ..instances import NodeInstance
from .bound import Bound, Changes
from .infer import Shapes
from .resolve import Resolved, changed_cords


def changes_since(bound: Bound, before: Resolved, shapes_before: Shapes, now: Resolved, shapes: Shapes) -> Changes:
    """What differs from what is bound."""
    resized = _different(shapes.sizes, shapes_before.sizes) | _different(shapes.ratios, shapes_before.ratios)
    resized |= {name for name in shapes.near if shapes.near[name] != shapes_before.near.get(name)}
    made = {name for name, one in now.nodes.items() if not _is_same(one, before.nodes.get(name))}
    turned = (before.muted ^ now.muted) | (before.bypassed ^ now.bypassed)
    fed = {cord.target_node for cord in changed_cords(before.cords, now.cords)}
    # what is bypassed may have nothing to hand on now, and would be heard with what it gave last
    anew = resized | made | turned | now.bypassed
    return Changes(bound, anew | fed, anew)


def _different(now: Mapping[Any, Any], before: Mapping[Any, Any]) -> set[str]:
    return {key[0] for key, one in now.items() if before.get(key) != one}


def _is_same(one: NodeInstance, before: NodeInstance | None) -> bool:
    return before is one or (before is not None and before.node is one.node and before.knobs is one.knobs)


def moved_cords(before: Resolved, after: Resolved) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The cords into signal inputs that go, and those that come; one that moves does both."""
    same = _settled(before, after)
    old, new = _sounding(before, same), _sounding(after, same)
    leaving = [name for name, ends in old.items() if new.get(name) != ends]
    coming = [name for name, ends in new.items() if old.get(name) != ends]
    return leaving, coming


def _settled(old: Resolved, new: Resolved) -> set[int]:
    """The ids of cords that both have, between nodes that go on as they were."""
    changed = {name for name, one in new.nodes.items() if old.nodes.get(name) is not one}
    changed |= (old.muted ^ new.muted) | (old.bypassed ^ new.bypassed)
    there = {id(one) for one in old.cords}
    return {
        id(one)
        for one in new.cords
        if id(one) in there and one.source_node not in changed and one.target_node not in changed
    }


def _sounding(resolved: Resolved, but: Set[int]) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """Cords into signal inputs by name, with the identity of both ends. but: the ids of those to leave out."""
    found: dict[tuple[str, str], tuple[int, int, bool]] = {}
    for one in resolved.cords:
        if id(one) in but or one.target.kind != "signal" or one.param is not None or one.source.kind == "trajectories":
            continue
        ends = (resolved.nodes[one.source_node], resolved.nodes[one.target_node])
        quiet = bool({one.source_node, one.target_node} & (resolved.muted | resolved.bypassed))
        found[one.name] = (id(ends[0].identity), id(ends[1].identity), quiet)
    return found
