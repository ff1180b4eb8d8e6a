"""A recorder's takes by hand: a list of them, and for each what can be done with it, one step of undo."""

import re
from collections.abc import Callable
from functools import partial

from ....graphs import Patch
from ....graphs.entries import Entry
from ...patcher.window_requests import ChooseOne, TypeText
from ...takes import delete_take, move_take, rename_take, takes_of, trim_take
from ..document.desk import Desk

MOST_LISTED = 200


def take_words(number: int, take: Entry) -> str:
    """A take in a list: its number from 1, its name, its length."""
    return f"{number}  {f'{take.label}  ' if take.label else ''}({len(take.array)} vectors)"


def ask_which(desk: Desk, node: str) -> None:
    """Choose one of the last takes, then what to do with it."""
    found = list(enumerate(takes_of(desk.patch, node)))[-MOST_LISTED:]
    choices = [(take_words(index + 1, one), partial(ask_what, desk, node, index)) for index, one in found]
    desk.ask(ChooseOne(f"Takes of {node}", tuple(choices)))


def ask_what(desk: Desk, node: str, index: int) -> None:
    """Choose what to do with a take."""
    takes = takes_of(desk.patch, node)
    if not index < len(takes):
        return  # it has gone meanwhile
    take, number, length = takes[index], index + 1, len(takes[index].array)
    edit = partial(_edit, desk, node, take)
    name, keep = f"Name of take {number}", f"Keep of take {number}: from - to, of {length} vectors"
    choices: list[tuple[str, Callable[[], None]]] = [
        ("Rename …", lambda: desk.ask(TypeText(name, take.label, lambda text: edit(rename_take, "renamed", text)))),
        ("Trim …", lambda: desk.ask(TypeText(keep, f"1 - {length}", lambda text: _trim(desk, node, take, text)))),
    ]
    if index:
        choices.append(("Move up", lambda: edit(move_take, "moved", index - 1)))
    if number < len(takes):
        choices.append(("Move down", lambda: edit(move_take, "moved", index + 1)))
    choices.append(("Delete", lambda: edit(delete_take, "deleted")))
    desk.ask(ChooseOne(f"{node}: take {take_words(number, take)}", tuple(choices)))


def _trim(desk: Desk, node: str, take: Entry, text: str) -> None:
    numbers = re.findall(r"\d+", text)
    if len(numbers) != 2:
        desk.say(f"{node}: {text!r:.40} is not a range of a take; type two numbers, such as 1 - 100", "warning", node)
        return
    _edit(desk, node, take, trim_take, "trimmed", int(numbers[0]) - 1, int(numbers[1]))


def _edit(desk: Desk, node: str, take: Entry, change: Callable[..., Patch], word: str, *more: object) -> None:
    """Change a take wherever it stands by now; nothing where it has gone, or the patch is locked."""
    if desk.is_locked:
        desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
        return
    takes = takes_of(desk.patch, node) if node in desk.patch.nodes else ()
    index = next((index for index, one in enumerate(takes) if one.array is take.array), None)
    if index is None:
        desk.say(f"{node}: this take is no longer there", "warning", node)
        return
    desk.edit(lambda patch: change(patch, node, index, *more), f"take {index + 1} of {node} {word}")
