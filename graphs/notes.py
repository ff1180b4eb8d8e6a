"""Notes on the canvas: groups that frame nodes, and comments; silent, and saved and undone like all else."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from .checks import EditError
from .edits import move_node, set_view, the_node
from .patch import Patch, Point

GROUPS, COMMENTS = "groups", "comments"
Edges = tuple[float, float, float, float]


@dataclass(frozen=True)
class Group:
    """A titled frame. box: left, top, right, bottom in canvas units. colour: ``rrggbb``."""

    name: str
    title: str
    box: Edges
    colour: str = "5b6472"


@dataclass(frozen=True)
class Comment:
    """A text on the canvas. box: left, top, right, bottom."""

    name: str
    text: str
    box: Edges


def groups(patch: Patch) -> dict[str, Group]:
    """The groups by name; what is damaged is passed over."""
    found = {}
    for name, raw in _raw(patch, GROUPS).items():
        box = _box(raw)
        if box is not None:
            colour = str(raw.get("colour", ""))
            found[name] = Group(name, str(raw.get("title", "")), box, colour if _is_colour(colour) else "5b6472")
    return found


def comments(patch: Patch) -> dict[str, Comment]:
    """The comments by name; what is damaged is passed over."""
    found = {}
    for name, raw in _raw(patch, COMMENTS).items():
        box = _box(raw)
        if box is not None:
            found[name] = Comment(name, str(raw.get("text", "")), box)
    return found


def add_group(patch: Patch, title: str, box: Edges, colour: str = "5b6472") -> tuple[Patch, str]:
    """Frame a part of the canvas; gives the patch and the group's name. Raises EditError."""
    name = _free(patch, "group")
    return set_group(patch, Group(name, title, box, colour)), name


def add_comment(patch: Patch, text: str, box: Edges) -> tuple[Patch, str]:
    """Write on the canvas; gives the patch and the comment's name. Raises EditError."""
    name = _free(patch, "comment")
    return set_comment(patch, Comment(name, text, box)), name


def set_group(patch: Patch, group: Group) -> Patch:
    """Let a group be as given. Raises EditError for a box that is none, or a colour."""
    if not _is_colour(group.colour):
        raise EditError(f"{group.name}: {group.colour!r} is not a colour; write it as rrggbb")
    entry = {"title": group.title, "box": list(_checked(group.name, group.box)), "colour": group.colour}
    return _put(patch, GROUPS, group.name, entry)


def set_comment(patch: Patch, comment: Comment) -> Patch:
    """Let a comment be as given. Raises EditError for a box that is none."""
    entry = {"text": comment.text, "box": list(_checked(comment.name, comment.box))}
    return _put(patch, COMMENTS, comment.name, entry)


def remove_note(patch: Patch, name: str) -> Patch:
    """Take a group or a comment away; the nodes in a group stay. Raises EditError when there is none."""
    for kind in (GROUPS, COMMENTS):
        if name in _raw(patch, kind):
            return _put(patch, kind, name, None)
    raise EditError(f"there is no group or comment {name!r}")


def move_note(patch: Patch, name: str, by: Point, nodes: Iterable[str] = ()) -> Patch:
    """Move a group or a comment, and these nodes with it. Raises EditError."""
    group, comment = groups(patch).get(name), comments(patch).get(name)
    if group is not None:
        patch = set_group(patch, replace(group, box=_moved(group.box, by)))
    elif comment is not None:
        patch = set_comment(patch, replace(comment, box=_moved(comment.box, by)))
    else:
        raise EditError(f"there is no group or comment {name!r}")
    for node in nodes:
        x, y = the_node(patch, node).position
        patch = move_node(patch, node, (x + by[0], y + by[1]))
    return patch


def _raw(patch: Patch, kind: str) -> dict[str, Mapping[str, Any]]:
    found = patch.view.get(kind)
    if not isinstance(found, Mapping):
        return {}
    return {str(name): raw for name, raw in found.items() if isinstance(raw, Mapping)}


def _put(patch: Patch, kind: str, name: str, entry: Mapping[str, Any] | None) -> Patch:
    entries: dict[str, Any] = {key: dict(raw) for key, raw in _raw(patch, kind).items()}
    if entry is None:
        entries.pop(name, None)
    else:
        entries[name] = dict(entry)
    return set_view(patch, kind, entries or None)


def _free(patch: Patch, wish: str) -> str:
    taken = {*_raw(patch, GROUPS), *_raw(patch, COMMENTS)}
    return next(name for number in count(1) if (name := f"{wish}-{number}") not in taken)


def _box(raw: Mapping[str, Any]) -> Edges | None:
    box = raw.get("box")
    if not isinstance(box, list | tuple) or len(box) != 4:
        return None
    try:
        left, top, right, bottom = (float(edge) for edge in box)
    except (TypeError, ValueError):
        return None
    if not all(map(math.isfinite, (left, top, right, bottom))) or left > right or top > bottom:
        return None
    return left, top, right, bottom


def _checked(name: str, box: Edges) -> Edges:
    found = _box({"box": box})
    if found is None:
        raise EditError(f"{name}: a frame needs left, top, right and bottom in this order, not {list(box)}")
    return found


def _moved(box: Edges, by: Point) -> Edges:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]


def _is_colour(text: str) -> bool:
    return len(text) == 6 and all(letter in "0123456789abcdefABCDEF" for letter in text)
