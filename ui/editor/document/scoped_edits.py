"""Edits of what is on the canvas, which may be the inside of a definition: names that are free there, copies, notes."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import count

from ....graphs import Cord, EditError, Patch, Point, copy_out, paste, rename_node
from ....graphs.definitions import circle, rename_definition
from ....graphs.notes import Comment, Edges, Group, comments, groups, remove_note, set_comment, set_group
from ....graphs.scopes import definitions, full_name, scope_of, short_name


def not_in_itself(patch: Patch, scope: str) -> Patch:
    """The same patch. Raises EditError where the definition that was edited contains itself."""
    way = circle(patch, scope) if scope else []
    if way:
        raise EditError(f"{scope}: a definition can't contain itself ({' -> '.join(way)}); choose another type")
    return patch


def pasted(patch: Patch, fragment: Patch, offset: Point, scope: str) -> tuple[Patch, dict[str, str]]:
    """Put copied nodes into a definition, or into the patch itself (""). See ``paste``; raises EditError."""
    after, names = paste(patch, fragment, offset, scope)
    return not_in_itself(after, scope), names


def duplicated(
    patch: Patch, names: Collection[str], offset: Point, keeps_inputs: bool = False
) -> tuple[Patch, dict[str, str]]:
    """Copies of nodes of one definition beside them; keeps_inputs: with the cords from other nodes too.

    Gives the patch and each node's copy. Raises EditError.
    """
    scope = scope_of(next(iter(names), ""))
    after, made = pasted(patch, copy_out(patch, names), offset, scope)
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
    """Give a node another name inside its definition. See ``rename_node``; raises EditError."""
    return rename_node(patch, name, full_name(scope_of(name), new_name))


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


def _free(taken: Collection[str], wish: str) -> str:
    """The wish, with the first number that is free if it isn't."""
    if wish not in taken:
        return wish
    head, dash, tail = wish.rpartition("-")
    stem = head if dash and head and tail.isdecimal() else wish
    stem = full_name(scope_of(stem), short_name(stem)[:50])
    return next(name for number in count(1) if (name := f"{stem}-{number}") not in taken)
