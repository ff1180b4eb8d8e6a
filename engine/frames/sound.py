"""Sound on time: latents go to a worker, their sound comes back and is heard a fixed lookahead later.

The worker writes sound at the absolute sample where it belongs; the audio thread reads it ``lookahead`` samples
later. If it is not there in time, the sound dies away smoothly, the lookahead grows by a step (at most to one frame),
and it comes back as soon as there is enough: no crackle, and nothing drifts.
"""

import numpy as np

from ..clock import FrameTimes, SampleClock
from ..processes.shared import SharedArrays
from ..values import FloatArray
from .tail import RISE_SECONDS, Tail
from .words import DONE, EPOCH, POSTED, READY, SLOTS
from .worked import Worked


class WorkedSound(Worked):
    """The engine's end of a stream from latents to sound that a worker computes (see ``SoundStream``).

    ratio: engine samples per frame. lookahead, step, most: samples; where it starts, by how much it grows, and where
    it ends. settling: samples from a stream's beginning until it sounds as if it had always been there.
    """

    def __init__(
        self,
        memory: SharedArrays,
        clock: SampleClock,
        sample_rate: float,
        lookahead: int,
        step: int,
        most: int,
        settling: int = 0,
        is_realtime: bool = True,
    ) -> None:
        super().__init__(memory, lookahead, is_realtime)
        self.clock, self.step, self.most = clock, step, max(most, lookahead)
        self.settling = settling
        self.is_heard = True
        self._rate = sample_rate
        self._latents, self._ring = memory.arrays["latents"], memory.arrays["sound"]
        channels, self._size = self._ring.shape
        self._tail = Tail(channels, sample_rate)
        rise = round(RISE_SECONDS * sample_rate)
        self._rise: FloatArray = (np.sin(np.linspace(0, np.pi / 2, rise, endpoint=False)) ** 2).astype(np.float32)
        self._risen = rise
        self._begin = self._heard_until = 0
        self._sounds = self._was_late = False

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Audio thread only: ask for the frames due in this block."""
        now, words = self.clock.sample, self._words
        for index in range(frames.count):
            due = now + int(frames.due[index])
            posted = words[POSTED]
            if posted - words[DONE] >= SLOTS:
                self.must_begin = True
                return
            if self.must_begin:
                self._begin_at(due)
            elif self._was_late and self.is_heard:
                self.late += 1
            np.copyto(self._latents[posted % SLOTS], latents[:, index])
            self._send(due, now, now + frames.block)

    def pull(self, out: FloatArray) -> bool:
        """Audio thread only: this block's sound; whether the stream has settled and sounds."""
        count = out.shape[1]
        start = self.clock.sample - self.lookahead
        end = start + count
        ready = self._words[READY] if self._words[EPOCH] == self._epoch else self._begin
        if not self._epoch or end <= self._begin:
            self._tail.fill(out)
            return False
        if self._sounds or not self._was_late:
            if ready >= end:
                self._play(out, start)
                return start >= self._begin + self.settling
            self._break_off(out, start, ready)
        elif ready >= end and start >= self._heard_until:
            self._was_late = False
            self._risen = 0
            self._play(out, start)
        else:
            self._tail.fill(out)
        return False

    def _begin_at(self, due: int) -> None:
        if self._sounds:
            self._tail.begin()
        self.must_begin = self._sounds = self._was_late = False
        self._epoch += 1
        self._begin = self._heard_until = due
        self._risen = len(self._rise)

    def _play(self, out: FloatArray, start: int) -> None:
        """Copy from the ring; silence before the stream's beginning."""
        count = out.shape[1]
        silent = min(max(0, self._begin - start), count)
        out[:, :silent] = 0.0
        place = (start + silent) % self._size
        first = min(count - silent, self._size - place)
        out[:, silent : silent + first] = self._ring[:, place : place + first]
        rest = count - silent - first
        if rest:
            out[:, silent + first :] = self._ring[:, :rest]
        if self._risen < len(self._rise):
            rising = min(count, len(self._rise) - self._risen)
            out[:, :rising] *= self._rise[self._risen : self._risen + rising]
            self._risen += rising
        self._tail.add(out)
        self._tail.hear(out)
        self._sounds = True
        self._heard_until = start + count

    def _break_off(self, out: FloatArray, start: int, ready: int) -> None:
        """Play what there is, let it die away, and be later from now on."""
        there = min(max(0, ready - start), out.shape[1])
        if there:
            self._play(out[:, :there], start)
        if self._sounds:
            self._tail.begin()
        self._tail.fill(out[:, there:])
        self._sounds, self._was_late = False, True
        self._heard_until = start + there
        if not self.is_heard:
            return
        self.late += 1
        if self.lookahead < self.most:
            self.lookahead = min(self.lookahead + self.step, self.most)
            self._news.append(f"a frame came late; lookahead is now {1000 * self.lookahead / self._rate:.1f} ms")
        else:
            self._news.append("frames come late and lookahead is at its most; this codec is too slow here")
