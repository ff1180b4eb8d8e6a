"""Sound on time: latents go to a worker, their sound comes back and is heard a fixed lookahead later.

The worker writes sound at the absolute sample where it belongs; the audio thread reads it ``lookahead`` samples
later. If it is not there in time, the sound dies away smoothly, the lookahead grows by a step (at most to one frame,
and what the device asks ahead), and it comes back as soon as there is enough: no crackle, and nothing drifts. Whoever
looks after the stream may have the lookahead changed (``wanted``): the sound then crosses over from one place in the
ring to the other.
"""

import numpy as np

from ..clock import FrameTimes, SampleClock
from ..processes.shared import SharedArrays
from ..values import FloatArray
from .tail import RISE_SECONDS, Tail
from .words import DONE, EPOCH, READY, SLOTS
from .worked import Worked

# A lookahead that changes is heard as a crossing of so long.
CROSSING_SECONDS = 0.02
NO_SLACK = 1 << 62


class WorkedSound(Worked):
    """The engine's end of a stream from latents to sound that a worker computes (see ``SoundStream``).

    lookahead, step, most: samples; where it starts and is at its least, by how much it grows, and where it ends.
    settling: samples from a stream's beginning until it sounds as if it had always been there.
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
        self.clock, self.step = clock, step
        self._bounds, self._burst = (lookahead, max(most, lookahead)), 0
        self.wanted = lookahead
        """Samples that the lookahead is to be, as soon as it can change without a gap; set by any thread."""
        self._slack = NO_SLACK
        self._must_forget_slack = False
        self._from = lookahead
        self.settling = settling
        self.is_heard = True
        self._rate = sample_rate
        self._latents, self._ring = memory.arrays["latents"], memory.arrays["sound"]
        channels, self._size = self._ring.shape
        self._tail = Tail(channels, sample_rate)
        rise = round(RISE_SECONDS * sample_rate)
        self._rise: FloatArray = (np.sin(np.linspace(0, np.pi / 2, rise, endpoint=False)) ** 2).astype(np.float32)
        self._risen = rise
        crossing = round(CROSSING_SECONDS * sample_rate)
        self._coming: FloatArray = (np.sin(np.linspace(0, np.pi / 2, crossing)) ** 2).astype(np.float32)
        self._going: FloatArray = 1.0 - self._coming
        self._crossed = crossing
        self._old: FloatArray = np.zeros((channels, crossing), np.float32)
        self._begin = self._heard_until = 0
        self._sounds = self._was_late = False

    @property
    def least(self) -> int:
        """Samples: the lookahead that a quiet machine needs."""
        return self._bounds[0] + self._burst

    @property
    def most(self) -> int:
        """Samples up to which the lookahead grows."""
        return self._bounds[1] + self._burst

    def need_no_more_than(self, least: int) -> None:
        """A shorter lookahead than was thought at the beginning is enough on a quiet machine."""
        self._bounds = (min(self._bounds[0], least), self._bounds[1])

    def expect_burst(self, burst: int) -> None:
        """The device asks ahead by so many samples from now on: be later by as much; not for the audio thread."""
        change, self._burst = burst - self._burst, burst
        self.wanted = min(max(self.wanted + change, self.least), self.most)

    def take_slack(self) -> int | None:
        """How many samples sooner all that was played could have been, since last asked; not for the audio thread.

        None where nothing was played.
        """
        slack, self._must_forget_slack = self._slack, True
        return None if slack == NO_SLACK else slack

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Audio thread only: ask for the frames due in this block."""
        now, words = self.clock.sample, self._words
        for index in range(frames.count):
            due = now + int(frames.due[index])
            posted = self.posted
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
        ready = self._words[READY] if self._words[EPOCH] == self._epoch else self._begin
        if self.wanted != self.lookahead:
            self._change_lookahead(ready, count)
        start = self.clock.sample - self.lookahead
        end = start + count
        if not self._epoch or end <= self._begin:
            self._tail.fill(out)
            return False
        if self._sounds or not self._was_late:
            if ready >= end:
                if self._must_forget_slack:
                    self._slack, self._must_forget_slack = NO_SLACK, False
                self._slack = min(self._slack, ready - end)
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

    def _change_lookahead(self, ready: int, count: int) -> None:
        """Be as late as is wanted: at once where nothing sounds, else in a crossing, for which both must be there."""
        wanted = self.wanted
        if not self._sounds:
            self.lookahead = wanted
        elif self._crossed == len(self._coming) and ready >= self.clock.sample - wanted + count:
            self._from, self.lookahead, self._crossed = self.lookahead, wanted, 0

    def _begin_at(self, due: int) -> None:
        if self._sounds:
            self._tail.begin()
        self.must_begin = self._sounds = self._was_late = False
        self._epoch += 1
        self._begin = self._heard_until = due
        self._risen = len(self._rise)
        self._crossed = len(self._coming)

    def _play(self, out: FloatArray, start: int) -> None:
        """This block's sound from ``start`` on; silence before the stream's beginning."""
        count = out.shape[1]
        self._copy(out, start)
        if self._crossed < len(self._coming):
            crossing = min(count, len(self._coming) - self._crossed)
            old, upto = self._old[:, :crossing], self._crossed + crossing
            self._copy(old, start + self.lookahead - self._from)
            old *= self._going[self._crossed : upto]
            out[:, :crossing] *= self._coming[self._crossed : upto]
            out[:, :crossing] += old
            self._crossed = upto
        if self._risen < len(self._rise):
            rising = min(count, len(self._rise) - self._risen)
            out[:, :rising] *= self._rise[self._risen : self._risen + rising]
            self._risen += rising
        self._tail.add(out)
        self._tail.hear(out)
        self._sounds = True
        self._heard_until = start + count

    def _copy(self, out: FloatArray, start: int) -> None:
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

    def _break_off(self, out: FloatArray, start: int, ready: int) -> None:
        """Play what there is, let it die away, and be later from now on."""
        there = min(max(0, ready - start), out.shape[1])
        if there:
            self._play(out[:, :there], start)
        if self._sounds:
            self._tail.begin()
        self._tail.fill(out[:, there:])
        self._sounds, self._was_late = False, True
        self._crossed = len(self._coming)
        self._heard_until = start + there
        if not self.is_heard:
            return
        self.late += 1
        if self.lookahead < self.most:
            self.lookahead = self.wanted = min(self.lookahead + self.step, self.most)
            self._news.append(f"dropout avoided; latency raised to {1000 * self.lookahead / self._rate:.1f} ms")
        else:
            self._news.append("dropouts at maximum lookahead: this codec is too slow for this computer")
