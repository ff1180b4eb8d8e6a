"""Any sound, live, as latents of a corpus: frame by frame the stored moment that is most like it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..bank.layout import mel_filters
from .corpus import MARGIN, Corpus
from .layout import LATENTS, RATIO, FloatArray, cosines, hann
from .moment_latents import latents_of

WINDOW, BANDS, COEFFICIENTS = 2048, 40, 14
FLOOR = np.float32(1e-6)
# How much the level counts, beside the shape of the spectrum.
LEVEL_WEIGHT = np.float32(0.3)
# What it costs to stay at a moment, to go on at twice its speed, and to be anywhere else; its own next is free.
STAY, SKIP, LEAP = np.float32(0.3), np.float32(0.5), np.float32(6.0)
# A frame whose samples are all below is silence, which is latents that are 0.
QUIET = 1e-3


class Moments:
    """All frames of a corpus, by what they sound like; made once, shared by its streams.

    latents: float32 ``[frames, 9]``. features: float32 ``[frames, 14]``, of about unit spread: cepstra less their mean,
    times their weights. squares: of the lengths of features. begins: the frames that begin a sound.
    """

    def __init__(self, corpus: Corpus) -> None:
        counts = [-(-one.samples // RATIO) for one in corpus.sounds]
        self.begins = np.cumsum([0, *counts])[:-1]
        found = [latents_of(one.placed, count) for one, count in zip(corpus.sounds, counts, strict=True)]
        self.latents: FloatArray = np.concatenate([*found, np.zeros((0, LATENTS), np.float32)])
        heard = [np.zeros((0, COEFFICIENTS), np.float32)]
        for sound, count in zip(corpus.sounds, counts, strict=True):
            mono = sound.audio[:, MARGIN - RATIO : MARGIN + count * RATIO].mean(axis=0, dtype=np.float32)
            windows = sliding_window_view(mono * sound.scale, WINDOW)[::RATIO]
            heard += [_cepstra(windows[at : at + 1024]) for at in range(0, count, 1024)]
        raw = np.concatenate(heard)
        self.mean = raw.mean(axis=0) if len(raw) else np.zeros(COEFFICIENTS, np.float32)
        self.weights = 1 / (raw.std(axis=0) + np.float32(1e-3)) if len(raw) else np.ones(COEFFICIENTS, np.float32)
        self.weights[0] *= LEVEL_WEIGHT
        self.features = self.seen(raw)
        self.squares = np.einsum("fc,fc->f", self.features, self.features)

    def seen(self, raw: FloatArray) -> FloatArray:
        """Cepstra ``[n, 14]`` as features."""
        return np.asarray((raw - self.mean) * self.weights, np.float32)

    def unlikeness(self, window: FloatArray) -> FloatArray:
        """How unlike the last 2048 samples each frame is: float32 ``[frames]``."""
        feature = self.seen(_cepstra(window[np.newaxis]))[0]
        return np.asarray((self.squares - 2 * (self.features @ feature) + feature @ feature) / COEFFICIENTS)


class SoundsEncoder:
    """One lane. The moment is the cheapest to be at, of all ways there so far (Viterbi, without looking ahead)."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._past = np.zeros(WINDOW, np.float32)
        self._costs = np.zeros(len(moments.latents), np.float32)

    def reset(self) -> None:
        """Forget the past."""
        self._past.fill(0.0)
        self._costs.fill(0.0)

    def hear(self, sound: FloatArray, out: FloatArray) -> None:
        """A frame of sound ``[1024]`` to latents ``[9]``."""
        past, costs = self._past, self._costs
        past[:-RATIO] = past[RATIO:]
        past[-RATIO:] = np.nan_to_num(sound, nan=0.0, posinf=0.0, neginf=0.0)
        out.fill(0.0)
        if not len(costs) or np.abs(past[-RATIO:]).max() < QUIET:
            costs.fill(0.0)
            return
        best = costs + STAY
        begins = self._moments.begins
        skipped = np.concatenate([costs[:1] + LEAP, costs[:-2] + SKIP])[: len(costs) - 1]
        skipped[begins[begins < len(skipped)]] = np.inf  # from one sound into another
        next_ = np.minimum(costs[:-1], skipped)
        next_[begins[begins > 0] - 1] = np.inf
        np.minimum(best[1:], next_, out=best[1:])
        np.minimum(best, costs.min() + LEAP, out=best)
        np.add(best, self._moments.unlikeness(past), out=costs)
        costs -= costs.min()
        out[:] = self._moments.latents[int(costs.argmin())]


def _cepstra(windows: FloatArray) -> FloatArray:
    """``[n, 2048]`` to the first 14 mel cepstral coefficients, ``[n, 14]``."""
    power = np.abs(np.fft.rfft(windows * hann(WINDOW), axis=1)) ** 2
    logs = np.log(power @ mel_filters(WINDOW, BANDS).T + FLOOR)
    return np.asarray(logs @ cosines(BANDS, COEFFICIENTS), np.float32)
