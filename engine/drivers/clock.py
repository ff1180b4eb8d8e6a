"""The clock: plays a patch at real speed with nobody listening, so that it goes on without an audio device."""

import threading
import time
from collections.abc import Callable

import numpy as np

from ..processes.priority import AUDIO, raise_priority
from .interface import NOBODY, Format, Play, WantedDevice
from .statistics import LOST_SECONDS, Timing

# How long to wait for the block in hand when stopped.
STOP_SECONDS = 2.0


class ClockDriver:
    """A device that is none: blocks come when they are due, their sound goes nowhere, nothing is heard.

    Due times are counted from the start and not from block to block, so the clock does not drift. After a stall of
    more than 0.25 s it goes on with the next block that is due, and counts those it missed, instead of playing them in
    a burst; so a patch too heavy to be played leaves others a moment now and then. Its thread asks to go before
    ordinary ones, as a device's does: what is played without a device is still recorded, and looked at.
    now: seconds of a steady clock. wait: returns after so many seconds, or sooner.
    """

    def __init__(
        self,
        play: Play,
        wanted: WantedDevice,
        now: Callable[[], float] = time.perf_counter,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self.format = Format("clock", NOBODY, wanted.sample_rate, wanted.block, 0, wanted.outputs)
        self.timing = Timing(wanted.sample_rate)
        self.is_realtime = False
        self._play, self._now = play, now
        self._stopping = threading.Event()
        self._wait = self._stopping.wait if wait is None else wait
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether blocks are asked for."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def stop(self) -> None:
        """Play no more; waits for the block in hand, at most two seconds."""
        self._stopping.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        self.is_realtime = raise_priority(AUDIO)
        now, wait, play, timing, stopping = self._now, self._wait, self._play, self.timing, self._stopping
        block, rate = self.format.block, self.format.sample_rate
        out = np.zeros((block, self.format.outputs), np.float32)
        begin, played = now(), 0
        while not stopping.is_set():
            ahead = begin + played * block / rate - now()
            if ahead > 0.0:
                wait(ahead)
                continue
            if ahead < -LOST_SECONDS:
                missed = int(-ahead * rate / block) + 1
                timing.miss(missed)
                played += missed
                continue
            timing.begin(now())
            play(None, out)
            timing.end(now(), block)
            played += 1
