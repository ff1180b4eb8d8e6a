"""A machine with sound cards that ask for blocks when a test says so."""

from collections.abc import Callable
from typing import Any

import numpy as np

from latent_terrain.engine.drivers import NOBODY, DeviceError, Format, Means, Play, Tell, Timing, WantedDevice


class HandDriver:
    """A card, or the clock, that asks for a block when told to."""

    def __init__(self, machine: "Machine", play: Play, wanted: WantedDevice, name: str) -> None:
        self.machine, self.play, self.wanted = machine, play, wanted
        inputs = 0 if wanted.input == NOBODY else wanted.inputs
        self.format = Format(name, "hand", wanted.sample_rate, wanted.block, inputs, 2)
        self.timing = Timing(wanted.sample_rate)
        self.is_running = self.is_realtime = False

    def start(self) -> None:
        self.is_running = True

    def stop(self) -> None:
        self.is_running = False

    def ask(self, blocks: int = 1, heard: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """The next blocks, ``[frames, 2]``. heard: what comes in meanwhile, ``[frames, inputs]``."""
        out = np.full((blocks * self.wanted.block, 2), np.nan, np.float32)
        coming = [None] * blocks if heard is None else np.split(heard, blocks)
        for part, one in zip(np.split(out, blocks), coming, strict=True):
            self.play(one, part)
        return out


class Machine:
    """Cards by name. What was opened stands in ``drivers``, the last one last."""

    def __init__(self, *cards: str) -> None:
        self.cards = list(cards)
        self.drivers: list[HandDriver] = []
        self.means = Means(self._open, lambda play, wanted: self._made(play, wanted, "clock"), lambda: None)

    @property
    def playing(self) -> list[HandDriver]:
        """What asks for blocks now."""
        return [driver for driver in self.drivers if driver.is_running]

    def _open(self, play: Play, wanted: WantedDevice, tell: Tell) -> HandDriver:
        name = wanted.device or next(iter(self.cards), "")
        if name not in self.cards:
            raise DeviceError(f"there is no device {name!r}")
        return self._made(play, wanted, name)

    def _made(self, play: Play, wanted: WantedDevice, name: str) -> HandDriver:
        driver = HandDriver(self, play, wanted, name)
        self.drivers.append(driver)
        return driver


Making = Callable[..., Any]
