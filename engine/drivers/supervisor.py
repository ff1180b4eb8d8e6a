"""Keeps the sound going: when the device goes, the patch plays on without it, and is heard again when it is back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..logs import failed
from ..values import FloatArray
from .clock import ClockDriver
from .interface import NOBODY, DeviceError, DeviceRefused, Driver, Format, Play, Tell, WantedDevice
from .library import rescan
from .portaudio import CallbackDriver

OpenDevice: TypeAlias = Callable[[Play, WantedDevice, Tell], Driver]
OpenClock: TypeAlias = Callable[[Play, WantedDevice], Driver]
log = logging.getLogger(__name__)
# How often a device that is gone is looked for.
RETRY_SECONDS = 2.0
# A device that asks for nothing for so long is gone.
SILENT_SECONDS = 1.0
# How long a device may take to ask for its first block.
FIRST_BLOCK_SECONDS = 3.0


@dataclass(frozen=True)
class Means:
    """How drivers are made and devices looked for: a place for other ones, and for faults in tests."""

    open_device: OpenDevice = CallbackDriver
    open_clock: OpenClock = ClockDriver
    rescan: Callable[[], None] = rescan


class Supervisor:
    """Plays on the wanted device, or on a clock while it is not there. All methods belong to one thread, its owner's.

    The owner calls ``poll`` about ten times a second. Whatever drives, ``play`` is called by one thread at a time:
    the next driver starts only when the one before is shut out and has left. tell gets one sentence when the device
    goes and one when it is back. expect: hears of every driver that is about to play.
    """

    def __init__(
        self,
        play: Play,
        wanted: WantedDevice,
        tell: Tell,
        means: Means | None = None,
        expect: Callable[[Format], None] = lambda form: None,
    ) -> None:
        self._expect = expect
        self.wanted = wanted
        self._means = Means() if means is None else means
        self._play, self._tell = play, tell
        self._current: _Driven | None = None
        self._coming: _Driven | None = None
        self._seen = 0
        self._has_told_failure = False
        self._refused = ""
        self._seen_at = self._retry_at = 0.0

    @property
    def driver(self) -> Driver | None:
        """What drives now: the device, the clock, or None before ``start`` and after ``stop``."""
        return None if self._current is None else self._current.driver

    @property
    def format(self) -> Format | None:
        """What is played with now."""
        return None if self._current is None else self._current.driver.format

    @property
    def is_heard(self) -> bool:
        """Whether a device plays, not the clock."""
        return self._current is not None and self._current.is_device

    def start(self, now: float) -> None:
        """Begin to play. now: seconds of a steady clock.

        Raises DeviceError when a device asked for by name is not there or does not open. Without any device, when none
        was asked for by name, it says so and plays on the clock. The device ``"none"`` is the clock, and stays so.
        """
        if self.wanted.device != NOBODY:
            try:
                self._coming = self._open_device(self.wanted, self._tell)
                self._hand_over(now)
                return
            except DeviceError as error:
                if self.wanted.device is not None or (self.wanted.must_hear and self.wanted.input is not None):
                    raise
                self._tell(f"no audio device; playing without audio output: {error}")
        self._coming = self._open_clock()
        self._hand_over(now)

    def poll(self, now: float) -> None:
        """Look after the driver; call about ten times a second. now: seconds of the same clock as at ``start``."""
        current = self._current
        if current is None:
            return
        if current.gate.failures and not self._has_told_failure:
            self._has_told_failure = True
            failure = current.gate.failure
            text = f"some blocks failed and were silent ({type(failure).__name__}: {failure})"
            failed(log, text, failure)
            self._tell(text)
        if self._coming is not None:
            self._hand_over(now)
        elif current.is_device:
            if self._is_gone(current, now):
                self._tell(
                    f"{current.driver.format.device} disconnected; playing without audio output until it is back"
                )
                self._coming = self._open_clock()
                self._hand_over(now)
        elif not current.driver.is_running:
            self._tell("the timer stopped and was restarted")
            self._coming = self._open_clock()
            self._hand_over(now)
        elif self.wanted.device != NOBODY and now >= self._retry_at:
            self._retry_at = now + RETRY_SECONDS
            self._try_to_return(now)

    def want_more(self, wanted: WantedDevice, now: float) -> None:
        """Open the device for more channels, if it may have them; meanwhile it plays on without being heard.

        wanted: as it is wanted, but for the channels.
        """
        before, current = self.wanted, self._current
        if wanted == before or self._coming is not None:
            return
        self.wanted = wanted
        if current is None:
            return
        form = current.driver.format
        has_more = (wanted.outputs > before.outputs and form.outputs == before.outputs) or (
            wanted.inputs > before.inputs and form.inputs == before.inputs
        )
        if has_more or not current.is_device:
            if current.is_device:
                self._tell(f"opening {form.device} again for {wanted.outputs} outputs and {wanted.inputs} inputs")
            self._coming = self._open_clock()
            self._hand_over(now)
            self._retry_at = now

    def stop(self) -> None:
        """Play no more."""
        for driven in (self._coming, self._current):
            if driven is not None:
                driven.gate.is_shut = True
                driven.driver.stop()
        self._coming = self._current = None

    def _is_gone(self, current: "_Driven", now: float) -> bool:
        """Whether the device says so, or has asked for nothing for too long. A long block is no sign of that."""
        gate = current.gate
        if gate.calls != self._seen or gate.is_inside:
            self._seen, self._seen_at = gate.calls, now
        patience = SILENT_SECONDS if gate.calls else FIRST_BLOCK_SECONDS
        return not current.driver.is_running or now - self._seen_at > patience

    def _try_to_return(self, now: float) -> None:
        """Open the device beside the clock, which plays until it is ready; say what it says only if it opens."""
        told: list[str] = []
        try:
            self._means.rescan()
            self._coming = self._open_device(replace(self.wanted, must_hear=False), told.append)
        except DeviceError as error:
            # Gone devices are waited for in silence; one that is back, but otherwise, is told of.
            if isinstance(error, DeviceRefused) and str(error) != self._refused:
                self._refused = str(error)
                self._tell(f"{error}. Until then it plays without audio output")
            return
        self._refused = ""
        for text in told:
            self._tell(text)
        self._hand_over(now)

    def _open_device(self, wanted: WantedDevice, tell: Tell) -> "_Driven":
        gate = _Gate(self._play)
        return _Driven(self._means.open_device(gate, wanted, tell), gate, is_device=True)

    def _open_clock(self) -> "_Driven":
        gate = _Gate(self._play)
        return _Driven(self._means.open_clock(gate, self.wanted), gate, is_device=False)

    def _hand_over(self, now: float) -> None:
        """Start the coming driver once the current one is out of ``play``; if it isn't yet, the next poll tries again.

        The old driver is stopped last, as a device that is gone may take long to close.
        """
        old, new = self._current, self._coming
        if new is None:
            return
        if old is not None:
            old.gate.is_shut = True
            if old.gate.is_inside:
                return
        self._coming = None
        self._expect(new.driver.format)
        try:
            new.driver.start()
        except DeviceError:
            new.driver.stop()
            if old is None:
                raise
            old.gate.is_shut = False
            return
        self._current = new
        self._seen, self._seen_at, self._retry_at = 0, now, now + RETRY_SECONDS
        if old is not None:
            old.driver.stop()
            if new.is_device:
                self._tell(f"audio device is back: {new.driver.format.device}")


class _Gate:
    """Between a driver and ``play``: shut, a driver that still calls gets silence and disturbs nobody.

    No driver outlives an exception in its thread (a clock ends silently, PortAudio aborts the stream and crashes when
    it is closed), so none gets through: the block is silent and counted, and ``failure`` says what it was.
    """

    def __init__(self, play: Play) -> None:
        self._play = play
        self.is_shut = self.is_inside = False
        self.calls = self.failures = 0
        self.failure: Exception | None = None

    def __call__(self, heard: FloatArray | None, out: FloatArray) -> None:
        """Audio thread only. ``is_inside`` is set before ``is_shut`` is read: whoever shuts sees one or the other."""
        self.is_inside = True
        if self.is_shut:
            out.fill(0.0)
        else:
            try:
                self._play(heard, out)
            except Exception as error:
                out.fill(0.0)
                self.failures += 1
                self.failure = error
            self.calls += 1
        self.is_inside = False


@dataclass(frozen=True)
class _Driven:
    """A driver with the gate it calls."""

    driver: Driver
    gate: _Gate
    is_device: bool
