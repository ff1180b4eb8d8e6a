"""Delay: hear a sound again later; the only door through which a cord may lead back to where it came from."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Param, Setting, Setup, Signal, node

LONGEST_MS = 10_000.0
# The least that the longest delay can be set to.
SHORTEST_MS = 1.0

# How many samples per sample the delay may grow or shrink: like tape, an octave down or a fifth up at most.
PACE = 0.5

Time = Annotated[
    float,
    Param(
        0.0,
        LONGEST_MS,
        soft=(0, 2_000),
        unit="ms",
        help="Delay time. Changes bend the pitch like tape. At least one sample inside a feedback loop.",
    ),
]


Longest = Annotated[
    float,
    Setting(low=SHORTEST_MS, high=LONGEST_MS, unit="ms", help="Longest delay time; a shorter one takes less memory."),
]


@node(
    linear=True,
    other_names=("echo", "tapin~", "tapout~", "delay~"),
    nearest_to=("reverb", "chorus", "flanger", "freeverb"),
)
class Delay:
    """Delay line.

    All channels alike, up to ``max``. Times between samples are interpolated linearly. The time moves by at most half
    a second per second: a larger turn slides there like a tape machine instead of clicking. It may stand in a
    feedback loop, which is as long as its delay, from one sample on: short ones sound at a pitch (Karplus-Strong).
    """

    def __init__(self, setup: Setup, max: Longest = LONGEST_MS) -> None:
        self._per_ms = setup.sample_rate / 1000.0
        self._most = max * self._per_ms
        wanted = int(self._most) + 2 * setup.block + 2
        self._mask = (1 << wanted.bit_length()) - 1
        self._ring: FloatArray = np.zeros((1, self._mask + 1), np.float32)
        self._ring.fill(0.0)
        self._counts = np.arange(setup.block, dtype=np.int64)
        self._index = np.zeros(setup.block, np.int64)
        self._older: FloatArray = np.zeros((1, setup.block), np.float32)
        self._late = np.zeros(setup.block)
        self._whole = np.zeros(setup.block)
        self._fraction: FloatArray = np.zeros(setup.block, np.float32)
        self.reset()

    def write(self, audio: Annotated[Signal, Help("the sound to delay")]) -> None:
        """Take in ``[channels, n]``."""
        channels, count = audio.shape
        self._make_room(channels)
        begin = self._written & self._mask
        first = min(count, self._mask + 1 - begin)
        self._ring[:channels, begin : begin + first] = audio[:, :first]
        self._ring[:channels, : count - first] = audio[:, first:]
        self._written += count

    def read(
        self, out: Signal, time: Time = 500.0
    ) -> Annotated[Signal, Help("the delayed sound alone; mix it with the original for an echo")]:
        """Fill ``out`` ``[channels, n]``; before ``write`` of the same block inside a loop, after it elsewhere."""
        channels, count = out.shape
        self._make_room(channels)
        shortest = float(count) if self._written == self._read else 0.0
        steady = self._steady(time, shortest)
        index = self._index[:count]
        np.add(self._counts[:count], self._read, out=index)
        self._read += count
        if steady:
            samples = int(self._now)
            fraction: float | FloatArray = self._now - samples
            np.subtract(index, samples, out=index)
        else:
            fraction = self._follow(time, shortest, index)
        np.bitwise_and(index, self._mask, out=index)
        ring = self._ring[:channels]
        np.take(ring, index, axis=1, out=out, mode="clip")
        if steady and not fraction:
            return out
        older = self._older[:channels, :count]
        np.subtract(index, 1, out=index)
        np.bitwise_and(index, self._mask, out=index)
        np.take(ring, index, axis=1, out=older, mode="clip")
        np.subtract(older, out, out=older)
        np.multiply(older, fraction, out=older)
        return np.add(out, older, out=out)

    def at_least(self, time: float | FloatArray = 500.0) -> float:
        """How many samples it delays by at the least while it goes to a time, ms."""
        wanted = float(time.min()) if isinstance(time, np.ndarray) else float(np.float32(time))
        goal = wanted * self._per_ms
        return goal if self._now < 0.0 else min(goal, self._now)

    def reset(self) -> None:
        """Forget what was heard."""
        self._ring.fill(0.0)
        self._written = self._read = 0
        self._now = -1.0

    def _steady(self, time: float | FloatArray, shortest: float) -> bool:
        """Whether the delay stands still in this block; at the very first block it jumps to where it is set."""
        if self._now < 0.0:
            first = float(time[0, 0]) if isinstance(time, np.ndarray) else time
            self._now = self._within(float(np.float32(first)) * self._per_ms, shortest)
        if isinstance(time, np.ndarray):
            return False
        return self._within(float(np.float32(time)) * self._per_ms, shortest) == self._now

    def _within(self, samples: float, shortest: float) -> float:
        return min(max(samples, shortest), max(self._most, shortest))

    def _follow(self, time: float | FloatArray, shortest: float, index: NDArray[np.int64]) -> FloatArray:
        """Take the moving delay off the index; the fraction of a sample that is left, float32 ``[n]``."""
        count = len(index)
        late, whole, fraction = self._late[:count], self._whole[:count], self._fraction[:count]
        np.multiply(
            time[0] if isinstance(time, np.ndarray) else np.float32(time), self._per_ms, out=late, dtype=np.float64
        )
        np.maximum(late, shortest, out=late)
        np.minimum(late, self._within(self._most, shortest), out=late)
        if abs(late[0] - self._now) > PACE or (np.abs(late[1:] - late[:-1]) > PACE).any():
            _slide(self._now, late)
        self._now = float(late[-1])
        np.floor(late, out=whole)
        np.subtract(index, whole, out=index, casting="unsafe")
        np.subtract(late, whole, out=fraction, casting="same_kind")
        return fraction

    def _make_room(self, channels: int) -> None:
        """More channels than ever before: once, when a patch is rewired."""
        if channels > len(self._ring):
            ring = np.zeros((channels, self._mask + 1), np.float32)
            ring[: len(self._ring)] = self._ring
            self._ring = ring
            self._older = np.zeros((channels, self._older.shape[1]), np.float32)


def _slide(now: float, late: NDArray[np.float64]) -> None:
    """Follow the wanted delay no faster than the pace."""
    if (late == late[-1]).all():
        goal = float(late[-1])
        way = np.arange(1, len(late) + 1) * PACE
        late[:] = np.minimum(now + way, goal) if goal > now else np.maximum(now - way, goal)
        return
    wanted = late.tolist()
    for place, goal in enumerate(wanted):
        now = min(max(goal, now - PACE), now + PACE)
        late[place] = now
