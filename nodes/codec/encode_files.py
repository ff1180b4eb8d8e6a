"""Turn recordings into latent trajectories to learn from: any file, any length, each on its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np

from ..audiofile import Passage, SoundError, SoundFile, list_sounds
from ..audiofile.meant import file_mark
from .interface import Array, Codec, CodecError, CodecFacts
from .sounds import SoundsCodec
from .sounds.corpus import read_passage
from .sounds.layout import SAMPLE_RATE
from .sounds.moment_latents import Placed, latents_of, placed

CHUNK = 32
"""Frames encoded in one go, about 1.5 s of sound: what may stop or slow the work is asked after each.

The result does not depend on it. Twice as many gain an eighth of the time at most.
"""
# Called with how far (0 … 1) and a few words; False asks to stop.
Progress = Callable[[float, str], bool]


@dataclass(frozen=True)
class EncodedSound:
    """A sound as latents, float32 ``[frames, latent_dim]``: row k describes samples k·ratio … (k+1)·ratio - 1.

    name: the file's, without its suffix. seconds: how long it sounds. warnings: what had to be mended, in sentences.
    placed: its places, where it became one of the sounds that the codec is.
    """

    name: str
    latents: Array
    seconds: float
    warnings: tuple[str, ...] = ()
    placed: Placed | None = None


class EncodingStopped(CodecError):
    """The work was cancelled; nothing is kept of it."""


def latent_frames(facts: CodecFacts, path: Path) -> int:
    """How many latents a file will give: ceil(samples at the codec's rate / ratio). Raises SoundError."""
    with SoundFile(path, facts.sample_rate) as sound:
        return ceil(sound.frames / facts.ratio)


def encode_sound(
    codec: Codec,
    sound: Path | Passage,
    *,
    chunk: int = CHUNK,
    seed: int = 0,
    average: int = 1,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> EncodedSound:
    """Encode a sound file with a fresh stream of a codec, in bounded memory but for the latents.

    The file is taken to the codec's rate and channels (see SoundFile), its end filled up with silence to whole
    frames: exactly ceil(samples / ratio) latents. An encoder that is L samples late gets d·ratio - L silent samples
    first and silence last, and its first d = ceil(L / ratio) latents are dropped, so that the rest are in place to
    the sample. Of a passage only its own samples are heard. average: for encoders that draw random numbers, the mean
    of so many goes, each with a seed of its own. Raises SoundError, CodecError, and EncodingStopped when ``progress``
    or ``cancel`` ask for it.
    """
    facts = codec.facts
    if not facts.input_channels:
        raise CodecError(f"{facts.name} is decode-only; choose a codec that can encode")
    part = sound if isinstance(sound, Passage) else Passage(sound)
    late = ceil(facts.encoder_latency / facts.ratio)
    lead = late * facts.ratio - facts.encoder_latency
    if isinstance(codec, SoundsCodec):
        _stop_if_asked(progress, cancel, 0.0, part.path)
        return _placed(part)
    goes = max(1, average)
    streams: list[Codec] = []
    for go in range(goes):
        _stop_if_asked(progress, cancel, 0.0, part.path)
        streams.append(codec.new_instance(lanes=1, seed=seed + go))
    with SoundFile(part.path, facts.sample_rate, facts.input_channels) as file:
        begin, end = part.span(facts.sample_rate, file.frames)
        frames = ceil((end - begin) / facts.ratio) + late
        latents = np.empty((frames, facts.latent_dim), np.float32)
        for first in range(0, frames, chunk):
            count = min(chunk, frames - first)
            audio = _within(file, begin, end, begin + first * facts.ratio - lead, count * facts.ratio)
            found: list[Array] = []
            for go, stream in enumerate(streams):
                _stop_if_asked(progress, cancel, (first + count * go / goes) / frames, part.path)
                found.append(stream.encode(audio[np.newaxis])[0].T)
            latents[first : first + count] = found[0] if goes == 1 else np.mean(found, axis=0)
        _stop_if_asked(progress, cancel, 1.0, part.path)
        warnings = file.warnings
        if not np.isfinite(latents).all():
            np.nan_to_num(latents, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            warnings += (f"{facts.name} gave invalid latents (NaN) for {part.path.name}; they are set to 0",)
        return EncodedSound(part.name, latents[late:], (end - begin) / facts.sample_rate, warnings)


def _placed(part: Passage) -> EncodedSound:
    """A sound as one of those that ``builtin:sounds`` plays. Raises SoundError."""
    audio, warnings = read_passage(part)
    found = placed(audio.mean(axis=0), file_mark(part).hex())
    return EncodedSound(part.name, latents_of(found), found.samples / SAMPLE_RATE, warnings, found)


def _within(file: SoundFile, begin: int, end: int, start: int, count: int) -> Array:
    """Samples of a file ``[channels, count]``, silence where they lie outside of begin … end."""
    audio = file.read(start, count)
    if begin > start or start + count > end:
        audio = audio.copy()
        audio[:, : max(0, begin - start)] = 0.0
        audio[:, max(0, end - start) :] = 0.0
    return audio


def encode_sounds(
    codec: Codec,
    sounds: Iterable[Path | Passage],
    *,
    chunk: int = CHUNK,
    seed: int = 0,
    average: int = 1,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[list[EncodedSound], list[str]]:
    """Encode files one by one; a broken one is named among the problems (sentences) and the others go on.

    Raises CodecError for a codec that cannot encode, EncodingStopped when cancelled.
    """
    if not codec.facts.input_channels:
        raise CodecError(f"{codec.facts.name} is decode-only; choose a codec that can encode")
    wanted = list(sounds)
    done: list[EncodedSound] = []
    problems: list[str] = []
    for index, one in enumerate(wanted):
        part = _part_of(progress, index, len(wanted))
        try:
            done.append(encode_sound(codec, one, chunk=chunk, seed=seed, average=average, progress=part, cancel=cancel))
        except EncodingStopped:
            raise
        except (SoundError, CodecError, OSError) as error:
            problems.append(str(error))
    return done, problems


def encode_folder(
    codec: Codec,
    folder: Path,
    *,
    chunk: int = CHUNK,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[list[EncodedSound], list[str]]:
    """Encode the sounds of a folder, in the order of ``list_sounds``; see ``encode_sounds``."""
    left_out: list[str] = []
    paths = list_sounds(folder, left_out.append)
    if not paths:
        raise SoundError(f"{folder} contains no sound files (WAV, AIFF, FLAC, OGG, MP3)")
    done, problems = encode_sounds(codec, paths, chunk=chunk, seed=seed, progress=progress, cancel=cancel)
    return done, [*left_out, *problems]


def _part_of(progress: Progress | None, index: int, count: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, text: progress((index + done) / count, f"{text} ({index + 1} of {count})")


def _stop_if_asked(progress: Progress | None, cancel: Callable[[], bool] | None, done: float, path: Path) -> None:
    if (progress is not None and progress(done, path.name) is False) or (cancel is not None and cancel()):
        raise EncodingStopped(f"encoding stopped at {path.name}; nothing was saved")
