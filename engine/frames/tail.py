"""How a sound that breaks off dies away instead of clicking, and how it comes back."""

import numpy as np

from ..values import FloatArray

DECAY_SECONDS = 0.001
TAIL_SECONDS = 0.012
RISE_SECONDS = 0.005


class Tail:
    """Goes on from the last two samples heard with the same level and slope, to silence within 12 ms."""

    def __init__(self, channels: int, sample_rate: float) -> None:
        count = round(TAIL_SECONDS * sample_rate)
        time = np.arange(1, count + 1)
        decay = np.exp(-time / (DECAY_SECONDS * sample_rate)) * np.cos(np.pi / 2 * time / count) ** 2
        self._level: FloatArray = decay.astype(np.float32)
        self._slope: FloatArray = (time * decay).astype(np.float32)
        self._tail: FloatArray = np.zeros((channels, count), np.float32)
        self._scratch: FloatArray = np.zeros((channels, count), np.float32)
        self._last: FloatArray = np.zeros((channels, 2), np.float32)
        self._place = count

    def hear(self, sound: FloatArray) -> None:
        """Audio thread only: remember how ``[channels, n]`` ended."""
        if sound.shape[1] >= 2:
            np.copyto(self._last, sound[:, -2:])
        elif sound.shape[1]:
            self._last[:, 0] = self._last[:, 1]
            self._last[:, 1:] = sound

    def begin(self) -> None:
        """Audio thread only: the sound has broken off here."""
        last, before = self._last[:, 1:], self._last[:, :1]
        gradient = last - before
        gradient += last * (1.0 / max(float(len(self._level)), 1.0))
        np.multiply(self._level, last, out=self._tail)
        np.multiply(self._slope, gradient, out=self._scratch)
        np.add(self._tail, self._scratch, out=self._tail)
        self._place = 0
        self._last.fill(0.0)

    def fill(self, out: FloatArray) -> None:
        """Audio thread only: what is left of it, then silence."""
        count = min(out.shape[1], self._tail.shape[1] - self._place)
        out[:, :count] = self._tail[:, self._place : self._place + count]
        out[:, count:] = 0.0
        self._place += count

    def add(self, out: FloatArray) -> None:
        """Audio thread only: what is left of it on top of another sound."""
        count = min(out.shape[1], self._tail.shape[1] - self._place)
        if count:
            out[:, :count] += self._tail[:, self._place : self._place + count]
            self._place += count
