"""Takes put in order by hand: renamed, trimmed, deleted, moved; what is drawn for a take stays with it."""

from collections.abc import Callable, Sequence

from ..graphs import Patch, set_content
from ..graphs.entries import Entry, entries, move_entry, remove_entry, rename_entry, trim_entry
from ..nodes.gui.ownership import KINDS, SoundMark, marks_of, rearranged

TAKES = "takes"


def takes_of(patch: Patch, node: str) -> tuple[Entry, ...]:
    """A recorder's takes, in order; () for a node that has none. Raises EditError when there is no such node."""
    return entries(patch, node, TAKES)


def rename_take(patch: Patch, node: str, index: int, label: str) -> Patch:
    """Give a take a name, "" takes it away; index from 0, as in all of these. Raises EditError."""
    places = range(len(takes_of(patch, node)))
    return _with_lines(patch, node, lambda patch: rename_entry(patch, node, TAKES, index, label), places)


def trim_take(patch: Patch, node: str, index: int, begin: int, end: int) -> Patch:
    """Keep of a take only its vectors from ``begin`` up to ``end`` (not included). Raises EditError."""
    places = range(len(takes_of(patch, node)))
    return _with_lines(patch, node, lambda patch: trim_entry(patch, node, TAKES, index, begin, end), places)


def delete_take(patch: Patch, node: str, index: int) -> Patch:
    """Take a take out; a line drawn for it is kept aside. Raises EditError."""
    count = len(takes_of(patch, node))
    places = [None if place == index else place - (place > index) for place in range(count)]
    return _with_lines(patch, node, lambda patch: remove_entry(patch, node, TAKES, index), places)


def move_take(patch: Patch, node: str, index: int, to: int) -> Patch:
    """Let a take stand at another place in the order. Raises EditError."""
    order = list(range(len(takes_of(patch, node))))
    if index in order:
        order.insert(to, order.pop(index))
    places = [order.index(place) for place in range(len(order))]
    return _with_lines(patch, node, lambda patch: move_entry(patch, node, TAKES, index, to), places)


def _with_lines(patch: Patch, node: str, change: Callable[[Patch], Patch], places: Sequence[int | None]) -> Patch:
    """A recorder's takes changed, and with them the lines of the maps that are paired with it.

    places: where each take is then, None for one that is gone.
    """
    made = change(patch)
    before, after = _marks(patch, node), _marks(made, node)
    for map_node in _maps(patch, node):
        content = patch.nodes[map_node].content
        moved = rearranged(content, before, after, places)
        made = made if moved is content else set_content(made, map_node, moved)
    return made


def _marks(patch: Patch, node: str) -> tuple[SoundMark, ...]:
    content = patch.nodes[node].content
    names = sorted(name for name in content if name.startswith(f"{TAKES}/"))
    return marks_of([name.removeprefix(f"{TAKES}/") for name in names], [content[name] for name in names])


def _maps(patch: Patch, node: str) -> list[str]:
    """Nodes with lines for these takes: fed by them, or feeding the node that they feed."""
    fed = {cord.target_node for cord in patch.cords if cord.source == f"{node}.{TAKES}"}
    beside = {cord.source_node for cord in patch.cords if cord.target_node in fed} - {node}
    return [
        name
        for name in sorted(fed | beside)
        if name in patch.nodes and any(key.startswith(KINDS) for key in patch.nodes[name].content)
    ]
