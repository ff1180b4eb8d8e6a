"""Arranging: edits of many nodes at once, as hands make them on the canvas."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from .checks import EditError
from .edits import connect, disconnect, move_node, remove_node, the_node
from .fragments import copy_out, paste
from .patch import Cord, Patch, Point
from .scopes import full_name, scope_of

Edge = Literal["left", "right", "top", "bottom", "centre", "middle"]
Span = tuple[float, float]


def move_nodes(patch: Patch, names: Iterable[str], by: Point) -> Patch:
    """Move nodes together, in canvas units. Raises EditError."""
    for name in names:
        x, y = the_node(patch, name).position
        patch = move_node(patch, name, (x + by[0], y + by[1]))
    return patch


def align(patch: Patch, sizes: Mapping[str, Span], edge: Edge) -> Patch:
    """Put an edge (or the middle) of several cards in one line. sizes: width and height of each card by node.

    Raises EditError.
    """
    if len(sizes) < 2:
        return patch
    axis = 0 if edge in ("left", "right", "centre") else 1
    share = {"left": 0.0, "top": 0.0, "centre": 0.5, "middle": 0.5, "right": 1.0, "bottom": 1.0}[edge]
    lines = [the_node(patch, name).position[axis] + share * size[axis] for name, size in sizes.items()]
    line = min(lines) if share == 0.0 else max(lines) if share == 1.0 else sum(lines) / len(lines)
    for name, size in sizes.items():
        place = list(the_node(patch, name).position)
        place[axis] = line - share * size[axis]
        patch = move_node(patch, name, (place[0], place[1]))
    return patch


def distribute(patch: Patch, sizes: Mapping[str, Span], axis: Literal["across", "down"]) -> Patch:
    """Leave equal gaps between cards; the outermost stay. Raises EditError."""
    if len(sizes) < 3:
        return patch
    index = 0 if axis == "across" else 1
    order = sorted(sizes, key=lambda name: the_node(patch, name).position[index])
    begin = the_node(patch, order[0]).position[index]
    end = the_node(patch, order[-1]).position[index] + sizes[order[-1]][index]
    gap = (end - begin - sum(size[index] for size in sizes.values())) / (len(order) - 1)
    for name in order:
        place = list(the_node(patch, name).position)
        place[index] = begin
        patch = move_node(patch, name, (place[0], place[1]))
        begin += sizes[name][index] + gap
    return patch


def duplicate(
    patch: Patch, names: Collection[str], offset: Point, keeps_inputs: bool = False
) -> tuple[Patch, dict[str, str]]:
    """Copies of nodes with the cords among them; keeps_inputs: those from other nodes too.

    Gives the patch and each node's copy. Raises EditError.
    """
    scopes = {scope_of(name) for name in names}
    if len(scopes) > 1:
        raise EditError("choose nodes of one patch or of one definition to duplicate them")
    scope = next(iter(scopes), "")
    after, made = paste(patch, copy_out(patch, names), offset, scope)
    copies = {full_name(scope, name): copy for name, copy in made.items()}
    if keeps_inputs:
        more = [
            Cord(cord.source, f"{copies[cord.target_node]}.{cord.target_port}", cord.extra)
            for cord in patch.cords
            if cord.target_node in copies and cord.source_node not in copies
        ]
        after = replace(after, cords=(*after.cords, *more))
    return after, copies


def remove_nodes(patch: Patch, names: Collection[str], pairs: Mapping[str, tuple[str, str]] | None = None) -> Patch:
    """Take nodes away with their cords.

    pairs: for nodes in a chain, the input and the output that are joined when the node goes: what fed the one then
    feeds all that the other fed. Raises EditError.
    """
    for name in names:
        the_node(patch, name)
        pair = (pairs or {}).get(name)
        source = None
        targets: list[str] = []
        if pair is not None:
            source = next((cord.source for cord in patch.cords if cord.target == f"{name}.{pair[0]}"), None)
            targets = [cord.target for cord in patch.cords if cord.source == f"{name}.{pair[1]}"]
        patch = remove_node(patch, name)
        if source is not None and source.partition(".")[0] in patch.nodes:
            for target in targets:
                if target.partition(".")[0] in patch.nodes:
                    patch = connect(patch, source, target)
    return patch


def remove_cords(patch: Patch, cords: Iterable[Cord]) -> Patch:
    """Take cords away; those that are gone already are passed over."""
    for cord in cords:
        if any((one.source, one.target) == (cord.source, cord.target) for one in patch.cords):
            patch = disconnect(patch, cord.source, cord.target)
    return patch


def insert_on_cord(patch: Patch, cord: Cord, node: str, input_port: str, output_port: str) -> Patch:
    """Let what flows along a cord pass through a node. Raises EditError."""
    if node in (cord.source_node, cord.target_node):
        raise EditError(f"{node} is an end of that cord already; choose another one")
    patch = disconnect(patch, cord.source, cord.target)
    patch = connect(patch, cord.source, f"{node}.{input_port}")
    return connect(patch, f"{node}.{output_port}", cord.target)


def reroute(patch: Patch, cord: Cord, source: str | None = None, target: str | None = None) -> Patch:
    """Let one end of a cord lie elsewhere. Raises EditError."""
    after = disconnect(patch, cord.source, cord.target)
    return connect(after, source or cord.source, target or cord.target)
