"""A codec's stream at the engine's sample rate: decoding and encoding, one after the other, whoever asks."""

from fractions import Fraction
from typing import Protocol

import numpy as np

from ...engine import FloatArray
from .interface import Codec
from .queue import AudioQueue, RateBridge


class SoundTask(Protocol):
    """What makes sound of frames. rows: channels. ratio: engine samples per frame. onset: by how many it is late.

    delay: samples of the onset that come from another sample rate.
    """

    @property
    def rows(self) -> int:
        """Channels."""
        ...

    @property
    def ratio(self) -> Fraction:
        """Engine samples per frame."""
        ...

    @property
    def onset(self) -> int:
        """Samples by which its first sound is late."""
        ...

    @property
    def delay(self) -> int:
        """Samples of that which come from another sample rate."""
        ...

    def run(self, given: FloatArray, is_first: bool = False, offset: int = 0) -> FloatArray:
        """One frame ``[size]``, or several ``[size, frames]``, to ``[rows, samples]``."""
        ...

    def reset(self) -> None:
        """Forget the sound in flight."""
        ...


class DecodeTask:
    """Latents to sound at the engine's rate. lanes: voices side by side, one after the other in rows.

    A lane is silent, its codec at rest, until the first latents that are not all 0: an encoder or a terrain that has
    nothing to give yet gives zeros, and to a codec they are a place like others, at which it hums.

    tail: rms of the noise that fills the codec's hidden latents, the same for every stream of the same seed.
    """

    is_sound = True

    def __init__(self, codec: Codec, sample_rate: float, lanes: int = 1, seed: int = 0, tail: float = 0.0) -> None:
        self.codec, self.lanes = codec.new_instance(lanes, seed), lanes
        facts = codec.facts
        self._seed, self._tail, self._hidden = seed, tail, facts.hidden_latents if tail else 0
        self._rng = np.random.default_rng(seed % (1 << 63))
        self._begun = np.zeros(lanes, bool)
        self._latents = facts.latent_dim
        self.rows = lanes * facts.channels
        self.bridge = RateBridge(facts.sample_rate, sample_rate, self.rows)
        self.ratio = Fraction(facts.ratio) * self.bridge.ratio
        self.delay = self.bridge.delay
        self.onset = self.delay + round(facts.latency * self.bridge.ratio)

    @property
    def faults(self) -> int:
        """Calls whose result was no number."""
        return int(getattr(self.codec, "faults", 0))

    def run(self, given: FloatArray, is_first: bool = False, offset: int = 0) -> FloatArray:
        """One frame ``[lanes · latents]``, or several ``[lanes · latents, frames]``, to ``[rows, samples]``.

        latents: those of the codec, and its controls after them.
        """
        frames = given[:, np.newaxis] if given.ndim == 1 else given
        latents = np.ascontiguousarray(frames).reshape(self.lanes, len(frames) // self.lanes, frames.shape[1])
        decoded = self._decoded(latents) if self._begun.all() or not latents.size else self._beginning(latents)
        return self.bridge.convert(decoded.reshape(self.rows, -1))

    def reset(self) -> None:
        """Forget the sound in flight."""
        self.codec.reset()
        self.bridge.reset()
        self._begun[:] = False
        self._rng = np.random.default_rng(self._seed % (1 << 63))

    def _decoded(self, latents: FloatArray) -> FloatArray:
        return self.codec.decode(self._with_tail(latents) if self._hidden else latents)

    def _beginning(self, latents: FloatArray) -> FloatArray:
        """As ``_decoded``, frame by frame while there are lanes to which nothing has come yet."""
        facts, made = self.codec.facts, []
        for frame in range(latents.shape[2]):
            one = latents[:, :, frame : frame + 1]
            coming = one[:, : self._latents].any(axis=(1, 2)) & ~self._begun
            if self._begun.any():
                for lane in np.nonzero(coming)[0]:
                    self.codec.reset(int(lane))
            self._begun |= coming
            if self._begun.all():
                made.append(self._decoded(latents[:, :, frame:]))
                break
            sound = np.zeros((self.lanes, facts.channels, facts.ratio), np.float32)
            if self._begun.any():
                np.copyto(sound, self._decoded(one), where=self._begun[:, np.newaxis, np.newaxis])
            made.append(sound)
        return np.concatenate(made, axis=2)

    def _with_tail(self, latents: FloatArray) -> FloatArray:
        """The hidden latents drawn frame by frame, so that the split of the stream into calls changes nothing."""
        size = (latents.shape[2], self.lanes, self._hidden)
        drawn = np.float32(self._tail) * self._rng.standard_normal(size, dtype=np.float32)
        return np.concatenate([latents, drawn.transpose(1, 2, 0)], axis=1)


class EncodeTask:
    """Sound at the engine's rate to latents, a frame at each frame's instant."""

    is_sound, onset = False, 0

    def __init__(self, codec: Codec, sample_rate: float, seed: int = 0) -> None:
        self.codec, self.facts = codec.new_instance(1, seed), codec.facts
        channels = max(self.facts.input_channels, 1)
        self.bridge = RateBridge(sample_rate, self.facts.sample_rate, channels)
        self.ratio = Fraction(self.facts.ratio) / self.bridge.ratio
        self._queue = AudioQueue(channels, 4 * self.facts.ratio)
        self._is_begun = False

    @property
    def faults(self) -> int:
        """Calls whose result was no number."""
        return int(getattr(self.codec, "faults", 0))

    def push(self, audio: FloatArray, offset: int) -> None:
        """More sound ``[channels, n]``; the first time, offset is how many samples of it lie before a frame."""
        if not self._is_begun:
            self._queue.push_silence(max(0, self.facts.ratio - round(offset * float(self.bridge.ratio))))
            self._is_begun = True
        if audio.shape[1]:
            self._queue.push(self.bridge.convert(audio))

    def frames(self, count: int) -> FloatArray:
        """The next frames ``[latent_dim, count]``."""
        samples = count * self.facts.ratio
        self._queue.push_silence(max(0, samples - len(self._queue)))
        return np.asarray(self.codec.encode(self._queue.pop(samples)[np.newaxis])[0])

    def run(self, given: FloatArray, is_first: bool = False, offset: int = 0) -> FloatArray:
        """The sound since the last frame to this frame's latents ``[latent_dim]``."""
        self.push(given, offset)
        return np.asarray(self.frames(1)[:, 0])

    def reset(self) -> None:
        """Forget the sound in flight."""
        self.codec.reset()
        self.bridge.reset()
        self._queue.clear()
        self._is_begun = False
