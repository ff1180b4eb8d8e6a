"""Scope: see the shape of a sound or a movement."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Setting, Signal, node

Samples = Annotated[int, Setting(help="Samples shown.", low=16, high=2_000_000, unit="samples")]
SHOWN = 1024
STRETCHES = 256


@node(
    role="scope",
    other_names=("oscilloscope", "scope~", "wave", "waveform"),
    nearest_to=("spectrum", "spectroscope", "fft"),
)
class Scope:
    """Oscilloscope; passes the signal through."""

    def __init__(self, samples: Samples = 4096) -> None:
        self._size = samples
        self._ring: FloatArray = np.zeros((2, samples), np.float32)
        self._channels = 0
        self._place = 0

    def process(
        self, audio: Annotated[Signal, Help("the signal to look at")], out: Signal
    ) -> Annotated[Signal, Help("the same signal, unchanged")]:
        """Fill ``out`` ``[channels, n]`` with the same."""
        np.copyto(out, audio)
        if len(out) != self._channels:
            self._fit(len(out))
        latest = out[:, -self._size :]
        count = latest.shape[1]
        first = min(count, self._size - self._place)
        self._ring[: self._channels, self._place : self._place + first] = latest[:, :first]
        self._ring[: self._channels, : count - first] = latest[:, first:]
        self._place = (self._place + count) % self._size
        return out

    def read(self) -> FloatArray:
        """The latest samples, oldest first, float32 ``[channels, samples]``, a copy; call from any thread.

        Read while a block is being written, the newest samples may appear at the old end. Before the first block
        there are no channels.
        """
        ring, place = self._ring[: self._channels], self._place
        return np.concatenate((ring[:, place:], ring[:, :place]), axis=1)

    def shows(self) -> dict[str, FloatArray]:
        """The first two channels, for whoever looks on.

        ``samples`` ``[2, 1024]`` at most: the latest, as they are. ``span`` ``[2, 2, 256]``, where more are kept: the
        lowest and the highest sample in each of 256 stretches of all that is kept, oldest first.
        """
        ring, size, place = self._ring[:2], self._size, self._place
        latest = np.arange(place - min(SHOWN, size), place)
        found = {"samples": np.take(ring, latest, axis=1, mode="wrap")}
        if size > SHOWN:
            starts = np.arange(STRETCHES) * size // STRETCHES
            turn = -(place * STRETCHES // size)
            ends = [np.roll(edge.reduceat(ring, starts, axis=1), turn, axis=1) for edge in (np.minimum, np.maximum)]
            found["span"] = np.stack(ends, axis=1)
        return found

    def reset(self) -> None:
        """Forget all samples."""
        self._ring.fill(0.0)
        self._place = 0

    def _fit(self, channels: int) -> None:
        """Once, when a patch is rewired: samples of another number of channels are forgotten."""
        self._ring = np.zeros((max(channels, 2), self._size), np.float32)
        self._channels = channels
        self._place = 0
