"""Editing: undo, the clipboard, deleting, arranging, naming, muting."""

from collections.abc import Callable, Collection, Mapping
from functools import partial, reduce
from typing import Any, Literal

import numpy as np

from ....graphs import Patch, set_bypassed, set_muted, set_value, unset_value
from ....graphs.arrange import Edge, align, distribute, remove_cords, remove_nodes
from ....graphs.notes import remove_note
from ....graphs.scopes import full_name, scope_of, short_name
from ...patcher.layout import around
from ...patcher.values import value_at
from ...patcher.window_requests import TypeText
from ..document.desk import GRID, Desk
from ..document.patch_codec import choose_codec, has_codec
from ..document.scoped_edits import add_comment, add_group, duplicated, renamed
from .clipboard import copy_text, paste_text
from .registry import Action, has_choice, has_nodes

FRAME = 24.0


def through_pairs(desk: Desk, nodes: Collection[str]) -> dict[str, tuple[str, str]]:
    """For each node the input and the output that are joined when it is deleted and the flow is to go on."""
    found = {}
    for name in nodes:
        place = desk.layout.nodes.get(name)
        if place is None:
            continue
        fed = {cord.target_port for cord in desk.patch.cords if cord.target_node == name}
        ins = [port for port in place.ports if port.is_input and not port.is_param and port.port in fed]
        outs = [port for port in place.ports if not port.is_input]
        pair = next(((i.port, o.port) for i in ins for o in outs if i.kind == o.kind), None)
        if pair is not None:
            found[name] = pair
    return found


def delete(desk: Desk, reconnects: bool = False) -> None:
    """Delete what is chosen; reconnects: what flowed through a node goes on without it."""
    nodes, cords, notes = desk.selection, desk.cords, desk.notes
    pairs = through_pairs(desk, nodes) if reconnects else None

    def change(patch: Patch) -> Patch:
        patch = remove_nodes(remove_cords(patch, cords), nodes, pairs)
        return reduce(remove_note, notes, patch)

    words = [
        f"{len(nodes)} nodes" if len(nodes) != 1 else next(iter(nodes)),
        f"{len(cords)} cords",
        f"{len(notes)} notes",
    ]
    label = ", ".join(word for word, count in zip(words, (nodes, cords, notes), strict=True) if count)
    if desk.edit(change, f"delete {label}"):
        desk.select()


def _copy(desk: Desk) -> None:
    desk.clipboard_text = copy_text(desk, desk.selection)
    desk.say(f"copied {len(desk.selection)} nodes")


def _cut(desk: Desk) -> None:
    _copy(desk)
    delete(desk)


def _cut_or_join(desk: Desk) -> None:
    """Ctrl-X on one node in a chain lets the flow go on; on more it cuts."""
    if len(desk.selection) == 1 and through_pairs(desk, desk.selection):
        _copy(desk)
        delete(desk, reconnects=True)
    else:
        _cut(desk)


def _paste(desk: Desk) -> None:
    paste_text(desk, desk.clipboard_text, desk.pointer)


def _duplicate(desk: Desk, keeps_inputs: bool) -> None:
    copies: dict[str, str] = {}

    def change(patch: Patch) -> Patch:
        after, made = duplicated(patch, sorted(desk.selection), (3 * GRID, 3 * GRID), keeps_inputs)
        copies.update(made)
        return after

    if desk.edit(change, f"duplicate {len(desk.selection)} nodes"):
        desk.select(copies.values())


def _rename(desk: Desk) -> None:
    name = next(iter(desk.selection))

    def typed(text: str) -> None:
        if desk.edit(partial(renamed, name=name, new_name=text.strip()), f"rename {name}"):
            desk.select([full_name(scope_of(name), text.strip())])

    desk.ask(TypeText(f"Rename {short_name(name)}", short_name(name), typed))


def _group(desk: Desk) -> None:
    box = around(desk.layout.nodes[name].box for name in desk.selection)
    if box is None:
        return
    edges = (box.x0 - FRAME, box.y0 - FRAME - 20, box.x1 + FRAME, box.y1 + FRAME)
    made: list[str] = []

    def change(patch: Patch) -> Patch:
        after, name = add_group(patch, "Group", edges, desk.scopes.scope)
        made.append(name)
        return after

    if desk.edit(change, "group"):
        desk.select(notes=[made[-1]])


def _comment(desk: Desk) -> None:
    (x, y), scope = desk.pointer, desk.scopes.scope

    def written(text: str) -> None:
        if text.strip():
            desk.edit(lambda patch: add_comment(patch, text, (x, y, x + 240, y + 80), scope)[0], "comment")

    desk.ask(TypeText("Comment", "", written, is_long=True))


def _toggle(desk: Desk, which: Literal["muted", "bypassed"]) -> None:
    change: Callable[..., Patch] = set_muted if which == "muted" else set_bypassed
    is_on = not all(getattr(desk.patch.nodes[name], which) for name in desk.selection)

    def all_of_them(patch: Patch) -> Patch:
        return reduce(lambda after, name: change(after, name, is_on), sorted(desk.selection), patch)

    desk.edit(all_of_them, f"{'mute' if which == 'muted' else 'bypass'}{'' if is_on else ' no more'}")


def _sizes(desk: Desk) -> Mapping[str, tuple[float, float]]:
    layout = desk.layout
    return {name: (layout.nodes[name].box.width, layout.nodes[name].box.height) for name in sorted(desk.selection)}


def _align(desk: Desk, edge: Edge) -> None:
    desk.edit(lambda patch: align(patch, _sizes(desk), edge), f"align {edge}")


def _distribute(desk: Desk, axis: Literal["across", "down"]) -> None:
    desk.edit(lambda patch: distribute(patch, _sizes(desk), axis), f"distribute {axis}")


def randomised(desk: Desk, only: tuple[str, str] | None = None) -> None:
    """Randomize the numbers of what is chosen, or for one param; the patch's seed and the step say how.

    Each stays within the range of its knob; levels, and what could silence, are never turned (``Param.randomize``).
    """
    random = np.random.default_rng([desk.patch.seed % 2**32, len(desk.document.history.labels)])
    turned: list[tuple[str, str, Any]] = []
    for name in sorted(desk.selection) if only is None else [only[0]]:
        spec = desk.palette.get(desk.patch.nodes[name].type)
        for param in spec.params.values() if spec is not None else ():
            if param.kind in ("float", "int") and param.randomize and (only is None or only[1] == param.name):
                turned.append((name, param.name, value_at(param, float(random.random()))))

    def change(patch: Patch) -> Patch:
        return reduce(lambda after, one: set_value(after, *one), turned, patch)

    if turned:
        desk.edit(change, "randomize")


def _to_defaults(desk: Desk) -> None:
    def change(patch: Patch) -> Patch:
        for name in sorted(desk.selection):
            spec = desk.palette.get(patch.nodes[name].type)
            for key in list(patch.nodes[name].values):
                if spec is not None and key in spec.params:
                    patch = unset_value(patch, name, key)
        return patch

    desk.edit(change, "reset to defaults")


def _all(desk: Desk) -> None:
    desk.select(desk.layout.nodes)


def _is_one(desk: Desk) -> bool:
    return len(desk.selection) == 1


def _are_two(desk: Desk) -> bool:
    return len(desk.selection) > 1


def _can_undo(desk: Desk) -> bool:
    return desk.document.history.can_undo


def _can_redo(desk: Desk) -> bool:
    return desk.document.history.can_redo


def _give_up(desk: Desk) -> None:
    """Escape, where nothing is under way: leave the tour, or select nothing; then leave the definition."""
    if desk.tour.step is not None:
        desk.tour.leave()
    elif has_choice(desk):
        desk.select()
    else:
        desk.scopes.up()


EDITING = (
    Action("edit.undo", "Undo", "Edit", ("Ctrl+Z",), Desk.undo, _can_undo),
    Action("edit.redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), Desk.redo, _can_redo),
    Action("edit.cut", "Cut", "Edit", ("Ctrl+X",), _cut_or_join, has_nodes, True, begins=True),
    Action("edit.copy", "Copy", "Edit", ("Ctrl+C",), _copy, has_nodes),
    Action("edit.paste", "Paste", "Edit", ("Ctrl+V",), _paste, is_structural=True),
    Action(
        "edit.duplicate", "Duplicate", "Edit", ("Ctrl+D",), partial(_duplicate, keeps_inputs=False), has_nodes, True
    ),
    Action(
        "edit.duplicate_fed",
        "Duplicate with inputs",
        "Edit",
        ("Ctrl+Shift+D",),
        partial(_duplicate, keeps_inputs=True),
        has_nodes,
        True,
    ),
    Action("edit.delete", "Delete", "Edit", ("Delete", "Backspace", "X"), delete, has_choice, True),
    Action(
        "edit.delete_join",
        "Delete and reconnect",
        "Edit",
        ("Ctrl+Delete",),
        partial(delete, reconnects=True),
        has_nodes,
        True,
    ),
    Action("edit.select_all", "Select all", "Edit", ("Ctrl+A",), _all, begins=True),
    Action("edit.select_none", "Deselect", "Edit", ("Escape",), _give_up),
    Action("edit.rename", "Rename …", "Edit", ("F2",), _rename, _is_one, True, begins=True),
    Action("edit.group", "Group", "Edit", ("Ctrl+G",), _group, has_nodes, True),
    Action("edit.comment", "Comment …", "Edit", ("Ctrl+5",), _comment, is_structural=True),
    Action("edit.codec", "Patch codec …", "Edit", (), choose_codec, has_codec, True, begins=True),
    Action("edit.mute", "Mute", "Edit", ("M", "Ctrl+M"), partial(_toggle, which="muted"), has_nodes, begins=True),
    Action("edit.bypass", "Bypass", "Edit", ("B", "Ctrl+B"), partial(_toggle, which="bypassed"), has_nodes),
    Action("edit.randomise", "Randomize", "Edit", ("Ctrl+R",), randomised, has_nodes),
    Action("edit.defaults", "Reset to defaults", "Edit", (), _to_defaults, has_nodes),
    Action("arrange.left", "Align left", "Arrange", (), partial(_align, edge="left"), _are_two, True),
    Action("arrange.right", "Align right", "Arrange", (), partial(_align, edge="right"), _are_two, True),
    Action("arrange.top", "Align tops", "Arrange", (), partial(_align, edge="top"), _are_two, True),
    Action("arrange.bottom", "Align bottoms", "Arrange", (), partial(_align, edge="bottom"), _are_two, True),
    Action(
        "arrange.across",
        "Distribute horizontally",
        "Arrange",
        (),
        partial(_distribute, axis="across"),
        _are_two,
        True,
        begins=True,
    ),
    Action("arrange.down", "Distribute vertically", "Arrange", (), partial(_distribute, axis="down"), _are_two, True),
)
