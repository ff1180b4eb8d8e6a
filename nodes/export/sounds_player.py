"""From latents to sounds as TorchScript: the same choices, blends and levels as ``nodes.codec.sounds.player``."""

import math
from typing import Final

import torch
from torch import Tensor, nn

from ..codec.sounds.corpus import Corpus
from ..codec.sounds.layout import BLENDS, CHANNELS, LATENTS, PLACE_LATENTS, RATIO
from ..codec.sounds.player import (
    ALONE,
    EVEN_DB,
    FARTHEST,
    FOLLOWING,
    LEAST,
    MOST_GAIN,
    MOST_VOICES,
    NEAR,
    QUIETEST_DB,
    SHARP,
)
from ..codec.sounds.voice import WAY
from .sounds_store import Memory, Places, Recordings, least
from .sounds_voice import NUMBERS, VoiceState, Voicing, numbers_of, voice_from


class SoundsDecoder(nn.Module):
    """Latents ``[lanes, 9, frames]`` to sound ``[lanes, 2, frames * 1024]``, continuing.

    blend: of ``BLENDS``, by number. even: how far loudness is evened out, 0 … 1. seed: of what is left to chance; each
    lane has the next one.
    """

    ratio: Final[int] = RATIO
    channels: Final[int] = CHANNELS
    latents: Final[int] = LATENTS
    place_latents: Final[int] = PLACE_LATENTS
    farthest: Final[float] = float(FARTHEST)
    near: Final[float] = NEAR
    sharp: Final[float] = SHARP
    alone: Final[float] = ALONE
    following: Final[float] = FOLLOWING
    least: Final[float] = LEAST
    most_voices: Final[int] = MOST_VOICES
    most_way: Final[float] = float(WAY)
    most_gain: Final[float] = MOST_GAIN
    even_db: Final[float] = EVEN_DB
    quietest_db: Final[float] = QUIETEST_DB
    together: Final[int] = BLENDS.index("together")
    nearest: Final[int] = BLENDS.index("nearest")
    cross: Final[int] = BLENDS.index("cross")

    def __init__(self, corpus: Corpus, seed: int = 0, blend: int = 0, even: float = 0.0) -> None:
        super().__init__()
        self.voicing, self.places = Voicing(Recordings(corpus.sounds)), Places(corpus)
        self.voices = Memory((MOST_VOICES, NUMBERS), torch.float64)
        self.lane = Memory((2,), torch.float64)
        """How many numbers were drawn, and the gain of even loudness."""
        self.names, self.blend, self.even, self.seed = list(BLENDS), blend, even, seed

    def forward(self, latents: Tensor) -> Tensor:
        """The next frames."""
        lanes, frames = latents.shape[0], latents.shape[2]
        self.voicing.make_room(lanes)
        self.voices.make_room(lanes)
        self.lane.make_room(lanes)
        held = torch.nan_to_num(latents[:, : self.latents].float()).clamp(-self.farthest, self.farthest)
        made = torch.zeros(lanes, self.channels, frames * self.ratio)
        for frame in range(frames):
            for lane in range(lanes):
                begin = frame * self.ratio
                made[lane, :, begin : begin + self.ratio] = self._frame(lane, held[lane, :, frame])
        return made

    def blend_name(self) -> str:
        """How sounds blend."""
        return self.names[self.blend]

    def set_blend(self, name: str) -> int:
        """0 when done, -1 when there is no such way."""
        for number, one in enumerate(self.names):
            if one == name:
                self.blend = number
                return 0
        return -1

    def set_even(self, even: float) -> int:
        """0 when done, -1 when it is not 0 … 1."""
        if not (even >= 0.0 and even <= 1.0):
            return -1
        self.even = even
        return 0

    def _frame(self, lane: int, latents: Tensor) -> Tensor:
        place, time = latents[: self.place_latents].double(), float(latents[self.place_latents].item())
        remembered = self.lane(lane)
        chance = self.voicing.freezing.drawing.begun(self.seed + lane, int(remembered[0].item()))
        voices = self._voices(lane)
        near, shares = self._near(place, time, bool((latents != 0).any()))
        alone = self.blend != self.together
        voices = self._share_out(lane, voices, near[:1] if alone else near, [1.0] if alone else shares)
        led: list[bool] = []
        for voice in voices:
            is_led = voice.sound in near
            target = self._moment(voice, place, time) if is_led else 0.0
            led.append(is_led)
            self.voicing.follow(voice, target, is_led, chance)
        gains = self._colours(voices, led, near, shares, place, time)
        weight = 0.0
        for voice in voices:
            weight += voice.share
        total = max(weight, 0.0 if len(near) > 0 else 1.0)
        made = torch.zeros(self.channels, self.ratio)
        for number, voice in enumerate(voices):
            made += self.voicing(voice, gains[number], chance) * math.sqrt(voice.share / total)
        made = self._even_out(remembered, voices, weight, made)
        remembered[0].fill_(float(chance.count))
        kept = self.voices(lane)
        kept.zero_()  # and then number by number: torch.tensor of a list rounds to float32 on its way
        for number, voice in enumerate(voices):
            for index, value in enumerate(numbers_of(voice)):
                kept[number, index].fill_(value)
        return made

    def _voices(self, lane: int) -> list[VoiceState]:
        voices: list[VoiceState] = []
        kept = self.voices(lane)
        for number in range(self.most_voices):
            numbers: list[float] = kept[number].tolist()
            if numbers[0] > 0:
                voices.append(voice_from(lane, numbers))
        return voices

    def _near(self, place: Tensor, time: float, is_sound: bool) -> tuple[list[int], list[float]]:
        """The two sounds whose places are nearest, and their shares; one alone where it is near enough."""
        if not is_sound:
            none: list[int] = []
            nothing: list[float] = []
            return none, nothing
        squares: list[float] = self.places(place, time).tolist()
        if len(squares) == 1:
            return [0], [1.0]
        first = least(squares)
        near = max(squares[first] - self.near, 1e-3)
        squares[first] = float("inf")
        second = least(squares)
        far = max(squares[second] - self.near, 1e-3)
        share = 1 / (1 + (near / far) ** self.sharp)
        if share > self.alone:
            return [first], [1.0]
        return [first, second], [share, 1 - share]

    def _share_out(
        self, lane: int, voices: list[VoiceState], sounds: list[int], wanted: list[float]
    ) -> list[VoiceState]:
        """Move the shares towards those wanted; sounds that have none any more end, others begin."""
        now, shares, is_first = [voice.sound for voice in voices], [voice.share for voice in voices], len(voices) == 0
        for number, sound in enumerate(sounds):
            if sound not in now:
                now.append(sound)
                shares.append(wanted[number] if is_first else 0.0)
        for number, sound in enumerate(now):
            aim = 0.0
            for other, one in enumerate(sounds):
                if one == sound:
                    aim = wanted[other]
            shares[number] += self.following * (aim - shares[number])
        left: list[VoiceState] = []
        begun: list[int] = []
        for number, share in enumerate(shares):
            louder = 0
            for other, rival in enumerate(shares):
                if rival > share or (rival == share and other < number):
                    louder += 1
            if share >= self.least and louder < self.most_voices:
                if number < len(voices):
                    voices[number].share = share
                    left.append(voices[number])
                else:
                    begun.append(number)
        for number in begun:
            taken = [voice.slot for voice in left]
            slot = 0
            while slot in taken:
                slot += 1
            fresh = self.voicing.new_voice(lane, slot, now[number])
            fresh.share = shares[number]
            left.append(fresh)
        return left

    def _moment(self, voice: VoiceState, place: Tensor, time: float) -> float:
        """The sample of a sound that is meant: where a long sound goes on as well, that."""
        found, apart = self.places.moments(voice.sound, place, time)
        nearest, position = least(apart), self.voicing.position(voice)
        for near in [nearest - 1, nearest + 1]:
            is_as_near = near >= 0 and near < len(found) and apart[near] < 2 * apart[nearest] + 0.5
            if is_as_near and abs(found[near] - position) < min(self.most_way, abs(found[nearest] - position)):
                return found[near]
        return found[nearest]

    def _colours(
        self,
        voices: list[VoiceState],
        led: list[bool],
        near: list[int],
        shares: list[float],
        place: Tensor,
        time: float,
    ) -> list[Tensor]:
        """What brings the spectral envelopes of sounds to that in which they blend: gains of 32 bands, or none."""
        gains = [torch.zeros(0) for _ in voices]
        if len(near) < 2 or self.blend == self.nearest:
            return gains
        envelopes = [self.voicing.envelope(voice) for voice in voices]
        if self.blend == self.cross:
            found, apart = self.places.moments(near[1], place, time)
            other = self.voicing.recordings.envelopes[self.voicing.recordings.frame_of(near[1], found[least(apart)])]
            for number, voice in enumerate(voices):
                if voice.sound == near[0]:
                    gains[number] = self._gains(2 * shares[1] * (other - envelopes[number]))
            return gains
        weight, count = 0.0, 0
        for number, voice in enumerate(voices):
            if led[number]:
                weight += voice.share
                count += 1
        if count < 2:
            return gains
        mean = torch.zeros_like(envelopes[0])
        for number, voice in enumerate(voices):
            if led[number]:
                mean = mean + envelopes[number] * (voice.share / weight)
        for number in range(len(voices)):
            if led[number]:
                gains[number] = self._gains(mean - envelopes[number])
        return gains

    def _gains(self, change: Tensor) -> Tensor:
        return (0.5 * change).clamp(-self.most_gain, self.most_gain)

    def _even_out(self, remembered: Tensor, voices: list[VoiceState], weight: float, made: Tensor) -> Tensor:
        """Bring a frame to the level of even loudness, by so much of the way."""
        before = float(remembered[1].item())
        if self.even == 0 and before == 0:
            return made
        wanted = 0.0
        for voice in voices:
            frame = self.voicing.recordings.frame_of(voice.sound, self.voicing.position(voice))
            level = float(self.voicing.recordings.loudness[frame].item())
            quietest = self.voicing.recordings.loudest[voice.sound] - self.quietest_db
            wanted += voice.share / weight * (self.even_db - max(level, quietest))
        after = self.even * wanted
        remembered[1].fill_(after)
        ramp = self.voicing.ramp * ((after - before) / (self.ratio - 1)) + before
        ramp[-1].fill_(after)
        return made * torch.pow(10.0, ramp.float() / 20)
