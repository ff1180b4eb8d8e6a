"""Changes: which nodes of a patch have to be bound anew after an edit."""

from collections.abc import Mapping
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
