"""The governor: learning and pictures slow down before the sound suffers, and speed up again when there is room."""

from dataclasses import dataclass

CALM_LOAD, BUSY_LOAD = 0.55, 0.8
SLOWEST, HALF, RECOVERY_PER_SECOND = 0.05, 0.5, 0.1
HOLD_SECONDS = 1.0


@dataclass
class Governor:
    """How much of the time other work may use. pace: 0.05 … 1.

    Late frames, xruns, or blocks that take more than four fifths of their time halve it; a second without any of
    these lets it grow by a tenth per second.
    """

    pace: float = 1.0
    _troubles: int = 0
    _quiet_seconds: float = 0.0

    def watch(self, seconds: float, load_p99: float, troubles: int) -> float:
        """The pace from now on.

        seconds: since last asked. load_p99: 99th percentile of block loads of late, 1 being all of the time.
        troubles: late frames and xruns so far.
        """
        new_troubles, self._troubles = troubles - self._troubles, troubles
        if new_troubles > 0 or load_p99 > BUSY_LOAD:
            if self._quiet_seconds > 0 or self.pace == 1.0:
                self.pace = max(SLOWEST, self.pace * HALF)
            self._quiet_seconds = -HOLD_SECONDS
        else:
            self._quiet_seconds += seconds
            if self._quiet_seconds > 0 and load_p99 < CALM_LOAD:
                self.pace = min(1.0, self.pace + RECOVERY_PER_SECOND * seconds)
        return self.pace
