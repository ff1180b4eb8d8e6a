"""Gamepads as SDL knows them, through pygame-ce: what is plugged in, and how it is held now.

SDL's own table makes the sticks and buttons of hundreds of gamepads alike; other devices give theirs in their order.
"""

import os
from dataclasses import dataclass
from typing import Any

WHOLE = 32_767.0
STICKS, TRIGGERS, BUTTONS = (0, 1, 2, 3), (4, 5), 15


@dataclass(frozen=True)
class GamepadState:
    """How a device is held. axes: sticks -1 … 1 (right and down are positive), triggers 0 … 1. buttons: pressed or not.

    Of a gamepad: left x, left y, right x, right y, left trigger, right trigger; A, B, X, Y, back, guide, start, left
    and right stick, left and right shoulder, up, down, left, right.
    """

    axes: tuple[float, ...]
    buttons: tuple[bool, ...]


class Pads:
    """All that is plugged in. Raises ImportError without pygame-ce."""

    def __init__(self) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        os.environ["SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS"] = "1"
        import pygame
        from pygame._sdl2 import controller

        self._pygame, self._controller = pygame, controller
        pygame.display.init()
        pygame.joystick.init()
        controller.init()
        self._open: dict[int, Any] = {}

    def look(self) -> dict[str, GamepadState]:
        """How all of them are held now, by name; several of one name are numbered."""
        pygame, changed = self._pygame, not self._open
        for event in pygame.event.get():
            changed = changed or event.type in (pygame.JOYDEVICEADDED, pygame.JOYDEVICEREMOVED)
        if changed:
            self._find()
        found: dict[str, GamepadState] = {}
        for device in self._open.values():
            name = str(getattr(device, "name", "") or device.get_name())
            names = (f"{name} {number}" if number > 1 else name for number in range(1, 100))
            found[next(one for one in names if one not in found)] = self._held(device)
        return found

    def _find(self) -> None:
        pygame, controller = self._pygame, self._controller
        there: dict[int, Any] = {}
        for index in range(pygame.joystick.get_count()):
            stick = pygame.joystick.Joystick(index)
            number = int(stick.get_instance_id())
            kept = self._open.get(number)
            there[number] = kept or (controller.Controller(index) if controller.is_controller(index) else stick)
        self._open = there

    def _held(self, device: Any) -> GamepadState:
        if hasattr(device, "as_joystick"):
            sticks = (max(device.get_axis(axis) / WHOLE, -1.0) for axis in STICKS)
            triggers = (max(device.get_axis(axis) / WHOLE, 0.0) for axis in TRIGGERS)
            return GamepadState(
                (*sticks, *triggers), tuple(bool(device.get_button(button)) for button in range(BUTTONS))
            )
        axes = tuple(float(device.get_axis(axis)) for axis in range(device.get_numaxes()))
        return GamepadState(axes, tuple(bool(device.get_button(button)) for button in range(device.get_numbuttons())))
