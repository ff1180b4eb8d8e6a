"""A patch that plays on a clock, unheard, while a benchmark does things beside it; everything it played is kept."""

import time
from pathlib import Path

import numpy as np
from live_player import Tape

from latent_terrain.engine import Palette
from latent_terrain.engine.drivers.clock import ClockDriver
from latent_terrain.engine.drivers.interface import WantedDevice
from latent_terrain.engine.live import Live, LiveSetup
from latent_terrain.engine.processes.priority import EDITS, raise_priority
from latent_terrain.graphs import Patch

RATE = 48_000


class Stage:
    """``tape`` is what was played, ``times`` when each block of it was made, in seconds of a steady clock.

    seconds: the most that is kept. settle: seconds that it plays before it is given away.
    """

    def __init__(
        self, patch: Patch, palette: Palette, folder: Path, block: int, seconds: float, settle: float = 1.5
    ) -> None:
        self.block = block
        self.tape = Tape(int(seconds * RATE))
        self.times: list[float] = []

        def tap(sound: np.ndarray) -> None:
            self.times.append(time.perf_counter())
            self.tape(sound)

        self.live = Live(patch, palette, folder, LiveSetup(sample_rate=RATE, block=block), tap=tap)
        raise_priority(EDITS)
        self.driver = ClockDriver(
            self.live.play, WantedDevice(device="none", input="none", sample_rate=RATE, block=block)
        )
        self.driver.start()
        self._turned = time.monotonic()
        self.keep(settle)

    def keep(self, seconds: float) -> None:
        """Let it play, looked after as an engine is."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            recent = self.driver.timing.report().recent
            self.live.housekeep(now - self._turned, recent.load.p99, recent.underruns)
            self._turned = now
            time.sleep(0.01)

    def close(self) -> None:
        """Play no more."""
        self.driver.stop()
        self.live.close()
