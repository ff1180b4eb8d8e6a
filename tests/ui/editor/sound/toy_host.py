"""A player without sound for the editor's engine, loaded by name in another process: imports nothing of the tests."""

import os
import time

import numpy as np

from latent_terrain.engine.messages import OpenDocument, Panic, RecordTo, UseDevice
from latent_terrain.engine.problems import Problem
from latent_terrain.engine.session.player_protocol import Silence


class ToyHost(Silence):
    """Shows in its status all that it was told. A node named ``slow`` takes a second to be played; ``die`` ends it."""

    def __init__(self, how):
        if how.device == "refused":
            raise SystemExit("this engine does not like the device")
        super().__init__()
        self.how = how
        self.host = {"folder": how.folder}
        self.panics = 0
        self.news = []
        self.updates = 0
        self.player = self

    def update(self, patch):
        if "slow" in patch.nodes and "slow" not in self.patch.nodes:
            time.sleep(1.0)
        if "die" in patch.nodes:
            os._exit(3)
        self.patch = patch
        self.updates += 1
        self.news.append({"kind": "fault", "node": "odd", "text": "it broke"} if "odd" in patch.nodes else None)
        return tuple(Problem(name, "", "a gain too much", "warning") for name in patch.nodes if name == "odd")

    def do(self, order):
        match order:
            case Panic():
                self.panics += 1
            case OpenDocument():
                self.host |= {"folder": order.folder, "is_other": order.is_other}
            case UseDevice():
                self.host |= {"device": order.device, "is_on": order.is_on}
            case RecordTo():
                self.host |= {"record": order.file, "goes_on": order.goes_on}

    def status(self):
        return {
            "pid": os.getpid(),
            "how": {"sample_rate": self.how.sample_rate, "block": self.how.block, "device": self.how.device},
            "host": self.host,
            "nodes": sorted(self.patch.nodes),
            "turns": [list(one) for one in self.turns[-3:]],
            "panics": self.panics,
            "updates": self.updates,
            "is_heard": True,
            "is_on": True,
            "device": "toy",
            "load": {"p99": 0.25},
            "latency_ms": {"total": 12.5},
            "xruns": 2,
            "late_frames": 1,
            "pace": 0.5,
        }

    def gathered(self):
        takes = {name: node for name, node in self.patch.nodes.items() if node.type == "record"}
        return {name: {"takes/0001": np.arange(6, dtype=np.float32).reshape(3, 2)} for name in takes}

    def look_after(self, now):
        news, self.news = [one for one in self.news if one], []
        return news

    def close(self):
        pass
