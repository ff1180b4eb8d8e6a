"""From latents to the sounds of a corpus: which ones sound, at which moment, how they blend, and how loud.

What is decided by comparing is computed in float64, so that an exported model (``nodes.exporting``) decides alike.
"""

import numpy as np
from numpy.typing import NDArray

from .chance import Chance
from .corpus import Corpus, CorpusSound
from .layout import BLENDS, CHANNELS, LATENTS, PLACE_LATENTS, RATIO, SAMPLE_RATE, FloatArray
from .moment_latents import moments
from .voice import WAY, SoundVoice

# Squared distance from its place at which a sound is as near as can be.
NEAR = 0.05
# How soon a sound crossfades to another, of the ratio of squared distances.
SHARP = 3.0
# A sound that would sound by so much sounds alone.
ALONE = 0.97
# How far a sound's share moves to what it should be with each frame.
FOLLOWING = 0.5
LEAST = 0.02
MOST_VOICES = 4
# Seconds by which a moment may lie beyond a sound's end and still mean its end.
ROOM = 0.25
# Of a band, natural log of amplitude.
MOST_GAIN = 3.0
# The level of even loudness; what lies further below a sound's loudest moment is not brought up to it.
EVEN_DB, QUIETEST_DB = -20.0, 30.0
FARTHEST = np.float32(1e4)


class SoundsPlayer:
    """One lane. seed: of what is chosen by chance."""

    def __init__(self, corpus: Corpus, seed: int = 0) -> None:
        self.corpus, self._seed = corpus, seed
        self._frame = np.zeros((CHANNELS, RATIO), np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._chance = Chance(self._seed)
        self._voices: dict[int, SoundVoice] = {}
        self._shares: dict[int, float] = {}
        self._gain = 0.0

    def play(self, latents: FloatArray, out: FloatArray) -> None:
        """A frame of latents ``[9]``, controls may follow, to sound ``[2, 1024]``. Latents of 0 are silence."""
        out.fill(0.0)
        if not self.corpus.sounds:
            return
        latents = np.clip(np.nan_to_num(latents), -FARTHEST, FARTHEST)
        place, time = latents[:PLACE_LATENTS], float(latents[PLACE_LATENTS])
        blend, even = (*latents[LATENTS:], 0.0, 0.0)[:2]
        style = BLENDS[round(min(max(float(blend), 0.0), len(BLENDS) - 1.0))]
        near = self._near(place, time) if latents[:LATENTS].any() else {}
        self._share_out(near if style == "together" else dict.fromkeys(list(near)[:1], 1.0))
        targets = {index: self._moment(index, place, time) for index in self._shares if index in near}
        for index in self._shares:
            self._voices[index].follow(targets.get(index))
        gains = self._colours(style, near, targets, place, time)
        total = max(sum(self._shares.values()), 0.0 if near else 1.0)
        for index, share in self._shares.items():
            self._voices[index].play(gains.get(index), self._frame)
            self._frame *= np.float32(np.sqrt(share / total))
            out += self._frame
        self._even_out(min(max(float(even), 0.0), 1.0), out)

    def level(self, latents: FloatArray) -> float:
        """How loud a moment is, in dB; silence is -120."""
        if not self.corpus.sounds or not latents[:LATENTS].any():
            return -120.0
        place, found = latents[:PLACE_LATENTS], 0.0
        for index, share in self._near(place, float(latents[PLACE_LATENTS])).items():
            at, apart = _moments(self.corpus.sounds[index], place, float(latents[PLACE_LATENTS]))
            sound = self.corpus.sounds[index]
            found += share * float(sound.analysis.loudness[sound.frame(at[int(apart.argmin())])])
        return found

    def _near(self, place: FloatArray, time: float) -> dict[int, float]:
        """The two sounds whose places are nearest, and their shares; one alone where it is near enough."""
        squares = self.corpus.apart(place, time)
        if len(squares) == 1:
            return {0: 1.0}
        first, least = int(squares.argmin()), float(squares.min())
        squares[first] = np.inf
        second, next_ = int(squares.argmin()), float(squares.min())
        near, far = (max(one - NEAR, 1e-3) for one in (least, next_))
        share = 1 / (1 + (near / far) ** SHARP)
        return {first: 1.0} if share > ALONE else {first: share, second: 1 - share}

    def _share_out(self, wanted: dict[int, float]) -> None:
        """Move the shares towards those wanted; sounds that have none any more end."""
        shares = self._shares
        if not shares:
            shares.update(wanted)
        for index in {**shares, **wanted}:
            before = shares.get(index, 0.0)
            shares[index] = before + FOLLOWING * (wanted.get(index, 0.0) - before)
        largest = sorted(shares, key=lambda index: -shares[index])[:MOST_VOICES]
        for index in list(shares):
            if shares[index] < LEAST or index not in largest:
                del shares[index]
                self._voices.pop(index, None)
        for index in shares:
            if index not in self._voices:
                self._voices[index] = SoundVoice(self.corpus.sounds[index], self._chance)

    def _moment(self, index: int, place: FloatArray, time: float) -> float:
        """The sample of a sound that is meant: where a long sound goes on as well, that."""
        found, apart = _moments(self.corpus.sounds[index], place, time)
        nearest = int(apart.argmin())
        voice = self._voices[index]
        for near in (nearest - 1, nearest + 1):
            is_as_near = 0 <= near < len(found) and apart[near] < 2 * apart[nearest] + 0.5
            if is_as_near and abs(found[near] - voice.position) < min(WAY, abs(found[nearest] - voice.position)):
                return float(found[near])
        return float(found[nearest])

    def _colours(
        self, style: str, near: dict[int, float], targets: dict[int, float], place: FloatArray, time: float
    ) -> dict[int, FloatArray]:
        """What brings the spectral envelopes of sounds to that in which they blend: gains of 32 bands by sound."""
        if len(near) < 2 or style == "nearest":
            return {}
        envelopes = {index: self._voices[index].envelope() for index in targets}
        if style == "cross":
            first, second = near
            sound = self.corpus.sounds[second]
            found, apart = _moments(sound, place, time)
            other = sound.analysis.envelope[sound.frame(found[int(apart.argmin())])]
            return {first: _gains(2 * near[second] * (other - envelopes[first]))} if first in envelopes else {}
        if len(envelopes) < 2:
            return {}
        weight = sum(self._shares[index] for index in envelopes)
        mean = sum(envelope * np.float32(self._shares[index] / weight) for index, envelope in envelopes.items())
        return {index: _gains(mean - envelope) for index, envelope in envelopes.items()}

    def _even_out(self, even: float, out: FloatArray) -> None:
        """Bring a frame to the level of even loudness, by so much of the way."""
        if not even and not self._gain:
            return
        wanted, weight = 0.0, sum(self._shares.values())
        for index, share in self._shares.items():
            sound, levels = self.corpus.sounds[index], self.corpus.sounds[index].analysis.loudness
            level = levels[sound.frame(self._voices[index].position)]
            wanted += share / weight * (EVEN_DB - max(float(level), float(levels.max()) - QUIETEST_DB))
        ramp = np.linspace(self._gain, even * wanted, RATIO, dtype=np.float32)
        out *= np.float32(10) ** (ramp / np.float32(20))
        self._gain = even * wanted


def _gains(change: FloatArray) -> FloatArray:
    """Differences of the logs of power as gains of amplitude, within bounds."""
    return np.asarray(np.clip(0.5 * change, -MOST_GAIN, MOST_GAIN), np.float32)


def _moments(sound: CorpusSound, place: FloatArray, time: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each of a sound's pieces, the sample that a time means, and how far its place is, squared.

    Far beyond the ends of a sound in one piece it begins again.
    """
    found = moments(sound.placed, time)
    room = ROOM * SAMPLE_RATE
    if len(found) == 1 and not -room <= found[0] <= sound.samples + room:
        found = found % sound.samples
    apart = sound.placed.places - place.astype(np.float64)
    return np.clip(found, 0, sound.samples - 1), np.einsum("pd,pd->p", apart, apart)
