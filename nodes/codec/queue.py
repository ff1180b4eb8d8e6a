"""Sound waiting between a codec's frames and the engine's blocks, at the engine's rate."""

from fractions import Fraction

import numpy as np

from ...engine import FloatArray
from .polyphase import MOST_PHASES, Polyphase

DELAY_MARGIN = 40


class AudioQueue:
    """First in, first out: float32 ``[channels, n]``, without allocating once it is large enough."""

    def __init__(self, channels: int, capacity: int) -> None:
        self._data = np.zeros((channels, max(capacity, 1)), np.float32)
        self._begin = self._end = 0

    def __len__(self) -> int:
        return self._end - self._begin

    def push(self, audio: FloatArray) -> None:
        """Append ``[channels, n]``."""
        count = audio.shape[1]
        self._make_room(count)
        self._data[:, self._end : self._end + count] = audio
        self._end += count

    def push_silence(self, count: int) -> None:
        """Append n silent samples."""
        self._make_room(count)
        self._data[:, self._end : self._end + count] = 0.0
        self._end += count

    def pop(self, count: int) -> FloatArray:
        """Take n samples (a view, good until the next push). There must be as many."""
        if count > len(self):
            raise ValueError(f"{count} samples wanted, {len(self)} there")
        self._begin += count
        return self._data[:, self._begin - count : self._begin]

    def clear(self) -> None:
        """Forget everything."""
        self._begin = self._end = 0

    def _make_room(self, count: int) -> None:
        if self._end + count <= self._data.shape[1]:
            return
        waiting = self._data[:, self._begin : self._end]
        if len(self) + count > self._data.shape[1]:
            grown = np.zeros((self._data.shape[0], 2 * (len(self) + count)), np.float32)
            grown[:, : len(self)] = waiting
            self._data = grown
        else:
            self._data[:, : len(self)] = waiting.copy()
        self._begin, self._end = 0, len(self)


class RateBridge:
    """A stream taken from one sample rate to another, its delay known and constant.

    source_hz, target_hz: rates. ``delay``: target samples by which the output lags, chosen so that after n source
    samples at least floor(n · target / source) target samples have come out, silence first. With equal rates it
    passes the sound through. Rates in an unusual relation go through soxr, which takes some 20 ms.
    """

    def __init__(self, source_hz: float, target_hz: float, channels: int) -> None:
        self.ratio = rate_ratio(source_hz, target_hz)
        self._rates = (source_hz, target_hz, channels)
        self._stream: Polyphase | _Soxr | None = None
        self.delay = 0
        if self.ratio != 1:
            stream = self._open()
            self.delay = stream.delay if isinstance(stream, Polyphase) else self._measured_delay(stream)
        self._owed = self.delay
        self.reset()

    def reset(self) -> None:
        """Begin a new stream."""
        self._owed = self.delay
        if self.ratio != 1:
            self._stream = self._open()

    def convert(self, audio: FloatArray) -> FloatArray:
        """The next stretch of the stream, ``[channels, n]`` in, ``[channels, about n · ratio]`` out."""
        if self._stream is None:
            return audio
        made = self._stream.convert(audio)
        if self._owed:
            made = np.concatenate([np.zeros((made.shape[0], self._owed), np.float32), made], axis=1)
            self._owed = 0
        return made

    def _open(self) -> "Polyphase | _Soxr":
        if self.ratio.numerator <= MOST_PHASES:
            return Polyphase(self.ratio, self._rates[2])
        return _Soxr(*self._rates)

    def _measured_delay(self, stream: "_Soxr") -> int:
        """Most target samples owed at any moment, measured in small odd steps so that it holds for any chunk."""
        pushed, made, worst = 0, 0, 0
        silence = np.zeros((self._rates[2], 37), np.float32)
        while pushed < 16 * DELAY_MARGIN**2:
            pushed += silence.shape[1]
            made += stream.convert(silence).shape[1]
            worst = max(worst, int(pushed * self.ratio) + 1 - made)
        return worst + DELAY_MARGIN


class _Soxr:
    """A stream of soxr's."""

    def __init__(self, source_hz: float, target_hz: float, channels: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(source_hz, target_hz, channels, dtype="float32", quality="HQ")

    def convert(self, audio: FloatArray) -> FloatArray:
        """The next stretch."""
        return np.ascontiguousarray(self._stream.resample_chunk(np.ascontiguousarray(audio.T)).T)


def rate_ratio(source_hz: float, target_hz: float) -> Fraction:
    """Target samples per source sample, exactly."""
    return Fraction(target_hz).limit_denominator(1 << 20) / Fraction(source_hz).limit_denominator(1 << 20)
