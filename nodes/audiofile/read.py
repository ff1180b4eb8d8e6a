"""A recording at the rate and with the channels one wants, from one sample to hours, read a stretch at a time."""

from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .problem import SoundError
from .source import OpenAudioFile

PAGE = 65_536
KEPT_PAGES = 4
# Samples, at the lower of both rates, converted and dropped on each side of a page: longer than soxr's filter.
MARGIN = 512
RATES = (100, 3_072_000)


class SoundFile:
    """Any WAV, AIFF, FLAC, OGG or MP3 file as float32 ``[channels, n]`` at a chosen rate, for one thread.

    sample_rate: whole Hz, None for the file's own. channels: None for the file's own. To more channels the file's
    are repeated in turn (mono to all); to one they are averaged; to fewer the first ones are taken, with a warning.
    ``frames`` is ceil(samples · rate / file rate). Samples that are no numbers become silence, with a warning.

    Memory stays bounded whatever the length. The sound is converted in pages laid out from the start of the file, so
    any order and size of reads gives bit-identical samples (in an MP3, after a jump, to 1e-7). Raises SoundError
    for what is no sound.
    """

    def __init__(self, path: Path | str, sample_rate: float | None = None, channels: int | None = None) -> None:
        self._source = OpenAudioFile(Path(path))
        self.path = self._source.path
        try:
            self.sample_rate = _checked_rate(self.path, self._source.rate if sample_rate is None else sample_rate)
            _checked_rate(self.path, self._source.rate)
            self.channels = self._source.channels if channels is None else channels
            if self.channels < 1:
                raise SoundError(f"{self.path} cannot be read with {self.channels} channels; ask for at least 1")
        except SoundError:
            self._source.close()
            raise
        if 1 < self.channels < self._source.channels:
            self._source.warn(
                f"{self.path} has {self._source.channels} channels; only the first {self.channels} are used"
            )
        step = Fraction(self._source.rate, self.sample_rate)
        self._taken, self._made = step.numerator, step.denominator
        self.frames = ceil(self._source.frames / step)
        self._units = ceil(PAGE / max(self._taken, self._made))
        self._margin = 0 if step == 1 else ceil(MARGIN * max(step, Fraction(1)) / self._taken)
        self._page_frames = self._units * self._made
        self._source.overlap = 2 * self._margin * self._taken
        self._pages: OrderedDict[int, NDArray[np.float32]] = OrderedDict()

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return self._source.frames / self._source.rate

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong but could be mended, in sentences; grows while reading."""
        return self._source.warnings

    def read(self, start: int, count: int, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """``[channels, count]`` from sample ``start``, into ``out`` if given; before and after the file is silence."""
        if out is None:
            out = np.empty((self.channels, count), np.float32)
        out[:, :count] = 0.0
        position, end = max(start, 0), min(start + count, self.frames)
        while position < end:
            number, offset = divmod(position, self._page_frames)
            upto = min(end, (number + 1) * self._page_frames)
            out[:, position - start : upto - start] = self._page(number)[:, offset : offset + upto - position]
            position = upto
        return out

    def blocks(self, size: int = PAGE) -> Iterator[NDArray[np.float32]]:
        """The whole sound in stretches of ``size`` samples, the last one shorter."""
        for start in range(0, self.frames, size):
            yield self.read(start, min(size, self.frames - start))

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _page(self, number: int) -> NDArray[np.float32]:
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = self._convert(number)
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page

    def _convert(self, number: int) -> NDArray[np.float32]:
        first = number * self._units - self._margin
        audio = self._source.read(first * self._taken, (self._units + 2 * self._margin) * self._taken)
        audio = _with_channels(audio, self.channels)
        if self._taken != self._made:
            import soxr

            margin = self._margin * self._made
            audio = soxr.resample(audio, self._source.rate, self.sample_rate, quality="HQ")
            audio = audio[margin : margin + self._page_frames]
        return np.ascontiguousarray(audio.T)


def _with_channels(audio: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """``[n, own]`` to ``[n, channels]`` by the rule stated above."""
    own = audio.shape[1]
    if channels == own:
        return audio
    if channels == 1:
        return np.asarray(audio.mean(axis=1, keepdims=True), np.float32)
    return np.ascontiguousarray(audio[:, np.arange(channels) % own])


def _checked_rate(path: Path, rate: float) -> int:
    if not RATES[0] <= rate <= RATES[1]:
        raise SoundError(f"{path} cannot be read at {rate:g} Hz; {RATES[0]} to {RATES[1]} Hz are supported")
    return round(rate)
