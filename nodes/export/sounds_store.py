"""The sounds of ``builtin:sounds`` as TorchScript: recordings and what is known of them, inside the model's file."""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..codec.sounds.corpus import MARGIN, Corpus, CorpusSound
from ..codec.sounds.layout import BORDER_SECONDS, RATIO, SAMPLE_RATE
from ..codec.sounds.player import ROOM
from ..codec.sounds.voice import QUIETER_DB

# A batch has so many lanes at first; the memory grows with the batch.
LANES = 4


class Memory(nn.Module):
    """What each lane remembers: ``[lanes, …]``, 0 at first and after a reset."""

    cache: Tensor

    def __init__(self, sizes: Sequence[int], kind: torch.dtype) -> None:
        super().__init__()
        self.register_buffer("cache", torch.zeros(LANES, *sizes, dtype=kind))

    def forward(self, lane: int) -> Tensor:
        """That of one lane, to be written into."""
        return self.cache[lane]

    def make_room(self, lanes: int) -> None:
        """Remember for so many lanes."""
        missing = lanes - self.cache.shape[0]
        if missing > 0:
            more = torch.zeros_like(self.cache[:1]).repeat_interleave(missing, 0)
            self.cache = torch.cat([self.cache, more])


class Recordings(nn.Module):
    """Audio in 16 bits and the analysis of all sounds, one after the other; read by the number of the sound.

    They are parameters, not buffers: hosts keep copies of buffers to go back to.
    """

    ratio: Final[int] = RATIO
    quieter_db: Final[float] = QUIETER_DB

    def __init__(self, sounds: Sequence[CorpusSound]) -> None:
        super().__init__()
        audio = [one.audio[:, MARGIN : MARGIN + one.samples] for one in sounds]
        known = [one.analysis for one in sounds]
        self.lengths = [one.samples for one in sounds]
        self.are_stereo = [len(one) > 1 for one in audio]
        self.scales = [float(one.scale) for one in sounds]
        self.starts = _begins([one.size for one in audio])
        self.frames = [len(one.loudness) for one in known]
        self.first_frames = _begins(self.frames)
        self.loudest = [float(one.loudness.max()) for one in known]
        self.first_onsets = [*_begins([len(one.onsets) for one in known]), sum(len(one.onsets) for one in known)]
        self.audio = kept(np.concatenate([one.ravel() for one in audio]))
        self.envelopes = kept(np.concatenate([one.envelope for one in known]))
        self.loudness = kept(np.concatenate([one.loudness for one in known]))
        self.tonality = kept(np.concatenate([one.tonality for one in known]))
        self.onsets = kept(np.concatenate([one.onsets for one in known]).astype(np.float64))

    def forward(self, sound: int, start: int, count: int) -> Tensor:
        """``[2, count]`` from a sample on; there is silence before and after the sound."""
        made = torch.zeros(2, count)
        low, high = max(start, 0), min(start + count, self.lengths[sound])
        if high > low:
            begin = self.starts[sound] + low
            made[0, low - start : high - start] = self.audio[begin : begin + high - low]
            if self.are_stereo[sound]:
                begin += self.lengths[sound]
            made[1, low - start : high - start] = self.audio[begin : begin + high - low]
        return made * self.scales[sound]

    def mono(self, sound: int, start: int, count: int) -> Tensor:
        """A stretch of the mean of both channels, ``[count]``."""
        made: Tensor = self(sound, start, count)
        if self.are_stereo[sound]:
            return 0.5 * (made[0] + made[1])
        return made[0]

    def frame_of(self, sound: int, sample: float) -> int:
        """Where in the analysis a sample lies, by numbers of frames of all sounds."""
        frame = min(max(int(sample) // self.ratio, 0), self.frames[sound] - 1)
        return self.first_frames[sound] + frame

    def as_loud(self, sound: int, target: float, low: float, high: float) -> tuple[float, float]:
        """Of a stretch around a moment, what is about as loud or louder, and hangs together with it."""
        begin, count = self.first_frames[sound], self.frames[sound]
        first = min(max(int(target) // self.ratio, 0), count - 1)
        last = first
        least = float(self.loudness[begin + first].item()) - self.quieter_db
        while first > 0 and first * self.ratio > low and float(self.loudness[begin + first - 1].item()) >= least:
            first -= 1
        while last + 1 < count and last * self.ratio < high and float(self.loudness[begin + last + 1].item()) >= least:
            last += 1
        lowest, highest = max(low, float(first * self.ratio)), min(high, float(last * self.ratio))
        if highest - lowest >= self.ratio:
            return lowest, highest
        return target - 0.5 * self.ratio, target + 0.5 * self.ratio

    def onset_after(self, sound: int, at: float, is_from: bool) -> int:
        """Which onset, of all sounds', is the first of a sound after a sample (is_from: or at it)."""
        begin, end = self.first_onsets[sound], self.first_onsets[sound + 1]
        found = torch.searchsorted(self.onsets[begin:end], at, right=not is_from)
        return begin + int(found.item())

    def last_onset(self, sound: int, at: float) -> float:
        """The latest onset at or before a sample; minus infinity where there is none."""
        index = self.onset_after(sound, at, False)
        if index > self.first_onsets[sound]:
            return float(self.onsets[index - 1].item())
        return -float("inf")


class Places(nn.Module):
    """Where sounds lie among the latents, and which of their moments a time means."""

    places: Tensor
    owners: Tensor
    transitions: Tensor
    steps: Tensor
    ends: Tensor
    border: Final[float] = 2 * BORDER_SECONDS
    rate: Final[float] = float(SAMPLE_RATE)
    room: Final[float] = ROOM * SAMPLE_RATE

    def __init__(self, corpus: Corpus) -> None:
        super().__init__()
        sounds = corpus.sounds
        counts = [len(one.placed.places) for one in sounds]
        self.begins, self.counts, self.sounds = _begins(counts), counts, len(sounds)
        self.lengths = [one.samples for one in sounds]
        self.pieces_samples = [one.placed.piece_samples for one in sounds]
        self.register_buffer("places", torch.from_numpy(corpus.places).double())
        self.register_buffer("transitions", torch.from_numpy(np.asarray(corpus.transitions, np.int64)))
        self.register_buffer("steps", torch.from_numpy(corpus.steps))
        self.register_buffer("ends", torch.from_numpy(corpus.ends))
        self.register_buffer("owners", torch.from_numpy(np.repeat(np.arange(len(sounds)), counts)))

    def forward(self, place: Tensor, time: float) -> Tensor:
        """How far each sound is from a moment, squared: float64 ``[sounds]``; see ``corpus.Corpus.apart``."""
        apart = self.places - place
        squares = (apart * apart).sum(1)
        begins, steps = apart[self.transitions], self.steps
        share = -(begins * steps).sum(1) / ((steps * steps).sum(1) + 1e-9)
        nearest = begins + share.clamp(0.0, 1.0)[:, None] * steps
        found = (nearest * nearest).sum(1).masked_fill(torch.abs(self.ends - time) >= self.border, float("inf"))
        squares = squares.scatter_reduce(0, self.transitions, found, "amin")
        nothing = torch.full((self.sounds,), float("inf"), dtype=torch.float64)
        return nothing.scatter_reduce(0, self.owners, squares, "amin")

    def moments(self, sound: int, place: Tensor, time: float) -> tuple[list[float], list[float]]:
        """Of each of a sound's pieces, the sample that a time means, and how far its place is, squared."""
        begin, count, samples = self.begins[sound], self.counts[sound], float(self.lengths[sound])
        apart = self.places[begin : begin + count] - place
        squares: list[float] = (apart * apart).sum(1).tolist()
        found: list[float] = []
        for number in range(count):
            sign = 1.0 - 2.0 * (number % 2)
            found.append((number + 0.5) * self.pieces_samples[sound] + sign * (time * self.rate))
        if count == 1 and not (found[0] >= -self.room and found[0] <= samples + self.room):
            over = math.fmod(found[0], samples)
            found[0] = over + samples if over < 0 else over
        return [min(max(one, 0.0), samples - 1.0) for one in found], squares


def least(values: list[float]) -> int:
    """Which of some numbers is the smallest, the first of those that are."""
    found = 0
    for number, value in enumerate(values):
        if value < values[found]:
            found = number
    return found


def kept(array: NDArray[Any]) -> nn.Parameter:
    """Numbers that never change."""
    return nn.Parameter(torch.from_numpy(np.ascontiguousarray(array)), requires_grad=False)


def _begins(counts: Sequence[int]) -> list[int]:
    return [0, *accumulate(counts)][:-1]
