"""Decoder: hear latents as sound through a codec."""

from fractions import Fraction
from typing import Annotated

import numpy as np

from ..engine import FrameTimes, Latent, Param, PortSize, Setting, SettingError, Setup, Signal, node
from .codec.interface import CodecError
from .codec.loader import load_codec
from .codec.queue import AudioQueue, RateBridge

Decibels = Annotated[float, Param(-60, 12, unit="dB", help="loudness of the decoded sound")]


@node
class Decoder:
    """Turns latents into sound with a codec, frame by frame.

    The codec says how many latents a frame has and how many samples it lasts; everything before it in the patch
    follows. A codec at another sample rate than the engine's is converted at its edge. The sound of a frame starts
    at that frame's instant (architecture §5), later only by the codec's own latency and that of the conversion.
    """

    def __init__(
        self,
        setup: Setup,
        codec: Annotated[str, Setting(help="builtin:NAME or a TorchScript file", file="model")] = "builtin:bank",
    ) -> None:
        try:
            self.codec = load_codec(codec, setup.folder).new_instance(lanes=1, seed=setup.seed)
        except CodecError as error:
            raise SettingError("codec", str(error)) from error
        facts = self.codec.facts
        self.facts = facts
        self.bridge = RateBridge(facts.sample_rate, setup.sample_rate, facts.channels)
        self.ratio = Fraction(facts.ratio) * self.bridge.ratio
        self.queue = AudioQueue(facts.channels, 2 * (setup.block + int(self.ratio) + self.bridge.delay + 64))
        self.is_started = False

    def ports(self) -> dict[str, PortSize]:
        """Latent size and ratio from the codec."""
        return {"latents": PortSize(self.facts.latent_dim, self.ratio), "out": PortSize(self.facts.channels)}

    def process(self, latents: Latent, frames: FrameTimes, out: Signal, level: Decibels = 0.0) -> Signal:
        """Latents ``[latent_dim, frames]`` in, sound ``[channels, block]`` out."""
        if frames.count:
            if not self.is_started:
                self.queue.push_silence(int(frames.due[0]))
                self.is_started = True
            self.queue.push(self.bridge.convert(self.codec.decode(latents[np.newaxis])[0]))
        if not self.is_started:
            out.fill(0.0)
            return out
        np.multiply(self.queue.pop(out.shape[1]), np.float32(10.0) ** (np.float32(0.05) * level), out=out)
        return out

    def reset(self) -> None:
        """Forget the sound in flight."""
        self.codec.reset()
        self.bridge.reset()
        self.queue.clear()
        self.is_started = False
