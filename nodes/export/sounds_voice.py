"""A sound at play as TorchScript: the same moments, grains and splices as ``nodes.codec.sounds.voice``."""

import math
from typing import Final

import torch
from torch import Tensor, nn

from ..codec.sounds.analysis import band_weights
from ..codec.sounds.layout import CHANNELS, RATIO
from ..codec.sounds.player import MOST_VOICES
from ..codec.sounds.voice import (
    AFTER_ONSET,
    ALIKE,
    FIT,
    GUARD,
    LATE,
    LEAP,
    LOCKED,
    OWN_PACE,
    PACE,
    RISE,
    SEARCH,
    SNAP,
    SOONER,
    STILL,
    STILL_FRAMES,
    TONAL,
    TURN,
    WAY,
    rising,
)
from .sounds_freeze import Freezing, FrozenChance
from .sounds_store import Memory, Recordings, kept

# That a voice remembers, see ``VoiceState``.
NUMBERS = 16


class VoiceState:
    """One voice between two frames, as ``voice.Voice`` has it.

    lane, slot: where its arrays are. at: from where this frame is played, where ``is_placed``. next: where the
    recording goes on, where ``goes_on``. freeze_at: the moment that is held, where ``is_begun``.
    """

    def __init__(self, lane: int, slot: int, sound: int) -> None:
        self.lane = lane
        self.slot = slot
        self.sound = sound
        self.share = 0.0
        self.goes_on = False
        self.next = 0
        self.target = 0.0
        self.speed = 1.0
        self.pace = 1.0
        self.heard = -math.inf
        self.frozen = 0.0
        self.was_frozen = 0.0
        self.is_placed = False
        self.at = 0
        self.locked = 0
        self.still = 0
        self.was_filtered = False
        self.freeze_at = 0.0
        self.is_begun = False


def numbers_of(voice: VoiceState) -> list[float]:
    """What is kept of a voice: 16 numbers."""
    return [
        float(voice.sound + 1),
        float(voice.slot),
        voice.share,
        float(voice.goes_on),
        float(voice.next),
        voice.target,
        voice.speed,
        voice.pace,
        voice.heard,
        voice.frozen,
        float(voice.locked),
        float(voice.still),
        float(voice.was_filtered),
        voice.freeze_at,
        float(voice.is_begun),
        0.0,
    ]


def voice_from(lane: int, kept: list[float]) -> VoiceState:
    """A voice from what was kept of it."""
    voice = VoiceState(lane, int(kept[1]), int(kept[0]) - 1)
    voice.share = kept[2]
    voice.goes_on = kept[3] > 0
    voice.next = int(kept[4])
    voice.target = kept[5]
    voice.speed = kept[6]
    voice.pace = kept[7]
    voice.heard = kept[8]
    voice.frozen = kept[9]
    voice.locked = int(kept[10])
    voice.still = int(kept[11])
    voice.was_filtered = kept[12] > 0
    voice.freeze_at = kept[13]
    voice.is_begun = kept[14] > 0
    return voice


class Voicing(nn.Module):
    """Plays voices, frame by frame."""

    rising: Tensor
    ramp: Tensor
    ratio: Final[int] = RATIO
    rise: Final[int] = RISE
    sooner: Final[int] = SOONER
    guard: Final[int] = GUARD
    search: Final[int] = SEARCH
    fit: Final[int] = FIT
    way: Final[int] = WAY
    own_pace: Final[float] = OWN_PACE
    pace: Final[float] = PACE
    snap: Final[float] = SNAP
    late: Final[int] = LATE
    still: Final[float] = STILL
    still_frames: Final[int] = STILL_FRAMES
    leap: Final[float] = LEAP
    tonal: Final[float] = TONAL
    locked: Final[int] = LOCKED
    turn: Final[float] = TURN
    after_onset: Final[int] = AFTER_ONSET
    alike: Final[float] = ALIKE
    half_pi: Final[float] = math.pi / 2

    def __init__(self, recordings: Recordings) -> None:
        super().__init__()
        self.recordings, self.freezing = recordings, Freezing()
        self.tail = Memory((MOST_VOICES, CHANNELS, RISE), torch.float32)
        self.weights = kept(band_weights(RATIO + RISE + 2 * GUARD))
        self.register_buffer("rising", torch.from_numpy(rising.copy()))
        self.register_buffer("ramp", torch.arange(RATIO, dtype=torch.float64))

    def forward(self, voice: VoiceState, gains: Tensor, chance: FrozenChance) -> Tensor:
        """A frame ``[2, 1024]``; gains: of 32 bands, natural logs of amplitude, none: ``[0]``."""
        before = voice.was_frozen
        made = torch.zeros(2, self.ratio)
        if voice.is_placed:
            made = self._splice(voice, gains)
        else:
            voice.goes_on, voice.was_filtered = False, False
        if before > 0 or voice.frozen > 0:
            if not voice.is_begun or abs(voice.target - voice.freeze_at) > self.freezing.moved:
                voice.freeze_at = voice.target
                starts = self.freezing.starts(voice.target, float(self.recordings.lengths[voice.sound]))
                windows = [self.recordings(voice.sound, start, self.freezing.length) for start in starts]
                self.freezing.look(voice.lane, voice.slot, torch.stack(windows), voice.is_begun)
            held = self.freezing(voice.lane, voice.slot, gains, voice.is_begun, chance)
            voice.is_begun = True
            if voice.is_placed:
                share = (self.ramp * ((voice.frozen - before) / self.ratio) + before).float()
                made = made * torch.cos(share * self.half_pi) + held * torch.sin(share * self.half_pi)
            else:
                made = held
        if voice.frozen == 0:
            voice.is_begun = False
            self.freezing.begin(voice.lane, voice.slot)
        return made

    def make_room(self, lanes: int) -> None:
        """Remember for so many lanes."""
        self.tail.make_room(lanes)
        self.freezing.make_room(lanes)

    def new_voice(self, lane: int, slot: int, sound: int) -> VoiceState:
        """A voice that has not played yet."""
        self.tail(lane)[slot].zero_()
        self.freezing.forget(lane, slot)
        return VoiceState(lane, slot, sound)

    def position(self, voice: VoiceState) -> float:
        """The sample at which it is."""
        return voice.target if voice.frozen > 0.5 or not voice.goes_on else float(voice.next)

    def follow(self, voice: VoiceState, target: float, is_led: bool, chance: FrozenChance) -> None:
        """Be ready for a frame. target: the sample asked for, where it is led; else it goes on."""
        self._note(voice, target, is_led)
        is_held = abs(voice.speed) < self.still
        voice.still = voice.still + 1 if is_held else 0
        tonality = self.recordings.tonality[self.recordings.frame_of(voice.sound, voice.target)]
        wants_freeze = voice.still > self.still_frames and float(tonality.item()) > self.tonal
        before = voice.frozen
        voice.was_frozen = before
        voice.frozen = min(1.0, before + self.turn) if wants_freeze else max(0.0, before - self.turn)
        voice.is_placed = before < 1.0 or voice.frozen < 1.0
        if voice.is_placed:
            voice.at = self._place(voice, is_held, chance)

    def envelope(self, voice: VoiceState) -> Tensor:
        """The spectral envelope of what the frame plays, natural logs of power in 32 bands."""
        first, count = self.recordings.first_frames[voice.sound], self.recordings.frames[voice.sound]
        at = voice.at + 0.5 * (self.ratio + self.rise) if voice.is_placed else voice.target
        middle = at / self.ratio - 0.5
        low = min(max(int(middle), 0), count - 1)
        share = min(max(middle - low, 0.0), 1.0)
        known = self.recordings.envelopes
        one = torch.full_like(known[0], share)
        return known[first + low] * (1 - one) + known[first + min(low + 1, count - 1)] * one

    def _note(self, voice: VoiceState, target: float, is_led: bool) -> None:
        """Note the moment asked for, and how fast time goes."""
        if not is_led:
            voice.target += self.ratio
            voice.speed, voice.pace = 1.0, 1.0
            return
        step = (target - voice.target) / self.ratio
        is_first = not voice.goes_on and voice.frozen == 0
        if is_first or abs(step) > self.leap:
            voice.speed, voice.pace = 1.0, 1.0
            voice.locked = 0
            voice.heard = self.recordings.last_onset(voice.sound, target)
        else:
            voice.speed += 0.5 * (step - voice.speed)
            voice.pace += self.pace * (step - voice.pace)
        voice.target = target

    def _place(self, voice: VoiceState, is_held: bool, chance: FrozenChance) -> int:
        """The sample from which this frame is played."""
        sound, target, goes_on = voice.sound, voice.target, voice.next
        if not voice.goes_on:
            begin = 0 if target < self.snap else rounded(target)
            voice.heard = self.recordings.last_onset(sound, float(begin))
            return begin
        if is_held:
            voice.locked = 0
            voice.heard = self.recordings.last_onset(sound, target)
            return self._near(voice, chance)
        if abs(voice.pace - 1) < self.own_pace and abs(goes_on - target) <= self.way:
            voice.heard = self.recordings.last_onset(sound, float(goes_on + self.ratio))
            return goes_on
        if voice.speed <= 0:
            voice.heard = self.recordings.last_onset(sound, target)
            return self._fitting(sound, target - self.search, target + self.search, goes_on)
        return self._stretched(voice)

    def _stretched(self, voice: VoiceState) -> int:
        """At another speed than its own: onsets once and in time, grains that fit between them."""
        target, goes_on, onsets = voice.target, voice.next, self.recordings.onsets
        coming = self.recordings.onset_after(voice.sound, voice.heard, False)
        end = self.recordings.first_onsets[voice.sound + 1]
        while coming < end and float(onsets[coming].item()) < target - self.late:
            voice.heard = float(onsets[coming].item())
            coming += 1
        onset = float(onsets[coming].item()) if coming < end else float("inf")
        if onset < target + voice.speed * self.ratio:
            voice.heard = onset
            voice.locked = self.locked if voice.speed < 1 else 1
            return rounded(onset - max(onset - target, 0.0) / voice.speed)
        latest = onset - self.ratio - self.rise
        if voice.locked > 0:
            voice.locked -= 1
            if goes_on <= latest:
                return goes_on
        earliest = voice.heard + self.after_onset
        high = min(target + self.search, latest)
        low = max(min(target - self.search, high - self.search), earliest)
        return self._fitting(voice.sound, low, max(low, high), goes_on)

    def _near(self, voice: VoiceState, chance: FrozenChance) -> int:
        """Time stands still: go on within four frames around, else leap to somewhere there."""
        sound, target, goes_on, onsets = voice.sound, voice.target, float(voice.next), self.recordings.onsets
        index = self.recordings.onset_after(sound, target + 1, True)
        begin, end = self.recordings.first_onsets[sound], self.recordings.first_onsets[sound + 1]
        earliest = float(onsets[index - 1].item()) + self.after_onset if index > begin else 0.0
        latest = float(onsets[index].item()) if index < end else float(self.recordings.lengths[sound])
        low = max(target - self.way, earliest)
        high = min(target + self.way, latest - self.ratio - self.rise)
        if high - low < 2 * self.ratio:
            low, high = target - self.way, target + self.way
        low, high = self.recordings.as_loud(sound, target, low, high)
        chosen = low + (high - low) * self.freezing.drawing(chance)
        if abs(goes_on - chosen) <= (high - low) / 2 and low <= goes_on and goes_on <= high:
            return voice.next
        return self._fitting(sound, max(low, chosen - self.search), min(high, chosen + self.search), voice.next)

    def _fitting(self, sound: int, low: float, high: float, goes_on: int) -> int:
        """Of the samples from low to high, the one from which the sound is most like what would come next."""
        samples = self.recordings.lengths[sound]
        begin = rounded(min(max(low, 0.0), float(max(samples - self.ratio, 0))))
        span = max(0, rounded(min(high, float(samples))) - begin)
        if span < 2:
            return begin
        wanted = self.recordings.mono(sound, goes_on, self.fit).double()
        heard = self.recordings.mono(sound, begin, self.fit + span).double()
        size = 1
        while size < self.fit + span:
            size *= 2
        product = torch.fft.rfft(heard, n=size) * torch.conj(torch.fft.rfft(wanted, n=size))
        likeness = torch.fft.irfft(product, n=size)[: span + 1]
        energy = torch.cumsum(torch.cat([torch.zeros(1, dtype=torch.float64), heard * heard]), 0)
        energy = energy[self.fit : self.fit + span + 1] - energy[: span + 1]
        fit = likeness / torch.sqrt((energy + 1e-6) * ((wanted * wanted).sum() + 1e-6))
        found = torch.round(fit * self.alike)
        return begin + int(torch.nonzero(found == found.max())[0, 0].item())

    def _splice(self, voice: VoiceState, gains: Tensor) -> Tensor:
        """Play a frame from a sample on."""
        place, is_filtered = voice.at, gains.shape[0] > 0
        is_first, goes_on = not voice.goes_on, voice.goes_on and voice.next == place
        voice.next, voice.goes_on = place + self.ratio, True
        tail = self.tail(voice.lane)[voice.slot]
        if goes_on and not is_filtered and not voice.was_filtered:
            tail[:] = self.recordings(voice.sound, voice.next, self.rise)
            whole: Tensor = self.recordings(voice.sound, place, self.ratio)
            return whole
        length = self.ratio + self.rise
        if is_filtered:
            wide = self.recordings(voice.sound, place - self.guard, length + 2 * self.guard)
            shaped = torch.fft.rfft(wide) * torch.exp(torch.matmul(self.weights, gains))
            grain = torch.fft.irfft(shaped, n=length + 2 * self.guard)[:, self.guard : -self.guard]
        else:
            grain = self.recordings(voice.sound, place, length)
        made: Tensor = grain[:, : self.ratio].clone()
        falling = 1 - self.rising
        head = made[:, : self.rise]
        if is_first:
            if place > 0:
                head[:, : self.rise // self.sooner] *= self.rising[:: self.sooner]
        elif goes_on or agrees(head, tail):
            head *= self.rising
            head += tail * falling
        else:
            head *= torch.sqrt(self.rising)
            head += tail * torch.sqrt(falling)
        tail[:] = grain[:, self.ratio :]
        voice.was_filtered = is_filtered
        return made


def agrees(head: Tensor, tail: Tensor) -> bool:
    """Whether a grain goes with the tail of the one before, so that their amplitudes add up, not their powers."""
    now, before = head.double(), tail.double()
    shared = float((now * before).sum().item())
    return shared > 0.5 * math.sqrt(float((now * now).sum().item()) * float((before * before).sum().item()))


def rounded(number: float) -> int:
    """The nearest whole number; between two, the even one."""
    below = math.floor(number)
    rest = number - below
    if rest > 0.5 or (rest == 0.5 and below % 2 == 1):
        return below + 1
    return below
