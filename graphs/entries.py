"""Entries: the takes of a recorder, the lines of a canvas, and other numbered arrays of a node, put in order by hand.

They are content named ``takes/0001``, or ``takes/0001 a name of one's own``; numbers follow their order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .checks import EditError
from .edits import set_content, the_node
from .patch import Array, Patch

DIGITS = 4


@dataclass(frozen=True, eq=False)
class Entry:
    """One of a node's numbered arrays. label: its name, "" for none."""

    label: str
    array: Array


def entries(patch: Patch, node: str, kind: str) -> tuple[Entry, ...]:
    """A node's arrays of a kind ("takes"), in order. Raises EditError when there is no such node."""
    content = the_node(patch, node).content
    names = sorted(name for name in content if name.startswith(f"{kind}/"))
    return tuple(Entry(name.removeprefix(f"{kind}/")[DIGITS:].strip(), content[name]) for name in names)


def label_of(text: str) -> str:
    """A name as an entry can have it: a slash is a space, and spaces are single."""
    return " ".join(text.replace("/", " ").split())


def remove_entry(patch: Patch, node: str, kind: str, index: int) -> Patch:
    """Take an entry out; index from 0. Raises EditError."""
    found = list(entries(patch, node, kind))
    del found[_checked(found, index, node, kind)]
    return _with(patch, node, kind, found)


def move_entry(patch: Patch, node: str, kind: str, index: int, to: int) -> Patch:
    """Let an entry stand at another place in the order. Raises EditError."""
    found = list(entries(patch, node, kind))
    _checked(found, to, node, kind)
    found.insert(to, found.pop(_checked(found, index, node, kind)))
    return _with(patch, node, kind, found)


def rename_entry(patch: Patch, node: str, kind: str, index: int, label: str) -> Patch:
    """Give an entry a name; "" takes it away. Raises EditError."""
    found = list(entries(patch, node, kind))
    place = _checked(found, index, node, kind)
    found[place] = Entry(label_of(label), found[place].array)
    return _with(patch, node, kind, found)


def trim_entry(patch: Patch, node: str, kind: str, index: int, begin: int, end: int) -> Patch:
    """Keep of an entry only its rows from ``begin`` up to ``end`` (not included). Raises EditError."""
    found = list(entries(patch, node, kind))
    place = _checked(found, index, node, kind)
    array = found[place].array
    if not 0 <= begin < end <= len(array):
        raise EditError(
            f"{node}: {kind} {index + 1} has {len(array)} vectors; keep some of 0 to {len(array)}, not {begin} to {end}"
        )
    found[place] = Entry(found[place].label, array[begin:end])
    return _with(patch, node, kind, found)


def _checked(found: list[Entry], index: int, node: str, kind: str) -> int:
    if not 0 <= index < len(found):
        raise EditError(f"{node} has {len(found)} {kind}; there is no number {index + 1}")
    return index


def _with(patch: Patch, node: str, kind: str, found: Iterable[Entry]) -> Patch:
    content = {name: array for name, array in the_node(patch, node).content.items() if not name.startswith(f"{kind}/")}
    for number, one in enumerate(found, 1):
        content[f"{kind}/{number:0{DIGITS}d}{' ' + one.label if one.label else ''}"] = one.array
    return set_content(patch, node, content)
