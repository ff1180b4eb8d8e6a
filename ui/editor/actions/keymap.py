"""Keys: which does what, changed by whoever plays."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from ...map.maps import PANES
from ..document.settings import Settings

MODIFIERS = ("Ctrl", "Shift", "Alt")
# What ``view.`` does to the canvas alone.
VIEWING = frozenset({"fit", "fit_chosen", "in", "out", "whole", "left", "right", "up", "down"})


@lru_cache(maxsize=1024)  # menus ask for all of them ten times a second
def normal(key: str) -> str:
    """A key as it is written here: ``Ctrl+Shift+Z``, whatever the order or the case."""
    parts = [part.strip() for part in key.replace("++", "+Plus").split("+") if part.strip()]
    held = {part.capitalize() for part in parts[:-1]}
    held = {"Ctrl" if one in ("Cmd", "Command", "Control") else one for one in held}
    last = parts[-1] if parts else ""
    last = last.upper() if len(last) == 1 else last.capitalize()
    return "+".join([one for one in MODIFIERS if one in held] + [last])


def is_of_map(action: str) -> bool:
    """Whether an action is one of those that keys mean while the map has the focus."""
    return action.startswith("map.")


def is_of_canvas(action: str) -> bool:
    """Whether an action is one of those that keys mean while the canvas has the focus, and nowhere else."""
    is_view = action.startswith("view.") and action.removeprefix("view.") in VIEWING
    return is_view or (action.startswith(("edit.", "arrange.")) and action not in ("edit.undo", "edit.redo"))


class Keymap:
    """Which action a key means: the user's own keys first, then those that actions come with.

    A key may mean one thing on the map and another beside it.
    """

    def __init__(self, defaults: Mapping[str, Sequence[str]], settings: Settings) -> None:
        self._defaults, self._settings = defaults, settings

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action, the first to be shown in menus."""
        own = self._settings.keys.get(action)
        return tuple(map(normal, own if own is not None else self._defaults.get(action, ())))

    def action_for(self, key: str, focus: str = "canvas") -> str | None:
        """The action of a key in the pane that has the focus, or None."""
        found = self._first(key, is_of_map) if focus in PANES else None
        return found or self._first(
            key, lambda name: not is_of_map(name) and (focus == "canvas" or not is_of_canvas(name))
        )

    def bind(self, action: str, key: str) -> str | None:
        """Give an action a key. Gives the action that had it, which loses it; or None."""
        before = self._first(key, lambda name: is_of_map(name) == is_of_map(action))
        if before is not None and before != action:
            self._settings.keys[before] = [one for one in self.keys(before) if one != normal(key)]
        self._settings.keys[action] = [normal(key), *(one for one in self.keys(action) if one != normal(key))]
        self._settings.save()
        return before if before != action else None

    def _first(self, key: str, is_meant: Callable[[str], bool]) -> str | None:
        wanted = normal(key)
        taken = [name for name in self._settings.keys if name in self._defaults]
        names = filter(is_meant, (*taken, *self._defaults))
        return next((name for name in names if wanted in self.keys(name)), None)

    def reset(self, action: str) -> None:
        """Take an action back to the keys that it came with."""
        self._settings.keys.pop(action, None)
        self._settings.save()
