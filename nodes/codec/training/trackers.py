"""Trackers: what a listener would complain of, as numbers. Colour, onsets, pitch, level, steadiness of a held sound.

For any two sounds of one length and rate; nothing here knows of codecs. Where a measure has nothing to say (no onsets,
no clear pitch), it is None. All of it is deterministic.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from math import isfinite, log10

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Floats = NDArray[np.float64]

# So far under the loudest band of the original, nothing is compared: what lies there is not heard.
FLOOR_DB = 60.0
# An onset counts as kept so near its place.
HITS_SECONDS = 0.03
WRONG_CENTS = 50.0
# Height of the normalised autocorrelation above which a frame is clearly pitched, and below which it is not at all.
CLEAR, UNCLEAR = 0.85, 0.5
# Frames so far under the loudest have no pitch to judge.
QUIET_DB = 35.0
# A sound with fewer clearly pitched frames than this has no pitch to get wrong.
FEWEST_PITCHED, SMALLEST_SHARE = 20, 0.25
PITCH_RATE = 22050
LOWEST_HZ, HIGHEST_HZ = 60.0, 1200.0
PITCH_WINDOW = 1536
ONSET_WINDOW, ONSET_HOP = 512, 128
SHORTEST = 4096
# Correlation from which two rises or waveforms are taken to be the same, moved.
ALIKE = 0.5


@dataclass(frozen=True)
class Tracked:
    """How a copy differs from its original.

    mel_db: mean difference of log-mel bands (floor 60 dB under the loudest). onset_f1: onsets kept within 30 ms, 0 … 1.
    wrong_f0: share of the clearly pitched frames whose pitch is over 50 cents off or gone; cents: median error of the
    others. level_db: median level difference. tonality_db and modulation_db: those of the copy less those of the
    original. offset_ms: the constant offset that was taken off before.
    """

    mel_db: float
    onset_f1: float | None
    wrong_f0: float | None
    cents: float | None
    level_db: float
    tonality_db: float
    modulation_db: float
    offset_ms: float = 0.0


MEASURES = tuple(field.name for field in fields(Tracked))


@dataclass(frozen=True, eq=False)
class Pitch:
    """A pitch track, one number a frame each: Hz (0: none), clearness 0 … 1, level in dB; hop in seconds."""

    hertz: Floats
    clearness: Floats
    level_db: Floats
    hop: float

    @property
    def is_clear(self) -> NDArray[np.bool_]:
        """The frames whose pitch is worth judging."""
        if not len(self.hertz):
            return np.zeros(0, np.bool_)
        return np.asarray((self.clearness > CLEAR) & (self.level_db > self.level_db.max() - QUIET_DB), np.bool_)


def track(copy: NDArray[np.floating], original: NDArray[np.floating], rate: float, align: bool = True) -> Tracked:
    """Compare a copy with its original, both mono ``[samples]`` at ``rate``; the longer one is cut.

    align: first take a constant offset off (see ``offset``). Raises ValueError for fewer than 4096 samples.
    """
    moved = 0
    if align:
        moved = offset(copy, original, rate)
        copy, original = shifted(copy, original, moved)
    count = min(len(copy), len(original))
    if count < SHORTEST:
        raise ValueError(f"a sound of {count} samples is too short to compare; give at least {SHORTEST}")
    ours, theirs = _plain(copy[:count]), _plain(original[:count])
    wrong, cents = pitch_error(pitch(ours, rate), pitch(theirs, rate))
    return Tracked(
        mel_db=mel_distance(ours, theirs, rate),
        onset_f1=onset_f1(onsets(ours, rate), onsets(theirs, rate)),
        wrong_f0=wrong,
        cents=cents,
        level_db=level_difference(ours, theirs, rate),
        tonality_db=tonality(ours) - tonality(theirs),
        modulation_db=modulation(ours, rate) - modulation(theirs, rate),
        offset_ms=1000 * moved / rate,
    )


def mean_of(found: Sequence[Tracked]) -> dict[str, float | None]:
    """The mean of each measure over those sounds for which it says something."""
    rows = [asdict(one) for one in found]
    means: dict[str, float | None] = {}
    for name in MEASURES:
        values = [row[name] for row in rows if row[name] is not None]
        means[name] = float(np.mean(values)) if values else None
    return means


def mel_distance(copy: Sound, original: Sound, rate: float) -> float:
    """Mean difference of log-mel bands in dB, over windows of 2048 and of 512; 0 is equal."""
    found = []
    for window in (2048, 512):
        ours, theirs = log_mel(copy, rate, window), log_mel(original, rate, window)
        floor = theirs.max() - FLOOR_DB
        found.append(float(np.abs(np.maximum(ours, floor) - np.maximum(theirs, floor)).mean()))
    return float(np.mean(found))


def log_mel(sound: Sound, rate: float, window: int = 2048, bands: int = 80) -> Floats:
    """Levels of mel bands in dB, windows a quarter of their length apart: ``[windows, bands]``."""
    power = spectrum(sound, window, window // 4) ** 2
    return np.asarray(10 * np.log10(power @ mel_bands(window, rate, bands).T + 1e-12), np.float64)


def onsets(sound: Sound, rate: float) -> Floats:
    """Where a sound begins anew, in seconds: peaks of the rise of its log-mel bands."""
    rise = onset_strength(sound, rate)
    if not rise.size or rise.max() <= 0:
        return np.zeros(0)
    reach = max(1, int(0.05 * rate / ONSET_HOP))
    highest = sliding_window_view(np.pad(rise, reach), 2 * reach + 1).max(axis=1)
    kernel = np.ones(12 * reach + 1)
    usual = np.convolve(rise, kernel / len(kernel), "full")[6 * reach : 6 * reach + len(rise)]
    peaks = (rise == highest) & (rise > 1.8 * usual + 0.12 * rise.max())
    return np.asarray(np.flatnonzero(peaks) * ONSET_HOP / rate, np.float64)


def onset_strength(sound: Sound, rate: float) -> Floats:
    """How much the log-mel bands rise, one number every 128 samples."""
    bands = np.log1p(1000 * spectrum(sound, ONSET_WINDOW, ONSET_HOP) @ mel_bands(ONSET_WINDOW, rate).T)
    rise = np.maximum(0.0, np.diff(bands, axis=0)).sum(axis=1)
    return np.asarray(np.concatenate(([0.0], rise)), np.float64)


def onset_f1(found: Floats, wanted: Floats, within: float = HITS_SECONDS) -> float | None:
    """F1 of onsets (seconds) that lie within so much of a wanted one; None where none is wanted."""
    if not len(wanted):
        return None
    if not len(found):
        return 0.0
    hits = int((np.abs(found[None] - wanted[:, None]).min(axis=1) <= within).sum())
    return min(1.0, 2 * hits / (len(found) + len(wanted)))


def pitch(sound: Sound, rate: float) -> Pitch:
    """The fundamental frequency by normalised autocorrelation, 60 to 1200 Hz, a frame every 11.6 ms."""
    import soxr

    slow = sound if rate == PITCH_RATE else np.asarray(soxr.resample(sound, rate, PITCH_RATE), np.float32)
    hop, window, half = 256, PITCH_WINDOW, PITCH_WINDOW // 2
    count = max(0, (len(slow) - window) // hop)
    if not count:
        return Pitch(np.zeros(0), np.zeros(0), np.zeros(0), hop / PITCH_RATE)
    frames = sliding_window_view(slow, window)[: count * hop : hop].astype(np.float64)
    frames -= frames.mean(axis=1, keepdims=True)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    power = np.abs(np.fft.rfft(frames, 4096, axis=1)) ** 2
    products = np.fft.irfft(power, 4096, axis=1)[:, :half]
    sums = np.concatenate((np.zeros((count, 1)), np.cumsum(frames**2, axis=1)), axis=1)
    lags = np.arange(half)
    energy = sums[:, window - lags] + sums[:, -1:] - sums[:, lags]
    likeness = 2 * products / (energy + 1e-9)
    first, last = int(PITCH_RATE / HIGHEST_HZ), min(int(PITCH_RATE / LOWEST_HZ), half - 2)
    here = likeness[:, first:last]
    peaks = np.zeros(here.shape, np.bool_)
    peaks[:, 1:-1] = (here[:, 1:-1] >= here[:, :-2]) & (here[:, 1:-1] > here[:, 2:])
    best = np.where(peaks, here, -np.inf).max(axis=1)
    is_heard = best > 0
    # the shortest period that is nearly as good as the best: not an octave below
    lag = np.argmax(peaks & (here > 0.93 * best[:, None]), axis=1) + first
    rows = np.arange(count)
    before, at, after = (likeness[rows, lag + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)
    hertz = np.where(is_heard, PITCH_RATE / (lag + np.clip(shift, -0.5, 0.5)), 0.0)
    return Pitch(hertz, np.where(is_heard, at, 0.0), level, hop / PITCH_RATE)


def pitch_error(copy: Pitch, original: Pitch, stretch: float = 1.0) -> tuple[float | None, float | None]:
    """The share of clearly pitched frames that the copy has wrong, and the median cents of the others.

    stretch: how many times longer than the original the copy is. None, None where the original has no clear pitch.
    """
    clear = np.flatnonzero(original.is_clear)
    if len(clear) < FEWEST_PITCHED or len(clear) < SMALLEST_SHARE * len(original.hertz):
        return None, None
    there = np.rint(clear * stretch).astype(int)
    clear, there = clear[there < len(copy.hertz)], there[there < len(copy.hertz)]
    if not len(clear):
        return 1.0, None
    cents = 1200 * np.log2(np.maximum(copy.hertz[there], 20.0) / np.maximum(original.hertz[clear], 20.0))
    is_wrong = (np.abs(cents) > WRONG_CENTS) | (copy.clearness[there] < UNCLEAR)
    right = np.abs(cents[~is_wrong])
    return float(is_wrong.mean()), float(np.median(right)) if len(right) else None


def level_difference(copy: Sound, original: Sound, rate: float) -> float:
    """Median difference of the level in dB, lows weighted down, where the original sounds."""
    ours, theirs = levels(copy, rate), levels(original, rate)
    return float(np.median((ours - theirs)[theirs > theirs.max() - 40]))


def levels(sound: Sound, rate: float) -> Floats:
    """The level in dB every 256 samples, in windows of 1024, weighted down below 200 Hz."""
    hertz = np.linspace(0, rate / 2, 513)
    power = spectrum(sound, 1024, 256) ** 2
    return np.asarray(10 * np.log10(power @ (hertz**2 / (hertz**2 + 200.0**2)) + 1e-9), np.float64)


def tonality(sound: Sound) -> float:
    """How far the peaks of the spectrum stand above its middle, in dB: noise about 15, a chord 40 and more."""
    decibels = 20 * np.log10(spectrum(sound, 4096, 1024)[:, 4:400] + 1e-6)
    return float((np.percentile(decibels, 99, axis=1) - np.median(decibels, axis=1)).mean())


def modulation(sound: Sound, rate: float, low: float = 4.0, high: float = 20.0) -> float:
    """How much the level of the bands wavers between two rates in Hz, in dB of their mean: −25 is a steady tone."""
    bands = spectrum(sound, 1024, 128) @ mel_bands(1024, rate, 24).T
    mean = bands.mean(axis=0)
    relative = bands / (mean + 1e-9)
    hertz = np.fft.rfftfreq(len(relative), 128 / rate)
    depth = np.abs(np.fft.rfft(relative - relative.mean(axis=0), axis=0)) / len(relative)
    power = (depth[(hertz > low) & (hertz < high)] ** 2).sum(axis=0)
    return float(10 * np.log10(power @ mean / (mean.sum() + 1e-9) + 1e-9))


def repetition(sound: Sound, rate: float) -> float:
    """How strongly a sound repeats itself every 60 to 400 ms: 1 is a stuck loop, 0 none."""
    bands = np.log(spectrum(sound, 1024, 256) @ mel_bands(1024, rate, 16).T + 1e-5)
    bands -= bands.mean(axis=0)
    first, last = round(0.058 * rate / 256), round(0.4064 * rate / 256)
    found = [0.0]
    for lag in range(first, min(last, len(bands) - 8)):
        one, other = bands[:-lag], bands[lag:]
        found.append(float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum() + 1e-9)))
    return max(found)


def offset(copy: NDArray[np.floating], original: NDArray[np.floating], rate: float, most: float = 0.12) -> int:
    """By how many samples a copy is late on the whole, within ±``most`` seconds: 0 where nothing speaks for another.

    By the likeness of the rises of both, then, where the waveforms are alike, of these to the sample.
    """
    count = min(len(copy), len(original))
    if count < SHORTEST:
        return 0
    ours, theirs = _plain(copy[:count]), _plain(original[:count])
    reach = int(most * rate)
    rises = onset_strength(ours, rate), onset_strength(theirs, rate)
    coarse, alike = _best_lag(*rises, reach // ONSET_HOP, 0.05)
    coarse = coarse if alike > ALIKE else 0
    fine, likeness = _best_lag(ours.astype(np.float64), theirs.astype(np.float64), reach, 0.0)
    return fine if likeness > ALIKE else coarse * ONSET_HOP


def shifted(
    copy: NDArray[np.floating], original: NDArray[np.floating], late: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Both sounds where they overlap once the copy comes ``late`` samples sooner."""
    ours, theirs = copy[max(0, late) :], original[max(0, -late) :]
    count = min(len(ours), len(theirs))
    return ours[:count], theirs[:count]


def spectrum(sound: Sound, window: int, hop: int) -> NDArray[np.float32]:
    """Magnitudes in Hann windows, 1 for a full-scale sine: ``[windows, bins]``."""
    shape = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)
    frames = sliding_window_view(np.pad(sound, window // 2, mode="reflect"), window)[::hop]
    return np.asarray(np.abs(np.fft.rfft(frames * shape, axis=1)) * (4 / window), np.float32)


@lru_cache(32)
def mel_bands(window: int, rate: float, bands: int = 80) -> NDArray[np.float32]:
    """Triangles on the mel scale from 30 Hz to 16 kHz, each with a sum of 1: ``[bands, bins]``."""
    hertz = np.linspace(0, rate / 2, window // 2 + 1)
    first, last = (2595 * log10(1 + end / 700) for end in (30.0, min(16000.0, rate / 2)))
    corners = 700 * (10 ** (np.linspace(first, last, bands + 2) / 2595) - 1)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    weights = np.maximum(0.0, np.minimum((hertz - low) / (middle - low), (high - hertz) / (high - middle)))
    for band in np.flatnonzero(weights.sum(axis=1) == 0):  # narrower than a bin
        weights[band, np.argmin(np.abs(hertz - middle[band]))] = 1.0
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _best_lag(copy: Floats, original: Floats, reach: int, better: float) -> tuple[int, float]:
    """The lag of the highest correlation coefficient and that; 0 unless another is ``better`` by so much."""
    ours, theirs = copy - copy.mean(), original - original.mean()
    size = 1 << (2 * len(ours) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(ours, size) * np.conj(np.fft.rfft(theirs, size)), size)
    norm = float(np.sqrt((ours**2).sum() * (theirs**2).sum()))
    if norm <= 0 or not isfinite(norm):
        return 0, 0.0
    lags = np.arange(-reach, reach + 1)
    likeness = products[lags] / norm
    best = int(np.argmax(likeness))
    if likeness[best] <= likeness[reach] + better:
        return 0, float(likeness[reach])
    return int(lags[best]), float(likeness[best])


def _plain(sound: NDArray[np.floating]) -> Sound:
    return np.asarray(np.nan_to_num(sound), np.float32)
