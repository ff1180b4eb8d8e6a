"""The gateway: a process that looks at gamepads for the engine, 250 times a second while one is plugged in."""

import importlib
import time
from collections.abc import Iterator
from typing import Any

from ...messages import Ready, Remark, Unable
from ...messages.children import ControlsMoved, UseDevices
from ...missing_package import extra_command
from ...processes.child import Parent
from ...processes.controls import device_name
from ...processes.guard import Guard

TURN_SECONDS, IDLE_SECONDS = 0.004, 0.25
BACKEND = "latent_terrain.engine.sources.gamepad.sdl"
# Sticks at rest are this far from the middle, some of them; so near it counts as the middle.
DEAD = 0.08
# Smaller moves are not told.
STEP = 0.001
FIRST_TRIGGER, AXES = 4, 6


def serve(parent: Parent) -> None:
    """Look until the parent is gone."""
    order = parent.order(UseDevices)
    try:
        pads = importlib.import_module(order.backend or BACKEND).Pads()
    except ImportError:
        text = f"gamepads need pygame-ce, which is not installed; run: {extra_command('gamepad', 'pygame-ce')}"
        parent.send(Unable(text=text))
        return
    except Exception as error:
        parent.send(Unable(text=f"gamepads can't be used ({error})"))
        return
    parent.send(Ready())
    _GamepadGateway(parent, pads, [one.lower() for one in order.names]).run()


class _GamepadGateway:
    def __init__(self, parent: Parent, pads: Any, names: list[str]) -> None:
        self.parent, self.pads, self.names = parent, pads, names
        self.guard = Guard("a gamepad", lambda text: parent.send(Remark(text=text)))
        self.told: dict[str, dict[str, float]] = {}

    def run(self) -> None:
        """Look and tell, for ever."""
        while True:
            self.guard(self.look)
            time.sleep(TURN_SECONDS if self.told else IDLE_SECONDS)

    def look(self) -> None:
        """Tell what has come, gone and moved."""
        held = {name: one for name, one in self.pads.look().items() if any(part in name.lower() for part in self.names)}
        for name in self.told.keys() - held.keys():
            del self.told[name]
            self.parent.send(Remark(text=f"{name} was disconnected"))
        events: list[tuple[str, list[float]]] = []
        for name, one in held.items():
            places = dict(_places(one))
            before = self.told.get(name)
            if before is None:
                self.parent.send(Remark(text=f"listening to {name}"))
                self.told[name] = places
                continue
            device = device_name(name)
            for what, place in places.items():
                if abs(place - before.get(what, -1.0)) > STEP or (
                    place != before.get(what) and place in (0.0, 0.5, 1.0)
                ):
                    before[what] = place
                    events.append((f"gamepad:{device}/1/{what}", [place]))
        if events:
            self.parent.send(ControlsMoved(events=events))


def _places(held: Any) -> Iterator[tuple[str, float]]:
    """Where everything is, 0 … 1; a stick in the middle is 0.5."""
    for axis, value in enumerate(held.axes):
        if axis >= FIRST_TRIGGER and len(held.axes) == AXES:
            yield f"axis/{axis}", min(max(value, 0.0), 1.0)
        else:
            away = min(max((abs(value) - DEAD) / (1.0 - DEAD), 0.0), 1.0)
            yield f"axis/{axis}", 0.5 + (0.5 * away if value > 0 else -0.5 * away)
    for button, is_pressed in enumerate(held.buttons):
        yield f"button/{button}", float(is_pressed)
