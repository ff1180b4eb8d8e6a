"""Changes: which nodes of a patch have to be bound anew after an edit."""

from collections.abc import Collection, Mapping
from typing import Any

from ..instances import NodeInstance
from .bound import Bound, Changes
from .cords import Edited, edit_between
from .infer import Shapes
from .resolve import Resolved, ResolvedCord


def changes_since(
    bound: Bound, before: Resolved, shapes_before: Shapes, now: Resolved, shapes: Shapes, edit: Edited
) -> Changes:
    """What differs from what is bound."""
    resized = _different(shapes.sizes, shapes_before.sizes) | _different(shapes.ratios, shapes_before.ratios)
    resized |= {name for name in shapes.near if shapes.near[name] != shapes_before.near.get(name)}
    made = {name for name in edit.nodes if name in now.nodes and not _is_same(now.nodes[name], before.nodes.get(name))}
    turned = (before.muted ^ now.muted) | (before.bypassed ^ now.bypassed)
    # what is bypassed may have nothing to hand on now, and would be heard with what it gave last
    anew = resized | made | turned | now.bypassed
    return Changes(bound, anew | edit.fed, anew)


def _different(now: Mapping[Any, Any], before: Mapping[Any, Any]) -> set[str]:
    return set() if now is before else {key[0] for key, one in now.items() if before.get(key) != one}


def _is_same(one: NodeInstance, before: NodeInstance | None) -> bool:
    return before is one or (before is not None and before.node is one.node and before.knobs is one.knobs)


def moved_cords(before: Resolved, after: Resolved) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The cords into signal inputs that go, and those that come; one that moves does both."""
    edit = edit_between(before, after)
    turned = (before.muted ^ after.muted) | (before.bypassed ^ after.bypassed)
    changed = edit.nodes | turned

    def moved(resolved: Resolved, cords: Collection[ResolvedCord]) -> Collection[ResolvedCord]:
        if not changed:
            return cords
        ids = set(map(id, cords))
        return [
            one for one in resolved.cords if id(one) in ids or one.source_node in changed or one.target_node in changed
        ]

    old, new = _sounding(before, moved(before, edit.gone)), _sounding(after, moved(after, edit.come))
    leaving = [name for name, ends in old.items() if new.get(name) != ends]
    coming = [name for name, ends in new.items() if old.get(name) != ends]
    return leaving, coming


def _sounding(resolved: Resolved, cords: Collection[ResolvedCord]) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """Those of these cords that go into signal inputs, by name, with the identity of both ends."""
    found: dict[tuple[str, str], tuple[int, int, bool]] = {}
    for one in cords:
        if one.target.kind != "signal" or one.param is not None or one.source.kind == "trajectories":
            continue
        ends = (resolved.nodes[one.source_node], resolved.nodes[one.target_node])
        quiet = bool({one.source_node, one.target_node} & (resolved.muted | resolved.bypassed))
        found[one.name] = (id(ends[0].identity), id(ends[1].identity), quiet)
    return found
