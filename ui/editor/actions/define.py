"""Definitions: making one of what is chosen, opening it, taking it apart, naming it."""

from functools import partial

from ....graphs import EditError, Patch, PatchFileError
from ....graphs.definitions import encapsulate, make_unique, unpack
from ...patcher.window_requests import TypeText
from ..document.desk import Desk
from ..document.scoped_edits import free_definition, renamed_definition
from .registry import Action, has_nodes


def _instances(desk: Desk) -> list[str]:
    return sorted(name for name in desk.selection if desk.scopes.is_instance(name))


def _encapsulate(desk: Desk) -> None:
    made: list[str] = []
    definition = free_definition(desk.patch, desk.palette.specs.keys())

    def change(patch: Patch) -> Patch:
        after, name = encapsulate(patch, sorted(desk.selection), definition)
        made.append(name)
        return after

    if desk.edit(change, f"encapsulate {len(desk.selection)} node{'s' if len(desk.selection) != 1 else ''}"):
        desk.select([made[-1]])


def _unpack(desk: Desk) -> None:
    chosen = _instances(desk)
    made: list[str] = []

    def change(patch: Patch) -> Patch:
        for name in chosen:
            patch, names = unpack(patch, name)
            made.extend(names.values())
        return patch

    if desk.edit(change, f"unpack {', '.join(chosen)}"):
        desk.select(made)


def _make_unique(desk: Desk) -> None:
    chosen = _instances(desk)
    made: list[str] = []

    def change(patch: Patch) -> Patch:
        for name in chosen:
            patch, definition = make_unique(patch, name)
            made.append(definition)
        return patch

    if desk.edit(change, f"make {', '.join(chosen)} unique"):
        desk.say("; ".join(f"{name} has its own definition {one}" for name, one in zip(chosen, made, strict=True)))


def _rename(desk: Desk) -> None:
    chosen = _instances(desk)
    definition = desk.patch.nodes[chosen[0]].type if chosen else desk.scopes.scope

    def typed(text: str) -> None:
        change = partial(renamed_definition, definition=definition, new_name=text.strip())
        desk.edit(change, f"rename definition {definition}")

    desk.ask(TypeText(f"Rename definition {definition}", definition, typed))


def _keep(desk: Desk) -> None:
    chosen = _instances(desk)
    definition = desk.patch.nodes[chosen[0]].type if chosen else desk.scopes.scope
    try:
        path = desk.scopes.library.keep(desk.patch, definition)
    except (EditError, PatchFileError, OSError) as error:
        desk.say(str(error), "warning")
        return
    desk.scopes.look_at_library()
    desk.say(f"{definition} is in the library, for every patch: {path}")


def _open(desk: Desk) -> None:
    desk.open_definition(_instances(desk)[0])


def _up(desk: Desk) -> None:
    desk.scopes.up()


def _is_instance(desk: Desk) -> bool:
    return len(desk.selection) == 1 and has_instances(desk)


def has_instances(desk: Desk) -> bool:
    """Whether instances of definitions are chosen."""
    return any(map(desk.scopes.is_instance, desk.selection))


def _is_inside(desk: Desk) -> bool:
    return bool(desk.scopes.scope)


def _has_definition(desk: Desk) -> bool:
    return _is_instance(desk) or (_is_inside(desk) and not desk.selection)


MENU = "Arrange"
DEFINING = (
    Action("edit.encapsulate", "Encapsulate", MENU, ("Ctrl+Shift+E",), _encapsulate, has_nodes, True, begins=True),
    Action("edit.open", "Open", MENU, ("Enter",), _open, _is_instance),
    Action("edit.up", "Go up", MENU, ("Alt+Up",), _up, _is_inside),
    Action("edit.unpack", "Unpack", MENU, (), _unpack, has_instances, True, begins=True),
    Action("edit.make_unique", "Make unique", MENU, (), _make_unique, has_instances, True),
    Action("edit.keep_definition", "Save definition in library", MENU, (), _keep, _has_definition),
    Action("edit.rename_definition", "Rename definition …", MENU, (), _rename, _has_definition, True),
)
