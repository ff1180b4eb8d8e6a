"""Gamepads that are files: there while the file is, held as its last line says (axes; buttons)."""

import os
from pathlib import Path

from latent_terrain.engine.sources.gamepad.sdl import GamepadState

FOLDER = Path(os.environ.get("TOY_PADS", "."))


class Pads:
    def look(self):
        found = {}
        for path in sorted(FOLDER.glob("[!.]*")):  # what is hidden is being written
            try:
                lines = path.read_text().splitlines()
            except FileNotFoundError:  # it went while we looked
                continue
            if lines and lines[-1] == "die":
                os._exit(3)
            axes, _, buttons = (lines[-1] if lines else "").partition(";")
            found[path.name] = GamepadState(
                tuple(map(float, axes.split())), tuple(one == "1" for one in buttons.split())
            )
        return found
