"""Keys: which does what, changed by whoever plays."""

from collections.abc import Mapping, Sequence

from ..document.settings import Settings

MODIFIERS = ("Ctrl", "Shift", "Alt")


def normal(key: str) -> str:
    """A key as it is written here: ``Ctrl+Shift+Z``, whatever the order or the case."""
    parts = [part.strip() for part in key.replace("++", "+Plus").split("+") if part.strip()]
    held = {part.capitalize() for part in parts[:-1]}
    held = {"Ctrl" if one in ("Cmd", "Command", "Control") else one for one in held}
    last = parts[-1] if parts else ""
    last = last.upper() if len(last) == 1 else last.capitalize()
    return "+".join([one for one in MODIFIERS if one in held] + [last])


def is_of_map(action: str) -> bool:
    """Whether an action is one of those that keys mean while the pointer is on the map."""
    return action.startswith("map.")


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

    def action_for(self, key: str, on_map: bool = False) -> str | None:
        """The action of a key, or None."""
        wanted = normal(key)
        taken = [name for name in self._settings.keys if name in self._defaults]
        names = (name for name in (*taken, *self._defaults) if is_of_map(name) == on_map)
        return next((name for name in names if wanted in self.keys(name)), None)

    def bind(self, action: str, key: str) -> str | None:
        """Give an action a key. Gives the action that had it, which loses it; or None."""
        before = self.action_for(key, is_of_map(action))
        if before is not None and before != action:
            self._settings.keys[before] = [one for one in self.keys(before) if one != normal(key)]
        self._settings.keys[action] = [normal(key), *(one for one in self.keys(action) if one != normal(key))]
        self._settings.save()
        return before if before != action else None

    def reset(self, action: str) -> None:
        """Take an action back to the keys that it came with."""
        self._settings.keys.pop(action, None)
        self._settings.save()
