"""Snapshots at the desk: kept, recalled within a time, removed; each one step of undo."""

from functools import reduce

from ....engine.snapshots import Recall, recalled, removed, slots, stored
from ....graphs import EditError, Patch, set_value
from ..document.desk import Desk


def store(desk: Desk, slot: str) -> bool:
    """Keep how it is now in a slot."""
    if not desk.edit(lambda patch: stored(patch, desk.palette, slot), f"store snapshot {slot}"):
        return False
    desk.say(f"snapshot {slot} is kept")
    return True


def recall(desk: Desk, slot: str, seconds: float = 0.0) -> bool:
    """Be as it was, gliding there within so many seconds."""
    try:
        found = recalled(desk.patch, desk.palette, slot)
    except EditError as error:
        desk.say(str(error), "warning")
        return False
    for node, param, value in found.turns:
        desk.sound.turn(node, param, value, seconds)
    return desk.edit(lambda patch: found.with_terrains(_turned(patch, found)), f"recall snapshot {slot}")


def remove(desk: Desk, slot: str) -> bool:
    """Forget it."""
    return desk.edit(lambda patch: removed(patch, slot), f"remove snapshot {slot}")


def next_slot(patch: Patch) -> str:
    """The first number that is free."""
    taken = set(slots(patch))
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)


def _turned(patch: Patch, found: Recall) -> Patch:
    return reduce(lambda one, turn: set_value(one, *turn), found.turns, patch)
