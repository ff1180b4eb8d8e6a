"""The terrain itself: a small network that knows, for every place, which latents sound there.

A Fourier-CPPN: random Fourier features of the coordinates (Tancik et al. 2020), four PReLU layers of one width,
a linear layer out. The maths, the names and the shapes are those of nn.terrain~'s checkpoints, so that its files
play here and ours play there.
"""

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .residual import NAMES, Residual, has_residual, residual_problem

FloatArray: TypeAlias = NDArray[np.float32]
Weights: TypeAlias = Mapping[str, FloatArray]
"""The arrays of a terrain by the names of the reference's files, all float32.

``fc_in_gau.weight [width, 2 features]`` (or ``fc_in_linear.weight [width, control_dim]`` without Fourier layer),
``fc2``, ``fc3``, ``fc4`` ``.weight [width, width]``, ``fc_out.weight [latent_dim, width]``, a ``.bias`` for each,
``prelu1`` … ``prelu4.weight [1]``; with Fourier layer also ``B_T [control_dim, features]`` in cycles per unit,
``two_pi []`` and ``m_gauss_scale []``. Beside them there may be what the network misses at the lines
(``residual.NAMES``), which belongs to the terrain and stays out of the reference's files.
"""

LAYERS = ("fc2", "fc3", "fc4")
DEFAULT_FEATURES = 256
MOST_COORDINATES = 128
TILE = 1024


class TerrainError(ValueError):
    """Something about a terrain cannot work; the text says what, and what to do."""


@dataclass(frozen=True)
class TerrainShape:
    """How big a terrain is, and how rough it may get.

    control_dim: coordinates per point, 1 … 128. latent_dim: latents per point, 1 … 1024. gauss: the standard
    deviation of the random frequencies in cycles per coordinate unit, 0 … 10; small is smooth, 0 leaves the
    Fourier layer out. width: units per hidden layer, 1 … 1024. features: random frequencies, 16 … 2048.
    Raises TerrainError. Source: spec §2.1, §3.
    """

    control_dim: int
    latent_dim: int
    gauss: float = 0.1
    width: int = 128
    features: int = DEFAULT_FEATURES

    def __post_init__(self) -> None:
        for name, low, high in (
            ("control_dim", 1, MOST_COORDINATES),
            ("latent_dim", 1, 1024),
            ("width", 1, 1024),
            ("features", 16, 2048),
        ):
            object.__setattr__(self, name, _whole(name, getattr(self, name), low, high))
        gauss = self.gauss
        if isinstance(gauss, bool) or not isinstance(gauss, int | float | np.number) or not 0 <= gauss <= 10:
            raise TerrainError(f"roughness (gauss) is {gauss!r}; give 0 (smooth, no Fourier layer) to 10")
        object.__setattr__(self, "gauss", float(gauss))


def parameter_count(shape: TerrainShape) -> int:
    """How many numbers training may change. Source: spec §3."""
    width, inputs = shape.width, _first_inputs(shape)
    return inputs * width + width + 3 * (width * width + width) + width * shape.latent_dim + shape.latent_dim + 4


def initial_weights(shape: TerrainShape, seed: int) -> dict[str, FloatArray]:
    """A terrain nobody has shaped yet: libtorch's default start, drawn from ``seed`` (0 or more).

    Weights and biases are uniform within ±1/√inputs, PReLU weights 0.25, frequencies normal with deviation gauss.
    """
    random = np.random.default_rng(checked_seed(seed))
    weights: dict[str, FloatArray] = {}
    if shape.gauss > 0:
        frequencies = random.standard_normal((shape.control_dim, shape.features)) * shape.gauss
        weights["B_T"] = frequencies.astype(np.float32)
        weights["two_pi"] = np.array(2 * math.pi, np.float32)
        weights["m_gauss_scale"] = np.array(shape.gauss, np.float32)
    for name, (outputs, inputs) in _layer_sizes(shape).items():
        reach = 1 / math.sqrt(inputs)
        weights[f"{name}.weight"] = random.uniform(-reach, reach, (outputs, inputs)).astype(np.float32)
        weights[f"{name}.bias"] = random.uniform(-reach, reach, outputs).astype(np.float32)
    for number in range(1, 5):
        weights[f"prelu{number}.weight"] = np.full(1, 0.25, np.float32)
    return weights


def evaluate(weights: Weights, coordinates: NDArray[np.floating]) -> FloatArray:
    """The latents at each place: coordinates ``[points, control_dim]`` to float32 ``[points, latent_dim]``.

    Not clamped; places that are not numbers give latents that are not numbers. Agrees with the reference within
    float32 rounding (2e-5). Raises TerrainError when the coordinates do not fit the terrain.
    """
    places = np.asarray(coordinates, dtype=np.float32)
    control_dim = shape_of(weights).control_dim
    if places.ndim != 2 or places.shape[1] != control_dim:
        raise TerrainError(
            f"coordinates are an array of shape {places.shape}; this terrain wants [points, {control_dim}]"
        )
    latents = np.empty((len(places), len(weights["fc_out.bias"])), np.float32)
    desk = _Desk(weights, min(TILE, len(places)))
    residual = Residual(weights) if has_residual(weights) else None
    with np.errstate(invalid="ignore", over="ignore"):
        for start in range(0, len(places), TILE):
            tile = slice(start, start + TILE)
            _forward(weights, places[tile], latents[tile], desk)
            if residual is not None:
                latents[tile] += residual.added(places[tile])
    return latents


def shape_of(weights: Weights) -> TerrainShape:
    """The shape that weights have. Without Fourier layer ``features`` reads as its default, for it leaves no trace.

    Raises TerrainError when arrays are missing or do not fit each other.
    """
    first = "fc_in_gau" if "fc_in_gau.weight" in weights else "fc_in_linear"
    needed = [f"{first}.weight", "fc_out.weight", *(["B_T", "two_pi"] if first == "fc_in_gau" else [])]
    if missing := [name for name in needed if name not in weights]:
        raise TerrainError(f"these are not the weights of a terrain: {missing[0]} is missing")
    if any(weights[name].ndim != 2 for name in needed if name != "two_pi"):
        raise TerrainError("these are not the weights of a terrain: a layer is not a table")
    width, inputs = weights[f"{first}.weight"].shape
    latent_dim = weights["fc_out.weight"].shape[0]
    if first == "fc_in_linear":
        return TerrainShape(inputs, latent_dim, 0.0, width)
    control_dim, features = weights["B_T"].shape
    scale = weights.get("m_gauss_scale")
    deviation = float(scale) if scale is not None and scale.ndim == 0 else float(np.std(weights["B_T"]))
    return TerrainShape(control_dim, latent_dim, float(f"{deviation:.7g}"), width, features)


def validate_weights(weights: Weights) -> TerrainShape:
    """Check that every array of a terrain is there, fits, and holds numbers; gives its shape.

    Raises TerrainError naming the array that does not.
    """
    shape = shape_of(weights)
    for name, size in array_sizes(shape).items():
        array = weights.get(name)
        if array is None:
            if name == "m_gauss_scale":
                continue
            raise TerrainError(f"the terrain has no {name}; it is incomplete")
        if array.shape != size:
            raise TerrainError(f"{name} of the terrain has shape {array.shape} where {size} fits its other layers")
        if array.dtype != np.float32:
            raise TerrainError(f"{name} of the terrain holds {array.dtype} numbers; a terrain holds float32")
        if not np.isfinite(array).all():
            raise TerrainError(f"{name} of the terrain holds values that are not numbers; retrain the terrain")
    if problem := residual_problem(weights, shape.control_dim, shape.latent_dim):
        raise TerrainError(f"the terrain {problem}; retrain it")
    return shape


def network_alone(weights: Weights) -> dict[str, FloatArray]:
    """A terrain without what was put back at its lines."""
    return {name: array for name, array in weights.items() if name not in NAMES}


def array_sizes(shape: TerrainShape) -> dict[str, tuple[int, ...]]:
    """The name and size of every array that weights of this shape hold."""
    sizes: dict[str, tuple[int, ...]] = {}
    if shape.gauss > 0:
        sizes |= {"B_T": (shape.control_dim, shape.features), "two_pi": (), "m_gauss_scale": ()}
    for name, (outputs, inputs) in _layer_sizes(shape).items():
        sizes |= {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}
    return sizes | {f"prelu{number}.weight": (1,) for number in range(1, 5)}


def first_layer(weights: Weights) -> str:
    """The name of the first layer: ``fc_in_gau`` behind a Fourier layer, else ``fc_in_linear``."""
    return "fc_in_gau" if "fc_in_gau.weight" in weights else "fc_in_linear"


def checked_seed(seed: int) -> int:
    """A seed as given, 0 or more; raises TerrainError for anything else."""
    return _whole("seed", seed, 0, 2**63 - 1)


def _whole(name: str, value: object, low: int, high: int) -> int:
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or not low <= number <= high:
        raise TerrainError(f"{name} is {value!r}; give a whole number from {low} to {high}")
    return number


def _first_inputs(shape: TerrainShape) -> int:
    return 2 * shape.features if shape.gauss > 0 else shape.control_dim


def _layer_sizes(shape: TerrainShape) -> dict[str, tuple[int, int]]:
    first = "fc_in_gau" if shape.gauss > 0 else "fc_in_linear"
    hidden = dict.fromkeys(LAYERS, (shape.width, shape.width))
    return {first: (shape.width, _first_inputs(shape)), **hidden, "fc_out": (shape.latent_dim, shape.width)}


class _Desk:
    """Room for the numbers in between, taken once for all tiles: fresh memory would cost more than the maths."""

    def __init__(self, weights: Weights, points: int) -> None:
        width = len(weights["fc2.bias"])
        features = weights["B_T"].shape[1] if "B_T" in weights else 0
        self.angles = np.empty((points, features), np.float32)
        self.waves = np.empty((points, 2 * features), np.float32)
        self.layers = tuple(np.empty((points, width), np.float32) for _ in range(3))


def _forward(weights: Weights, places: FloatArray, out: FloatArray, desk: _Desk) -> None:
    name, points = first_layer(weights), len(places)
    inputs = places
    if name == "fc_in_gau":
        features = desk.angles.shape[1]
        angles = np.matmul(weights["two_pi"] * places, weights["B_T"], out=desk.angles[:points])
        inputs = desk.waves[:points]
        np.sin(angles, out=inputs[:, :features])
        np.cos(angles, out=inputs[:, features:])
    hidden, spare, below = (layer[:points] for layer in desk.layers)
    for number, layer in enumerate((name, *LAYERS), 1):
        np.matmul(inputs, weights[f"{layer}.weight"].T, out=hidden)
        hidden += weights[f"{layer}.bias"]
        np.minimum(hidden, 0, out=below)
        below *= weights[f"prelu{number}.weight"]
        np.maximum(hidden, 0, out=hidden)
        hidden += below
        inputs, hidden, spare = hidden, spare, hidden
    np.matmul(inputs, weights["fc_out.weight"].T, out=out)
    out += weights["fc_out.bias"]
