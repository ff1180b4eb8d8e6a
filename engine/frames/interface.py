"""What a node sees of a stream of frames, whether it is computed on the spot or by a worker."""

from dataclasses import dataclass
from typing import Protocol

from ..clock import FrameTimes
from ..values import FloatArray


class FrameError(RuntimeError):
    """A worker can't do what was asked of it; the text says why and what to do."""


@dataclass(frozen=True)
class StreamReport:
    """How a stream is doing.

    lookahead: samples by which its sound is later than its frame. frames, late, skipped, faults: counts so far.
    computing_ms, answering_ms: median and 99th percentile of the latest frames, without and with the way there.
    is_realtime: whether its worker runs before ordinary processes. problem: what was wrong last, "" for nothing.
    """

    lookahead: int = 0
    frames: int = 0
    late: int = 0
    skipped: int = 0
    faults: int = 0
    computing_ms: tuple[float, float] = (0.0, 0.0)
    answering_ms: tuple[float, float] = (0.0, 0.0)
    is_realtime: bool = True
    problem: str = ""


class SoundStream(Protocol):
    """Latents in, sound out. ``post``, ``pull``, ``listen`` and ``reset`` belong to the audio thread."""

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Audio thread only: the frames due in this block, ``[size, frames]``."""
        ...

    def pull(self, out: FloatArray) -> bool:
        """Audio thread only: fill ``[channels, samples]``; whether the stream sounds, and as if it always had."""
        ...

    def listen(self, is_heard: bool) -> None:
        """Audio thread only: whether anybody hears it; while it only warms up behind another, nothing is late."""
        ...

    def reset(self) -> None:
        """Audio thread only: forget what is in flight; the next frame begins anew."""
        ...

    def report(self) -> StreamReport:
        """How it is doing; not for the audio thread."""
        ...

    def close(self) -> None:
        """Let it end; not for the audio thread."""
        ...


class LatentStream(Protocol):
    """Sound in, latents out. ``push`` and ``reset`` belong to the audio thread."""

    def push(self, audio: FloatArray, frames: FrameTimes, out: FloatArray) -> None:
        """Audio thread only: take in ``[channels, samples]``, fill ``out [size, frames]`` with the frames due."""
        ...

    def reset(self) -> None:
        """Audio thread only: forget what is in flight."""
        ...

    def report(self) -> StreamReport:
        """How it is doing; not for the audio thread."""
        ...

    def close(self) -> None:
        """Let it end; not for the audio thread."""
        ...
