"""A sound device written to by a thread of our own, 20 to 40 ms ahead: slower to answer, harder to break.

A block may come late by as much as the ring holds before anybody hears it. It plays only; to hear as well, take the
callback driver.
"""

import threading
import time
from math import ceil
from typing import Any

import numpy as np

from ..processes.priority import AUDIO, hurry
from .devices import Device
from .interface import NOBODY, DeviceError, Format, Play, Tell, Wanted
from .library import close_stream, open_stream
from .portaudio import cannot_open, chosen_devices, is_active, refusals, start_stream
from .timing import Timing

STOP_SECONDS = 1.0
"""How long to wait for the block in hand when stopped."""


class BlockingDriver:
    """A device open for playing, fed by a thread that asks to go before ordinary ones. Opening raises DeviceError.

    ``write`` never tells on JACK that the device ran dry, so this looks before each write: a ring with all its room
    free was empty. At the start, until it has been full once, nothing is counted.
    """

    def __init__(self, play: Play, wanted: Wanted, tell: Tell) -> None:
        output, _ = chosen_devices(wanted, tell, hears=False)
        if wanted.input not in (None, NOBODY):
            tell(f"{wanted.input} is not heard: a device that is written to only plays")
        self._play, self._is_jack = play, output.is_jack
        self._is_lost = self.is_realtime = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self.ring_samples = ring_samples(wanted)
        self.timing = Timing(wanted.sample_rate)
        self._stream: Any = None
        self.format = self._open(output, wanted)

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

    def _open(self, output: Device, wanted: Wanted) -> Format:
        outputs = min(wanted.outputs, output.outputs)
        ring_seconds = self.ring_samples / wanted.sample_rate
        try:
            self._stream = open_stream(
                lambda module: module.OutputStream(
                    device=output.index,
                    channels=outputs,
                    samplerate=wanted.sample_rate,
                    blocksize=wanted.block,
                    dtype="float32",
                    latency=ring_seconds,
                )
            )
        except refusals() as error:
            raise DeviceError(cannot_open(output, wanted, error)) from error
        reported = float(self._stream.latency)
        latency = reported + ring_seconds if output.is_jack else reported
        return Format(output.name, output.host_api, wanted.sample_rate, wanted.block, 0, outputs, latency)

    def _run(self) -> None:
        self.is_realtime = hurry(AUDIO)
        stream, play, timing, stopping = self._stream, self._play, self.timing, self._stopping
        block, ring, lost_by = self.format.block, self.ring_samples, refusals()
        out = np.zeros((block, self.format.outputs), np.float32)
        has_been_full, now = False, time.perf_counter
        try:
            while not stopping.is_set():
                timing.begin(now())
                play(None, out)
                timing.end(now(), block)
                room = stream.write_available
                has_been_full = has_been_full or room < block
                if has_been_full and self._is_jack and room >= ring:
                    timing.underrun()
                if stream.write(out) and has_been_full:
                    timing.underrun()
        except lost_by:
            self._is_lost = True


def ring_samples(wanted: Wanted) -> int:
    """What the ring in front of a JACK device holds: PortAudio takes the power of two that is not shorter."""
    asked = max(ceil(wanted.ring_seconds * wanted.sample_rate), 2 * wanted.block)
    return int(1 << (asked - 1).bit_length())
