"""Where values wait between nodes: arrays made once, with a view ready for every number of frames."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .clock import FrameTimes
from .values import Events, FloatArray


@dataclass(frozen=True)
class SignalBuffer:
    """Float32 ``[size, block]``."""

    array: FloatArray

    def silence(self) -> None:
        """What a muted node gives."""
        self.array.fill(0.0)


@dataclass(frozen=True)
class LatentBuffer:
    """Float32 ``[size, most frames]``; ``views[n]`` is the part for n frames."""

    times: FrameTimes
    array: FloatArray
    views: tuple[FloatArray, ...]

    def silence(self) -> None:
        """What a muted node gives: zero, the middle of the latents."""
        self.array.fill(0.0)


@dataclass(frozen=True)
class EventBuffer:
    """The events of this block; whoever gives them clears the list first."""

    events: Events

    def silence(self) -> None:
        """What a muted node gives."""
        self.events.clear()


Buffer = SignalBuffer | LatentBuffer | EventBuffer


def signal_buffer(size: int, block: int) -> SignalBuffer:
    """A silent signal."""
    return SignalBuffer(np.zeros((size, block), np.float32))


def latent_buffer(size: int, times: FrameTimes) -> LatentBuffer:
    """Zero latents."""
    array = np.zeros((size, times.most), np.float32)
    return LatentBuffer(times, array, tuple(array[:, :count] for count in range(times.most + 1)))


def widened(buffer: SignalBuffer | LatentBuffer, size: int) -> SignalBuffer | LatentBuffer:
    """A read-only look at a mono buffer as if it had more channels; costs nothing per block."""
    if isinstance(buffer, SignalBuffer):
        return SignalBuffer(np.broadcast_to(buffer.array, (size, buffer.array.shape[1])))
    views = tuple(np.broadcast_to(view, (size, view.shape[1])) for view in buffer.views)
    return LatentBuffer(buffer.times, views[-1], views)


# Output buffers by (node, port).
Buffers = Mapping[tuple[str, str], Buffer]
