"""What happens along a cord between ports of different kinds or sizes: small steps the compiler puts in.

Each has ``tick`` for the audio thread and a buffer it fills. Their memory (a held value) lives in a dict that
outlasts plans, so an edit elsewhere does not disturb it.
"""

from collections.abc import Callable, Sequence
from math import nan

import numpy as np

from ..buffers import EventBuffer, LatentBuffer, SignalBuffer, latent_buffer, signal_buffer
from ..clock import FrameTimes
from ..pieces import Tick
from ..values import FloatArray


class Mean:
    """Channels averaged to mono."""

    def __init__(self, source: SignalBuffer) -> None:
        self.source = source.array
        self.buffer = signal_buffer(1, source.array.shape[1])

    def tick(self) -> None:
        """Call from the audio thread."""
        self.tick_part(0, self.source.shape[1])

    def tick_part(self, begin: int, end: int) -> None:
        """Some samples of the block."""
        np.mean(self.source[:, begin:end], axis=0, keepdims=True, out=self.buffer.array[:, begin:end])


class Clip:
    """A modulating signal kept within its param's range, finite."""

    def __init__(self, source: SignalBuffer, low: float, high: float) -> None:
        self.source = source.array
        self.low, self.high = np.float32(low), np.float32(high)
        self.buffer = signal_buffer(*source.array.shape)

    def tick(self) -> None:
        """Call from the audio thread."""
        out = self.buffer.array
        np.fmax(self.source, self.low, out=out)
        np.fmin(out, self.high, out=out)

    def tick_part(self, begin: int, end: int) -> None:
        """Some samples of the block."""
        out = self.buffer.array[:, begin:end]
        np.fmax(self.source[:, begin:end], self.low, out=out)
        np.fmin(out, self.high, out=out)


class Clips:
    """The modulating signals of many nodes' param, gathered into a line and kept within its range, finite.

    sources: float32 ``[nodes, 1, block]``, filled by ``gathers``.
    """

    def __init__(
        self, sources: FloatArray, gathers: Sequence[Callable[[], object]], line: FloatArray, low: float, high: float
    ) -> None:
        self.sources, self.gathers, self.line = sources, tuple(gathers), line
        self.low, self.high = np.float32(low), np.float32(high)

    def tick(self) -> None:
        """Call from the audio thread."""
        for gather in self.gathers:
            gather()
        np.fmax(self.sources, self.low, out=self.line)
        np.fmin(self.line, self.high, out=self.line)


class AtFrames:
    """The value of a signal at each frame's instant."""

    def __init__(self, source: SignalBuffer, times: FrameTimes) -> None:
        self.source, self.times = source.array, times
        self.buffer = latent_buffer(source.array.shape[0], times)

    def tick(self) -> None:
        """Call from the audio thread."""
        if self.times.count:
            np.take(self.source, self.times.due, axis=1, out=self.buffer.views[self.times.count], mode="clip")


class HoldFrames:
    """A latent held from its frame's instant until the next."""

    def __init__(self, source: LatentBuffer, block: int, held: FloatArray) -> None:
        self.source, self.times, self.held = source, source.times, held
        self.buffer = signal_buffer(source.array.shape[0], block)

    def tick(self) -> None:
        """Call from the audio thread."""
        out, held, begin = self.buffer.array, self.held, 0
        for frame in range(self.times.count):
            due = int(self.times.due[frame])
            out[:, begin:due] = held
            held[:, 0] = self.source.array[:, frame]
            begin = due
        out[:, begin:] = held


class HoldEvents:
    """An event's value held until the next event."""

    def __init__(self, source: EventBuffer, block: int, held: FloatArray) -> None:
        self.events, self.held = source.events, held
        self.buffer = signal_buffer(1, block)
        self._filled = nan  # with what all of the buffer is filled

    def tick(self) -> None:
        """Call from the audio thread."""
        if not self.events and self._filled == self.held[0, 0]:
            return
        out, begin = self.buffer.array, 0
        for offset, value in self.events:
            out[:, begin:offset] = self.held
            self.held[0, 0] = value
            begin = offset
        out[:, begin:] = self.held
        self._filled = nan if self.events else float(self.held[0, 0])


class Fade:
    """A cord that comes or goes: a straight line from 0 to 1 or back, then steady."""

    def __init__(self, source: SignalBuffer, samples: int, rising: bool) -> None:
        self.source, self.samples, self.rising, self.position = source.array, samples, rising, 0
        self.buffer = signal_buffer(*source.array.shape)
        self.line = np.arange(1, source.array.shape[1] + 1, dtype=np.float32) / np.float32(samples)
        self.gain = np.zeros_like(self.line)

    def tick(self) -> None:
        """Call from the audio thread."""
        self.tick_part(0, len(self.gain))

    def tick_part(self, begin: int, end: int) -> None:
        """Some samples of the block."""
        gain = self.gain[: end - begin]
        np.add(self.line[: end - begin], np.float32(self.position / self.samples), out=gain)
        np.minimum(gain, np.float32(1), out=gain)
        if not self.rising:
            np.subtract(np.float32(1), gain, out=gain)
        np.multiply(self.source[:, begin:end], gain, out=self.buffer.array[:, begin:end])
        self.position = min(self.position + end - begin, self.samples)


def cut(tick: Callable[[], object]) -> Tick:
    """An adapter's call in pieces; one that goes by events or frames is from outside of the loop, and done at once."""
    adapter = getattr(tick, "__self__", None)
    if isinstance(adapter, Mean | Clip | Fade):
        return adapter.tick_part
    return lambda begin, end: tick() if begin == 0 else None
