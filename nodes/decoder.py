"""Decoder: hear latents as sound through a codec."""

from math import ceil
from typing import Annotated, Literal, get_args

import numpy as np

from ..engine import (
    FloatArray,
    FrameTimes,
    Help,
    Labels,
    Latent,
    Param,
    PortSize,
    Setting,
    SettingError,
    Setup,
    SharedContent,
    Signal,
    UsedWhen,
    node,
)
from ..engine.frames import SoundStream
from .codec.gate import Gate
from .codec.handover import Handover, StreamNode
from .codec.interface import CodecError
from .codec.loader import CODEC_HELP, SOUNDS
from .codec.sounds import sounds_in, tell_missing
from .codec.space import space_of
from .codec.streams import decoded_ratio, facts_of, open_decoder

Decibels = Annotated[float, Param(-60, 12, unit="dB", help="output level")]
# Between two sounds: both in one colour, the nearer alone, or the nearer in the colours of the other.
Blend = Literal["together", "nearest", "cross"]
WITH_SOUNDS = UsedWhen("codec", (SOUNDS,))
Even = Annotated[
    float,
    Param(0.0, 1.0, help="loudness matching of the sounds in builtin:sounds; 1: all equally loud"),
    Labels("match loudness"),
    WITH_SOUNDS,
]
BLENDS = get_args(Blend)
Tail = Annotated[
    float,
    Setting(
        low=0.0,
        high=4.0,
        help="noise in hidden latents, those a model has beyond its declared ones: 0 none, 1 as much as RAVE; seeded",
    ),
    Labels("hidden noise"),
]
Voices = Annotated[int, Setting(low=1, high=16, help="number of voices decoded in parallel")]


@node(
    role="decoder",
    other_names=("nn~", "rave", "model", "autoencoder", "codec", "neural"),
    nearest_to=("vocoder", "synthesizer", "granular"),
)
class Decoder(StreamNode):
    """Decodes latents to sound with a codec, frame by frame.

    The codec says how many latents a frame has and how many samples it lasts; everything before it in the patch
    follows. A codec at another sample rate than the engine's is converted at its edge. The sound of a frame starts
    at that frame's instant, later only by the codec's own latency and that of the conversion, and,
    while playing live, by the lookahead that the worker needs. Where a model knows more latents than it declares (RAVE
    leaves out the least important ones, and fills them with chance), they are 0, or with ``tail`` noise that a render
    repeats. Several voices come one after the other in ``latents``
    and ``out`` (use join, split and mix). ``builtin:sounds`` plays the sounds that the patch's encode nodes have
    encoded with it; ``blend`` and ``even`` are for it. Another codec takes over from the one before in an equal-power
    crossfade, during which the old one holds its last latents where they are no longer the right ones.
    """

    def __init__(
        self,
        setup: Setup,
        shared: SharedContent,
        codec: Annotated[str, Setting(help=CODEC_HELP, file="model")] = "builtin:bank",
        voices: Voices = 1,
        tail: Tail = 0.0,
    ) -> None:
        sounds = sounds_in(shared.content) if codec == SOUNDS else ()
        if codec == SOUNDS:
            tell_missing(sounds, setup)
        try:
            self.facts = facts_of(codec, setup)
            self.stream: SoundStream = open_decoder(codec, self.facts, setup, voices, tail, sounds)
        except CodecError as error:
            raise SettingError("codec", str(error)) from error
        if tail and not self.facts.hidden_latents:
            setup.warn(f"{codec} has no latents beyond its {self.facts.latent_dim}; hidden noise (tail) has no effect")
        self.space = space_of(codec, setup.folder)
        self.ratio, self.voices, self._setup = decoded_ratio(self.facts, setup.sample_rate), voices, setup
        self._last: FloatArray = np.zeros((voices * self.facts.latent_dim, 1), np.float32)
        self._times = FrameTimes(self.ratio, setup.block)
        self._sound: FloatArray = np.zeros((voices * self.facts.channels, setup.block), np.float32)
        self._controls = np.zeros(len(self.facts.controls), np.float32)
        rows = self.facts.latent_dim + len(self.facts.controls)
        self._posted: FloatArray = np.zeros((voices * rows, ceil(setup.block / self.ratio) + 1), np.float32)
        self.handover = Handover(setup.sample_rate)
        self.gate = Gate(setup.sample_rate, setup.block)

    def ports(self) -> dict[str, PortSize]:
        """Latent size, ratio and space from the codec."""
        latent_dim = self.facts.latent_dim
        return {
            "latents": PortSize(self.voices * latent_dim, self.ratio, self.space, counted="voices", each=latent_dim),
            "out": PortSize(self.voices * self.facts.channels),
        }

    def process(
        self,
        latents: Annotated[Latent, Help("what to play: one set of latents per frame, such as a terrain's")],
        frames: FrameTimes,
        out: Signal,
        level: Decibels = 0.0,
        blend: Annotated[
            Blend, Setting(help="how sounds that are near each other are blended"), WITH_SOUNDS
        ] = "together",
        even: Even = 0.0,
    ) -> Annotated[Signal, Help("the decoded sound")]:
        """Latents ``[voices · latent_dim, frames]`` in, sound ``[voices · channels, block]`` out."""
        if frames.count:
            np.copyto(self._last, latents[:, -1:])
        if len(self._controls):
            self._controls[0] = BLENDS.index(blend)
            self._controls[1] = even[0, -1] if isinstance(even, np.ndarray) else even
        self._post(latents, frames)
        sounds = self.stream.pull(out)
        old = self.handover.outgoing
        if isinstance(old, Decoder):
            self.handover.cross(self.stream, old._go_on(latents, frames, out.shape[1]), out, sounds)
        self.gate.apply(out, latents)
        np.multiply(out, np.float32(10.0) ** (np.float32(0.05) * level), out=out)
        return out

    def _go_on(self, latents: FloatArray, frames: FrameTimes, count: int) -> FloatArray:
        """The sound of a decoder on its way out: it follows the latents if they are still meant for it."""
        if frames.ratio == self.ratio and len(latents) == len(self._last):
            self._post(latents, frames)
        else:
            times = self._times
            times.block = count
            times.move_to(self._setup.clock.sample)
            self._post(np.broadcast_to(self._last, (len(self._last), times.count)), times)
        sound = self._sound[:, :count]
        self.stream.pull(sound)
        return sound

    def _post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Have frames decoded, each voice's latents followed by what is turned of how the codec plays."""
        if not len(self._controls):
            self.stream.post(latents, frames)
            return
        posted, size = self._posted[:, : frames.count], self.facts.latent_dim
        rows = size + len(self._controls)
        for voice in range(self.voices):
            np.copyto(posted[voice * rows : voice * rows + size], latents[voice * size : (voice + 1) * size])
            posted[voice * rows + size : (voice + 1) * rows] = self._controls[:, np.newaxis]
        self.stream.post(posted, frames)
