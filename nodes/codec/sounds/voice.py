"""One sound of a corpus, played at the moments that are asked for, at any speed, without a seam.

Where the moments go on at the speed of the recording, it is the recording, to the sample. At another speed, grains of
a frame are taken from it where they fit what sounds already (WSOLA), so that pitch is kept, and onsets are heard once
and in time. Where time stands still, a tonal moment is held as a spectrum (``freeze``), and any other goes on from
places nearby, chosen by chance.
"""

from math import pi

import numpy as np

from .analysis import band_weights
from .chance import Chance
from .corpus import CorpusSound
from .freeze import Freeze
from .layout import CHANNELS, RATIO, FloatArray

# Samples in which a grain takes over from the one before.
RISE = 768
# So many times faster a voice begins that nothing sounded before.
SOONER = 4
# Samples on either side of a grain that its filter may smear.
GUARD = 256
# How far from where it should be a grain is looked for, and over how many samples it should fit.
SEARCH, FIT = 512, 1024
# At about its own speed, a sound goes on as long as it is no farther from the moment asked for.
WAY = 4 * RATIO
# By how much the pace may differ from the sound's own.
OWN_PACE = 0.15
# How far the pace moves to the speed with each frame.
PACE = 0.1
# Who begins so near to a sound's beginning begins there.
SNAP = 1536.0
# An onset whose moment has passed by more is not heard any more.
LATE = 2 * RATIO
# Slower than this time stands still; after so many frames of it, a tonal moment is held as a spectrum.
STILL, STILL_FRAMES = 0.3, 5
# Faster than this it is no speed but a leap.
LEAP = 6.0
# A moment of such tonality is held as a spectrum.
TONAL = 0.6
# Frames for which a sound goes on after an onset.
LOCKED = 3
# How far playing and freezing move towards each other with each frame.
TURN = 0.34
# Samples after an onset from which it is not heard again.
AFTER_ONSET = 441
# While time stands still, no place is played that is quieter than the moment by more.
QUIETER_DB = 6.0
# Places that fit as well to one part in so many fit as well; the first is taken, by whatever library it is found.
ALIKE = 2.0**20
rising: FloatArray = (0.5 - 0.5 * np.cos(pi * (np.arange(RISE) + 0.5) / RISE)).astype(np.float32)
_falling: FloatArray = 1.0 - rising
_rising_power, _falling_power = np.sqrt(rising), np.sqrt(_falling)


class SoundVoice:
    """A sound at play. The first frame fades in, unless it is the sound's beginning."""

    def __init__(self, sound: CorpusSound, chance: Chance) -> None:
        self.sound = sound
        self._chance = chance
        self._freeze = Freeze(chance)
        self._next: int | None = None
        """Where the recording goes on."""
        self._target = 0.0
        self.speed = self._pace = 1.0
        self._heard = -np.inf
        self._frozen = self._was_frozen = 0.0
        self._at: int | None = None
        """From where this frame is played."""
        self._locked = self._still = 0
        self._was_filtered = False
        self._grain = np.zeros((CHANNELS, RATIO + RISE), np.float32)
        self._tail = np.zeros((CHANNELS, RISE), np.float32)
        self._wide = np.zeros((CHANNELS, RATIO + RISE + 2 * GUARD), np.float32)
        self._held = np.zeros((CHANNELS, RATIO), np.float32)

    @property
    def position(self) -> float:
        """The sample at which it is."""
        return self._target if self._frozen > 0.5 or self._next is None else float(self._next)

    def follow(self, target: float | None) -> None:
        """Be ready for a frame. target: the sample asked for, None: to go on."""
        self._follow(target)
        is_held = abs(self.speed) < STILL
        self._still = self._still + 1 if is_held else 0
        wants_freeze = self._still > STILL_FRAMES and self._tonality() > TONAL
        self._was_frozen = before = self._frozen
        self._frozen = min(1.0, before + TURN) if wants_freeze else max(0.0, before - TURN)
        self._at = self._place(is_held) if before < 1.0 or self._frozen < 1.0 else None

    def envelope(self) -> FloatArray:
        """The spectral envelope of what the frame plays, natural logs of power in 32 bands."""
        known = self.sound.analysis.envelope
        middle = (self._target if self._at is None else self._at + 0.5 * (RATIO + RISE)) / RATIO - 0.5
        low = min(max(int(middle), 0), len(known) - 1)
        share = np.float32(min(max(middle - low, 0.0), 1.0))
        return np.asarray(known[low] * (1 - share) + known[min(low + 1, len(known) - 1)] * share, np.float32)

    def play(self, gains: FloatArray | None, out: FloatArray) -> None:
        """Fill ``out [2, 1024]`` with the frame. gains: of 32 bands, natural logs of amplitude."""
        before = self._was_frozen
        if self._at is None:
            self._next, self._was_filtered = None, False
        else:
            self._splice(self._at, gains, out)
        if before or self._frozen:
            self._freeze.play(self.sound, self._target, gains, self._held)
            share = np.linspace(before, self._frozen, RATIO, endpoint=False, dtype=np.float32)
            if self._at is None:
                np.copyto(out, self._held)
            else:
                out *= np.cos(share * np.float32(pi / 2))
                out += self._held * np.sin(share * np.float32(pi / 2))
        if not self._frozen:
            self._freeze.begin()

    def _follow(self, target: float | None) -> None:
        """Note the moment asked for, and how fast time goes."""
        if target is None:
            self._target += RATIO
            self.speed = self._pace = 1.0
            return
        step = (target - self._target) / RATIO
        is_first = self._next is None and not self._frozen
        if is_first or abs(step) > LEAP:
            self.speed = self._pace = 1.0
            self._locked, self._heard = 0, self._last_onset(target)
        else:
            self.speed += 0.5 * (step - self.speed)
            self._pace += PACE * (step - self._pace)
        self._target = target

    def _tonality(self) -> float:
        return float(self.sound.analysis.tonality[self.sound.frame(self._target)])

    def _place(self, is_held: bool) -> int:
        """The sample from which this frame is played."""
        target, goes_on = self._target, self._next
        if goes_on is None:
            begin = 0 if target < SNAP else round(target)
            self._heard = self._last_onset(begin)
            return begin
        if is_held:
            self._locked, self._heard = 0, self._last_onset(target)
            return self._near(target, goes_on)
        if abs(self._pace - 1) < OWN_PACE and abs(goes_on - target) <= WAY:
            self._heard = self._last_onset(goes_on + RATIO)
            return goes_on
        if self.speed <= 0:
            self._heard = self._last_onset(target)
            return self._fitting(target - SEARCH, target + SEARCH, goes_on)
        return self._stretched(target, goes_on)

    def _stretched(self, target: float, goes_on: int) -> int:
        """At another speed than its own: onsets once and in time, grains that fit between them."""
        onsets = self.sound.analysis.onsets
        coming = int(np.searchsorted(onsets, self._heard, side="right"))
        while coming < len(onsets) and onsets[coming] < target - LATE:
            self._heard = float(onsets[coming])
            coming += 1
        onset = float(onsets[coming]) if coming < len(onsets) else np.inf
        if onset < target + self.speed * RATIO:
            self._heard, self._locked = onset, LOCKED if self.speed < 1 else 1
            return round(onset - max(onset - target, 0.0) / self.speed)
        latest = onset - RATIO - RISE
        if self._locked:
            self._locked -= 1
            if goes_on <= latest:
                return goes_on
        earliest = self._heard + AFTER_ONSET
        high = min(target + SEARCH, latest)
        low = max(min(target - SEARCH, high - SEARCH), earliest)
        return self._fitting(low, max(low, high), goes_on)

    def _last_onset(self, at: float) -> float:
        """The latest onset at or before a sample; minus infinity where there is none."""
        onsets = self.sound.analysis.onsets
        index = int(np.searchsorted(onsets, at, side="right"))
        return float(onsets[index - 1]) if index else -np.inf

    def _near(self, target: float, goes_on: int) -> int:
        """Time stands still: go on within four frames around, else leap to somewhere there."""
        onsets = self.sound.analysis.onsets
        index = int(np.searchsorted(onsets, target + 1))
        low = max(target - WAY, onsets[index - 1] + AFTER_ONSET if index else 0.0)
        high = min(target + WAY, (onsets[index] if index < len(onsets) else self.sound.samples) - RATIO - RISE)
        if high - low < 2 * RATIO:
            low, high = target - WAY, target + WAY
        low, high = self._as_loud(low, high)
        chosen = low + (high - low) * self._chance.number()
        if abs(goes_on - chosen) <= (high - low) / 2 and low <= goes_on <= high:
            return goes_on
        return self._fitting(max(low, chosen - SEARCH), min(high, chosen + SEARCH), goes_on)

    def _as_loud(self, low: float, high: float) -> tuple[float, float]:
        """Of a stretch around the moment, what is about as loud or louder, and hangs together with it."""
        levels = self.sound.analysis.loudness
        first = last = self.sound.frame(self._target)
        least = float(levels[first]) - QUIETER_DB
        while first > 0 and first * RATIO > low and float(levels[first - 1]) >= least:
            first -= 1
        while last + 1 < len(levels) and last * RATIO < high and float(levels[last + 1]) >= least:
            last += 1
        low, high = max(low, float(first * RATIO)), min(high, float(last * RATIO))
        return (low, high) if high - low >= RATIO else (self._target - 0.5 * RATIO, self._target + 0.5 * RATIO)

    def _fitting(self, low: float, high: float, goes_on: int) -> int:
        """Of the samples from low to high, the one from which the sound is most like what would come next."""
        begin = round(min(max(low, 0.0), max(self.sound.samples - RATIO, 0)))
        span = max(0, round(min(high, self.sound.samples)) - begin)
        if span < 2:
            return begin
        wanted = self.sound.mono(goes_on, FIT).astype(np.float64)
        heard = self.sound.mono(begin, FIT + span).astype(np.float64)
        size = 1 << (FIT + span - 1).bit_length()
        likeness = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[: span + 1]
        energy = np.cumsum(np.concatenate([[0.0], heard**2]))
        energy = energy[FIT : FIT + span + 1] - energy[: span + 1]
        fit = likeness / np.sqrt((energy + 1e-6) * (np.sum(wanted**2) + 1e-6))
        return begin + int(np.argmax(np.rint(fit * ALIKE)))

    def _splice(self, place: int, gains: FloatArray | None, out: FloatArray) -> None:
        """Play a frame from a sample on."""
        is_first, goes_on = self._next is None, self._next == place
        self._next = place + RATIO
        if goes_on and gains is None and not self._was_filtered:
            self.sound.take(place, out)
            self.sound.take(self._next, self._tail)
            return
        grain = self._grain
        if gains is None:
            self.sound.take(place, grain)
        else:
            self.sound.take(place - GUARD, self._wide)
            shape = np.exp(band_weights(self._wide.shape[1]) @ gains)
            grain[:] = np.fft.irfft(np.fft.rfft(self._wide, axis=1) * shape, axis=1)[:, GUARD:-GUARD]
        np.copyto(out, grain[:, :RATIO])
        head = out[:, :RISE]
        if is_first:
            if place > 0:  # soon, so that who leaps to a sound hears it at once
                head[:, : RISE // SOONER] *= rising[::SOONER]
        elif goes_on or self._agrees(head):
            head *= rising
            head += self._tail * _falling
        else:
            head *= _rising_power
            head += self._tail * _falling_power
        np.copyto(self._tail, grain[:, RATIO:])
        self._was_filtered = gains is not None

    def _agrees(self, head: FloatArray) -> bool:
        """Whether a grain goes with the tail of the one before, so that their amplitudes add up, not their powers."""
        now, before = head.astype(np.float64), self._tail.astype(np.float64)
        return bool(np.vdot(now, before) > 0.5 * np.sqrt(np.vdot(now, now) * np.vdot(before, before)))
