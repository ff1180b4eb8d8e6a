"""What an action is, and how it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from ..document.desk import Desk


def always(desk: Desk) -> bool:
    """Whether it can be done now: yes."""
    return True


def has_nodes(desk: Desk) -> bool:
    """Whether nodes are chosen."""
    return bool(desk.selection)


def has_choice(desk: Desk) -> bool:
    """Whether anything is chosen."""
    return bool(desk.selection or desk.cords or desk.notes)


@dataclass(frozen=True)
class Action:
    """Something one can do.

    menu: where it stands, ``Map`` or, in a menu of that one, ``Map/Tools``; keys: the first is shown. is_structural:
    refused while locked. begins: whether a line is drawn above it.
    """

    name: str
    label: str
    menu: str
    keys: tuple[str, ...]
    run: Callable[[Desk], None]
    is_enabled: Callable[[Desk], bool] = always
    is_structural: bool = False
    begins: bool = False

    @property
    def top(self) -> str:
        """The menu at the top of the window in which it stands."""
        return self.menu.partition("/")[0]


def perform(desk: Desk, action: Action) -> bool:
    """Do it, if it can be done now. Gives whether it was."""
    if desk.is_locked and action.is_structural:
        desk.say("performance lock is on; Ctrl-E unlocks the patch", "warning")
        return False
    if not action.is_enabled(desk):
        return False
    action.run(desk)
    return True
