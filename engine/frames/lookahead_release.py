"""Latency that was needed in a busy moment is given back in a quiet one, step by step."""

from .sound import WorkedSound

# After so long without a late frame a step is given back.
QUIET_SECONDS = 10.0
LONGEST_QUIET_SECONDS = 320.0


class LookaheadRelease:
    """Looks after the lookahead of one stream.

    A step is given back only if in the whole quiet time no frame came so late that it would have been missed without.
    Where a frame is late soon after a step was given back, twice the quiet is waited for before the next, so that a
    machine that is always on the brink is not made to stumble again and again.
    """

    def __init__(self) -> None:
        self._late = 0
        self._quiet_since: float | None = None
        self._eased_at = 0.0
        self._wait = QUIET_SECONDS

    def is_due(self, stream: WorkedSound, now: float) -> bool:
        """Whether it has been quiet for long enough. Call about ten times a second; now: seconds of a steady clock."""
        if self._quiet_since is None or stream.late != self._late:
            if self._eased_at and now - self._eased_at < self._wait:
                self._wait = min(2 * self._wait, LONGEST_QUIET_SECONDS)
            self._late, self._quiet_since, self._eased_at = stream.late, now, 0.0
            stream.take_slack()
            return False
        return now - self._quiet_since >= self._wait

    def ease(self, stream: WorkedSound, now: float) -> None:
        """After a quiet time: give back a step, if all of it could have been without, and begin another."""
        if self._eased_at:
            self._wait = max(QUIET_SECONDS, self._wait / 2)  # the step before has done no harm
        slack = stream.take_slack()
        self._quiet_since, self._eased_at = now, 0.0
        if stream.lookahead > stream.least and slack is not None and slack >= stream.step:
            stream.wanted = max(stream.least, stream.lookahead - stream.step)
            self._eased_at = now
