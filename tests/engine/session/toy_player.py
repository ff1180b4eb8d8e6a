"""A player without sound, for tests of the link; other processes load it by name, so it imports nothing of them."""

import os

import numpy as np

from latent_terrain.engine.messages import Beat
from latent_terrain.engine.problems import Problem
from latent_terrain.engine.session.player_protocol import Silence
from latent_terrain.engine.values import Reading


class ToyPlayer(Silence):
    def __init__(self, how=None):
        super().__init__()
        self.asked = 0
        self.pace, self.is_deaf = 1.0, False
        self.player = self

    @property
    def beats(self):
        return [(one.beat, one.tempo, one.at) for one in self.orders if isinstance(one, Beat)]

    def update(self, patch):
        if patch.seed == 13:
            raise RuntimeError("unlucky")
        super().update(patch)
        return tuple(Problem(name, "", "a gain too much", "warning") for name in patch.nodes if name == "odd")

    def status(self):
        if self.is_deaf:
            raise RuntimeError("no ear")
        return {"pid": os.getpid(), "nodes": sorted(self.patch.nodes), "turns": len(self.turns), "pace": self.pace}

    def readings(self):
        self.asked += 1
        if "dark" in self.patch.nodes:
            raise RuntimeError("no light")
        return [Reading(name, "level", np.full(3, len(self.turns), np.float32)) for name in sorted(self.patch.nodes)]

    def gathered(self):
        return {"take": {"takes/0001": np.arange(40_000, dtype=np.float32).reshape(-1, 2)}}

    def look_after(self, now):
        return []

    def close(self):
        pass
