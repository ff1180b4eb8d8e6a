"""What a map's sounds are like, moment by moment, and where each moment lies: what ``locate`` learns and keeps."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...graphs.file_read import parse_json
from .features import COEFFICIENTS, HOP_SECONDS, FloatArray

# More moments than these (6 minutes of sound) are thinned out evenly: a frame stays light on the audio thread.
MOST_MOMENTS = 16_384
LEVEL_WEIGHT = 0.35
# Of the variance of all frames, so much is added to that within sounds before it is divided by.
LEAST = 0.05


@dataclass(frozen=True, eq=False)
class Known:
    """All moments that can be found.

    cepstra: float32 ``[moments, 18]``. places: float32 ``[moments, 2]``, on the map. line: int ``[moments]``, which
    line, rising. seconds: float32 ``[moments]``, when in its sound. names: of the lines.
    """

    cepstra: FloatArray
    places: FloatArray
    line: NDArray[np.int64]
    seconds: FloatArray
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.cepstra)
        shapes = (self.cepstra.shape, self.places.shape, self.line.shape, self.seconds.shape)
        if shapes != ((count, COEFFICIENTS), (count, 2), (count,), (count,)) or not count:
            raise ValueError("the location data is damaged; retrain")
        numbers: tuple[FloatArray, ...] = (self.cepstra, self.places, self.seconds)
        is_fine = all(np.isfinite(one).all() for one in numbers) and np.all(np.diff(self.line) >= 0)
        if not is_fine or self.line[0] < 0 or self.line[-1] >= len(self.names) or count > MOST_MOMENTS:
            raise ValueError("the location data is damaged; retrain")

    @property
    def directions(self) -> NDArray[np.float32]:
        """From cepstra to features of which frames of one sound differ by about 1: float32 ``[18, 18]``."""
        cepstra = np.asarray(self.cepstra, np.float64)
        counts = np.maximum(np.bincount(self.line, minlength=len(self.names)), 1)
        means = np.stack(
            [np.bincount(self.line, cepstra[:, one], len(self.names)) / counts for one in range(COEFFICIENTS)], axis=1
        )
        inside = cepstra - means[self.line]
        all_ = cepstra - cepstra.mean(axis=0)
        within = inside.T @ inside / len(cepstra) + (
            LEAST * np.diag((all_**2).mean(axis=0)) + 1e-4 * np.eye(COEFFICIENTS)
        )
        within[0, 0] /= LEVEL_WEIGHT**2
        values, vectors = np.linalg.eigh(within)
        return np.asarray(vectors / np.sqrt(values), np.float32)


def to_content(heard: "KnownFrames", places: FloatArray) -> dict[str, NDArray[Any]]:
    """What all sounds are like and where their moments lie (NaN: nowhere), to be read by ``known_in``."""
    return {
        "cepstra": np.ascontiguousarray(heard.cepstra, "<f2").view(np.uint8),
        "line": np.asarray(heard.line, np.int32),
        "seconds": heard.seconds,
        "share": heard.share,
        "places": places,
        "names": np.frombuffer(json.dumps(heard.names).encode("utf-8", "surrogatepass"), np.uint8),
        "mark": np.frombuffer(heard.mark, np.uint8),
    }


def heard_in(found: Mapping[str, NDArray[Any]], mark: bytes) -> "KnownFrames | None":
    """What sounds were like, where they are still the same; None else."""
    try:
        if np.asarray(found["mark"], np.uint8).tobytes() != mark:
            return None
        return KnownFrames(
            _cepstra(found["cepstra"]),
            np.asarray(found["line"], np.int64),
            np.asarray(found["seconds"], np.float32),
            np.asarray(found["share"], np.float32),
            _names(found["names"]),
            mark,
        )
    except (KeyError, TypeError, ValueError):
        return None


def known_in(found: Mapping[str, NDArray[Any]]) -> Known | None:
    """What can be found; None where nothing was learned. Raises ValueError for what is damaged."""
    if not found:
        return None
    try:
        places = np.asarray(found["places"], np.float32)
        is_there = ~np.isnan(places[:, 0])
        line, seconds = (
            np.asarray(found["line"], np.int64)[is_there],
            np.asarray(found["seconds"], np.float32)[is_there],
        )
        return Known(_cepstra(found["cepstra"])[is_there], places[is_there], line, seconds, _names(found["names"]))
    except (KeyError, TypeError, IndexError, UnicodeError, ValueError):
        raise ValueError("the location data is damaged; retrain") from None


def _cepstra(array: NDArray[Any]) -> FloatArray:
    """Kept in half precision, as bytes ``[moments, 36]``."""
    return np.ascontiguousarray(array, np.uint8).view("<f2").astype(np.float32)


def _names(array: NDArray[Any]) -> tuple[str, ...]:
    names = parse_json(np.asarray(array, np.uint8).tobytes().decode("utf-8", "surrogatepass"))
    return tuple(str(one) for one in names)


@dataclass(frozen=True, eq=False)
class KnownFrames:
    """What all sounds are like, wherever they lie.

    cepstra: float32 ``[moments, 18]``; line: ``[moments]``, which sound; seconds: ``[moments]``, when in it; share:
    ``[moments]``, the same as a part of its length, 0 … 1. mark: 32 bytes of what the sounds are.
    """

    cepstra: FloatArray
    line: NDArray[np.int64]
    seconds: FloatArray
    share: FloatArray
    names: tuple[str, ...]
    mark: bytes

    def known(self, places: FloatArray) -> Known:
        """With places ``[moments, 2]``; NaN leaves a moment out. Raises ValueError when none is left."""
        there = ~np.isnan(places[:, 0])
        return Known(self.cepstra[there], places[there], self.line[there], self.seconds[there], self.names)


def thinned(
    cepstra: Sequence[FloatArray], is_silent: Sequence[NDArray[np.bool_]], names: Sequence[str], mark: bytes = b""
) -> KnownFrames:
    """Of the frames of sounds those that are kept: silent ones are left out, and of very many some.

    cepstra ``[frames, 18]`` and is_silent ``[frames]`` of each sound.
    """
    sounding = [np.flatnonzero(~one) for one in is_silent]
    step = max(1, -(-sum(map(len, sounding)) // MOST_MOMENTS))
    chosen = [one[::step] for one in sounding]
    while sum(map(len, chosen)) > MOST_MOMENTS:
        step += 1
        chosen = [one[::step] for one in sounding]
    lengths = [len(one) for one in is_silent]
    shares = [some / max(length - 1, 1) for some, length in zip(chosen, lengths, strict=True)]
    return KnownFrames(
        np.concatenate(
            [np.zeros((0, COEFFICIENTS), np.float32), *(a[b] for a, b in zip(cepstra, chosen, strict=True))]
        ),
        np.repeat(np.arange(len(names)), [len(one) for one in chosen]).astype(np.int64),
        np.concatenate([np.zeros(0), *(some * HOP_SECONDS for some in chosen)]).astype(np.float32),
        np.concatenate([np.zeros(0), *shares]).astype(np.float32),
        tuple(names),
        mark,
    )
