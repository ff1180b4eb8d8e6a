"""Nodes that learn slowly, loaded by name in a trainer's process: it imports nothing of the tests."""

import os
import time
from types import MappingProxyType

import numpy as np

from latent_terrain.engine import Content, Palette, Progress, Setup, Signal, Wishes, job, node, spec_of


@node
class Slow:
    """Counts until told to stop, or to the end; shows how far it is."""

    def __init__(self, setup: Setup, content: Content, steps: int = 20, seconds: float = 0.0, ending: str = "") -> None:
        self.steps, self.seconds, self.ending = steps, seconds, ending
        self.given = float(content["given"].sum()) if "given" in content else 0.0

    def process(self) -> Signal:
        return np.zeros((1, 1), np.float32)

    @job
    def learn(self, progress: Progress, wishes: Wishes) -> Content:
        if self.ending == "die":
            os._exit(3)
        if self.ending == "refuse":
            raise ValueError("nothing to count; draw something")
        if self.ending == "break":
            raise KeyError("a bug")
        count = 0
        for count in range(1, self.steps + 1):
            end = time.monotonic() + self.seconds
            while time.monotonic() < end:
                pass
            self.given = wishes().get("given", self.given)
            made = {"count": np.array([count], np.int64), "given": np.array([self.given])}
            if not progress(count / self.steps, f"step {count}", lambda made=made: made):
                break
        return {"count": np.array([count], np.int64), "given": np.array([self.given])}


def palette():
    return Palette(MappingProxyType({"slow": spec_of(Slow)}))


def broken():
    raise RuntimeError("no nodes here")
