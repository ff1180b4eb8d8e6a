"""A sound device that asks for each block itself: the shortest way from a patch to the loudspeaker."""

import os
import time
from contextlib import suppress
from typing import Any

from ..processes.priority import AUDIO, raise_priority
from .devices import Device, find_device, find_input, list_devices
from .interface import NOBODY, DeviceError, DeviceRefused, Format, Play, Tell, WantedDevice
from .library import close_stream, open_stream, portaudio
from .statistics import Timing


class CallbackDriver:
    """A device open for playing, and hearing where it can; its own thread calls ``play``.

    Opening raises DeviceError. When hearing and playing don't open together, it plays alone and tells so in one
    sentence. The thread asks to go before ordinary ones unless the sound system has seen to that.
    """

    def __init__(self, play: Play, wanted: WantedDevice, tell: Tell) -> None:
        output, source = chosen_devices(wanted, tell)
        self._play, self._is_jack = play, output.is_jack
        self._stream: Any = None
        self._is_lost = self._is_started = False
        self._has_asked = self.is_realtime = False
        self.timing = Timing(wanted.sample_rate)
        self.format = self._open(output, source, wanted, tell)

    @property
    def is_running(self) -> bool:
        """Whether blocks are asked for; False as soon as the device is seen to be gone."""
        if self._stream is None or not self._is_started:
            return False
        self._is_lost = self._is_lost or not is_active(self._stream)
        return not self._is_lost

    def start(self) -> None:
        """Begin to play. Raises DeviceError."""
        start_stream(self._stream, self.format.device)
        self._is_started = True

    def stop(self) -> None:
        """Play no more and give the device back."""
        if self._stream is not None:
            is_lost = self._is_started and not self.is_running
            stream, self._stream = self._stream, None
            close_stream(stream, is_lost, self._is_jack)

    def _open(self, output: Device, source: Device | None, wanted: WantedDevice, tell: Tell) -> Format:
        outputs = min(wanted.outputs, output.outputs)
        common = {"samplerate": wanted.sample_rate, "blocksize": wanted.block, "dtype": "float32", "latency": "low"}
        if source is not None:
            inputs = min(wanted.inputs, source.inputs)
            both: dict[str, Any] = {"device": (source.index, output.index), "channels": (inputs, outputs), **common}
            try:
                self._stream = open_stream(lambda module: module.Stream(callback=self._hear_and_play, **both))
            except refusals() as error:
                tell(cannot_hear(source, output, error))
            else:
                heard, played = self._stream.latency
                return _format(output, wanted, inputs, outputs, played, heard)
        alone: dict[str, Any] = {"device": output.index, "channels": outputs, **common}
        try:
            self._stream = open_stream(lambda module: module.OutputStream(callback=self._only_play, **alone))
        except refusals() as error:
            raise DeviceRefused(cannot_open(output, wanted, error)) from error
        return _format(output, wanted, 0, outputs, self._stream.latency, 0.0)

    def _hear_and_play(self, heard: Any, out: Any, frames: int, stamps: Any, status: Any) -> None:
        """Audio thread only."""
        timing = self.timing
        timing.begin(time.perf_counter())
        if status:
            self._note(status)
        self._play(heard, out)
        timing.end(time.perf_counter(), frames)
        if not self._has_asked:
            self._ask_for_priority()

    def _only_play(self, out: Any, frames: int, stamps: Any, status: Any) -> None:
        """Audio thread only."""
        timing = self.timing
        timing.begin(time.perf_counter())
        if status:
            self._note(status)
        self._play(None, out)
        timing.end(time.perf_counter(), frames)
        if not self._has_asked:
            self._ask_for_priority()

    def _note(self, status: Any) -> None:
        """Audio thread only."""
        if status.output_underflow:
            self.timing.underrun()
        if status.input_overflow:
            self.timing.overflow()

    def _ask_for_priority(self) -> None:
        """Audio thread only: once, after the first block."""
        self._has_asked = True
        self.is_realtime = is_realtime_thread() or raise_priority(AUDIO)


def chosen_devices(wanted: WantedDevice, tell: Tell) -> tuple[Device, Device | None]:
    """The device to play on, and the one to hear with or None. Raises DeviceError."""
    devices = list_devices()
    output = find_device(wanted.device, "output", devices)
    if wanted.input == NOBODY or wanted.inputs == 0:
        return output, None
    try:
        return output, find_input(wanted.input, output, devices)
    except DeviceError as error:
        if wanted.must_hear:
            raise
        tell(f"no audio input: {error}")
        return output, None


def start_stream(stream: Any, name: str) -> None:
    """Start a stream. Raises DeviceError."""
    if stream is None:
        raise DeviceError(f"{name}: it was stopped; reopen it")
    try:
        stream.start()
    except refusals() as error:
        raise DeviceError(f"{name}: it opens but does not start ({error}); another program may be using it") from error


def is_active(stream: Any) -> bool:
    """Whether PortAudio still serves a stream."""
    try:
        return bool(stream.active)
    except refusals():
        return False


def is_realtime_thread() -> bool:
    """Whether the calling thread goes before all ordinary ones already."""
    if not hasattr(os, "sched_getscheduler"):
        return False
    with suppress(OSError):
        return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)
    return False


def refusals() -> tuple[type[Exception], ...]:
    """What PortAudio raises when it can't do what is asked."""
    return portaudio().PortAudioError, ValueError


def cannot_open(output: Device, wanted: WantedDevice, error: Exception) -> str:
    """The sentence for a device that does not open."""
    own = round(output.sample_rate)
    if output.is_jack and own != wanted.sample_rate:
        return (
            f"{output.label} runs at {own} Hz and the patch at {wanted.sample_rate} Hz; "
            f"set it to {wanted.sample_rate} Hz, or restart the patch to follow it"
        )
    return (
        f"{output.label} can't be opened with {wanted.sample_rate} Hz and blocks of {wanted.block} ({error}); "
        f"latent-terrain devices --offers lists what it supports"
    )


def cannot_hear(source: Device, output: Device, error: Exception) -> str:
    """The sentence for a device that does not hear beside the one that plays."""
    return f"{source.label} can't be used as input while {output.label} plays ({error}); playing without input"


def _format(output: Device, wanted: WantedDevice, inputs: int, outputs: int, played: float, heard: float) -> Format:
    return Format(
        output.name, output.host_api, wanted.sample_rate, wanted.block, inputs, outputs, float(played), float(heard)
    )
