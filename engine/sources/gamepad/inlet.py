"""Gamepads in: starts the gateway and passes on what it sees."""

from ...processes.controls import ControlsIn


class GamepadError(OSError):
    """Gamepads can't be used; the text says why and what to do."""


class GamepadIn(ControlsIn):
    """Gamepads, joysticks, pedals; the backend is a module like ``sdl``.

    Sources are ``gamepad:DEVICE/1/axis/NUMBER`` and ``…/button/NUMBER`` (see ``sdl.Held``), each with its place 0 … 1,
    a stick's middle being 0.5.
    """

    what, gateway, error = "gamepads", "latent_terrain.engine.sources.gamepad.gateway:serve", GamepadError
