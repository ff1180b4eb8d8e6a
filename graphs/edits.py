"""Edits: functions from a patch to a patch. By mouse, by message, by command line or by test, an edit is the same edit.

An edit that changes nothing gives back the very patch it was given. All raise EditError, in one sentence, and judge
only what a document can: whether a type or a port exists is for the engine to say.
"""

from collections.abc import Mapping
from dataclasses import replace as changed
from itertools import count
from typing import Any

from .checks import (
    EditError,
    checked_asset,
    checked_content,
    checked_ends,
    checked_key,
    checked_name,
    checked_position,
    checked_seed,
    checked_text,
    checked_type,
    checked_value,
    checked_values,
    listed,
)
from .frozen import FrozenMap, frozen, same
from .patch import Array, Asset, Cord, Node, Patch, Point
from .printable import printable
from .scopes import OUTLET, PARAM, PORTS, instances_of, scope_of, short_name


def add_node(
    patch: Patch,
    type: str,
    name: str | None = None,
    values: Mapping[str, Any] | None = None,
    position: Point = (0.0, 0.0),
    content: Mapping[str, Any] | None = None,
) -> Patch:
    """Place a node; without a name it gets its type and the first free number ("delay-2").

    ``values`` are params and settings, ``content`` arrays by name, ``position`` is in canvas pixels.
    Raises EditError for a name that is taken or can't be one, and for what ``set_value`` and ``set_content`` refuse.
    """
    type = checked_type(type)
    name = free_name(patch, type) if name is None else checked_name(name)
    if name in patch.nodes:
        raise EditError(f"{name}: there is such a node already; choose another name")
    node = Node(
        type,
        checked_values(name, {} if values is None else values),
        checked_content(name, {} if content is None else content),
        checked_position(name, position),
    )
    return changed(patch, nodes=frozen(patch.nodes).put(name, node))


def remove_node(patch: Patch, name: str) -> Patch:
    """Take a node away, and its cords with it. Raises EditError when there is none of that name."""
    the_node(patch, name)
    cords = tuple(cord for cord in patch.cords if name not in (cord.source_node, cord.target_node))
    return changed(patch, nodes=frozen(patch.nodes).without(name), cords=cords)


def rename_node(patch: Patch, name: str, new_name: str) -> Patch:
    """Give a node another name; its cords follow, in place of ones to the same input of a missing node so named.

    The inlet, outlet or param of a definition that it is has the new name on every instance, with its cord and value.
    Raises EditError for a name that is taken or can't be one.
    """
    node = the_node(patch, name)
    if checked_name(new_name) == name:
        return patch
    if new_name in patch.nodes:
        raise EditError(f"{new_name}: there is such a node already; choose another name")
    if scope_of(new_name) != scope_of(name):
        raise EditError(f"{name}: it stays in its definition; give a name beginning as before")
    names = {name: new_name}
    fed = {f"{new_name}.{cord.target_port}" for cord in patch.cords if cord.target_node == name}
    kept = (cord for cord in patch.cords if cord.target not in fed)
    nodes = frozen(patch.nodes).without(name).put(new_name, node)
    after = changed(patch, nodes=nodes, cords=tuple(renamed_cord(cord, names) for cord in kept))
    if scope_of(name) and node.type in PORTS:
        return _with_port_renamed(after, node.type, scope_of(name), short_name(name), short_name(new_name))
    return after


def move_node(patch: Patch, node: str, position: Point) -> Patch:
    """Put a node elsewhere on the canvas (pixels). Raises EditError for numbers that are not finite."""
    return _with(patch, node, position=checked_position(node, position))


def set_value(patch: Patch, node: str, key: str, value: Any) -> Patch:
    """Set a param or setting; tuples become lists, numpy's numbers Python's.

    Raises EditError for what can't be saved (see ``checks.checked_value``) and for a node that is not there.
    """
    values = frozen(the_node(patch, node).values)
    key = checked_key(node, key)
    return _with(patch, node, values=values.put(key, checked_value(f"{node}.{key}", value)))


def unset_value(patch: Patch, node: str, key: str) -> Patch:
    """Take a param or setting back to its default; one that was not set stays so."""
    return _with(patch, node, values=frozen(the_node(patch, node).values).without(key))


def set_content(patch: Patch, node: str, content: Mapping[str, Any], replace: bool = True) -> Patch:
    """Set a node's arrays by name: all of them, or with ``replace=False`` only those given.

    Arrays equal to those already there stay the same objects, so that undo pays only for what is new.
    Raises EditError for number types other than ``frozen.DTYPES``.
    """
    before = the_node(patch, node).content
    fresh = checked_content(node, content)
    shared = {name: _shared(before, name, array) for name, array in fresh.items()}
    return _with(patch, node, content=FrozenMap(shared if replace else {**before, **shared}))


def set_title(patch: Patch, node: str, title: str) -> Patch:
    """Write a line of one's own on a node; an empty one shows its name."""
    return _with(patch, node, title=checked_text(node, title))


def set_muted(patch: Patch, node: str, muted: bool) -> Patch:
    """Silence a node, or let it sound again."""
    return _with(patch, node, muted=bool(muted))


def set_bypassed(patch: Patch, node: str, bypassed: bool) -> Patch:
    """Let what comes into a node pass through it unchanged, or not."""
    return _with(patch, node, bypassed=bool(bypassed))


def connect(patch: Patch, source: str, target: str) -> Patch:
    """Lay a cord, both ends written ``node.port``; it takes the place of the one that led to that input.

    Raises EditError for addresses that are none and for nodes that are not there.
    """
    ends = checked_ends(source, "source")[0], checked_ends(target, "target")[0]
    for end in ends:
        the_node(patch, end)
    if scope_of(ends[0]) != scope_of(ends[1]):
        raise EditError(
            f"{source} -> {target}: a cord stays inside its definition; add an inlet or outlet there, and connect the "
            "instance"
        )
    if [cord.source for cord in patch.cords if cord.target == target] == [source]:
        return patch
    kept = (cord for cord in patch.cords if cord.target != target)
    return changed(patch, cords=(*kept, Cord(source, target)))


def disconnect(patch: Patch, source: str, target: str) -> Patch:
    """Take a cord away. Raises EditError when there is none between these ports."""
    kept = tuple(cord for cord in patch.cords if (cord.source, cord.target) != (source, target))
    if len(kept) == len(patch.cords):
        there = listed(f"{cord.source} -> {cord.target}" for cord in patch.cords)
        raise EditError(f"{source} -> {target}: there is no such cord in this patch; it has {there}")
    return changed(patch, cords=kept)


def set_seed(patch: Patch, seed: int) -> Patch:
    """Choose what all that is random starts from: a whole number from 0 to 2^63 - 1."""
    seed = checked_seed(seed)
    return patch if seed == patch.seed else changed(patch, seed=seed)


def set_view(patch: Patch, key: str, value: Any) -> Patch:
    """Keep something for the window (zoom, what is open) with the patch; None forgets it."""
    key = checked_key("view", key, "an entry")
    view = frozen(patch.view)
    after = view.without(key) if value is None else view.put(key, checked_value(f"view.{key}", value))
    return patch if same(view, after) else changed(patch, view=after)


def add_asset(patch: Patch, name: str, asset: Asset) -> Patch:
    """Note a file that the patch needs, in place of the one of that name.

    Raises EditError for a path that is not beside the patch, for no sha256, and for a half embedded file.
    """
    asset = checked_asset(checked_key("assets", name, "a file", 256), asset)
    if patch.assets.get(name) == asset:
        return patch
    return changed(patch, assets=frozen(patch.assets).put(name, asset))


def remove_asset(patch: Patch, name: str) -> Patch:
    """Forget a file that the patch needed. Raises EditError when there is none of that name."""
    if not isinstance(name, str) or name not in patch.assets:
        raise EditError(f"{name}: there is no such file in this patch; it has {listed(patch.assets)}")
    return changed(patch, assets=frozen(patch.assets).without(name))


def the_node(patch: Patch, name: str) -> Node:
    """The node of that name. Raises EditError, telling which there are."""
    if not isinstance(name, str) or name not in patch.nodes:
        raise EditError(f"{printable(str(name))}: there is no such node in this patch; it has {listed(patch.nodes)}")
    return patch.nodes[name]


def free_name(patch: Patch, wish: str, scope: str = "") -> str:
    """The wish, of letters, digits, - and _, with the first number that is free. scope: the definition it is for."""
    before = f"{scope}/" if scope else ""
    # what plays of an instance is named as the nodes of a definition of its name would be
    taken = {scope_of(name) for name in patch.nodes} if not scope else set[str]()
    stem = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "-" for letter in wish)[:50]
    names = (f"{before}{stem}-{number}" for number in count(1))
    return next(name for name in names if name not in patch.nodes and name not in taken)


def renamed_cord(cord: Cord, names: Mapping[str, str]) -> Cord:
    """The cord, between nodes by their new names."""
    source = names.get(cord.source_node, cord.source_node)
    target = names.get(cord.target_node, cord.target_node)
    if (source, target) == (cord.source_node, cord.target_node):
        return cord
    return changed(cord, source=f"{source}.{cord.source_port}", target=f"{target}.{cord.target_port}")


def _with_port_renamed(patch: Patch, kind: str, definition: str, old: str, new: str) -> Patch:
    """The port of a definition's instances by its new name; in place of what was at a port so named before."""
    before = {f"{name}.{old}": f"{name}.{new}" for name in instances_of(patch, definition)}
    cords: list[Cord] = []
    if kind == OUTLET:
        cords = [changed(cord, source=before[cord.source]) if cord.source in before else cord for cord in patch.cords]
    else:
        fed = {before[cord.target] for cord in patch.cords if cord.target in before}
        kept = [cord for cord in patch.cords if cord.target not in fed]
        cords = [changed(cord, target=before[cord.target]) if cord.target in before else cord for cord in kept]
    nodes = dict(patch.nodes)
    for name in instances_of(patch, definition) if kind == PARAM else ():
        values = dict(nodes[name].values)
        if old in values:
            values[new] = values.pop(old)
            nodes[name] = changed(nodes[name], values=FrozenMap(values))
    return changed(patch, nodes=FrozenMap(nodes), cords=tuple(cords))


def _with(patch: Patch, name: str, **changes: Any) -> Patch:
    before = the_node(patch, name)
    after = changed(before, **changes)
    return patch if before == after else changed(patch, nodes=frozen(patch.nodes).put(name, after))


def _shared(before: Mapping[str, Array], name: str, array: Array) -> Array:
    return before[name] if name in before and same(before[name], array) else array
