"""A sound file as it lies on disk: its own rate and channels, any stretch of it, never anything but numbers."""

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .layout import layout_of
from .problem import SoundError
from .stream import Stream

# Samples beyond ± this (120 dB over full scale) are taken for damage, like those that are no numbers.
LOUDEST = 1e6

# Samples that are silent around what can't be decoded: a FLAC frame.
STEP = 4096


class OpenAudioFile:
    """One open file, for one thread. Raises SoundError for what is no sound.

    ``rate`` in Hz, ``channels``, ``frames`` (samples per channel: as many as there are, whatever the header says),
    ``warnings`` (sentences, grows while reading). ``overlap``: samples that reads in a row have in common; they are
    remembered, so that reading on never jumps.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        found = layout_of(path)
        self._warnings: dict[str, None] = dict.fromkeys(found.notes)
        self.overlap = 0
        self._tail = (0, np.zeros((0, 1), np.float32))
        self._parts = found.parts
        self._begins = [0, *accumulate(part.frames for part in found.parts)]
        self._streams: dict[int, Stream] = {}
        self.rate, self.channels, self.frames = found.rate, found.channels, self._begins[-1]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong but could be mended."""
        return tuple(self._warnings)

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Float32 ``[count, channels]`` from sample ``start``, which may lie anywhere; beyond the file is silence."""
        made = np.zeros((count, self.channels), np.float32)
        known, tail = self._tail
        first, last = max(start, 0), min(start + count, self.frames)
        if known <= first <= known + len(tail):
            again = tail[first - known :][: max(last - first, 0)]
            made[first - start : first - start + len(again)] = again
            first += len(again)
        if first < last:
            target = made[first - start : last - start]
            self._fill(target, first)
            self._mend(target)
        keep = min(self.overlap, count)
        self._tail = (start + count - keep, made[count - keep :].copy())
        return made

    def warn(self, text: str) -> None:
        """Keep a warning, once."""
        self._warnings[text] = None

    def close(self) -> None:
        """Let go of the file."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _fill(self, target: NDArray[np.float32], start: int) -> None:
        """Read into ``[n, channels]`` from sample ``start``, through as many parts as it takes."""
        done = 0
        while done < len(target):
            number = bisect_right(self._begins, start + done) - 1
            upto = min(len(target), self._begins[number + 1] - start)
            piece = target[done:upto]
            if self._parts[number].is_silent:
                piece[:] = 0.0
                done = upto
                continue
            stream, place = self._stream(number), start + done - self._begins[number]
            read = stream.read(place, piece)
            if read < len(piece):
                read += _read_around(stream, place + read, piece[read:])
                self.warn(f"{self.path} is damaged at {(start + done + read) / self.rate:.2f} s; that part is silent")
            done = upto

    def _stream(self, number: int) -> Stream:
        if number not in self._streams:
            self.close()
            part = self._parts[number]
            try:
                self._streams[number] = Stream(part.path, part.pieces)
            except (OSError, RuntimeError, ValueError) as error:
                raise SoundError(f"{self.path} can no longer be read ({error}); check that it is still there") from None
        return self._streams[number]

    def _mend(self, audio: NDArray[np.float32]) -> None:
        if audio.size and not (audio.min() >= -LOUDEST and audio.max() <= LOUDEST):
            broken = ~(np.abs(audio) <= LOUDEST)
            audio[broken] = 0.0
            self.warn(f"{self.path} has invalid samples (NaN or too large); they are replaced by silence")


def _read_around(stream: Stream, start: int, target: NDArray[np.float32]) -> int:
    """Read what can be read of a stretch with damage in it, the rest is silent; tells where that begins."""
    first = len(target)
    step = STEP if stream.may_jump else len(target)
    for begin in range(0, len(target), step):
        piece = target[begin : begin + step]
        read = stream.read(start + begin, piece)
        piece[read:] = 0.0
        if read < len(piece):
            first = min(first, begin + read)
    return first
