"""Streams of a codec for the nodes: computed on the spot where nobody waits, by a worker where somebody listens."""

from fractions import Fraction

import numpy as np

from ...engine import FloatArray, FrameTimes, Setup
from ...engine.frames import FrameError, LatentStream, SoundStream, StreamReport
from .interface import Codec, CodecError, CodecFacts
from .queue import AudioQueue, rate_ratio
from .remote import open_codec
from .tasks import DecodeTask, EncodeTask, SoundTask
from .work import facts_from, is_light, order_for


def facts_of(codec: str, setup: Setup) -> CodecFacts:
    """What a codec is. While playing, a large one is loaded by a worker, not here. Raises CodecError."""
    if setup.frames is None or is_light(codec):
        return open_codec(codec, setup.folder).facts
    try:
        return facts_from(setup.frames.facts(order_for(codec, setup.folder)))
    except FrameError as error:
        raise CodecError(str(error)) from None


def open_decoder(
    codec: str, facts: CodecFacts, setup: Setup, lanes: int, tail: float = 0.0, sounds: tuple[str, ...] = ()
) -> SoundStream:
    """A stream from latents ``[lanes · (latent_dim + controls)]`` to sound ``[lanes · channels]``. Raises CodecError.

    tail: rms of the noise in the codec's hidden latents. sounds: that ``builtin:sounds`` plays.
    """
    rate, seed = setup.sample_rate, setup.seed
    if setup.frames is None:
        return InlineSound(DecodeTask(_opened(codec, setup, sounds), rate, lanes, seed, tail), setup)
    how = {"direction": "decode", "sample_rate": rate, "lanes": lanes, "seed": seed, "tail": tail}
    order, ratio = order_for(codec, setup.folder, sounds), decoded_ratio(facts, setup.sample_rate)
    rows = facts.latent_dim + len(facts.controls)
    try:
        opened = setup.frames.open_sound(setup.node, order, lanes * rows, lanes * facts.channels, ratio, how)
    except FrameError as error:
        raise CodecError(str(error)) from None
    return opened


def open_encoder(codec: str, facts: CodecFacts, setup: Setup, sounds: tuple[str, ...] = ()) -> LatentStream:
    """A stream from sound ``[input_channels]`` to latents ``[latent_dim]``. Raises CodecError."""
    if setup.frames is None:
        return InlineLatents(_opened(codec, setup, sounds), setup)
    how = {"direction": "encode", "sample_rate": setup.sample_rate, "lanes": 1, "seed": setup.seed}
    order, ratio = order_for(codec, setup.folder, sounds), encoded_ratio(facts, setup.sample_rate)
    channels = max(facts.input_channels, 1)
    try:
        opened = setup.frames.open_latents(setup.node, order, channels, facts.latent_dim, ratio, how)
    except FrameError as error:
        raise CodecError(str(error)) from None
    return opened


def _opened(codec: str, setup: Setup, sounds: tuple[str, ...]) -> Codec:
    """A codec for a render; what it can't read of its sounds is told."""
    found = open_codec(codec, setup.folder, sounds)
    for sentence in getattr(found, "problems", ()):
        setup.warn(sentence)
    return found


def decoded_ratio(facts: CodecFacts, sample_rate: float) -> Fraction:
    """Engine samples per frame of what a codec decodes."""
    return facts.ratio * rate_ratio(facts.sample_rate, sample_rate)


def encoded_ratio(facts: CodecFacts, sample_rate: float) -> Fraction:
    """Engine samples per frame of what a codec encodes."""
    return facts.ratio / rate_ratio(sample_rate, facts.sample_rate)


class InlineSound:
    """Decodes within the block, many frames in one call: for renders."""

    def __init__(self, task: SoundTask, setup: Setup) -> None:
        self.task = task
        self._queue = AudioQueue(task.rows, 2 * (setup.block + int(task.ratio) + task.delay + 64))
        self._is_begun = False
        self._settling = 0

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Decode the frames due in this block."""
        if not frames.count:
            return
        if not self._is_begun:
            self._queue.push_silence(int(frames.due[0]))
            self._is_begun, self._settling = True, int(self.task.onset + self.task.ratio)
        self._queue.push(self.task.run(latents))

    def pull(self, out: FloatArray) -> bool:
        """This block's sound."""
        if not self._is_begun:
            out.fill(0.0)
            return False
        np.copyto(out, self._queue.pop(out.shape[1]))
        self._settling = max(0, self._settling - out.shape[1])
        return not self._settling

    def listen(self, is_heard: bool) -> None:
        """Nothing is ever late."""

    def reset(self) -> None:
        """Forget the sound in flight."""
        self.task.reset()
        self._queue.clear()
        self._is_begun = False

    def report(self) -> StreamReport:
        """Nothing is ever late."""
        return StreamReport()

    def close(self) -> None:
        """Nothing is held open."""


class NoStream:
    """No stream: silence."""

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Nothing is made of it."""

    def pull(self, out: FloatArray) -> bool:
        """Silence, at once."""
        out.fill(0.0)
        return True

    def listen(self, is_heard: bool) -> None:
        """Nothing is ever late."""

    def reset(self) -> None:
        """Nothing is in flight."""

    def report(self) -> StreamReport:
        """Nothing is ever late."""
        return StreamReport()

    def close(self) -> None:
        """Nothing is held open."""


class InlineLatents:
    """Encodes within the block: for renders. The codec's stream is made when sound first comes."""

    def __init__(self, codec: Codec, setup: Setup) -> None:
        self._codec, self._setup = codec, setup
        self._task: EncodeTask | None = None

    def push(self, audio: FloatArray, frames: FrameTimes, out: FloatArray) -> None:
        """Take in this block's sound, give the frames due."""
        if self._task is None:
            self._task = EncodeTask(self._codec, self._setup.sample_rate, self._setup.seed)
        self._task.push(audio, int(frames.due[0]) if frames.count else 0)
        if frames.count:
            out[:] = self._task.frames(frames.count)

    def reset(self) -> None:
        """Forget the sound in flight."""
        self._task = None

    def report(self) -> StreamReport:
        """Nothing is ever late."""
        return StreamReport()

    def close(self) -> None:
        """Nothing is held open."""
