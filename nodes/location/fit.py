"""Learning to find sounds on a map: the files of its sounds are listened to, and laid along its lines."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Trajectories
from ...engine.values import Source
from ..audiofile import Passage, SoundError, SoundFile
from ..codec.sounds.layout import SAMPLE_RATE
from .features import COEFFICIENTS, FloatArray, frames_of
from .known import KnownFrames, heard_in, thinned

# Of each sound, so much is listened to.
LONGEST_SECONDS = 600
Tell = Callable[[float, str], bool]


class LearningStopped(Exception):
    """Somebody asked to stop."""


def listened(
    latents: Trajectories,
    resolve: Callable[[str], Path],
    tell: Tell,
    warn: Callable[[str], None],
    before: Mapping[str, NDArray[Any]],
) -> KnownFrames:
    """What the sounds of a map are like. before: what was kept the last time; the same sounds are not heard again.

    Raises ValueError with a sentence where no sound can be listened to, LearningStopped when ``tell`` gives False.
    """
    sources = latents.sources or (None,) * len(latents.names)
    mark = hashlib.sha256(repr((latents.digest, sources)).encode("utf-8", "surrogateescape")).digest()
    kept = heard_in(before, mark)
    if kept is not None:
        return kept
    cepstra, silent = list[FloatArray](), list[NDArray[np.bool_]]()
    missing: list[str] = []
    for index, (name, source) in enumerate(zip(latents.names, sources, strict=True)):
        if not tell(0.9 * index / len(latents.names), f"analysing {name}"):
            raise LearningStopped
        frames = np.zeros((0, COEFFICIENTS), np.float32), np.zeros(0, np.bool_)
        if source is None:
            missing.append(f"{name}: its sound file is unknown, so it can't be located; encode it again")
        else:
            try:
                frames = frames_of(_sound(source, resolve), SAMPLE_RATE)
            except (SoundError, OSError) as error:
                missing.append(f"{name} can't be found: {error}")
        cepstra.append(frames[0])
        silent.append(frames[1])
    heard = thinned(cepstra, silent, latents.names, mark)
    if not len(heard.cepstra):
        raise ValueError(missing[0] if missing else "all sounds of this map are silent; encode others")
    for sentence in missing:
        warn(sentence)
    return heard


def laid(heard: KnownFrames, coordinates: Trajectories) -> FloatArray:
    """Where each moment lies: float32 ``[moments, 2]``; NaN for sounds without a line.

    Raises ValueError with a sentence where no sound has a line.
    """
    places = np.full((len(heard.line), 2), np.nan, np.float32)
    for index, path in enumerate(coordinates.arrays):
        own = np.flatnonzero(heard.line == index)
        if not len(path) or not len(own):
            continue
        if path.shape[1] != 2:
            raise ValueError(f"the map has {path.shape[1]} coordinates; sounds can be found on maps of 2")
        at = heard.share[own] * (len(path) - 1)
        for axis in range(2):
            places[own, axis] = np.interp(at, np.arange(len(path)), path[:, axis])
    if np.isnan(places).all():
        raise ValueError("no sound has a line on the map; draw lines (or set layout to map), then train")
    return places


def _sound(source: Source, resolve: Callable[[str], Path]) -> FloatArray:
    passage = Passage(resolve(source.path), source.begin, source.end)
    with SoundFile(passage.path, SAMPLE_RATE, 1) as file:
        begin, end = passage.span(SAMPLE_RATE, file.frames)
        return np.asarray(file.read(begin, min(end - begin, LONGEST_SECONDS * SAMPLE_RATE))[0], np.float32)
