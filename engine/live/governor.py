"""The governor: learning and pictures slow down before the sound suffers, and speed up again when there is room."""

from dataclasses import dataclass

CALM_LOAD, BUSY_LOAD = 0.55, 0.8
# A patch that is heavy by itself is no lighter for the others' rest: what counts then is how much they add to it.
CALM_SHARE, BUSY_SHARE = 1.15, 1.4
# Of all of a block's time; beyond it others rest whatever the patch itself takes.
MOST_LOAD = 1.5
# At this pace, for so long, blocks take what the patch itself makes them take.
RESTING, RESTING_SECONDS = 0.15, 1.5
SLOWEST, HALF, RECOVERY_PER_SECOND = 0.05, 0.5, 0.1
HOLD_SECONDS = 1.0


@dataclass
class Governor:
    """How much of the time other work may use. pace: 0.05 … 1.

    Late frames, xruns, or blocks that take more than four fifths of their time halve it, once a second while they last;
    a second without any of these lets it grow by a tenth per second. Where blocks take as much while others nearly
    rest, only what comes on top of that does.
    """

    pace: float = 1.0
    _usual: float = 0.0
    """What blocks take while others nearly rest; 0: not known, and taken for little."""
    _resting_seconds: float = 0.0
    _halved_seconds: float = 0.0
    """How long there has been trouble since the last halving."""
    _troubles: int = 0
    _quiet_seconds: float = 0.0

    def watch(self, seconds: float, load_p99: float, troubles: int) -> float:
        """The pace from now on.

        seconds: since last asked. load_p99: 99th percentile of block loads of late, 1 being all of the time.
        troubles: late frames and xruns so far.
        """
        new_troubles, self._troubles = troubles - self._troubles, troubles
        self._resting_seconds = self._resting_seconds + seconds if self.pace <= RESTING else 0.0
        if self._resting_seconds >= RESTING_SECONDS or load_p99 < self._usual:
            self._usual = load_p99
        busy = max(BUSY_LOAD, min(BUSY_SHARE * self._usual, MOST_LOAD))
        calm = max(CALM_LOAD, min(CALM_SHARE * self._usual, MOST_LOAD))
        if new_troubles > 0 or load_p99 > busy:
            self._halved_seconds += seconds
            if self._quiet_seconds > 0 or self.pace == 1.0 or self._halved_seconds >= HOLD_SECONDS:
                self.pace, self._halved_seconds = max(SLOWEST, self.pace * HALF), 0.0
            self._quiet_seconds = -HOLD_SECONDS
        else:
            self._quiet_seconds += seconds
            if self._quiet_seconds > 0 and load_p99 < calm:
                self.pace = min(1.0, self.pace + RECOVERY_PER_SECOND * seconds)
        return self.pace
