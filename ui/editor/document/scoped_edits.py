"""Edits of what is on the canvas, which may be the inside of a definition: names that are free there, copies, notes."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import count

from ....graphs import Cord, EditError, Patch, Point, copy_out, paste, rename_node
from ....graphs.definitions import (
    INLET,
    OUTLET,
    PARAM,
    circle,
    definitions,
    full_name,
    instances_of,
    rename_definition,
    scope_of,
    short_name,
)
from ....graphs.edits import renamed_cord
from ....graphs.frozen import FrozenMap
from ....graphs.notes import Comment, Edges, Group, comments, groups, remove_note, set_comment, set_group


def not_in_itself(patch: Patch, scope: str) -> Patch:
    """The same patch. Raises EditError where the definition that was edited contains itself."""
    way = circle(patch, scope) if scope else []
    if way:
        raise EditError(f"{scope}: a definition can't contain itself ({' -> '.join(way)}); choose another type")
    return patch


def copied(patch: Patch, names: Collection[str]) -> Patch:
    """Nodes by the names that they have in their definition, with the cords among them and the definitions they need.

    Raises EditError.
    """
    known = definitions(patch)
    needed: list[str] = []
    waiting = [patch.nodes[name].type for name in names if name in patch.nodes]
    while waiting:
        type_ = waiting.pop()
        if type_ in known and type_ not in needed:
            needed.append(type_)
            waiting += [patch.nodes[name].type for name in known[type_]]
    own = _renamed(copy_out(patch, names), {name: short_name(name) for name in names})
    others = copy_out(patch, [name for type_ in needed for name in known[type_]])
    nodes, assets = {**own.nodes, **others.nodes}, {**own.assets, **others.assets}
    return replace(own, nodes=FrozenMap(nodes), cords=(*own.cords, *others.cords), assets=assets)


def pasted(patch: Patch, fragment: Patch, offset: Point, scope: str) -> tuple[Patch, dict[str, str]]:
    """Put copied nodes into a definition, or into the patch itself (""); definitions that it has are not taken again.

    Gives the patch and the name that each node got. Raises EditError.
    """
    known = definitions(patch)
    own = [name for name in fragment.nodes if not scope_of(name)]
    others = [name for name in fragment.nodes if scope_of(name) and scope_of(name) not in known]
    names = dict[str, str]()
    taken = set(patch.nodes)
    for name in own:
        names[name] = _free(taken, full_name(scope, name))
        taken.add(names[name])
    there, _ = paste(patch, copy_out(fragment, others))
    after, _ = paste(there, _renamed(copy_out(fragment, own), names), offset)
    return not_in_itself(after, scope), names


def duplicated(
    patch: Patch, names: Collection[str], offset: Point, keeps_inputs: bool = False
) -> tuple[Patch, dict[str, str]]:
    """Copies of nodes of one definition beside them; keeps_inputs: with the cords from other nodes too.

    Gives the patch and each node's copy. Raises EditError.
    """
    scope = scope_of(next(iter(names), ""))
    after, made = pasted(patch, copied(patch, names), offset, scope)
    copies = {name: made[short_name(name)] for name in names}
    if keeps_inputs:
        more = (
            Cord(cord.source, f"{copies[cord.target_node]}.{cord.target_port}", cord.extra)
            for cord in patch.cords
            if cord.target_node in copies and cord.source_node not in copies
        )
        after = replace(after, cords=(*after.cords, *more))
    return after, copies


def renamed(patch: Patch, name: str, new_name: str) -> Patch:
    """Give a node another name inside its definition; ports and params of its instances follow. Raises EditError."""
    scope = scope_of(name)
    after = rename_node(patch, name, full_name(scope, new_name))
    if not scope or patch.nodes[name].type not in (INLET, OUTLET, PARAM):
        return after
    old, instances = short_name(name), set(instances_of(after, scope))
    ends = {f"{one}.{old}": f"{one}.{new_name}" for one in instances}
    is_outlet = patch.nodes[name].type == OUTLET
    cords = tuple(
        replace(cord, source=ends.get(cord.source, cord.source))
        if is_outlet
        else replace(cord, target=ends.get(cord.target, cord.target))
        for cord in after.cords
    )
    nodes = dict(after.nodes)
    for one in instances:
        values = nodes[one].values
        if patch.nodes[name].type == PARAM and old in values:
            kept = {new_name if key == old else key: value for key, value in values.items()}
            nodes[one] = replace(nodes[one], values=FrozenMap(kept))
    return replace(after, nodes=FrozenMap(nodes), cords=cords)


def renamed_definition(patch: Patch, definition: str, new_name: str) -> Patch:
    """Give a definition another name; its instances and its notes follow. Raises EditError."""
    after = rename_definition(patch, definition, new_name)
    if after is patch:
        return patch
    for note in _notes(patch):
        if scope_of(note.name) == definition:
            after = _put(remove_note(after, note.name), replace(note, name=full_name(new_name, short_name(note.name))))
    return after


def add_group(patch: Patch, title: str, box: Edges, scope: str) -> tuple[Patch, str]:
    """Frame a part of the canvas; gives the patch and the group's name. Raises EditError."""
    name = _free({note.name for note in _notes(patch)}, full_name(scope, "group-1"))
    return set_group(patch, Group(name, title, box)), name


def add_comment(patch: Patch, text: str, box: Edges, scope: str) -> tuple[Patch, str]:
    """Write on the canvas; gives the patch and the comment's name. Raises EditError."""
    name = _free({note.name for note in _notes(patch)}, full_name(scope, "comment-1"))
    return set_comment(patch, Comment(name, text, box)), name


def free_definition(patch: Patch, types: Collection[str]) -> str:
    """The first name ``definition-1`` … that is free for a definition. types: of nodes, which it can't have either."""
    taken = {*definitions(patch), *(node.type for node in patch.nodes.values())}
    return next(name for number in count(1) if (name := f"definition-{number}") not in taken and name not in types)


def _notes(patch: Patch) -> Iterable[Group | Comment]:
    return (*groups(patch).values(), *comments(patch).values())


def _put(patch: Patch, note: Group | Comment) -> Patch:
    return set_group(patch, note) if isinstance(note, Group) else set_comment(patch, note)


def _renamed(patch: Patch, names: dict[str, str]) -> Patch:
    nodes = {names.get(name, name): node for name, node in patch.nodes.items()}
    return replace(patch, nodes=FrozenMap(nodes), cords=tuple(renamed_cord(cord, names) for cord in patch.cords))


def _free(taken: Collection[str], wish: str) -> str:
    """The wish, with the first number that is free if it isn't."""
    if wish not in taken:
        return wish
    head, dash, tail = wish.rpartition("-")
    stem = head if dash and head and tail.isdecimal() else wish
    stem = full_name(scope_of(stem), short_name(stem)[:50])
    return next(name for number in count(1) if (name := f"{stem}-{number}") not in taken)
