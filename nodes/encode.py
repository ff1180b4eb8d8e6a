"""Encode: sounds become latent trajectories, from files or live."""

import hashlib
from dataclasses import replace
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
from .codec.interface import CodecError
from .codec.loader import codec_file, load_codec
from .codec.sounding import encoded_ratio, facts_of, open_encoder

EDGE = 1 << 20


@node
class Encode:
    """Turns sounds into latents: files into trajectories to learn from, a live input into latents to play with.

    Files may be of any rate, length and channel count (spec B-22 … B-28); folders stand for the sounds in them, by
    name. A live input gives one frame per codec frame, made of the samples just before its instant; played live, it
    stands one frame later, since a worker computes it meanwhile.
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
            self.facts = facts_of(codec, setup)
            self._stream = None if setup.frames else open_encoder(codec, self.facts, setup)
        except CodecError as error:
            raise SettingError("codec", str(error)) from error
        self.codec_name, self.sounds = codec, sounds
        self.ratio = encoded_ratio(self.facts, setup.sample_rate)
        self.encoded = result_of(content, "encode")
        self._is_wanted = False

    def ports(self) -> dict[str, PortSize]:
        """Channels, latent size and ratio from the codec."""
        return {
            "audio": PortSize(max(self.facts.input_channels, 1)),
            "out": PortSize(self.facts.latent_dim, self.ratio),
        }

    def process(self, audio: Signal | None, frames: FrameTimes, out: Latent) -> Latent:
        """Sound ``[channels, block]`` in, latents ``[latent_dim, frames]`` out."""
        self._is_wanted = audio is not None and self.facts.input_channels > 0
        stream = self._stream
        if stream is None or audio is None or not self._is_wanted:
            out.fill(0.0)
        else:
            stream.push(audio, frames, out)
        return out

    def reset(self) -> None:
        """Forget the sound in flight."""
        if self._stream is not None:
            self._stream.reset()

    def tidy(self) -> None:
        """Start a worker for live sound once some comes."""
        if self._stream is not None or not self._is_wanted:
            return
        try:
            self._stream = open_encoder(self.codec_name, self.facts, self.setup)
        except CodecError as error:
            self._is_wanted = False
            self.facts = replace(self.facts, input_channels=0)
            if self.setup.frames is not None:
                self.setup.frames.tell(self.setup.node, str(error))

    def close(self) -> None:
        """End the codec's stream."""
        if self._stream is not None:
            self._stream.close()

    @job
    def encode(self, progress: Progress) -> Content:
        """Encode the files: ``0000/name`` -> float32 ``[frames, latent_dim]``, ceil(samples / ratio) frames each."""
        if not self.sounds:
            return {}
        paths = self.files()
        if not paths:
            raise ValueError("there are no sound files in that folder; name another in the setting 'sounds'")
        done, problems = encode_sounds(load_codec(self.codec_name, self.setup.folder), paths, progress=progress)
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
