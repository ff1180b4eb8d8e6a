"""Keys: which does what, changed by whoever plays."""

from collections.abc import Mapping, Sequence

from .settings import Settings

MODIFIERS = ("Ctrl", "Shift", "Alt")


def normal(key: str) -> str:
    """A key as it is written here: ``Ctrl+Shift+Z``, whatever the order or the case."""
    parts = [part.strip() for part in key.replace("++", "+Plus").split("+") if part.strip()]
    held = {part.capitalize() for part in parts[:-1]}
    held = {"Ctrl" if one in ("Cmd", "Command", "Control") else one for one in held}
    last = parts[-1] if parts else ""
    last = last.upper() if len(last) == 1 else last.capitalize()
    return "+".join([one for one in MODIFIERS if one in held] + [last])


class Keymap:
    """Which action a key means: the user's own keys first, then those that actions come with."""

    def __init__(self, defaults: Mapping[str, Sequence[str]], settings: Settings) -> None:
        self._defaults, self._settings = defaults, settings

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action, the first to be shown in menus."""
        own = self._settings.keys.get(action)
        return tuple(map(normal, own if own is not None else self._defaults.get(action, ())))

    def action_for(self, key: str) -> str | None:
        """The action of a key, or None."""
        wanted = normal(key)
        taken = [name for name in self._settings.keys if wanted in self.keys(name)]
        return next((name for name in (*taken, *self._defaults) if wanted in self.keys(name)), None)

    def bind(self, action: str, key: str) -> str | None:
        """Give an action a key. Gives the action that had it, which loses it; or None."""
        before = self.action_for(key)
        if before is not None and before != action:
            self._settings.keys[before] = [one for one in self.keys(before) if one != normal(key)]
        self._settings.keys[action] = [normal(key), *(one for one in self.keys(action) if one != normal(key))]
        self._settings.save()
        return before if before != action else None

    def reset(self, action: str) -> None:
        """Take an action back to the keys that it came with."""
        self._settings.keys.pop(action, None)
        self._settings.save()
