"""Fragments: copy some nodes out of a patch and paste them into the same or another one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as changed
from typing import Any

from .checks import EditError, checked_position
from .edits import free_name, renamed_cord, the_node
from .frozen import frozen
from .patch import Patch, Point


def copy_out(patch: Patch, nodes: Iterable[str]) -> Patch:
    """A patch of only these nodes, the cords among them, and the files that their values mention by name or path.

    Raises EditError for a node that is not there.
    """
    chosen = {name: the_node(patch, name) for name in nodes}
    cords = tuple(cord for cord in patch.cords if cord.source_node in chosen and cord.target_node in chosen)
    said = {text for node in chosen.values() for text in _texts(node.values)}
    assets = {name: asset for name, asset in patch.assets.items() if said & {name, asset.path}}
    return Patch(nodes=chosen, cords=cords, assets=assets)


def paste(patch: Patch, fragment: Patch, offset: Point = (0.0, 0.0)) -> tuple[Patch, dict[str, str]]:
    """Put a fragment's nodes, cords and files into a patch, ``offset`` canvas pixels away from where they were.

    Gives the patch and the name that each node got: its own when free, else with the next free number. Arrays are
    shared with the fragment; its cords to nodes that it doesn't have are left out. Raises EditError when a file of that
    name is another file here.
    """
    right, down = checked_position("paste", offset)
    for name, asset in fragment.assets.items():
        here = patch.assets.get(name, asset)
        if (here.sha256, here.size) != (asset.sha256, asset.size):
            raise EditError(f"{name}: this patch has another file of that name; rename one of the two, then paste")
    names: dict[str, str] = {}
    after = patch
    for name, node in fragment.nodes.items():
        names[name] = free_name(after, _stem(name)) if name in after.nodes else name
        x, y = node.position
        moved = changed(node, position=checked_position(name, (x + right, y + down)))
        after = changed(after, nodes=frozen(after.nodes).put(names[name], moved))
    own = (cord for cord in fragment.cords if cord.source_node in names and cord.target_node in names)
    cords = (*patch.cords, *(renamed_cord(cord, names) for cord in own))
    return changed(after, cords=cords, assets={**fragment.assets, **patch.assets}), names


def merge(patch: Patch, fragment: Patch) -> tuple[Patch, dict[str, str]]:
    """Put all of another patch into this one where it stands; this patch's seed and view stay."""
    return paste(patch, fragment)


def _stem(name: str) -> str:
    head, dash, tail = name.rpartition("-")
    return head if dash and head and tail.isdecimal() else name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
