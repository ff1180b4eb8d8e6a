"""A sounddevice that is none: as many devices as a test likes, which open, refuse, vanish and return when told to."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.drivers import library


class PortAudioError(Exception):
    """As sounddevice raises."""


@dataclass(frozen=True)
class Status:
    """Flags of one callback."""

    output_underflow: bool = False
    input_overflow: bool = False


def device(name: str, host_api: int = 0, inputs: int = 0, outputs: int = 2, rate: float = 48_000.0) -> dict[str, Any]:
    return {
        "name": name,
        "hostapi": host_api,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate,
    }


@dataclass
class FakeSound:
    """What the fake module shows and refuses; ``streams`` holds all that were opened."""

    devices: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    apis: list[str] = field(default_factory=lambda: ["ALSA"])
    default: tuple[int, int] = (-1, -1)
    refuses_duplex: bool = False
    refuses_output: bool = False
    refuses_start: bool = False
    refuses_to_answer: bool = False
    rates: tuple[int, ...] = (44_100, 48_000)
    blocks: tuple[int, ...] = (128, 256)
    plugged: Callable[[], list[dict[str, Any]]] | None = None
    streams: list["FakeStream"] = field(default_factory=list["FakeStream"])
    rescans: int = 0
    closing_hangs: threading.Event | None = None
    jack_is_dead: bool = False

    def module(self) -> Any:
        """The fake, as ``import sounddevice`` gives it."""
        fake = SimpleNamespace(PortAudioError=PortAudioError, _initialized=1, _lib="old library")
        fake._ffi = SimpleNamespace(dlopen=lambda path: f"fresh library {path}")

        def terminate() -> None:
            assert all(stream.is_closed for stream in self.streams), "ended under an open stream"
            fake._initialized -= 1

        def initialize() -> None:
            fake._initialized += 1
            self.rescans += 1
            if self.plugged is not None:
                self.devices = self.plugged()

        def query_devices() -> list[dict[str, Any]]:
            if self.refuses_to_answer:
                raise PortAudioError("Error querying device -1")
            return self.devices

        def check_output_settings(samplerate: int, **_: Any) -> None:
            if samplerate not in self.rates:
                raise PortAudioError("Invalid sample rate")

        fake._terminate, fake._initialize = terminate, initialize
        fake.query_devices, fake.check_output_settings = query_devices, check_output_settings
        fake.query_hostapis = lambda: [self._api(index, name) for index, name in enumerate(self.apis)]
        fake.default = SimpleNamespace(device=self.default)
        fake.Stream = lambda **options: self._open(options, is_duplex=True)
        fake.OutputStream = lambda **options: self._open(options, is_duplex=False)
        return fake

    def _api(self, index: int, name: str) -> dict[str, Any]:
        played = [place for place, one in enumerate(self.devices) if one["hostapi"] == index]
        return {"name": name, "default_output_device": played[0] if played else -1}

    def _open(self, options: dict[str, Any], is_duplex: bool) -> "FakeStream":
        if is_duplex and self.refuses_duplex:
            raise PortAudioError("Illegal combination of I/O devices")
        if self.refuses_output or self.jack_is_dead:
            raise PortAudioError("Device unavailable")
        if options.get("blocksize", 256) not in self.blocks:
            raise PortAudioError("Invalid block")
        stream = FakeStream(self, options, is_duplex)
        self.streams.append(stream)
        return stream


class FakeStream:
    """A stream; ``ask`` is the device asking for a block, in the caller's thread."""

    def __init__(self, sound: FakeSound, options: dict[str, Any], is_duplex: bool) -> None:
        self.sound, self.options, self.is_duplex = sound, options, is_duplex
        self.latency: Any = (0.004, 0.005) if is_duplex else 0.005
        self.active = self.is_closed = False
        self.ring, self.room = 2048, 0
        self.written: list[Any] = []
        self.rooms: Iterator[int] = iter(())
        self.waiting: Iterator[int] = iter(())
        self.reads = 0
        self.tells_underflow = self.tells_overflow = False

    def start(self) -> None:
        if self.sound.refuses_start:
            raise PortAudioError("Unanticipated host error")
        self.active = True

    def close(self) -> None:
        if self.sound.closing_hangs is not None:
            self.sound.closing_hangs.wait(60.0)
        self.active, self.is_closed = False, True

    def ask(self, frames: int = 256, status: Any = None) -> Any:
        """The sound of one block, ``[frames, outputs]``."""
        channels = self.options["channels"]
        outputs = channels[1] if self.is_duplex else channels
        out = np.full((frames, outputs), np.nan, np.float32)
        if self.is_duplex:
            self.options["callback"](np.ones((frames, channels[0]), np.float32), out, frames, None, status)
        else:
            self.options["callback"](out, frames, None, status)
        return out

    @property
    def write_available(self) -> int:
        return next(self.rooms, 0)

    @property
    def read_available(self) -> int:
        return next(self.waiting, self.options["blocksize"])

    def read(self, frames: int) -> tuple[Any, bool]:
        """The next block heard: the first is all 1, the second all 2 …"""
        self.reads += 1
        return np.full((frames, self.options["channels"][0]), self.reads, np.float32), self.tells_overflow

    def write(self, samples: Any) -> bool:
        self.written.append(samples.copy())
        if not self.active:
            raise PortAudioError("Stream is stopped")
        return self.tells_underflow


@contextmanager
def installed(sound: FakeSound) -> Iterator[Any]:
    """Let ``import sounddevice`` give the fake, with nothing remembered of before."""
    with pytest.MonkeyPatch.context() as patch:
        module = sound.module()
        patch.setitem(sys.modules, "sounddevice", module)
        patch.setattr(library, "_state", type(library._state)())
        yield module
