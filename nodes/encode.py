"""Encode: sounds become latent trajectories, from files or live."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np

from ..engine import (
    Content,
    FloatArray,
    FrameTimes,
    Help,
    Latent,
    LatentSpace,
    PortSize,
    Progress,
    Setting,
    SettingError,
    Setup,
    SharedContent,
    Signal,
    Trajectories,
    job,
    node,
    provides,
)
from ..engine.frames import LatentStream
from ..engine.setup import written
from ..engine.training.jobs import result_of
from ..engine.typed import PART
from ..engine.values import SHARED, Source
from ..graphs.file_read import parse_json
from .audiofile import Passage, SoundFile
from .audiofile.meant import digest_of, file_mark, passages_of
from .codec.encode_files import encode_sounds
from .codec.interface import Codec, CodecError
from .codec.loader import CODEC_HELP, SOUNDS, codec_file
from .codec.remote import open_codec
from .codec.sounds import sounds_in
from .codec.sounds.corpus import SOUNDS as SHARED_SOUNDS
from .codec.sounds.corpus import SoundEntry, sound_at
from .codec.sounds.descriptors import STATISTICS, statistics
from .codec.sounds.layout import SAMPLE_RATE
from .codec.sounds.moment_latents import Placed
from .codec.space import kept_space, space_in, space_of
from .codec.streams import encoded_ratio, facts_of, open_encoder

# Beside each trajectory: what it was made from, so that a sound that comes or goes costs no work for the others.
MADE = "made/"
# Beside the trajectories: the codec that made them.
SPACE = f"{MADE}codec"
# Beside each trajectory: what its file and part were, whatever encoded it.
FILE = "file/"
# Beside each trajectory: how loud its sound is from beginning to end, for the eye: 96 peaks.
OUTLINE = "outline/"
OUTLINE_POINTS = 96
NOTHING = np.zeros(0, np.float32)
# Beside each trajectory: what its sound is like, for maps laid out by similarity (``codec/sounds/descriptors.py``).
DESCRIBED = "descriptors/"
# Of each sound, so much is listened to for that.
DESCRIBED_SECONDS = 120.0
# Beside each trajectory: its file and part, as text.
SOURCE = "source/"
# What is no trajectory.
BESIDE = (MADE, FILE, OUTLINE, DESCRIBED, SOURCE, SHARED)
LiveSound = Annotated[Signal, Help("a live sound to encode; not needed for sound files")] | None
LiveLatents = Annotated[Latent, Help("latents of the live input, frame by frame")]


@node(role="encoder", other_names=("nn.terrain.encode", "nn~ encode", "analyse", "folder", "load sounds", "import"))
class Encode:
    """Encodes sound to latents: files to training trajectories, a live input to a stream of latents.

    Files may be of any rate, length and channel count; folders stand for the sounds in them, by name, and in folders
    inside. A live input gives one frame per codec frame, made of the samples just before its instant; played live, it
    stands one frame later, since a worker computes it meanwhile.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        shared: SharedContent,
        codec: Annotated[str, Setting(help=CODEC_HELP, file="model")] = "builtin:bank",
        sounds: Annotated[
            tuple[str, ...],
            Setting(help="sound files and folders, relative to the patch; FILE#t=1.5,3 is a part of one", file="sound"),
        ] = (),
        average: Annotated[int, Setting(low=1, high=64, help="encoder passes to average", advanced=True)] = 1,
    ) -> None:
        self.setup, self._shared = setup, shared
        try:
            self.facts = facts_of(codec, setup)
            self._stream = None if setup.frames else self._opened(codec)
        except CodecError as error:
            raise SettingError("codec", str(error)) from error
        self.codec_name, self.sounds, self.average = codec, sounds, average
        self.ratio = encoded_ratio(self.facts, setup.sample_rate)
        self._content, self._found = content, result_of(content, "encode")
        self.encoded = encoded(content)
        self.space = space_of(codec, setup.folder)
        self._found_space = space_in(self._found, SPACE)
        self._known = {
            np.asarray(mark).tobytes(): (self.encoded[name.removeprefix(MADE)], name.removeprefix(MADE))
            for name, mark in self._found.items()
            if name.startswith(MADE) and name.removeprefix(MADE) in self.encoded
        }
        self._is_wanted = False

    def ports(self) -> dict[str, PortSize]:
        """Channels, latent size and ratio from the codec; the trajectories are those of the codec that made them."""
        return {
            "audio": PortSize(max(self.facts.input_channels, 1)),
            "out": PortSize(self.facts.latent_dim, self.ratio, self.space),
            "latents": PortSize(space=self._found_space),
        }

    def process(self, audio: LiveSound, frames: FrameTimes, out: Latent) -> LiveLatents:
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
            self._stream = self._opened(self.codec_name)
        except CodecError as error:
            self._is_wanted = False
            self.facts = replace(self.facts, input_channels=0)
            if self.setup.frames is not None:
                self.setup.frames.tell(self.setup.node, str(error))

    def _opened(self, codec: str) -> LatentStream:
        sounds = sounds_in(self._shared.content) if codec == SOUNDS else ()
        return open_encoder(codec, self.facts, self.setup, sounds)

    def close(self) -> None:
        """End the codec's stream."""
        if self._stream is not None:
            self._stream.close()

    @job
    def encode(self, progress: Progress, again: bool = False) -> Content:
        """Encode the files: ``0000/name`` -> float32 ``[frames, latent_dim]``, ceil(samples / ratio) frames each.

        Those that were encoded before, from the same sound by the same codec, are taken over as they are, unless
        ``again``.
        """
        if not self.sounds:
            return {}
        passages, problems = passages_of(self.sounds, self.setup.resolve)
        for sentence in problems:
            self.setup.warn(sentence)
        if not passages:
            raise ValueError(
                problems[0] if problems else "no sound files in that folder; choose another in the setting 'sounds'"
            )
        weights = digest_of(codec_file(self.codec_name, self.setup.folder), by_its_ends=True)
        codec: Codec | None = None
        made: dict[str, np.ndarray] = {}
        outlines = {name: array for name, array in self._found.items() if name.startswith(OUTLINE)}
        for index, one in enumerate(passages):
            mark = self._mark(weights, one)
            latents, before = (None, "") if again else self._known.get(mark, (None, ""))
            placed: Placed | None = None
            if latents is None:
                codec = codec or open_codec(self.codec_name, self.setup.folder)
                part = _share(progress, index, len(passages))
                done, failed = encode_sounds(codec, [one], average=self.average, progress=part)
                problems += failed
                for sentence in (*failed, *(warning for sound in done for warning in sound.warnings)):
                    self.setup.warn(sentence)
                if not done:
                    continue
                latents, placed = done[0].latents, done[0].placed
            key = f"{sum(one.startswith(MADE) for one in made):04d}/{one.name}"
            made[key] = np.asarray(latents, np.float32)
            made[f"{MADE}{key}"] = np.frombuffer(mark, np.uint8)
            made[f"{FILE}{key}"] = np.frombuffer(file_mark(one), np.uint8)
            own = f"{SHARED}{SHARED_SOUNDS}{file_mark(one).hex()[:24]}"
            if placed is not None:
                entry = SoundEntry(self._written(one.path), digest_of(one.path), one.begin, one.end, placed)
                made[own] = np.frombuffer(entry.text.encode(), np.uint8)
            elif own in self._found:
                # taken over from before: the file may have another name or place by now
                made[own] = np.frombuffer(sound_at(self._found[own], self._written(one.path)), np.uint8)
            seen = outlines.get(f"{OUTLINE}{before}")
            made[f"{OUTLINE}{key}"] = outline_of(one) if seen is None else seen
            made[f"{SOURCE}{key}"] = _source_text(self._written(one.path), one)
            known = self._found.get(f"{DESCRIBED}{before}")
            made[f"{DESCRIBED}{key}"] = descriptors_of(one) if known is None else known
        if not made:
            raise ValueError(problems[0] if problems else "no sounds could be encoded")
        return {**made, **kept_space(space_of(self.codec_name, self.setup.folder), SPACE)}

    @provides
    def latents(self) -> Annotated[Trajectories, Help("the sounds of the files, to train with")]:
        """One latent trajectory per sound, float32 ``[frames, latent_dim]``, in the order of the sounds."""
        names = sorted(self.encoded)
        arrays: tuple[FloatArray, ...] = tuple(np.asarray(self.encoded[name], np.float32) for name in names)
        space = self._found_space or self._proven_space()
        described = tuple(self._found.get(f"{DESCRIBED}{name}", NOTHING) for name in names)
        is_known = all(one.shape == (STATISTICS,) and np.isfinite(one).all() for one in described)
        titles = tuple(name.partition("/")[2] for name in names)
        return Trajectories(
            titles, arrays, space=space, descriptors=described if is_known else (), sources=self._sources(names)
        )

    def _sources(self, names: list[str]) -> tuple[Source | None, ...]:
        """The file of each trajectory; of those encoded before it was noted, the one that they were made from."""
        found = [_source_in(self._found.get(f"{SOURCE}{name}")) for name in names]
        found = [one if one is not None and self.setup.resolve(one.path).exists() else None for one in found]
        if None in found:
            known = originals_of(self._content, self.sounds, self.setup.resolve)
            for index, name in enumerate(names):
                one = known.get(name)
                if found[index] is None and one is not None:
                    found[index] = Source(str(one.path), one.begin, one.end)
        return tuple(found)

    def files(self) -> list[Path]:
        """The sound files meant by the setting, folders opened."""
        return [one.path for one in passages_of(self.sounds, self.setup.resolve)[0]]

    def made_from(self, job: str) -> list[str]:
        """What the codec's weights and the sound files are: names and what is in them."""
        weights = codec_file(self.codec_name, self.setup.folder)
        sounds = [f"{path.name}:{digest_of(path)}" for path in self.files()]
        return [f"{weights.name}:{digest_of(weights, by_its_ends=True)}", *sounds]

    def stale(self) -> list[tuple[Path, str]]:
        """The files that changed since they were encoded, and how: ``changed``, ``new``, or ``gone``."""
        if not self.encoded:
            return []
        weights_file = codec_file(self.codec_name, self.setup.folder)
        weights = digest_of(weights_file, by_its_ends=True)
        left = {key: (self._found.get(f"{FILE}{key}"), self._found.get(f"{MADE}{key}")) for key in self.encoded}
        fresh: list[Passage] = []
        found: list[tuple[Path, str]] = []
        for one in passages_of(self.sounds, self.setup.resolve)[0]:
            own, whole = file_mark(one), self._mark(weights, one)
            key = next((key for key, marks in left.items() if _is(marks[0], own) or _is(marks[1], whole)), None)
            if key is None:
                fresh.append(one)
            elif not _is(left.pop(key)[1], whole) and (weights_file, "changed") not in found:
                found.append((weights_file, "changed"))
        told = _unmatched(fresh, left)
        if self._is_of_another_codec and any(marks[0] is None for marks in left.values()):
            # Of sounds encoded by versions that noted no file, nothing is known but with that codec.
            told = [one for one in told if one[1] != "changed"]
            found += [(weights_file, "changed")] if (weights_file, "changed") not in found else []
        return found + told

    @property
    def _is_of_another_codec(self) -> bool:
        """Whether what was encoded remembers a codec that is not the one of now."""
        return self._found_space is not None and self.space is not None and self._found_space.mark != self.space.mark

    def _proven_space(self) -> LatentSpace | None:
        """The space of what was encoded before spaces were remembered: the codec's, where a sound's mark shows it."""
        if self.space is None or not self._known:
            return None
        marks = (self._mark(self.space.mark, one) for one in passages_of(self.sounds, self.setup.resolve)[0])
        return self.space if any(mark in self._known for mark in marks) else None

    def _written(self, path: Path) -> str:
        """A sound's path as the setting has it: in full where that is, or its folder's."""
        typed = (Path(one.partition(PART)[0]) for one in self.sounds)
        return written(path, self.setup.folder, any(one.is_absolute() and path.is_relative_to(one) for one in typed))

    def _mark(self, weights: str, one: Passage) -> bytes:
        """What a trajectory is made from: weights, file, part, goes; sha256."""
        words = [weights, digest_of(one.path), repr((one.begin, one.end, self.average))]
        return hashlib.sha256("|".join(words).encode()).digest()


def _is(known: np.ndarray | None, mark: bytes) -> bool:
    return known is not None and np.asarray(known).tobytes() == mark


def stale_sounds(content: Content, sounds: Iterable[str], resolve: Callable[[str], Path]) -> list[tuple[Path, str]]:
    """The sound files that are no longer what they were when they were encoded: ``changed``, ``new`` or ``gone``.

    sounds: the setting of the node. Without its codec, so nothing is loaded for it; sounds encoded by versions that
    noted no file are passed over.
    """
    found = result_of(content, "encode")
    names = set(encoded(content))
    marks = {name: np.asarray(found[f"{FILE}{name}"]).tobytes() for name in names if f"{FILE}{name}" in found}
    if len(marks) < len(names) or not names:
        return []
    fresh: list[Passage] = []
    for one in passages_of(sounds, resolve)[0]:
        mark = file_mark(one)
        key = next((key for key, known in marks.items() if known == mark), None)
        if key is None:
            fresh.append(one)
        else:
            marks.pop(key)
    return _unmatched(fresh, marks)


def originals_of(content: Content, sounds: Iterable[str], resolve: Callable[[str], Path]) -> dict[str, Passage]:
    """The files that trajectories (``0000/name``) were made from, as far as they are there and still the same.

    sounds: the setting of the node. Of sounds encoded by versions that noted no file, the one of the same name.
    """
    passages = passages_of(sounds, resolve)[0] if content else []
    by_mark = {file_mark(one): one for one in reversed(passages)}
    by_name = {one.name: one for one in reversed(passages)}
    found, originals = result_of(content, "encode"), dict[str, Passage]()
    for key in encoded(content):
        mark = found.get(f"{FILE}{key}")
        name = key.partition("/")[2]
        one = by_name.get(name) if mark is None else by_mark.get(np.asarray(mark).tobytes())
        if one is not None and one.path.exists():
            originals[key] = one
    return originals


def _unmatched(fresh: Iterable[Passage], left: Iterable[str]) -> list[tuple[Path, str]]:
    """How files differ that are as none was when it was encoded. left: what was encoded, and no file is any more."""
    keys = dict.fromkeys(left)
    found: list[tuple[Path, str]] = []
    for one in fresh:
        key = next((key for key in keys if key.partition("/")[2] == one.name), None)
        keys.pop(key or "", None)
        found.append((one.path, "gone" if not one.path.exists() else "new" if key is None else "changed"))
    return found + [(Path(key.partition("/")[2]), "gone") for key in keys]


def encoded(content: Content) -> dict[str, FloatArray]:
    """What a node's sounds became: ``0000/name`` -> float32 ``[frames, latent_dim]``."""
    found = result_of(content, "encode")
    return {name: array for name, array in found.items() if not name.startswith(BESIDE)}


def outlines(content: Content) -> dict[str, FloatArray]:
    """How loud a node's sounds are from beginning to end: ``0000/name`` -> float32 ``[96]``, peaks of 0 … 1."""
    found = result_of(content, "encode")
    return {
        name.removeprefix(OUTLINE): np.asarray(array, np.float32)
        for name, array in found.items()
        if name.startswith(OUTLINE) and array.ndim == 1
    }


def outline_of(sound: Passage) -> FloatArray:
    """The peaks of a sound file (or part of one) in 96 equal pieces: float32 ``[96]``. Raises SoundError."""
    peaks = np.zeros(OUTLINE_POINTS, np.float32)
    with SoundFile(sound.path, channels=1) as file:
        begin, end = sound.span(file.sample_rate, file.frames)
        borders = np.linspace(begin, end, OUTLINE_POINTS + 1).astype(int)
        for piece, (start, stop) in enumerate(pairwise(borders)):
            if stop > start:
                peaks[piece] = min(1.0, float(np.abs(file.read(int(start), int(stop - start))).max()))
    return peaks


def _source_text(path: str, one: Passage) -> np.ndarray:
    return np.frombuffer(json.dumps([path, one.begin, one.end]).encode("utf-8", "surrogatepass"), np.uint8)


def _source_in(array: np.ndarray | None) -> Source | None:
    """What ``_source_text`` wrote; None for what is damaged."""
    if array is None:
        return None
    try:
        path, begin, end = parse_json(np.asarray(array, np.uint8).tobytes().decode("utf-8", "surrogatepass"))
        return Source(str(path), float(begin), None if end is None else float(end))
    except (TypeError, ValueError):
        return None


def descriptors_of(sound: Passage) -> FloatArray:
    """What a sound file (or part of one) is like: float32 ``[42]``, of its first two minutes. Raises SoundError."""
    with SoundFile(sound.path, SAMPLE_RATE, 1) as file:
        begin, end = sound.span(SAMPLE_RATE, file.frames)
        return statistics(file.read(begin, min(end - begin, round(DESCRIBED_SECONDS * SAMPLE_RATE)))[0])


def _share(progress: Progress, index: int, count: int) -> Callable[[float, str], bool]:
    return lambda done, text: progress((index + done) / count, f"{text} ({index + 1} of {count})")
