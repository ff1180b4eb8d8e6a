"""Dropouts: how often sound was not ready in time since the patch was opened, and whether that was just now."""

from math import inf

from ..sound.interface import SoundStatus

RECENT_SECONDS = 10.0


class Dropouts:
    """Counts what the engine counts, from 0 for each patch.

    xruns: of the device. late_frames: of codecs. is_recent: whether there was one in the last ten seconds.
    """

    def __init__(self) -> None:
        self.xruns = self.late_frames = 0
        self.is_recent = False
        self._told, self._before = (0, 0), (0, 0)
        self._latest = -inf

    def tick(self, status: SoundStatus, now: float) -> None:
        """Once per frame. now: seconds."""
        told = status.xruns, status.late_frames
        if told != self._told:
            if any(new < old for new, old in zip(told, self._told, strict=True)):
                self._before = (0, 0)  # another engine, which counts from 0
            self._latest = now if told != (0, 0) else -inf
            self._told = told
        self.xruns, self.late_frames = (max(0, one - before) for one, before in zip(told, self._before, strict=True))
        self.is_recent = now - self._latest < RECENT_SECONDS

    def reset(self) -> None:
        """Another patch is open: count from 0."""
        self._before, self._latest = self._told, -inf
        self.xruns = self.late_frames = 0
        self.is_recent = False
