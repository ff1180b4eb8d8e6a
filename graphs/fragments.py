"""Fragments: copy some nodes out of a patch and paste them into the same or another one, with their definitions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as changed
from typing import Any

from .checks import EditError, checked_position
from .definitions import free_definition
from .edits import free_name, renamed_cord, the_node
from .frozen import FrozenMap
from .patch import Asset, Cord, Node, Patch, Point
from .scopes import definitions, full_name, scope_of, short_name

Parts = tuple[dict[str, Node], dict[str, Cord]]


def copy_out(patch: Patch, nodes: Iterable[str]) -> Patch:
    """A patch of only these nodes, the cords among them, the definitions that they are instances of, and the files that
    their values mention by name or path.

    Nodes that are all in one definition are the patch's own in what is given. Raises EditError for a node that is not
    there.
    """
    chosen = {name: the_node(patch, name) for name in nodes}
    scopes = {scope_of(name) for name in chosen}
    names = {name: short_name(name) for name in chosen} if len(scopes) == 1 else {}
    among = [cord for cord in patch.cords if cord.source_node in chosen and cord.target_node in chosen]
    copied = {names.get(name, name): node for name, node in chosen.items()}
    cords = [renamed_cord(cord, names) for cord in among]
    brought = definitions_out(patch, {node.type for node in chosen.values()})
    assets = {**_mentioned(patch, copied.values()), **brought.assets}
    return Patch(nodes={**copied, **brought.nodes}, cords=tuple(dict.fromkeys((*cords, *brought.cords))), assets=assets)


def definitions_out(patch: Patch, names: Iterable[str]) -> Patch:
    """A patch of only these definitions, those inside them, and the files that their values mention by name or path.

    Names that are none are passed over.
    """
    known = definitions(patch)
    found, waiting = set[str](), [*names]
    while waiting:
        name = waiting.pop()
        if name and name in known and name not in found:
            found.add(name)
            waiting += [patch.nodes[one].type for one in known[name]]
    nodes = {name: node for name, node in patch.nodes.items() if scope_of(name) in found}
    cords = tuple(cord for cord in patch.cords if scope_of(cord.target_node) in found)
    return Patch(nodes=nodes, cords=cords, assets=_mentioned(patch, nodes.values()))


def paste(patch: Patch, fragment: Patch, offset: Point = (0.0, 0.0), scope: str = "") -> tuple[Patch, dict[str, str]]:
    """Put a fragment's nodes, cords and files into a patch, ``offset`` canvas pixels away from where they were.

    scope: the definition that its own nodes come into. Gives the patch and the name that each of them got: its own when
    free, else with the next free number. A definition of the fragment that the patch has already is used as it is; one
    of a name that means something else here gets another, and its instances follow. Arrays are shared with the
    fragment; its cords to nodes that it doesn't have are left out. Raises EditError when a file of that name is another
    file here.
    """
    right, down = checked_position("paste", offset)
    for name, asset in fragment.assets.items():
        here = patch.assets.get(name, asset)
        if (here.sha256, here.size) != (asset.sha256, asset.size):
            raise EditError(f"{name}: this patch has another file of that name; rename one of the two, then paste")
    types = _names_of_definitions(patch, fragment)
    is_new = {name: types[name] not in definitions(patch) for name in types}
    made: dict[str, str] = {}
    names: dict[str, str] = {}
    nodes = dict(patch.nodes)
    for name, node in fragment.nodes.items():
        node = changed(node, type=types[node.type]) if types.get(node.type, node.type) != node.type else node
        definition = scope_of(name)
        if not definition:
            x, y = node.position
            wish = full_name(scope, name)
            taken = wish in nodes
            made[name] = names[name] = free_name(Patch(nodes=FrozenMap(nodes)), _stem(name), scope) if taken else wish
            nodes[names[name]] = changed(node, position=checked_position(name, (x + right, y + down)))
        elif is_new[definition]:
            names[name] = full_name(types[definition], short_name(name))
            nodes[names[name]] = node
    own = (cord for cord in fragment.cords if cord.source_node in names and cord.target_node in names)
    cords = (*patch.cords, *(renamed_cord(cord, names) for cord in own))
    assets = {**fragment.assets, **patch.assets}
    return changed(patch, nodes=FrozenMap(nodes), cords=cords, assets=assets), made


def merge(patch: Patch, fragment: Patch) -> tuple[Patch, dict[str, str]]:
    """Put all of another patch into this one where it stands; this patch's seed and view stay."""
    return paste(patch, fragment)


def _mentioned(patch: Patch, nodes: Iterable[Node]) -> dict[str, Asset]:
    """The files that the values of nodes mention."""
    said = {text for node in nodes for text in _texts(node.values)}
    return {name: asset for name, asset in patch.assets.items() if said & {name, asset.path}}


def _names_of_definitions(patch: Patch, fragment: Patch) -> dict[str, str]:
    """What each definition of a fragment is to be called in a patch: of an equal one, that one's name."""
    coming, there = _parts(fragment), _parts(patch)
    types = {node.type for node in patch.nodes.values()}
    differing = {name for name, parts in coming.items() if name in there and not _is_same(parts, there[name])}
    # what is in a definition that is called otherwise is of another type than before
    clashing = differing | {name for name in coming if name not in there and name in types}
    while True:
        more = {
            name
            for name, (nodes, _) in coming.items()
            if name in there and name not in clashing and clashing & {node.type for node in nodes.values()}
        }
        if not more:
            break
        clashing |= more
    found = {name: name for name in coming}
    taken = {*coming, *(node.type for node in fragment.nodes.values())}
    for name in sorted(clashing):
        found[name] = free_definition(patch, name, taken)
        taken.add(found[name])
    return found


def _parts(patch: Patch) -> dict[str, Parts]:
    """By definition, its nodes wherever they stand, and its cords by where they go."""
    found: dict[str, Parts] = {}
    for name, node in patch.nodes.items():
        if scope := scope_of(name):
            found.setdefault(scope, ({}, {}))[0][name] = changed(node, position=(0.0, 0.0))
    for cord in patch.cords:
        if (scope := scope_of(cord.target_node)) in found:
            found[scope][1][cord.target] = cord
    return found


def _is_same(one: Parts, other: Parts) -> bool:
    return one[1] == other[1] and one[0] == other[0]


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
