"""What the terrain learns from: each drawn line beside the sound it stands for, point by point.

Trajectory by trajectory, in order, coordinates are put beside latents. Where a line and its sound differ in length,
the line is stretched to the sound, so that nothing of it is lost, or the longer one is cut as the reference does.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from .network import MOST_COORDINATES, FloatArray, TerrainError

PairingRule: TypeAlias = Literal["stretch", "truncate"]
LARGEST = 1e6


class PathSet(Protocol):
    """A named set of paths, as the engine's Trajectories: one array ``[points, size]`` per name."""

    @property
    def names(self) -> tuple[str, ...]:
        """One name per path."""
        ...

    @property
    def arrays(self) -> tuple[NDArray[np.float32], ...]:
        """The paths, ``[points, size]`` each, all of one size."""
        ...


@dataclass(frozen=True, eq=False)
class Pairs:
    """Places and their latents, ready to learn from.

    x: float32 ``[points, control_dim]``. z: float32 ``[points, latent_dim]``. lengths: points of each trajectory,
    in order; neighbours within one follow each other in time. report: what was done, as sentences. weights: how much
    each trajectory counts, above 0; empty when all count alike.
    """

    x: FloatArray
    z: FloatArray
    lengths: tuple[int, ...]
    report: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()


class Side(TypedDict):
    """``shape`` [points, size], ``range`` [lowest, highest value]."""

    shape: list[int]
    range: list[float]


class Summary(TypedDict):
    """What a set of pairs holds, laid out as the reference's summary (spec §15)."""

    dataset_len: int
    coordinates: Side
    latents: Side


def pair(
    coordinates: PathSet, latents: PathSet, rule: PairingRule = "stretch", weights: tuple[float, ...] = ()
) -> Pairs:
    """Put trajectory i of the coordinates beside trajectory i of the latents.

    ``stretch`` resamples each line, linear in its own time, to as many points as its sound has latents: both ends
    meet. ``truncate`` cuts the longer of the two at its end (spec §8). Trajectories without partner and
    empty ones are left out, and the report says so. weights: how much each counts, empty for all alike; those of 0 are
    left out too. Raises TerrainError when nothing can be paired.
    """
    if rule not in ("stretch", "truncate"):
        raise TerrainError(f"pairing rule {rule!r} is not known; choose stretch or truncate")
    places = _checked(coordinates, "coordinates", MOST_COORDINATES)
    sounds = _checked(latents, "latents", 1024)
    if not places or not sounds:
        raise TerrainError(
            "no training lines: draw at least one line on the map"
            if not places
            else "no sounds to train on: encode or record some first"
        )
    report: list[str] = []
    if len(places) != len(sounds):
        more, kind = (coordinates, "coordinates") if len(places) > len(sounds) else (latents, "latents")
        surplus = more.names[min(len(places), len(sounds)) :]
        report.append(
            f"{len(places)} coordinate and {len(sounds)} latent trajectories: "
            f"{_listed(surplus)} of the {kind} {_is(len(surplus))} without a partner and not used"
        )
    x: list[FloatArray] = []
    z: list[FloatArray] = []
    kept: list[float] = []
    given = weights or (1.0,) * len(places)
    for name, line, sound, weight in zip(coordinates.names, places, sounds, given, strict=False):
        if not len(line) or not len(sound):
            report.append(f"{name} has no {'line' if not len(line) else 'sound'} yet")
            continue
        if weight <= 0:
            report.append(f"{name} has weight 0 and is unused")
            continue
        kept.append(float(weight))
        if len(line) != len(sound):
            report.append(_difference(name, len(line), len(sound), rule))
        points = len(sound) if rule == "stretch" else min(len(line), len(sound))
        x.append(stretched(line, points) if rule == "stretch" else line[:points])
        z.append(sound[:points])
    if not x:
        raise TerrainError("no line has a sound yet: draw, record or encode some first")
    weights = tuple(kept) if len(set(kept)) > 1 else ()
    return Pairs(np.concatenate(x), np.concatenate(z), tuple(map(len, x)), tuple(report), weights)


def check_counts(places: int, sounds: int) -> None:
    """Raises TerrainError where recorded takes of coordinates are not as many as the latents that they belong to.

    A map knows which line is which sound's, and may lack some. Takes are paired by their order alone: with one too many
    on one side, perhaps in the middle, all after it would be learned wrong.
    """
    if places and sounds and places != sounds:
        raise TerrainError(
            f"{places} recorded takes of coordinates and {sounds} of latents: they are paired in order, so there must "
            "be as many of each; remove the takes that have no partner, or record those that are missing"
        )


def stretched(line: NDArray[np.floating], points: int) -> FloatArray:
    """A line ``[any, size]`` with its time spread over ``points`` points, both ends kept: float32 ``[points, size]``.

    Linear between neighbours. One point is repeated; asked for one point, it gives the line's start.
    """
    if len(line) == points:
        return np.asarray(line, np.float32)
    times = np.linspace(0, len(line) - 1, points)
    own = np.arange(len(line))
    return np.stack([np.interp(times, own, axis) for axis in line.T], axis=1).astype(np.float32)


def summary(pairs: Pairs) -> Summary:
    """How many points there are and what ground they cover."""
    return {"dataset_len": len(pairs.x), "coordinates": _side(pairs.x), "latents": _side(pairs.z)}


def _side(values: FloatArray) -> Side:
    return {"shape": list(values.shape), "range": [float(values.min()), float(values.max())]}


def _checked(paths: PathSet, kind: str, most: int) -> list[FloatArray]:
    if len(paths.names) != len(paths.arrays):
        raise TerrainError(f"{kind}: {len(paths.names)} names for {len(paths.arrays)} trajectories; give one each")
    named = zip(paths.names, paths.arrays, strict=True)
    checked = [_checked_path(array, f"{kind} of {name}", most) for name, array in named]
    sizes = {array.shape[1] for array in checked}
    if len(sizes) > 1:
        raise TerrainError(
            f"{kind} come in sizes {_listed(tuple(map(str, sorted(sizes))))}; all trajectories need one size"
        )
    return checked


def _checked_path(array: NDArray[np.float32], where: str, most: int) -> FloatArray:
    try:
        with np.errstate(over="ignore"):
            path = np.asarray(array, np.float32)
    except (TypeError, ValueError):
        raise TerrainError(f"{where} are not numbers; give an array [points, size]") from None
    if path.ndim != 2 or not 1 <= path.shape[1] <= most:
        raise TerrainError(f"{where} have shape {path.shape}; give [points, 1 to {most}]")
    if not np.isfinite(path).all():
        raise TerrainError(f"{where} hold values that are not numbers; record or encode them again")
    if path.size and np.abs(path).max() > LARGEST:
        raise TerrainError(f"{where} reach {np.abs(path).max():.3g}; scale them to within ±{LARGEST:.0f}")
    return path


def _difference(name: str, points: int, latents: int, rule: PairingRule) -> str:
    if rule == "truncate":
        return f"{name}: {points} coordinates and {latents} latents; the longer side was cut to {min(points, latents)}"
    if points == 1:
        return f"{name}: one point for {latents} latents; only their mean can be learned, draw a line instead"
    if latents == 1:
        return f"{name}: {points} coordinates for one latent; only the first place is used"
    return f"{name}: {points} coordinates stretched to {latents} latents"


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
