"""The last second of what was played: how many blocks, how many late frames, how loud. Silence and standstill show."""

import math
from typing import Any

import numpy as np

from ..values import FloatArray

SECOND = 1.0
# What is quieter is told as this, dB re full scale.
QUIETEST_DB = -200.0


class LastSecond:
    """``hear`` belongs to the audio thread, all else to the one that looks after what plays; ``told`` to any."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        """``blocks``, ``late_frames``, ``peak_db``, ``rms_db``; nothing before the first second is over."""
        self._peak = self._power = 0.0
        self._count = 0
        self._began, self._blocks, self._late = 0.0, 0, 0

    def hear(self, sound: FloatArray) -> None:
        """A block of output, ``[channels, n]``."""
        self._peak = max(self._peak, float(sound.max()), -float(sound.min()))
        for row in sound:
            self._power += float(np.dot(row, row))
        self._count += sound.size

    def look(self, now: float, blocks: int, late: int) -> None:
        """Call about ten times a second. now: of a steady clock. blocks, late: counted since the beginning."""
        spent = now - self._began
        if self._began and spent < SECOND:
            return
        if self._began:
            peak, power, count = self._peak, self._power, self._count
            self.told = {
                "blocks": round((blocks - self._blocks) * SECOND / spent),
                "late_frames": late - self._late,
                "peak_db": _decibels(peak),
                "rms_db": _decibels(math.sqrt(power / max(count, 1))),
            }
        self._peak = self._power = 0.0
        self._count = 0
        self._began, self._blocks, self._late = now, blocks, late


def _decibels(amplitude: float) -> float:
    return round(20 * math.log10(amplitude), 1) if amplitude > 1e-10 else QUIETEST_DB
