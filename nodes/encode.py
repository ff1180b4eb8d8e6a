"""Encode: sounds become latent trajectories, from files or live."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import numpy as np

from ..engine import (
    Content,
    FloatArray,
    FrameTimes,
    Latent,
    PortSize,
    Progress,
    Setting,
    SettingError,
    Setup,
    Signal,
    Trajectories,
    job,
    node,
    provides,
)
from ..engine.teach import result_of
from .audiofile import list_sounds
from .codec.encoding import encode_sounds
from .codec.interface import Codec, CodecError
from .codec.loader import codec_file, load_codec
from .codec.queue import AudioQueue, RateBridge

EDGE = 1 << 20


@node
class Encode:
    """Turns sounds into latents: files into trajectories to learn from, a live input into latents to play with.

    Files may be of any rate, length and channel count (spec B-22 … B-28); folders stand for the sounds in them, by
    name. A live input gives one frame per codec frame, made of the samples just before its instant.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        codec: Annotated[str, Setting(help="builtin:NAME or a TorchScript file", file="model")] = "builtin:bank",
        sounds: Annotated[
            tuple[str, ...], Setting(help="sound files and folders, relative to the patch", file="sound")
        ] = (),
    ) -> None:
        self.setup = setup
        try:
            self.codec: Codec = load_codec(codec, setup.folder)
        except CodecError as error:
            raise SettingError("codec", str(error)) from error
        self.codec_name, self.sounds = codec, sounds
        self.facts = self.codec.facts
        channels = max(self.facts.input_channels, 1)
        self.bridge = RateBridge(setup.sample_rate, self.facts.sample_rate, channels)
        self.ratio = Fraction(self.facts.ratio) / self.bridge.ratio
        self.encoded = result_of(content, "encode")
        self._stream: Codec | None = None
        self._queue = AudioQueue(channels, 4 * self.facts.ratio)
        self._is_started = False

    def ports(self) -> dict[str, PortSize]:
        """Channels, latent size and ratio from the codec."""
        return {
            "audio": PortSize(max(self.facts.input_channels, 1)),
            "out": PortSize(self.facts.latent_dim, self.ratio),
        }

    def process(self, audio: Signal | None, frames: FrameTimes, out: Latent) -> Latent:
        """Sound ``[channels, block]`` in, latents ``[latent_dim, frames]`` out."""
        if audio is None or not self.facts.input_channels:
            out.fill(0.0)
            return out
        if not self._is_started:
            first = int(frames.due[0]) if frames.count else 0
            self._queue.push_silence(max(0, self.facts.ratio - round(first * float(self.bridge.ratio))))
            self._is_started = True
        self._queue.push(self.bridge.convert(audio))
        if frames.count:
            count = frames.count * self.facts.ratio
            self._queue.push_silence(max(0, count - len(self._queue)))
            out[:] = self.stream.encode(self._queue.pop(count)[np.newaxis])[0]
        return out

    def reset(self) -> None:
        """Forget the sound in flight."""
        self._stream = None
        self.bridge.reset()
        self._queue.clear()
        self._is_started = False

    @property
    def stream(self) -> Codec:
        """The codec instance of the live input, made when first needed."""
        if self._stream is None:
            self._stream = self.codec.new_instance(lanes=1, seed=self.setup.seed)
        return self._stream

    @job
    def encode(self, progress: Progress) -> Content:
        """Encode the files: ``0000/name`` -> float32 ``[frames, latent_dim]``, ceil(samples / ratio) frames each."""
        if not self.sounds:
            return {}
        paths = self.files()
        if not paths:
            raise ValueError("there are no sound files in that folder; name another in the setting 'sounds'")
        done, problems = encode_sounds(self.codec, paths, progress=progress)
        for sentence in (*problems, *(warning for one in done for warning in one.warnings)):
            self.setup.warn(sentence)
        if not done:
            raise ValueError(problems[0] if problems else "no sound could be encoded")
        return {f"{index:04d}/{one.name}": one.latents for index, one in enumerate(done)}

    @provides
    def latents(self) -> Trajectories:
        """One latent trajectory per sound, float32 ``[frames, latent_dim]``, in the order of the sounds."""
        names = sorted(self.encoded)
        arrays: tuple[FloatArray, ...] = tuple(np.asarray(self.encoded[name], np.float32) for name in names)
        return Trajectories(tuple(name.partition("/")[2] for name in names), arrays)

    def files(self) -> list[Path]:
        """The sound files meant by the setting, folders opened."""
        found: list[Path] = []
        for sound in self.sounds:
            path = self.setup.resolve(sound)
            found += list_sounds(path) if path.is_dir() else [path]
        return found

    def made_from(self, job: str) -> list[str]:
        """What the codec's weights and the sound files are, cheaply: name, size and both ends' bytes."""
        weights = codec_file(self.codec_name, self.setup.folder)
        return [f"{path.name}:{_digest(path)}" for path in (weights, *self.files())]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            sum_ = hashlib.sha256(file.read(EDGE))
            size = file.seek(0, 2)
            file.seek(max(0, size - EDGE))
            sum_.update(file.read(EDGE))
    except OSError:
        return "missing"
    return f"{size}:{sum_.hexdigest()}"
