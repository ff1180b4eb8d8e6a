"""Controllers at the desk: the next one that moves is learned for a knob, and those of a knob are forgotten."""

from collections.abc import Callable, Sequence
from functools import partial

from ....engine.messages import LearnControl
from ...control.mapping import mappings_of, unmapped
from .desk import Desk


def controller_entries(desk: Desk, nodes: Sequence[str], param: str) -> list[tuple[str, Callable[[], object]]]:
    """What the menu of a knob offers; learning is for one node at a time."""
    if len(nodes) != 1:
        return []
    node = nodes[0]
    entries: list[tuple[str, Callable[[], object]]] = [("MIDI/OSC Learn", partial(learn, desk, node, param))]
    node_type = desk.patch.nodes.get(node)
    spec = desk.palette.get(node_type.type) if node_type is not None else None
    if spec is not None and param in spec.params and spec.params[param].kind in ("int", "choice"):
        entries.append(("Recall by program change", partial(learn, desk, node, param, by_number=True)))
    if any((one.node, one.param) == (node, param) for one in mappings_of(desk.patch)):
        entries.append(("Remove mappings", partial(forget, desk, node, param)))
    return entries


def learn(desk: Desk, node: str, param: str, by_number: bool = False, seconds: float = 0.0) -> None:
    """Whoever listens beside takes the next controller that moves for this (see ``LearnControl``)."""
    wanted = LearnControl(node=node, param=param, by_number=by_number, seconds=seconds)
    desk.sound.do(wanted)
    desk.say(f"{_wish(wanted)}; what is listened to is on the page Controls (Ctrl-4)")


def waiting_words(desk: Desk) -> str:
    """What to do while a controller is waited for, in a line; "" while none is."""
    wanted = desk.sound.learning
    return f"{_wish(wanted)} … Esc cancels" if wanted is not None else ""


def cancel_learning(desk: Desk) -> bool:
    """Wait for a controller no more; gives whether one was waited for."""
    if desk.sound.learning is None:
        return False
    desk.sound.do(LearnControl())
    return True


def forget(desk: Desk, node: str, param: str) -> None:
    """Nothing turns it from outside any more."""
    desk.edit(lambda patch: unmapped(patch, node=node, param=param), f"remove mappings of {node} {param}")


def _wish(wanted: LearnControl) -> str:
    node, param = wanted.node, wanted.param
    what = f"{node} {param}" if node else f"snapshot {param}" if param else "snapshots by their numbers"
    how = "send a program, or press a key or button," if wanted.by_number else "move a controller"
    return f"{how} for {what}"
