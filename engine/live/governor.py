"""The governor: training and pictures slow down before the sound suffers, and speed up again when there is room."""

from dataclasses import dataclass

CALM_LOAD, BUSY_LOAD = 0.55, 0.8
# A patch that is heavy by itself is no lighter for the others' rest: what counts then is how much they add to it.
CALM_SHARE, BUSY_SHARE = 1.15, 1.4
# Of all of a block's time; beyond it others slow down whatever the patch itself takes.
MOST_LOAD = 1.5
# Full blocks alone are not heard: nothing slows down further for them, so that a training run always ends.
RESTING, RESTING_SECONDS = 0.25, 1.5
SLOWEST, HALF, RECOVERY_PER_SECOND = 0.05, 0.5, 0.1
HOLD_SECONDS = 1.0
# Of the pace at which the sound was harmed; what lies above is tried again a tenth as fast.
SAFE_SHARE, TRIAL_SHARE = 0.75, 0.1
# The sound was harmed while others rested: so long it is not their doing.
EXCUSED_SECONDS = 10.0


@dataclass
class Governor:
    """How much of the time other work may use. pace: 0.05 … 1.

    Late frames and xruns halve it, and so do blocks that take more than four fifths of their time, down to a quarter;
    once a second while they last. A second without any of these lets it grow by a tenth per second, a hundredth where
    it has done harm before. Where blocks take as much, or frames are as late, while others nearly rest, only what
    comes on top of that counts.
    """

    pace: float = 1.0
    _usual: float = 0.0
    """What blocks take while others nearly rest; 0: not known, and taken for little."""
    _safe: float = 1.0
    """Up to this pace nothing was harmed of late."""
    _resting_seconds: float = 0.0
    _excused_seconds: float = 0.0
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
        is_resting = self._resting_seconds >= RESTING_SECONDS
        if is_resting or load_p99 < self._usual:
            self._usual = load_p99
        busy = max(BUSY_LOAD, min(BUSY_SHARE * self._usual, MOST_LOAD))
        calm = max(CALM_LOAD, min(CALM_SHARE * self._usual, MOST_LOAD))
        self._excused_seconds -= seconds
        if is_resting and self.pace <= SLOWEST and new_troubles > 0:
            self._excused_seconds, self._safe = EXCUSED_SECONDS, max(self._safe, RESTING)
        if new_troubles > 0 and self._excused_seconds <= 0.0:
            self._slow_down(seconds, SLOWEST)
        elif load_p99 > busy and self.pace > RESTING:
            self._slow_down(seconds, RESTING)
        else:
            self._quiet_seconds += seconds
            if self._quiet_seconds > 0 and (load_p99 < calm or self.pace < RESTING):
                self._speed_up(seconds, 1.0 if load_p99 < calm else RESTING)
        return self.pace

    def _slow_down(self, seconds: float, least: float) -> None:
        self._halved_seconds += seconds
        if self._quiet_seconds > 0 or self.pace == 1.0 or self._halved_seconds >= HOLD_SECONDS:
            if least == SLOWEST:
                self._safe = max(2 * SLOWEST, SAFE_SHARE * self.pace)
            self.pace, self._halved_seconds = max(least, self.pace * HALF), 0.0
        self._quiet_seconds = -HOLD_SECONDS

    def _speed_up(self, seconds: float, most: float) -> None:
        trial = TRIAL_SHARE if self.pace >= self._safe else 1.0
        self.pace = min(most, self.pace + RECOVERY_PER_SECOND * trial * seconds)
        self._safe = max(self._safe, self.pace)
