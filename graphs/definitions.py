"""Definitions: patches inside a patch, of which nodes are instances.

A definition's nodes stand in the patch beside its own, named ``definition/node``; cords run among the nodes of one
definition, or among the patch's own. A node whose type is a definition is an instance of it: it has an input for each
``inlet`` of the definition, an output for each ``outlet`` and a param for each ``param``, by their names. So every edit
of a node is an edit inside a definition too, and files, undo, merging and comparing know nothing else.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace as changed

from .checks import EditError, checked_name, listed
from .edits import free_name, renamed_cord, the_node
from .frozen import FrozenMap, frozen
from .patch import Cord, Node, Patch, Point
from .scopes import (
    INLET,
    OUTLET,
    PARAM,
    PORTS,
    SLASH,
    definitions,
    full_name,
    scope_of,
    short_name,
)


def without_instances(patch: Patch) -> Patch:
    """Only the nodes that are of types of their own, of all definitions, and the cords among them."""
    known = definitions(patch)
    gone = {name for name, node in patch.nodes.items() if node.type in known}
    if not gone:
        return patch
    nodes = {name: node for name, node in patch.nodes.items() if name not in gone}
    cords = (cord for cord in patch.cords if not gone & {cord.source_node, cord.target_node})
    return changed(patch, nodes=FrozenMap(nodes), cords=tuple(cords))


def circle(patch: Patch, definition: str) -> list[str]:
    """The definitions from one back to itself, as it contains itself; nothing if it does not."""
    known = definitions(patch)
    came_from: dict[str, str] = {}
    waiting = deque([definition])
    while waiting:
        outer = waiting.popleft()
        for name in known.get(outer, ()):
            inner = patch.nodes[name].type
            if inner == definition:
                way = [outer]
                while way[-1] != definition:
                    way.append(came_from[way[-1]])
                return [*reversed(way), inner]
            if inner in known and inner and inner not in came_from:
                came_from[inner] = outer
                waiting.append(inner)
    return []


def encapsulate(patch: Patch, nodes: Iterable[str], definition: str) -> tuple[Patch, str]:
    """Make a definition of some nodes, and one instance of it in their place; gives the patch and the instance's name.

    Cords that cross become inlets and outlets, one for each output that they come from; cords into params of these
    nodes come in by inlets too. Raises EditError for a name that is taken or can't be one, and for nodes of more than
    one definition.
    """
    chosen = {name: the_node(patch, name) for name in nodes}
    scopes = {scope_of(name) for name in chosen}
    if len(scopes) != 1:
        raise EditError("choose nodes of one patch or of one definition to make a definition of them")
    scope = scopes.pop()
    if scope and (stuck := [name for name, node in chosen.items() if node.type in PORTS]):
        raise EditError(f"{listed(stuck)}: inlets, outlets and params stay in their definition; choose other nodes")
    _refuse_taken(patch, definition)
    names = {name: full_name(definition, short_name(name)) for name in chosen}
    inside: dict[str, Node] = {names[name]: node for name, node in chosen.items()}
    cords: list[Cord] = []
    ports: dict[tuple[str, str], str] = {}
    left, top, right, bottom = _box(chosen.values())
    name = free_name(patch, definition, scope)
    for cord in patch.cords:
        comes, goes = cord.target_node in chosen, cord.source_node in chosen
        if comes and goes:
            cords.append(renamed_cord(cord, names))
        elif comes or goes:
            key = (INLET if comes else OUTLET, cord.source)
            port = ports.get(key)
            if port is None:
                taken = {short_name(one) for one in inside}
                port = ports[key] = _port_name(
                    key[0], short_name(cord.target_node if comes else cord.source_node), taken
                )
                row = sum(one[0] == key[0] for one in ports) - 1
                place = (left - 240.0 if comes else right + 240.0, top + 80.0 * row)
                inside[f"{definition}{SLASH}{port}"] = Node(key[0], position=place)
                if not comes:
                    cords.append(
                        Cord(f"{names[cord.source_node]}.{cord.source_port}", f"{definition}{SLASH}{port}.audio")
                    )
            if comes:
                target = f"{names[cord.target_node]}.{cord.target_port}"
                cords.append(Cord(f"{definition}{SLASH}{port}.out", target, cord.extra))
                outer = Cord(cord.source, f"{name}.{port}")
            else:
                outer = changed(cord, source=f"{name}.{port}")
            if outer not in cords:
                cords.append(outer)
        else:
            cords.append(cord)
    instance = Node(definition, position=((left + right) / 2, (top + bottom) / 2))
    kept = {one: node for one, node in patch.nodes.items() if one not in chosen}
    return changed(patch, nodes=FrozenMap({**kept, name: instance, **inside}), cords=tuple(cords)), name


def unpack(patch: Patch, instance: str) -> tuple[Patch, dict[str, str]]:
    """Put a copy of a definition's nodes in place of an instance; gives the patch and the names that they got.

    Its params keep the values that the instance gave them. Raises EditError for a node that is no instance.
    """
    node, scope = the_node(patch, instance), scope_of(instance)
    own = _nodes_of(patch, node.type, instance)
    names: dict[str, str] = {}
    after = changed(patch, nodes=frozen(patch.nodes).without(instance))
    left, top, _, _ = _box(own.values())
    right, down = node.position[0] - left, node.position[1] - top
    for name, one in own.items():
        if one.type in (INLET, OUTLET):
            continue
        names[name] = _free(after, scope, short_name(name))
        values = one.values
        if one.type == PARAM and short_name(name) in node.values:
            values = {**values, "value": node.values[short_name(name)]}
        x, y = one.position
        moved = changed(one, position=(x + right, y + down), values=values, muted=one.muted or node.muted)
        after = changed(after, nodes=frozen(after.nodes).put(names[name], moved))
    ways = _Ways(patch, instance, node.type, names)
    cords: list[Cord] = []
    for cord in patch.cords:
        inner = full_name(node.type, cord.target_port)
        if cord.target_node == instance:
            if inner in own and own[inner].type == PARAM:
                cords += ways.cord(cord, f"{names[inner]}.value")
        elif cord.source_node == instance:
            cords += ways.cord(cord, cord.target)
        else:
            cords.append(cord)
        if cord.target_node in names:
            cords += ways.cord(cord, f"{names[cord.target_node]}.{cord.target_port}")
    fed: dict[str, Cord] = {}
    for cord in cords:
        fed.setdefault(cord.target, cord)
    return changed(after, cords=tuple(fed.values())), names


def make_unique(patch: Patch, instance: str, definition: str | None = None) -> tuple[Patch, str]:
    """Give an instance a definition of its own, a copy; gives the patch and the definition's name. Raises EditError."""
    node = the_node(patch, instance)
    own = _nodes_of(patch, node.type, instance)
    if definition is None:
        definition = free_definition(patch, node.type)
    _refuse_taken(patch, definition)
    names = {name: full_name(definition, short_name(name)) for name in own}
    nodes = frozen(patch.nodes).put(instance, changed(node, type=definition))
    copies = {names[name]: one for name, one in own.items()}
    cords = [renamed_cord(cord, names) for cord in patch.cords if scope_of(cord.target_node) == node.type]
    return changed(patch, nodes=FrozenMap({**nodes, **copies}), cords=(*patch.cords, *cords)), definition


def rename_definition(patch: Patch, definition: str, new_name: str) -> Patch:
    """Give a definition another name; its instances follow. Raises EditError for one that is taken or can't be one."""
    if definition not in definitions(patch) or not definition:
        raise EditError(f"{definition}: there is no such definition in this patch")
    if new_name == definition:
        return patch
    _refuse_taken(patch, new_name)
    names = {name: full_name(new_name, short_name(name)) for name in patch.nodes if scope_of(name) == definition}
    nodes = {
        names.get(name, name): changed(node, type=new_name) if node.type == definition else node
        for name, node in patch.nodes.items()
    }
    return changed(patch, nodes=FrozenMap(nodes), cords=tuple(renamed_cord(cord, names) for cord in patch.cords))


def remove_definition(patch: Patch, definition: str) -> Patch:
    """Take a definition away with all that is in it; instances stay, with their cords, and say what they miss."""
    gone = {name for name in patch.nodes if scope_of(name) == definition and definition}
    if not gone:
        raise EditError(f"{definition}: there is no such definition in this patch")
    nodes = {name: node for name, node in patch.nodes.items() if name not in gone}
    return changed(
        patch, nodes=FrozenMap(nodes), cords=tuple(cord for cord in patch.cords if cord.target_node not in gone)
    )


def free_definition(patch: Patch, wish: str, besides: Iterable[str] = ()) -> str:
    """The wish with the first number that nothing in the patch is called by; besides: more taken names."""
    taken = {*definitions(patch), *patch.nodes, *(node.type for node in patch.nodes.values()), *besides}
    head, dash, tail = wish.rpartition("-")
    stem = head if dash and head and tail.isdecimal() else wish
    number = 2
    while f"{stem[:50]}-{number}" in taken:
        number += 1
    return f"{stem[:50]}-{number}"


def _refuse_taken(patch: Patch, definition: str) -> None:
    if SLASH in checked_name(definition):
        raise EditError(f"{definition} can't name a definition; use letters, digits, - and _")
    if definition in (INLET, OUTLET, PARAM):
        raise EditError(
            f"{definition} can't name a definition: ports of definitions are called so; choose another name"
        )
    if any(scope_of(name) == definition or node.type == definition for name, node in patch.nodes.items()):
        raise EditError(f"{definition}: there are nodes of that name or type already; choose another name")


def _nodes_of(patch: Patch, definition: str, instance: str) -> dict[str, Node]:
    own = {name: node for name, node in patch.nodes.items() if scope_of(name) == definition and definition}
    if not own:
        raise EditError(f"{instance} is no instance of a definition in this patch; its type is {definition}")
    return own


def _free(patch: Patch, scope: str, name: str) -> str:
    wish = full_name(scope, name)
    return wish if wish not in patch.nodes else free_name(patch, name, scope)


def _port_name(kind: str, wish: str, taken: set[str]) -> str:
    number = 1
    while f"{kind}-{number}" in taken:
        number += 1
    return f"{kind}-{number}"


def _box(nodes: Iterable[Node]) -> tuple[float, float, float, float]:
    places: list[Point] = [node.position for node in nodes] or [(0.0, 0.0)]
    return (
        min(x for x, _ in places),
        min(y for _, y in places),
        max(x for x, _ in places),
        max(y for _, y in places),
    )


class _Ways:
    """Where what a cord brings comes from once an instance is unpacked, past inlets and outlets. names: of copies."""

    def __init__(self, patch: Patch, instance: str, definition: str, names: Mapping[str, str]) -> None:
        self._fed = {cord.target: cord for cord in patch.cords}
        self._instance, self._definition, self._names = instance, definition, names

    def cord(self, cord: Cord, target: str) -> list[Cord]:
        """The cord to a target; none where nothing is connected in the end."""
        way: list[Cord] = []
        found: Cord | None = cord
        while found is not None and found not in way:
            way.append(found)
            name, port = found.source_node, found.source_port
            if name == self._instance:
                found = self._fed.get(f"{full_name(self._definition, port)}.audio")
            elif name in self._names or scope_of(name) != self._definition:
                source = f"{self._names.get(name, name)}.{port}"
                extra = {key: one for step in reversed(way) for key, one in step.extra.items()}
                return [Cord(source, target, extra)]
            else:
                found = self._fed.get(f"{self._instance}.{short_name(name)}")
        return []
