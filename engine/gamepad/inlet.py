"""Gamepads in: starts the gateway and passes on what it sees."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..processes.kept import Kept

GATEWAY = "latent_terrain.engine.gamepad.gateway:serve"


class GamepadError(OSError):
    """Gamepads can't be used; the text says why and what to do."""


class GamepadIn:
    """Looks at gamepads whose names have one of these parts, also at those that come later, until ``close``.

    control: called with a source (``gamepad:DEVICE/1/axis/NUMBER`` or ``…/button/NUMBER``, see ``sdl.Held``) and its
    place 0 … 1, a stick's middle being 0.5; tell: with a sentence for people; both on a thread of its own, and they
    must neither wait nor raise. backend: a module like ``sdl``, for tests. Raises GamepadError.
    """

    def __init__(
        self,
        names: Sequence[str],
        control: Callable[[str, list[float]], None],
        tell: Callable[[str], None],
        backend: str = "",
    ) -> None:
        self._control = control
        try:
            self._process = Kept("gamepads", GATEWAY, {"names": list(names), "backend": backend}, self._hear, tell)
        except OSError as error:
            raise GamepadError(str(error)) from None

    def close(self) -> None:
        """Look no more."""
        self._process.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message.get("op") == "moved":
            for source, numbers in message["events"]:
                self._control(source, numbers)
