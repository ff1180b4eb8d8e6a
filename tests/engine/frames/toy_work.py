"""Work for a worker's process that tests can foresee: loaded there by name, so it imports nothing of the tests."""

import os
import time

import numpy as np


class Ramps:
    """Each frame's sound climbs from the first latent by a thousandth per sample; the second says what goes wrong."""

    def __init__(self, ratio=480, refuse=""):
        self.ratio = ratio
        if refuse:
            raise ValueError(refuse)

    def facts(self):
        return {"ratio": self.ratio, "pid": os.getpid()}

    def open(self, how):
        return Listens(self.ratio) if how.get("direction") == "encode" else Sings(self.ratio)


class Sings:
    is_sound, onset = True, 0

    def __init__(self, ratio):
        self.ratio, self.frames = ratio, 0

    def run(self, given, is_first, offset):
        wish = float(given[1])
        if wish == 1.0:
            return np.full((1, self.ratio), np.nan, np.float32)
        if wish == 2.0:
            raise RuntimeError("it does not want to")
        if wish == 3.0:
            os._exit(7)
        if wish > 10.0:
            time.sleep(wish / 1000.0)
        self.frames += 1
        return (given[0] + np.arange(self.ratio, dtype=np.float32) / 1000.0)[np.newaxis]

    def reset(self):
        self.frames = 0


class Listens:
    is_sound, onset = False, 0

    def __init__(self, ratio):
        self.ratio, self.waiting = ratio, np.zeros((1, 0), np.float32)

    def run(self, given, is_first, offset):
        if not self.waiting.shape[1] and is_first:
            self.waiting = np.zeros((1, self.ratio - offset), np.float32)
        self.waiting = np.concatenate([self.waiting, given], axis=1)
        frame, self.waiting = self.waiting[:, : self.ratio], self.waiting[:, self.ratio :]
        return np.array([frame.sum(), frame[0, -1]], np.float32)

    def reset(self):
        self.waiting = np.zeros((1, 0), np.float32)


class Slow(Ramps):
    """Waits for a file, as a model may that is large, or hangs."""

    def __init__(self, ratio, gate, opens=True, count=""):
        super().__init__(ratio)
        self.opens = opens
        if count:
            open(f"{count}{os.getpid()}", "w").close()
        while not os.path.exists(gate):
            time.sleep(0.005)

    def open(self, how):
        while not self.opens:
            time.sleep(1)
        return super().open(how)


class Gated(Ramps):
    """Refuses until there is a file."""

    def __init__(self, ratio, gate):
        super().__init__(ratio, "" if os.path.exists(gate) else "not yet")
