"""Which sample is played when: the device's clock against the clock on the wall."""

# Of what a call comes early or late, so much is believed.
FOLLOWED = 0.02
# Further off than that, the sound has been interrupted, and the pulse is taken anew.
LOST_SECONDS = 0.1


class Pulse:
    """Follows the calls for sound, whose times jitter, with a steady line through them. Numbers only: nothing waits."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = sample_rate
        self._line = (0.0, 0)

    def beat(self, now: float, sample: int) -> None:
        """Audio thread only: the block that begins at a sample is asked for at ``now`` (seconds since 1970)."""
        time_, at = self._line
        expected = time_ + (sample - at) / self._rate
        error = now - expected
        self._line = (now if abs(error) > LOST_SECONDS else expected + FOLLOWED * error, sample)

    def sample_at(self, when: float) -> int:
        """The sample whose block is asked for at a time; far ones too."""
        time_, at = self._line
        return at + round((when - time_) * self._rate)
