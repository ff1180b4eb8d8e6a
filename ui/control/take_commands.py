"""Commands for takes: record into one recorder, or into all that lead to a terrain at once, name, list and delete.

A target is a record node, a node that is trained (a terrain: all record nodes that lead to it, together, so that their
takes are a pair), or nothing: all record nodes of the patch. Takes are counted from 1, as the editor shows them.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from ...engine import Palette
from ...engine.training.jobs import fed_by, with_upstream
from ...engine.typed import is_number
from ...graphs import Patch
from ...graphs.entries import Entry, label_of
from ...graphs.frozen import array_sha256
from ..takes import delete_take, move_take, rename_take, takes_of
from .run_commands import ControlError, Reply, does

if TYPE_CHECKING:
    from .dispatcher import Dispatcher

RECORDING = "recording"
# All recorders of a pair begin and end at the same time, so far ahead that each has heard of it by then.
AHEAD_SECONDS = 0.05
# So long a recorder may take to end its take; blocks are made all the time, or nothing plays.
PATIENCE_SECONDS = 2.0
LONGEST_NAME = 100


def recorders(patch: Patch, palette: Palette, target: str = "") -> tuple[str, ...]:
    """The record nodes that a target means, in the patch's order. Raises ControlError where there are none."""
    all_ = palette.names(patch, "takes")
    if not target:
        if not all_:
            raise ControlError("the patch has no record node; add one")
        return all_
    if target not in patch.nodes:
        raise ControlError(f"{target[:80]}: the patch has no such node; it can record into {_words(all_)}")
    if target in all_:
        return (target,)
    upstream = with_upstream(fed_by(patch, palette), target)
    found = tuple(name for name in all_ if name in upstream)
    if not found:
        raise ControlError(f"{target}: no record node leads to it; name one of {_words(all_)}")
    return found


@does("/take/start")
def _start(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """Begin a take in every recorder of the target; into: the take that it replaces, by number or name."""
    target, into = _text(arguments, 0), arguments[1] if len(arguments) > 1 else None
    patch = dispatcher.session.patch
    found = recorders(patch, dispatcher.palette, target)
    _check_gates(patch, found)
    busy = [name for name in found if patch.nodes[name].values.get(RECORDING)]
    if busy:
        raise ControlError(f"{', '.join(busy)}: recording already; send /take/stop first")
    if into is not None:
        for name in found:
            _index(patch, name, into, may_be_next=True)
    _keep(dispatcher)
    for name in found:
        dispatcher.takes_from[name] = (_contents(takes_of(dispatcher.session.patch, name)), into)
    _turn_all(dispatcher, found, True)
    return "/done", [*found]


@does("/take/stop")
def _stop(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """End the takes of the target, name them, and put them where they belong; gives their lengths in vectors.

    into: the take that they replace, where whoever ends them is not who began them.
    """
    target, name = _text(arguments, 0), label_of(_text(arguments, 1))
    into = arguments[2] if len(arguments) > 2 else None
    patch, begun = dispatcher.session.patch, dispatcher.takes_from
    found = [
        one
        for one in recorders(patch, dispatcher.palette, target)
        if one in begun or patch.nodes[one].values.get(RECORDING)
    ]
    if not found:
        raise ControlError(f"{target or 'the patch'}: nothing is recording; send /take/start first")
    for one in found if into is not None else ():
        _index(patch, one, into, may_be_next=True)
    _turn_all(dispatcher, found, False)
    _settle(dispatcher, found)  # where this fails the command is sent once more, so what has begun stays known
    patch = dispatcher.session.patch
    before = {one: begun.pop(one, (Counter[str](), None)) for one in found}
    takes = {one: takes_of(patch, one) for one in found}
    empty = [one for one in found if not _has_new(takes[one], before[one][0])]
    if empty:
        why = f"{', '.join(empty)}: nothing was recorded; is something connected to its input, or was it too short?"
        alone = [f"{one} {len(takes[one])}" for one in found if one not in empty]
        raise ControlError(f"{why} Without its pair is now take {', '.join(alone)}; delete it" if alone else why)
    lengths = [len(takes[one][-1].array) for one in found]

    def placed(patch: Patch) -> Patch:
        return reduce(lambda now, one: _placed(now, one, name, before[one][1] if into is None else into), found, patch)

    dispatcher.session.edit(placed)  # one step with what was recorded, as it is done by one command
    return "/done", [name, *lengths]


@does("/take/name")
def _name(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    """Give a take of each recorder of the target a name."""
    if len(arguments) != 3:
        raise ControlError("/take/name takes a node, the take's number or name, and its new name")
    label = _text(arguments, 2)
    _change_each(dispatcher, _text(arguments, 0), arguments[1], partial(rename_take, label=label))


@does("/take/delete")
def _delete(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    """Delete a take of each recorder of the target."""
    if len(arguments) != 2:
        raise ControlError("/take/delete takes a node, and the take's number or name")
    _change_each(dispatcher, _text(arguments, 0), arguments[1], delete_take)


@does("/take/list")
def _list(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """Of each take: its node, number, name and length in vectors."""
    target = _text(arguments, 0)
    found = recorders(dispatcher.session.patch, dispatcher.palette, target)
    dispatcher.session.keep_takes()
    patch = dispatcher.session.patch
    told: list[Any] = []
    for name in found:
        for number, take in enumerate(takes_of(patch, name), 1):
            told += [name, number, take.label, len(take.array)]
    return "/take/list.reply", told


def _contents(takes: tuple[Entry, ...]) -> Counter[str]:
    """Takes by what is in them, as their numbers and names may change while another is recorded."""
    return Counter(array_sha256(one.array) for one in takes)


def _has_new(takes: tuple[Entry, ...], before: Counter[str]) -> bool:
    """Whether the last one came since."""
    last = _contents(takes[-1:])
    return any(_contents(takes)[one] > before[one] for one in last)


def _placed(patch: Patch, node: str, name: str, into: Any) -> Patch:
    """The newest take of a node, with a name, in the place of the one that it replaces."""
    last = len(takes_of(patch, node)) - 1
    if into is not None:
        at = last
        with suppress(ControlError):  # it was deleted meanwhile: then the new one stays at the end
            at = _index(patch, node, into, may_be_next=True)
        if at < last:
            name = name or takes_of(patch, node)[at].label
            patch = move_take(delete_take(patch, node, at), node, last - 1, at)
            last = at
    return rename_take(patch, node, last, name) if name else patch


def _change_each(dispatcher: "Dispatcher", target: str, take: Any, change: Callable[..., Patch]) -> None:
    patch = dispatcher.session.patch
    found = recorders(patch, dispatcher.palette, target)
    busy = [one for one in found if patch.nodes[one].values.get(RECORDING)]
    if busy:  # takes are kept by number, and the one that is going on has one already
        raise ControlError(f"{', '.join(busy)}: recording; send /take/stop first")
    _keep(dispatcher)
    dispatcher.edit(
        lambda patch: reduce(lambda now, one: change(now, node=one, index=_index(now, one, take)), found, patch), "take"
    )


def _index(patch: Patch, node: str, take: Any, may_be_next: bool = False) -> int:
    """A take's place from 0, given its number from 1 or its name. Raises ControlError."""
    takes = takes_of(patch, node)
    count = len(takes)
    if isinstance(take, str):
        named = [index for index, one in enumerate(takes) if one.label == label_of(take)]
        if named:
            return named[-1]
        if not take.isdecimal():
            raise ControlError(f"{node}: no take is called {take[:80]!r}; it has {_told(node, patch)}")
    number = float(take) if isinstance(take, str) else take
    if is_number(number) and number in range(1, count + 1 + may_be_next):
        return int(number) - 1
    raise ControlError(f"{node}: no take {str(take)[:20]}; it has {_told(node, patch)}")


def _told(node: str, patch: Patch) -> str:
    takes = takes_of(patch, node)
    return f"{len(takes)} take{'' if len(takes) == 1 else 's'}" if takes else "none"


def _turn_all(dispatcher: "Dispatcher", names: "list[str] | tuple[str, ...]", is_on: bool) -> None:
    at = time.time() + AHEAD_SECONDS if len(names) > 1 else 0.0
    for name in names:
        dispatcher.session.turn(name, RECORDING, is_on, 0.0, at)


def _settle(dispatcher: "Dispatcher", names: list[str]) -> None:
    """Wait until the takes are at their end, and have them in the patch."""
    session = dispatcher.session
    time.sleep(AHEAD_SECONDS if len(names) > 1 else 0.0)
    end = time.monotonic() + PATIENCE_SECONDS
    while any((going := session.reading(name, "going")) is not None and going[0] > 0 for name in names):
        if time.monotonic() > end:
            raise ControlError("the sound has stopped: the take goes on until it plays again; then send /take/stop")
        time.sleep(0.005)
    _keep(dispatcher)


def _keep(dispatcher: "Dispatcher") -> None:
    """Have what was recorded in the patch, and wait until what plays knows that it is."""
    dispatcher.session.keep_takes()
    dispatcher.session.keep_takes()


def _check_gates(patch: Patch, names: tuple[str, ...]) -> None:
    gated = [one.target_node for one in patch.cords if one.target_node in names and one.target_port == "gate"]
    if gated:
        raise ControlError(f"{', '.join(gated)}: a cord to its gate starts and stops it; disconnect that")


def _text(arguments: list[Any], index: int) -> str:
    found = str(arguments[index]) if len(arguments) > index and arguments[index] is not None else ""
    if len(found) > LONGEST_NAME or not found.isprintable():
        raise ControlError(f"a name is {LONGEST_NAME} printable characters at most")
    return "" if found == "*" else found


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no node: it has no record node"
