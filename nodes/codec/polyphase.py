"""Another sample rate with next to no delay: a polyphase filter, half a millisecond long.

soxr's streams hold back up to 20 ms in pieces of uneven size, which a player feels in every move. Here an output sample
needs 24 source samples after its instant (more where the rate falls), and each is computed by the same sum whatever
the pieces, so any split of a stream gives the same bits. A Kaiser window of 96 dB; the pass band ends at 0.89 of the
lower Nyquist frequency. Source: Crochiere and Rabiner, Multirate Digital Signal Processing (1983), chapter 4.
"""

from fractions import Fraction
from math import ceil

import numpy as np

from ...engine import FloatArray

REACH, BETA, PASS_BAND = 24, 9.0, 0.945
MOST_PHASES = 2048
# Output samples computed together, in memory kept for them.
PIECE = 48


class Polyphase:
    """A stream ``[channels, n]`` at a rate times ``ratio``. Raises ValueError for ratios of too many phases."""

    def __init__(self, ratio: Fraction, channels: int) -> None:
        up, down = ratio.numerator, ratio.denominator
        if up > MOST_PHASES:
            raise ValueError(f"{up} phases are too many")
        self._up, self._down = up, down
        self.reach = ceil(REACH * max(1.0, down / up))
        cutoff = PASS_BAND * min(1.0, up / down)
        away = np.arange(2 * self.reach) - (self.reach - 1) - (np.arange(up) / up)[:, None]
        window = np.i0(BETA * np.sqrt(np.maximum(0.0, 1.0 - (away / self.reach) ** 2))) / np.i0(BETA)
        taps = cutoff * np.sinc(cutoff * away) * window
        self._taps = np.ascontiguousarray(taps / taps.sum(1, keepdims=True), np.float32)
        self._waiting: FloatArray = np.zeros((channels, self.reach - 1), np.float32)
        self._steps = np.arange(2 * self.reach)
        self._places = np.zeros((PIECE, 2 * self.reach), np.intp)
        self._heard = np.zeros((PIECE, 2 * self.reach), np.float32)
        self._weights = np.zeros((PIECE, 2 * self.reach), np.float32)
        self._first = -(self.reach - 1)
        self._made = 0

    @property
    def delay(self) -> int:
        """Most output samples that are owed at any moment, after so many source samples as make them due."""
        return ceil((self.reach + 1) * self._up / self._down) + 1

    def convert(self, audio: FloatArray) -> FloatArray:
        """The next stretch, float32 ``[channels, n]``; gives all that can be told by now."""
        sound = np.concatenate([self._waiting, audio], axis=1)
        pushed = self._first + sound.shape[1]
        end = max(self._made, -(-max(0, pushed - self.reach) * self._up // self._down))
        made = np.empty((len(sound), end - self._made), np.float32)
        for begin in range(self._made, end, PIECE):
            self._piece(sound, begin, made[:, begin - self._made : begin - self._made + PIECE])
        self._made = end
        kept = end * self._down // self._up - (self.reach - 1) - self._first
        self._waiting = sound[:, max(0, kept) :].copy()
        self._first += max(0, kept)
        return made

    def _piece(self, sound: FloatArray, begin: int, made: FloatArray) -> None:
        count = made.shape[1]
        places, heard, weights = self._places[:count], self._heard[:count], self._weights[:count]
        instants = np.arange(begin, begin + count, dtype=np.int64) * self._down
        starts = instants // self._up - (self.reach - 1) - self._first
        np.add(starts[:, None], self._steps, out=places)
        np.take(self._taps, instants % self._up, axis=0, out=weights, mode="clip")
        for channel, row in zip(sound, made, strict=True):
            np.take(channel, places, out=heard, mode="clip")
            np.einsum("nt,nt->n", heard, weights, out=row)
