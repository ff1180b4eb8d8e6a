"""What makes a patch heard: something that asks for the next block at the right time, again and again.

A driver calls ``play(heard, out)`` for every device block: heard is float32 ``[frames, inputs]`` or None, out is
float32 ``[frames, outputs]`` to fill completely. ``play`` never raises and never waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ..values import FloatArray
from .statistics import Timing

Play: TypeAlias = Callable[[FloatArray | None, FloatArray], None]
"""Audio thread only: (heard ``[frames, inputs]`` or None, out ``[frames, outputs]`` to fill completely)."""
Tell: TypeAlias = Callable[[str], None]
"""Takes one sentence for people."""

# The name of no device at all, for output and input.
NOBODY = "none"


class DeviceError(RuntimeError):
    """A sound device can't be had; the text says why and what to do."""


class DeviceRefused(DeviceError):
    """A sound device is there, and does not open as it is asked to."""


@dataclass(frozen=True)
class WantedDevice:
    """What is asked of a device.

    device, input: part of a name, None for the system's default, ``"none"`` for nothing. block: samples per call.
    inputs, outputs: channels, at most; the device may have fewer (on JACK a blocking driver has two of each).
    ring_seconds: how much sound waits in front of the device when a thread writes to it (blocking drivers only).
    must_hear: a named input that is not there is an error; otherwise it is told and the output plays alone.
    """

    device: str | None = None
    input: str | None = None
    sample_rate: int = 48_000
    block: int = 256
    inputs: int = 2
    outputs: int = 2
    ring_seconds: float = 0.03
    must_hear: bool = False


@dataclass(frozen=True)
class Format:
    """What a driver really plays with. Channels are 0 where there are none; latencies are what the device reports."""

    device: str
    host_api: str
    sample_rate: int
    block: int
    inputs: int
    outputs: int
    output_latency_seconds: float = 0.0
    input_latency_seconds: float = 0.0


class Driver(Protocol):
    """Calls ``play`` from ``start`` to ``stop``, once; a new start takes a new driver."""

    @property
    def format(self) -> Format:
        """What it plays with."""
        ...

    @property
    def timing(self) -> Timing:
        """How it keeps time."""
        ...

    @property
    def is_running(self) -> bool:
        """Whether blocks are asked for; False as soon as the device is seen to be gone."""
        ...

    @property
    def is_realtime(self) -> bool:
        """Whether the thread that plays goes before all ordinary ones; known from the first block on."""
        ...

    def start(self) -> None:
        """Begin to play. Raises DeviceError."""
        ...

    def stop(self) -> None:
        """Play no more; when it returns, no new call of ``play`` begins. May be called again."""
        ...
