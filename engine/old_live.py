"""Live: a patch on a sound device, or on a clock of its own when there is none.

The thin version: the device calls back, the engine plays a block. Processes, a decode thread and recovery belong to
the live engine. Importing this module needs no PortAudio; opening a device does.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from .player import Engine


class DeviceError(RuntimeError):
    """No sound device can be opened; the text says why and what to do."""


@dataclass
class LiveReport:
    """What happened while playing live. late: blocks the device said it did not get in time."""

    blocks: int = 0
    late: int = 0
    load: float = 0.0


NO_PORTAUDIO = "PortAudio is not installed; on Debian and Ubuntu: sudo apt-get install libportaudio2"


@contextmanager
def device_stream(engine: Engine, report: LiveReport, device: str | None = None) -> Iterator[Any]:
    """Play an engine on an output device for as long as the context is open. Raises DeviceError."""
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise DeviceError(NO_PORTAUDIO) from error
    period = engine.setup.block / engine.setup.sample_rate

    def callback(out: Any, frames: int, stamps: Any, status: Any) -> None:
        began = time.perf_counter()
        if status:
            report.late += 1
        np.copyto(out, engine.process().T)
        report.blocks += 1
        report.load += ((time.perf_counter() - began) / period - report.load) * 0.01

    try:
        stream = sounddevice.OutputStream(
            samplerate=engine.setup.sample_rate,
            blocksize=engine.setup.block,
            channels=engine.setup.bus.output.shape[0],
            dtype="float32",
            device=device,
            latency="low",
            callback=callback,
        )
    except (sounddevice.PortAudioError, ValueError) as error:
        raise DeviceError(f"the sound device can't be opened ({error})") from error
    with stream:
        yield stream


def run_on_clock(engine: Engine, seconds: float, report: LiveReport, keep_going: Callable[[], bool]) -> None:
    """Play at real speed with nobody listening, until the time is over or ``keep_going`` says no."""
    period = engine.setup.block / engine.setup.sample_rate
    begin = time.perf_counter()
    while keep_going() and report.blocks * period < seconds:
        began = time.perf_counter()
        engine.process()
        report.blocks += 1
        now = time.perf_counter()
        report.load += ((now - began) / period - report.load) * 0.01
        ahead = begin + report.blocks * period - now
        if ahead > 0:
            time.sleep(ahead)
        else:
            report.late += ahead < -period
