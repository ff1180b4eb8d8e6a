"""What an engine in a process of its own plays with, as ``link.host`` starts it."""

import time
from pathlib import Path
from typing import Any

from ...graphs import Patch
from ..drivers import NOBODY, Means, WantedDevice, playing_rate
from ..messages.children import Hosting
from ..palette import load_palette
from .performance import Performance
from .session import LiveSetup

# Hz, where neither a device nor a client says.
USUAL_RATE = 48_000


class LivePlayer:
    """A live performance of whatever the clients send, to begin with of nothing. means: in place of devices, for tests.

    made_of: what plays. Raises DeviceError where the device is not there.
    """

    made_of: type[Performance] = Performance
    player: Performance

    def __init__(self, how: Hosting, means: Means | None = None) -> None:
        self._waiting: list[dict[str, Any]] = []
        rate = playing_rate(how.device if means is None else NOBODY, how.sample_rate or None, USUAL_RATE)
        if rate.why:
            self._tell(rate.why)
        setup = LiveSetup(sample_rate=float(rate.hz), block=how.block)
        wanted = WantedDevice(device=how.device, input=how.input, sample_rate=rate.hz, block=how.block)
        self.player = self.made_of(Patch(), load_palette(), Path(how.folder), wanted, self._tell, setup, means=means)
        self.player.start(time.monotonic())

    def look_after(self, now: float) -> list[dict[str, Any]]:
        """Call ten times a second; gives the news."""
        self.player.look_after(now)
        waiting, self._waiting = self._waiting, []
        return [*waiting, *self.player.news()]

    def close(self) -> None:
        """End it; what is being recorded is finished first."""
        self.player.stop()

    def _tell(self, text: str, kind: str = "device", severity: str = "warning") -> None:
        self._waiting.append({"kind": kind, "text": text, "severity": severity})
