"""An editor's engine with a microphone into which somebody sings: loaded by name in another process."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import soundfile

from latent_terrain.engine.drivers import Means, Play, Tell, WantedDevice
from latent_terrain.engine.drivers.clock import ClockDriver
from latent_terrain.engine.messages.children import Hosting
from latent_terrain.ui.hosted_player import HostedPlayer

SONG = "LATENT_TERRAIN_TEST_SONG"
"""Which file is sung, again and again."""


class Microphone(ClockDriver):
    """Plays unheard at real speed, and hears the song."""

    def __init__(self, play: Play, wanted: WantedDevice, tell: Tell) -> None:
        song = np.asarray(soundfile.read(os.environ[SONG], always_2d=True)[0][:, :1], np.float32)
        place = 0

        def sing(heard: object, out: np.ndarray[Any, np.dtype[np.float32]]) -> None:
            nonlocal place
            play(song.take(range(place, place + len(out)), axis=0, mode="wrap"), out)
            place += len(out)

        super().__init__(sing, wanted)
        self.format = replace(self.format, device="studio", inputs=1)


class SingingHost(HostedPlayer):
    """The editor's own player, on that device."""

    def __init__(self, how: Hosting) -> None:
        super().__init__(how, Means(open_device=Microphone))
