"""A sound device written to by a thread of our own, 20 to 40 ms ahead: slower to answer, harder to break.

A block may come late by as much as the ring holds before anybody hears it. What the device hears waits in a ring of
the same length, and is read block by block before each is written.
"""

import threading
import time
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np

from ..processes.priority import AUDIO, raise_priority
from ..values import FloatArray
from .devices import Device
from .interface import DeviceError, DeviceRefused, Format, Play, Tell, WantedDevice
from .library import close_stream, open_stream
from .portaudio import cannot_hear, cannot_open, chosen_devices, is_active, refusals, start_stream
from .statistics import Timing

# How long to wait for the block in hand when stopped.
STOP_SECONDS = 1.0
# Channels on JACK: PortAudio 19 takes each frame written or read there for two samples, and with any other number
# goes past the end of its memory.
PAIR = 2


class BlockingDriver:
    """A device open for playing, and hearing where it can, served by a thread that asks to go before ordinary ones.

    Opening raises DeviceError. When hearing and playing don't open together, it plays alone and tells so in one
    sentence. ``write`` never tells on JACK that the device ran dry, so this looks before each write: a ring with all
    its room free was empty. At the start, until it has been full once, nothing is counted.
    """

    def __init__(self, play: Play, wanted: WantedDevice, tell: Tell) -> None:
        output, source = chosen_devices(wanted, tell)
        self._play, self._is_jack = play, output.is_jack
        self._is_lost = self.is_realtime = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self.ring_samples = ring_samples(wanted)
        self.timing = Timing(wanted.sample_rate)
        self._stream: Any = None
        if output.is_jack:
            wanted, source = _as_pairs(output, source, wanted, tell)
        self.format = self._open(output, source, wanted, tell)

    @property
    def is_running(self) -> bool:
        """Whether blocks are asked for; False as soon as the device is seen to be gone."""
        if self._stream is None or self._thread.ident is None or self._stopping.is_set():
            return False
        self._is_lost = self._is_lost or not is_active(self._stream)
        return not self._is_lost

    def start(self) -> None:
        """Begin to play. Raises DeviceError."""
        start_stream(self._stream, self.format.device)
        self._thread.start()

    def stop(self) -> None:
        """Play no more and give the device back."""
        if self._stream is None:
            return
        has_begun = self._thread.ident is not None
        is_lost = has_begun and not self.is_running
        self._stopping.set()
        if has_begun and not is_lost:
            self._thread.join(STOP_SECONDS)
        stream, self._stream = self._stream, None
        close_stream(stream, is_lost, self._is_jack)

    def _open(self, output: Device, source: Device | None, wanted: WantedDevice, tell: Tell) -> Format:
        """Open for both, else for playing alone. In the ring before JACK a sound waits longer than JACK reports."""
        outputs = min(wanted.outputs, output.outputs)
        ring = self.ring_samples / wanted.sample_rate
        common = {"samplerate": wanted.sample_rate, "blocksize": wanted.block, "dtype": "float32", "latency": ring}
        longer = ring if output.is_jack else 0.0
        form = Format(output.name, output.host_api, wanted.sample_rate, wanted.block, 0, outputs)
        if source is not None:
            inputs = min(wanted.inputs, source.inputs)
            both: dict[str, Any] = {"device": (source.index, output.index), "channels": (inputs, outputs), **common}
            try:
                self._stream = open_stream(lambda module: module.Stream(**both))
            except refusals() as error:
                tell(cannot_hear(source, output, error))
            else:
                heard, played = (float(one) for one in self._stream.latency)
                waits = wanted.block / wanted.sample_rate
                return replace(
                    form,
                    inputs=inputs,
                    output_latency_seconds=played + longer,
                    input_latency_seconds=heard + waits,
                )
        alone: dict[str, Any] = {"device": output.index, "channels": outputs, **common}
        try:
            self._stream = open_stream(lambda module: module.OutputStream(**alone))
        except refusals() as error:
            raise DeviceRefused(cannot_open(output, wanted, error)) from error
        return replace(form, output_latency_seconds=float(self._stream.latency) + longer)

    def _run(self) -> None:
        self.is_realtime = raise_priority(AUDIO)
        stream, play, timing, stopping = self._stream, self._play, self.timing, self._stopping
        block, ring, lost_by = self.format.block, self.ring_samples, refusals()
        out = np.zeros((block, self.format.outputs), np.float32)
        queue = InputQueue(stream, self.format, ring if self._is_jack else 0, timing) if self.format.inputs else None
        has_been_full, now = False, time.perf_counter
        try:
            while not stopping.is_set():
                timing.begin(now())
                play(None if queue is None else queue.hear(), out)
                timing.end(now(), block)
                room = stream.write_available
                has_been_full = has_been_full or room < block
                if has_been_full and self._is_jack and room >= ring:
                    timing.underrun()
                if stream.write(out) and has_been_full:
                    timing.underrun()
        except lost_by:
            self._is_lost = True


class InputQueue:
    """What a device hears while it is written to, one block for each that is written. Never waits.

    The first block is silence, so that ever after one block is there before it is asked for. ring: samples that wait
    at most where the device does not tell that some were lost (JACK), else 0; a ring found full has lost some. Lost
    samples, and a block that is not there in time, which is silence then, count as overflows.
    """

    def __init__(self, stream: Any, form: Format, ring: int, timing: Timing) -> None:
        self._stream, self._timing = stream, timing
        self._block, self._ring = form.block, ring
        self._silence: FloatArray = np.zeros((form.block, form.inputs), np.float32)
        self._has_begun = self._is_in_step = False

    def hear(self) -> FloatArray:
        """Sound thread only: the next block, ``[frames, inputs]``."""
        waiting = self._stream.read_available
        is_full = 0 < self._ring <= waiting
        is_short = waiting < self._block
        if self._is_in_step and (is_full or is_short):
            self._timing.overflow()
        is_silent = is_short or not self._has_begun
        self._has_begun = True
        self._is_in_step = not is_full and (self._is_in_step or is_silent)
        if is_silent:
            return self._silence
        samples: FloatArray
        samples, is_torn = self._stream.read(self._block)
        if is_torn:
            self._timing.overflow()
        return samples


def ring_samples(wanted: WantedDevice) -> int:
    """What each ring of a JACK device holds: PortAudio takes the power of two that is not shorter."""
    asked = max(ceil(wanted.ring_seconds * wanted.sample_rate), 2 * wanted.block)
    return int(1 << (asked - 1).bit_length())


def _as_pairs(
    output: Device, source: Device | None, wanted: WantedDevice, tell: Tell
) -> tuple[WantedDevice, Device | None]:
    """What can be had of JACK devices: two channels each way. Raises DeviceError."""
    if output.outputs < PAIR:
        raise DeviceError(
            f"{output.label} has one output, and on JACK a ring buffer needs two; use another device, or omit --robust"
        )
    if source is not None and source.inputs < PAIR:
        text = f"no audio input: {source.label} has one channel, and on JACK a ring buffer needs two"
        if wanted.must_hear:
            raise DeviceError(f"{text}; use another input device, or omit --robust")
        tell(text)
        source = None
    return replace(wanted, inputs=PAIR, outputs=PAIR), source
