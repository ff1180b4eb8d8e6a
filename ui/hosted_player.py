"""What an engine that others start and keep does beside playing: recording its output, changing devices, resting.

Runs in the engine's process, as the player of ``engine.session.host``. A client repeats what it asked for to an engine
that takes the place of a dead one.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.drivers import NOBODY, DeviceError, Means, Supervisor, WantedDevice
from ..engine.live import LiveSetup, Performance
from ..engine.live.hosted import LivePlayer
from ..engine.messages import OpenDocument, Order, RecordTo, UseDevice
from ..engine.palette import Palette
from ..engine.problems import Problem
from ..engine.values import FloatArray
from ..graphs import Patch

if TYPE_CHECKING:
    from ..nodes.audiofile.tape import Tape

PLAYER = f"{__name__}:HostedPlayer"
# An edit fades cords out and in.
FADES_SECONDS = 0.02
SPARE_BLOCKS = 4


class Hosted(Performance):
    """A performance that does what is asked of its host. tell: takes a sentence, its kind and how bad it is.

    ``do`` only notes which device is wanted; it is opened at the next ``look_after``, as devices belong to that thread.
    """

    def __init__(
        self,
        patch: Patch,
        palette: Palette,
        folder: Path,
        wanted: WantedDevice,
        tell: Callable[..., None],
        how: LiveSetup | None = None,
        *,
        means: Means | None = None,
    ) -> None:
        super().__init__(patch, palette, folder, wanted, tell, how, means=means, tap=self.hear)
        self._tell, self._means = tell, means
        self._updating, self._recording = threading.RLock(), threading.RLock()
        self._is_on = True
        self._device = UseDevice(device=wanted.device, input=wanted.input)
        self._tape: Tape | None = None
        self._file, self._has_warned = "", False

    def start(self, now: float) -> None:
        """Begin to play. A device that is not there is told and waited for, while the patch plays without it."""
        wanted = self.supervisor.wanted
        try:
            super().start(now)
        except DeviceError as error:
            self._tell(f"{error}; playing without audio output until it is there")
            self.supervisor.stop()
            self.supervisor.wanted = replace(wanted, device=NOBODY)
            super().start(now)
            self.supervisor.wanted = wanted

    def look_after(self, now: float) -> None:
        """Call about ten times a second: open the device that is wanted, watch it and the load."""
        asked = self._device
        wanted = replace(self.supervisor.wanted, device=asked.device, input=asked.input)
        if self._is_on and (not asked.is_on or wanted != self.supervisor.wanted):
            with self._updating:
                self.halt()
                self._is_on = False
        super().look_after(now)
        if asked.is_on and not self._is_on:
            with self._updating:
                self.supervisor = Supervisor(self.play, wanted, self._tell, self._means, self.expect)
                self.start(now)
                self._is_on = True
        if self._tape is not None:
            told = self._tape.told()
            if told.warning and not self._has_warned:
                self._has_warned = True
                self._tell(told.warning, "record")
            if told.problem:
                self._end_recording()

    def do(self, order: Order) -> None:
        """Use a device, record, or find files elsewhere, beside what every performance does."""
        match order:
            case UseDevice():
                self._device = order
            case RecordTo():
                with self._recording:
                    if self._tape is not None and order.goes_on and order.file == self._file:
                        return
                    before, self._file, self._has_warned = self._tape, order.file, False
                    # in place of the one before between two blocks: a recording in several files has no gap
                    self._tape = self._new_tape(order) if order.file else None
                    self._finish_recording(before)
            case OpenDocument():
                with self._updating:
                    self.engine.setup = replace(self.engine.setup, folder=Path(order.folder))
                    if order.is_other:
                        super().update(Patch())
            case _:
                super().do(order)

    def update(self, patch: Patch) -> tuple[Problem, ...]:
        """Play an edited patch. While the sound is off it is taken over in silence, so that edits do not pile up."""
        with self._updating:
            problems = super().update(patch)
            if not self._is_on:
                self._take_over()
            return problems

    def hear(self, sound: FloatArray) -> None:
        """Audio thread only: keep what is played, ``[channels, n]``, while it is recorded."""
        tape = self._tape
        if tape is not None:
            tape.take(sound)

    def status(self) -> dict[str, Any]:
        """As the performance's, with whether the sound is on and what is recorded; from any thread."""
        tape, recording = self._tape, None
        if tape is not None:
            told = tape.told()
            recording = {"file": str(told.file), "seconds": round(told.seconds, 2), "lost": round(told.lost, 2)}
        return {**super().status(), "is_on": self._is_on, "recording": recording}

    def stop(self) -> None:
        """Play no more, finish the recording, and end the session."""
        self.halt()
        self._end_recording()
        super().stop()

    def _take_over(self) -> None:
        how = self.how
        silence = np.zeros((how.block, how.outputs), np.float32)
        for _ in range(SPARE_BLOCKS + round(FADES_SECONDS * how.sample_rate / how.block)):
            self.play(None, silence)

    def _new_tape(self, order: RecordTo) -> "Tape | None":
        from ..nodes.audiofile.tape import SUFFIXES, Tape
        from ..nodes.audiofile.unfinished import recover

        path = Path(order.file)
        for one in recover():  # what the engine whose place this one takes was recording
            self._tell(str(one), "record")
        if path.suffix.lower() not in SUFFIXES:
            self._tell(f"{path.name} is not a valid recording name; use .wav or .flac", "record", "error")
        elif not path.parent.is_dir():
            self._tell(f"there is no folder {path.parent}; create it or record elsewhere", "record", "error")
        else:
            how = self.how
            return Tape(path, how.sample_rate, self.channels, how.block, offline=False, replaces=not order.goes_on)
        return None

    def _end_recording(self) -> None:
        with self._recording:
            tape, self._tape = self._tape, None
        self._finish_recording(tape)

    def _finish_recording(self, tape: "Tape | None") -> None:
        if tape is None:
            return
        tape.close()
        told = tape.told()
        if told.problem:
            self._tell(f"the recording has ended: {told.problem}", "record", "error")
        elif told.seconds:
            text = f"recorded {told.seconds:.1f} s into {told.file}"
            text += f"; {told.lost:.1f} s were lost: the disk is too slow" if told.lost else ""
            self._tell(text, "record", "info")


class HostedPlayer(LivePlayer):
    """A live performance for an editor or a service: it waits for its device, and does what is asked of it."""

    made_of = Hosted
