"""What commands do (``session/command_table.py`` has all): undo, transport, patches, snapshots, learning."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ...engine.declare import Scalar
from ...engine.messages import Bar
from ...engine.snapshots import removed, stored
from ...engine.typed import is_number, param_of
from ...graphs import Patch, load_file
from ...graphs.delta import rebased
from ..one_codec import codec_name, given_codec
from .mapping import ANY, COMMAND, LONGEST_COMMAND, LONGEST_MORPH, SNAPSHOT

if TYPE_CHECKING:
    from .dispatcher import Dispatcher

SUFFIX = ".ltp"
Reply: TypeAlias = tuple[str, list[Any]]
Doer: TypeAlias = Callable[["Dispatcher", list[Any]], Reply | None]
# What does a command of ``engine/session/command_table.py``, given its arguments.
DONE_BY: dict[str, Doer] = {}
# Those that answer, or ask for a controller themselves.
UNMAPPED = frozenset({"/learn", "/get", "/sync", "/take/list", "/train/status"})


class ControlError(ValueError):
    """What was asked for can't be done; a sentence."""


def does(address: str) -> Callable[[Doer], Doer]:
    """Marks what does a command: it is called with the dispatcher and the arguments, and raises ControlError."""

    def mark(doer: Doer) -> Doer:
        DONE_BY[address] = doer
        return doer

    return mark


def check_command(text: str) -> None:
    """That a text is a command that may be mapped, with its arguments. Raises ControlError."""
    command = text.split()[0] if text.strip() else ""
    if command not in DONE_BY or command in UNMAPPED or len(text) > LONGEST_COMMAND:
        able = ", ".join(sorted(DONE_BY.keys() - UNMAPPED))
        raise ControlError(f"{text[:80]!r} can't be put on a controller; what can: {able}")


def is_tempo(value: object) -> bool:
    """Whether something is beats per minute that all of a patch can have."""
    return is_number(value) and 10 <= value <= 400


@does("/undo")
def _undo(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    if not dispatcher.history.can_undo:
        raise ControlError("nothing to undo")
    _go_to(dispatcher, dispatcher.history.undo)


@does("/redo")
def _redo(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    if not dispatcher.history.can_redo:
        raise ControlError("nothing to redo")
    _go_to(dispatcher, dispatcher.history.redo)


def _go_to(dispatcher: "Dispatcher", step: Callable[[], Patch]) -> None:
    """A step back or forth; what others change at this moment is no part of it."""
    before, wanted = dispatcher.history.patch, step()
    dispatcher.session.edit(partial(rebased, before, wanted))


@does("/transport/play")
def _play(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    _turn_all(dispatcher, "playing", True)


@does("/transport/stop")
def _stop(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    _turn_all(dispatcher, "playing", False)


@does("/transport/tempo")
def _tempo(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    if len(arguments) != 1 or not is_tempo(arguments[0]):
        raise ControlError("/transport/tempo takes beats per minute, 10 to 400")
    _turn_all(dispatcher, "tempo", float(arguments[0]))


@does("/transport/bar")
def _bar(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    """A bar begins: what waits for one counts from here."""
    dispatcher.session.do(Bar())


def _turn_all(dispatcher: "Dispatcher", param: str, value: Scalar) -> None:
    patch, found = dispatcher.session.patch, False
    for name, node in patch.nodes.items():
        spec = dispatcher.palette.get(node.type)
        if spec is not None and param in spec.params and param_of(node, spec.params[param]) != value:
            dispatcher.session.turn(name, param, value)
        found = found or (spec is not None and param in spec.params)
    if not found:
        raise ControlError(f"no node of this patch has {param}")


@does("/patch/load")
def _load(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    path = _inside(dispatcher, arguments)
    patch = load_file(path)
    dispatcher.session.edit(lambda _: patch)
    dispatcher.file = path


@does("/patch/save")
def _save(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    path = _inside(dispatcher, arguments) if arguments else dispatcher.file
    if path is None:
        raise ControlError("this patch has not been saved yet; give a name: /patch/save NAME")
    dispatcher.save(path)
    return "/done", [path.name]


@does("/patch/codec")
def _codec(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """One codec for the patch: a built-in one, or a file in the patch's folder that its user has allowed to run."""
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise ControlError("/patch/codec takes a codec's name: builtin:bank, or a model file in the patch's folder")
    name, path = codec_name(arguments[0], dispatcher.folder, dispatcher.is_home, within=True)
    dispatcher.session.edit(lambda patch: given_codec(patch, dispatcher.palette, name, path))
    return "/done", [name]


@does("/snapshot/store")
def _store(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    slot = _slot(arguments)
    dispatcher.session.edit(lambda patch: stored(patch, dispatcher.palette, slot))


@does("/snapshot/remove")
def _remove(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    slot = _slot(arguments)
    dispatcher.session.edit(lambda patch: removed(patch, slot))


@does("/snapshot/recall")
def _recall(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    dispatcher.recall(_slot(arguments), _seconds(arguments[1:]))


@does("/learn")
def _learn(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply | None:
    """``/learn NODE PARAM``, ``/learn NODE PARAM *`` (by the number of what is pressed), ``/learn snapshot SLOT``.

    A slot may be ``*``, and seconds of gliding may come after it. ``/learn command /train terrain``: what is pressed
    does that. A node that is called so goes first. One word alone is a node to be trained (``/train``).
    """
    words = [str(one) for one in arguments[:2]]
    if len(words) == 1 and words[0] in dispatcher.session.patch.nodes:
        return DONE_BY["/train"](dispatcher, arguments)
    if len(words) < 2:
        raise ControlError(f"/learn takes a node and its param, or {SNAPSHOT}, a slot (or {ANY}) and seconds")
    node = dispatcher.session.patch.nodes.get(words[0])
    spec = dispatcher.palette.get(node.type) if node is not None else None
    if words[0] == SNAPSHOT and (spec is None or words[1] not in spec.params):
        dispatcher.learn("", "" if words[1] == ANY else words[1], words[1] == ANY, _seconds(arguments[2:]))
    elif words[0] == COMMAND and (spec is None or words[1] not in spec.params):
        dispatcher.learn("", " ".join(str(one) for one in arguments[1:]))
    elif len(arguments) > 2 and arguments[2:] != [ANY]:
        raise ControlError(f"/learn takes a node, its param, and {ANY} where a program's or key's number is followed")
    else:
        dispatcher.learn(words[0], words[1], len(arguments) > 2)
    return None


@does("/get")
def _get(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    path, _, param = str(arguments[0] if arguments else "").rpartition("/")
    node = dispatcher.session.patch.nodes.get(path.removeprefix("/node/")) if path.startswith("/node/") else None
    spec = dispatcher.palette.get(node.type) if node is not None else None
    if node is None or spec is None or param not in spec.params:
        raise ControlError("/get takes the address of a param, such as /node/gain/level")
    return str(arguments[0]), [param_of(node, spec.params[param])]


@does("/sync")
def _sync(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    return "/synced", arguments[:1] or [0]


def _inside(dispatcher: "Dispatcher", arguments: list[Any]) -> Path:
    """A patch file of the folder: what comes from outside may name no other. Raises ControlError."""
    name = str(arguments[0]) if len(arguments) == 1 else ""
    name = name if name.endswith(SUFFIX) else name + SUFFIX
    folder = dispatcher.folder
    path = folder if "\0" in name or len(name) > 200 else (folder / name).resolve()
    if name == SUFFIX or path == folder or not path.is_relative_to(folder):
        raise ControlError(f"{name[:80]!r}: name a patch in the folder of the one that plays")
    return path


def _slot(arguments: list[Any]) -> str:
    if not arguments or isinstance(arguments[0], bool) or not isinstance(arguments[0], int | str):
        raise ControlError("name a snapshot: a number or a word")
    return str(arguments[0])


def _seconds(arguments: list[Any]) -> float:
    seconds = arguments[0] if arguments else 0.0
    if not is_number(seconds) or not 0 <= seconds <= LONGEST_MORPH:
        raise ControlError(f"a snapshot is recalled within 0 to {LONGEST_MORPH:g} seconds")
    return float(seconds)


__all__ = ["DONE_BY", "ControlError", "is_tempo"]
