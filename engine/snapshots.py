"""Snapshots: how everything is turned, and what the terrains have learned, kept in a slot of the patch and recalled.

Kept in the patch: values under ``view["snapshots"][slot]``, learned weights beside those of the terrain itself, under
``snapshot/<slot>/…`` (equal arrays are one array in the file).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graphs import EditError, Patch, set_content, set_view
from .compile.resolve import split_values, wrong_param
from .declare import Scalar
from .palette import Palette

KEY, LEARNED, KEPT = "snapshots", "learn/", "snapshot/"
SLOT = re.compile(r"[\w-]{1,32}")
MOST_SLOTS = 256


@dataclass(frozen=True)
class Recall:
    """What a recall does: params to turn (node, param, value), and the patch with the terrains as they were."""

    turns: tuple[tuple[str, str, Scalar], ...]
    terrains: Mapping[str, Mapping[str, Any]]

    def with_terrains(self, patch: Patch) -> Patch:
        """A patch with the terrains that the snapshot kept."""
        for node, learned in self.terrains.items():
            if node in patch.nodes:
                others = {key: one for key, one in patch.nodes[node].content.items() if not key.startswith(LEARNED)}
                patch = set_content(patch, node, {**others, **learned})
        return patch


def slots(patch: Patch) -> tuple[str, ...]:
    """The slots that hold something, numbers first."""
    return tuple(sorted(_all(patch), key=lambda one: (not one.isdecimal(), one.zfill(8))))


def stored(patch: Patch, palette: Palette, slot: str) -> Patch:
    """The patch with how it is now kept in a slot, in place of what was there. Raises EditError for an odd name."""
    if not SLOT.fullmatch(slot):
        raise EditError(f"{slot[:40]!r} is not a valid snapshot name; use a number or a word of letters and digits")
    if slot not in slots(patch) and len(slots(patch)) >= MOST_SLOTS:
        raise EditError(f"there are already {MOST_SLOTS} snapshots; overwrite or remove one")
    values: dict[str, dict[str, Scalar]] = {}
    patch = removed(patch, slot)
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is None:
            continue
        _, params, _ = split_values(name, node, spec)
        if params:
            values[name] = params
        learned = {key: one for key, one in node.content.items() if key.startswith(LEARNED)}
        if learned:
            kept = {f"{KEPT}{slot}/{key}": one for key, one in learned.items()}
            patch = set_content(patch, name, {**node.content, **kept})
    return set_view(patch, KEY, {**_all(patch), slot: {"values": values}})


def removed(patch: Patch, slot: str) -> Patch:
    """The patch without what a slot holds."""
    prefix = f"{KEPT}{slot}/"
    for name, node in patch.nodes.items():
        if any(key.startswith(prefix) for key in node.content):
            rest = {key: one for key, one in node.content.items() if not key.startswith(prefix)}
            patch = set_content(patch, name, rest)
    rest_slots = {key: one for key, one in _all(patch).items() if key != slot}
    # the last one leaves an empty map: without the entry, one that another client stores at this moment would go too
    return set_view(patch, KEY, rest_slots) if slot in _all(patch) else patch


def recalled(patch: Patch, palette: Palette, slot: str) -> Recall:
    """What has to be turned, and learned, to be as a slot has it. Nodes that have come since stay as they are.

    Raises EditError for an empty slot.
    """
    kept = _all(patch).get(slot)
    if kept is None:
        known = ", ".join(slots(patch)) or "none"
        raise EditError(f"no snapshot {slot[:40]!r}; available: {known}")
    turns: list[tuple[str, str, Scalar]] = []
    for name, values in _map(kept.get("values")).items():
        node = patch.nodes.get(name)
        spec = palette.get(node.type) if node is not None else None
        if node is None or spec is None or not isinstance(values, Mapping):
            continue
        _, params, _ = split_values(name, node, spec)
        fitting = (
            (key, one) for key, one in values.items() if key in params and not wrong_param(spec.params[key], one)
        )
        turns += [(name, key, value) for key, value in fitting if params[key] != value]
    prefix = f"{KEPT}{slot}/"
    terrains: dict[str, Mapping[str, Any]] = {}
    for name, node in patch.nodes.items():
        then = {key.removeprefix(prefix): one for key, one in node.content.items() if key.startswith(prefix)}
        now = {key: one for key, one in node.content.items() if key.startswith(LEARNED)}
        if then and not (
            then.keys() == now.keys()
            and all(then[key] is now[key] or np.array_equal(then[key], now[key]) for key in then)
        ):
            terrains[name] = then
    return Recall(tuple(turns), terrains)


def _all(patch: Patch) -> Mapping[str, Any]:
    """What is kept in slots; what is damaged is passed over."""
    return {slot: kept for slot, kept in _map(patch.view.get(KEY)).items() if isinstance(kept, Mapping)}


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
