"""Gamepads and joysticks, heard in a process of their own."""

from .inlet import GamepadError, GamepadIn

__all__ = ["GamepadError", "GamepadIn"]
