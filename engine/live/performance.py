"""A performance: a session on a device, looked after ten times a second, and what can be told about it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs import Patch
from ..drivers.interface import NOBODY, Driver, Tell, WantedDevice
from ..drivers.statistics import Period
from ..drivers.supervisor import Means, Supervisor
from ..frames import FrameService
from ..messages import Bar, Beat, MessageError, Order, Panic, RowsAt
from ..palette import Palette
from ..values import FloatArray, Reading
from .session import Live, LiveSetup, Tap

# An engine that has made no block for so long does not play, whatever else it answers.
STILL_SECONDS = 1.0


@dataclass
class _Totals:
    """Counts of the drivers that have played before the present one."""

    blocks: int = 0
    xruns: int = 0
    missed: int = 0

    def add(self, period: Period) -> None:
        self.blocks += period.blocks
        self.xruns += period.underruns + period.overflows
        self.missed += period.missed


class Performance(Live):
    """A live session on its device. What is new here belongs to the thread that looks after it, but ``status``.

    wanted: the device; how, tap, frames: see ``Live``. tell: gets a sentence when the device goes or is back. means:
    see ``Supervisor``. Raises PatchError.
    """

    def __init__(
        self,
        patch: Patch,
        palette: Palette,
        folder: Path,
        wanted: WantedDevice,
        tell: Tell,
        how: LiveSetup | None = None,
        *,
        means: Means | None = None,
        tap: Tap | None = None,
        frames: FrameService | None = None,
    ) -> None:
        super().__init__(patch, palette, folder, how, tap, frames)
        self.supervisor = Supervisor(self.play, wanted, tell, means, self.expect)
        self._driver: Driver | None = None
        self._earlier = _Totals()
        self._looked_at = 0.0
        self._is_heard = False
        self._recent = Period()
        self._blocks, self._moved_at = -1, 0.0
        self._is_playing = self._was_heard = False
        self._changed_at = time.time()

    def do(self, order: Order) -> None:
        """Silence, a bar, where sensors' rows are, or a beat outside: what is played at it is heard at its time.

        From any thread. Raises MessageError for all that an engine does only for the editor that started it.
        """
        match order:
            case Beat():
                form = driver.format if (driver := self._driver) is not None else None
                early = form.output_latency_seconds if form is not None else 0.0
                self.follow_beat(order.beat, order.tempo, order.at - early)
            case Bar():
                self.engine.setup.beat.begin_bar()
            case Panic():
                self.panic()
            case RowsAt():
                try:
                    self.engine.setup.vectors.follow(order.path, order.addresses)
                except (OSError, ValueError) as error:
                    raise MessageError(f"what sensors send can't be read ({error})") from None
            case _:
                raise MessageError("this engine's device, folder and recording are set where it was started")

    def readings(self) -> Iterator[Reading]:
        """What nodes show now (see ``Live.readings``), and under "" ``load``, float32 ``[3]``.

        Load: half of the blocks of late, 99 in 100, and all took at most this share of their time.
        """
        load = self._recent.load
        for index, one in enumerate(super().readings()):
            if index == 0:
                yield Reading("", "load", np.array([load.p50, load.p99, load.max], np.float32))
            yield one

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What one node shows now; None for nothing of that name."""
        try:
            shown: FloatArray = self.engine.instance(node).shows()[name]
        except (KeyError, AttributeError):
            return None
        return shown

    @property
    def channels(self) -> int:
        """Channels of what is played now, two at least; before it plays those that nodes ask for."""
        form = self.supervisor.format
        return max(2, form.outputs if form is not None else self.engine.setup.bus.asked_outputs)

    def start(self, now: float) -> None:
        """Begin to play. now: seconds of a steady clock. Raises DeviceError (see ``Supervisor.start``)."""
        self.supervisor.wanted = self._for_all(self.supervisor.wanted)
        self.supervisor.start(now)
        self._note_channels()
        self._driver, self._looked_at = self.supervisor.driver, now
        self._is_heard = self.supervisor.is_heard

    def look_after(self, now: float) -> None:
        """Call about ten times a second: watch the device and the load, clear up."""
        self.supervisor.want_more(self._for_all(self.supervisor.wanted), now)
        self.supervisor.poll(now)
        self._note_channels()
        driver, self._is_heard = self.supervisor.driver, self.supervisor.is_heard
        if driver is not self._driver and self._driver is not None:
            self._earlier.add(self._driver.timing.report().whole)
            self._driver = driver
        self._recent = driver.timing.report().recent if driver is not None else Period()
        self.housekeep(now - self._looked_at, self._recent.load.p99, self._totals().xruns)
        self._looked_at = now
        self.last_second.look(now, self.engine.blocks, self.late_frames)
        if self._is_heard != self._was_heard:
            self._was_heard, self._changed_at = self._is_heard, time.time()
        if self.engine.blocks != self._blocks:
            self._blocks, self._moved_at = self.engine.blocks, now
        self._is_playing = now - self._moved_at < STILL_SECONDS

    def status(self) -> dict[str, Any]:
        """The session's numbers with the device's; from any thread."""
        driver, totals, status = self._driver, self._totals(), super().status()
        whole = driver.timing.report().whole if driver is not None else Period()
        form = driver.format if driver is not None else None
        device_ms = 1000 * form.output_latency_seconds if form is not None else 0.0
        return {
            **status,
            "is_playing": self._is_playing,
            "device": form.device if form is not None and self._is_heard else NOBODY,
            "host_api": form.host_api if form is not None and self._is_heard else "",
            "inputs": form.inputs if form is not None else 0,
            "is_heard": self._is_heard,
            "wants_device": self.supervisor.wanted.device != NOBODY,
            "heard_changed_at": round(self._changed_at, 3),
            "last_second": self.last_second.told,
            "is_realtime": driver.is_realtime if driver is not None else False,
            "xruns": totals.xruns,
            "missed_blocks": totals.missed,
            "load": {"p50": round(whole.load.p50, 4), "p99": round(whole.load.p99, 4), "max": round(whole.load.max, 4)},
            "late_ms": {"p50": round(whole.late_ms.p50, 3), "p99": round(whole.late_ms.p99, 3)},
            "latency_ms": {
                "device": round(device_ms, 2),
                "block": status["block_ms"],
                "codec": status["codec_ms"],
                "total": round(device_ms + status["block_ms"] + status["codec_ms"], 2),
            },
        }

    def halt(self) -> None:
        """Play no more; what can be told stays as it was then."""
        self.supervisor.stop()

    def stop(self) -> None:
        """Play no more, and end the session."""
        self.halt()
        self.close()

    def _for_all(self, wanted: WantedDevice) -> WantedDevice:
        """With as many channels as nodes have asked for."""
        bus = self.engine.setup.bus
        inputs = max(wanted.inputs, bus.asked_inputs) if wanted.inputs else 0
        return replace(wanted, inputs=inputs, outputs=max(wanted.outputs, bus.asked_outputs))

    def _note_channels(self) -> None:
        """Let nodes know which channels there are, once a device was asked for all of them."""
        form, bus = self.supervisor.format, self.engine.setup.bus
        is_settled = self.supervisor.is_heard and self._for_all(self.supervisor.wanted) == self.supervisor.wanted
        bus.offered = (form.inputs, form.outputs) if is_settled and form is not None else None

    def _totals(self) -> _Totals:
        totals = _Totals(self._earlier.blocks, self._earlier.xruns, self._earlier.missed)
        if self._driver is not None:
            totals.add(self._driver.timing.report().whole)
        return totals
