"""Latents on time: live sound goes to a worker, and each frame's latents are heard one frame later."""

import numpy as np

from ..clock import FrameTimes, SampleClock
from ..processes.shared import SharedArrays
from ..values import FloatArray
from .words import DONE, SLOTS
from .worked import Worked


class WorkedLatents(Worked):
    """The engine's end of a stream from sound to latents that a worker computes (see ``LatentStream``).

    A frame's latents stand at the next frame, or as many later as may fall due in one block. Late ones leave the last
    in place and are counted.
    """

    def __init__(self, memory: SharedArrays, clock: SampleClock, lag: int, ratio: float, is_realtime: bool) -> None:
        super().__init__(memory, round(lag * ratio), is_realtime)
        self.clock, self.lag, self._ratio = clock, lag, ratio
        self._latents, self._ring = memory.arrays["latents"], memory.arrays["sound"]
        self._size = self._ring.shape[1]
        self._first = 0
        self._held: FloatArray = np.zeros(self._latents.shape[1], np.float32)

    def be_later_by(self, lag: int) -> None:
        """From now on a frame's latents stand so many frames later; from any thread."""
        self.lag, self.lookahead = lag, round(lag * self._ratio)

    def push(self, audio: FloatArray, frames: FrameTimes, out: FloatArray) -> None:
        """Audio thread only: take in this block's sound, give the latents of the frames due."""
        now = self.clock.sample
        self._keep(audio, now)
        for index in range(frames.count):
            self._ask(now + int(frames.due[index]), now, now + audio.shape[1])
            self._answer(self.posted - 1 - self.lag)
            out[:, index] = self._held

    def reset(self) -> None:
        """Audio thread only: forget what is in flight."""
        super().reset()
        self._held.fill(0.0)

    def _keep(self, audio: FloatArray, now: int) -> None:
        place = now % self._size
        first = min(audio.shape[1], self._size - place)
        self._ring[:, place : place + first] = audio[:, :first]
        self._ring[:, : audio.shape[1] - first] = audio[:, first:]

    def _ask(self, due: int, begin: int, until: int) -> None:
        words = self._words
        posted = self.posted
        if posted - words[DONE] >= SLOTS // 2:
            self.must_begin = True
            return
        if self.must_begin:
            self.must_begin = False
            self._epoch += 1
            self._first = posted
        self._send(due, begin, until)

    def _answer(self, frame: int) -> None:
        """Take up the latents of a frame, or the newest before it."""
        if frame < self._first:
            return
        done = self._words[DONE]
        if done <= frame:
            self.late += 1
            if not self._news:
                self._news.append("encoded frames are late; holding the last one")
        newest = min(frame, done - 1)
        if newest >= self._first:
            np.copyto(self._held, self._latents[newest % SLOTS])
