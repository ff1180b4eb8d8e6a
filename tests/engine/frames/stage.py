"""A stage without a clock: blocks are played one by one, waiting for the worker or not, as the test wants."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from latent_terrain.engine import FloatArray, FrameTimes
from latent_terrain.engine.frames import FrameService
from latent_terrain.engine.frames.opened import OpenedSound
from latent_terrain.engine.frames.service import WorkOrder
from latent_terrain.engine.frames.words import DONE, POSTED

from ...waiting import eventually

RATE, BLOCK, RATIO = 48_000.0, 128, 480
WORK = "toy_work:Ramps"
PATIENCE_SECONDS = 30.0


def service(lookahead: int | None = None, block: int = BLOCK) -> FrameService:
    made = FrameService(search=(str(Path(__file__).parent),))
    made.prepare(RATE, block, lookahead)
    return made


class Stage:
    """One stream from latents to sound, and a clock that moves when told."""

    def __init__(self, lookahead: int | None = 2 * BLOCK, block: int = BLOCK) -> None:
        self.service, self.block = service(lookahead, block), block
        order = WorkOrder(WORK, {"ratio": RATIO})
        self.opened: OpenedSound = self.service.open_sound("voice", order, 2, 1, Fraction(RATIO), {})
        self.times = FrameTimes(Fraction(RATIO), block)
        self.frame = 0

    def play(self, blocks: int, wish: float = 0.0, is_patient: bool = True) -> FloatArray:
        """Some blocks; frame k asks for level k / 10 and the wish."""
        clock, played = self.service.clock, []
        for _ in range(blocks):
            self.times.move_to(clock.sample)
            asked = np.array([[self.times.first + one for one in range(self.times.count)]], np.float32) / 10
            self.opened.post(np.vstack([asked, np.full_like(asked, wish)]).astype(np.float32), self.times)
            if is_patient:
                eventually(self.is_answered)
            out = np.full((1, self.block), 9.0, np.float32)
            self.opened.pull(out)
            played.append(out)
            clock.sample += self.block
        return np.concatenate(played, axis=1)[0]

    def is_answered(self) -> bool:
        words = self.opened.stream._words
        return words[DONE] == words[POSTED]

    def close(self) -> None:
        self.service.close()


def ramps(frames: int) -> FloatArray:
    """What the toy work sings for frames 0, 1, 2 …"""
    one = np.arange(RATIO, dtype=np.float32) / 1000
    return np.concatenate([np.float32(frame / 10) + one for frame in range(frames)]).astype(np.float32)
