"""A picture of the terrain: its latents on a grid over the map, to be coloured and looked at.

The grid is half-open, as the reference's: its first column lies on the left edge, and the right edge would be the first
column of the next map. Likewise from the top down. A terrain of more than two axes is cut; one axis gives a strip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from .network import FloatArray, TerrainError, Weights, evaluate, shape_of
from .residual import MISSED, Residual, has_residual
from .rows import Rows

Edges: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of the map in coordinate units; top is drawn at the top."""

LARGEST_MAP = 2**28
TILE = 2048
FIRST_LOOK = 5_000


@dataclass(frozen=True)
class Cut:
    """Which two axes a map shows, and where it lies on the others.

    axes: the axis drawn from left to right, and the one from top to bottom. values: one coordinate per axis of the
    terrain; those of the two axes shown are not used. Empty: zeros.
    """

    axes: tuple[int, int] = (0, 1)
    values: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class PlotRows:
    """Some finished rows of a map: the first row's index, float32 ``[channels, rows, columns]``, share done 0 … 1."""

    row: int
    values: FloatArray
    done: float


def grid(
    left: float, top: float, right: float, bottom: float, x_res: int, y_res: int, stride: int = 1
) -> tuple[FloatArray, FloatArray]:
    """The columns' and the rows' coordinates, float32: half-open, ``ceil(res / stride)`` of them.

    x of column j is ``left + j (right - left) / x_res`` for j = 0, stride, 2 stride … below x_res; rows likewise
    from the top. x_res, y_res: 1 … 16384. stride: 1 … 16. Raises TerrainError. Source: spec §7.
    """
    for name, value, most in (("x_res", x_res, 16384), ("y_res", y_res, 16384), ("stride", stride, 16)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise TerrainError(f"{name} of the map is {value!r}; give a whole number from 1 to {most}")
    edges = np.array([left, top, right, bottom], np.float64)
    if not (np.abs(edges) <= 1e6).all():
        raise TerrainError(f"the map's edges are {edges.tolist()}; give numbers within ±1000000")
    columns = left + np.arange(0, x_res, stride) * ((right - left) / x_res)
    rows = top + np.arange(0, y_res, stride) * ((bottom - top) / y_res)
    return columns.astype(np.float32), rows.astype(np.float32)


def plot(
    weights: Weights,
    box: Edges,
    size: tuple[int, int],
    stride: int = 1,
    cut: Cut | None = None,
    channels: Sequence[int] | None = None,
) -> FloatArray:
    """The unclamped latents over ``box``: float32 ``[channels, rows, columns]``.

    size: columns and rows of the map before ``stride`` thins it. cut: for a terrain of more than two axes. channels:
    which latents, default all. A terrain of one axis gives rows that are all the same. Raises TerrainError.
    """
    tiles = list(plot_tiles(weights, box, size, stride, cut, channels))
    return np.concatenate([tile.values for tile in tiles], axis=1)


def plot_tiles(
    weights: Weights,
    box: Edges,
    size: tuple[int, int],
    stride: int = 1,
    cut: Cut | None = None,
    channels: Sequence[int] | None = None,
) -> Iterator[PlotRows]:
    """The map of ``plot``, some rows at a time from the top (about 2048 points); stop asking to cancel."""
    columns, rows = grid(*_four(box), *size, stride)
    control_dim = shape_of(weights).control_dim
    across, down, values = _checked_cut(cut or Cut(), control_dim)
    kept = _kept(weights, channels)
    if len(kept["fc_out.bias"]) * len(columns) * len(rows) > LARGEST_MAP:
        raise TerrainError("the map has more than 2^28 values; make it smaller, thin it or choose fewer channels")
    if control_dim == 1:
        line = evaluate(kept, columns[:, None]).T
        yield PlotRows(0, np.repeat(line[:, None], len(rows), axis=1), 1.0)
        return
    residual = Residual(kept) if has_residual(kept) else None
    terrain, step = Rows(kept, columns, across, down, values), max(1, TILE // len(columns))
    for row in range(0, len(rows), step):
        some = rows[row : row + step]
        latents = terrain.evaluate(some)
        if residual is not None:
            places = np.tile(values, (len(some) * len(columns), 1))
            places[:, across], places[:, down] = np.tile(columns, len(some)), np.repeat(some, len(columns))
            latents += residual.added(places).T.reshape(latents.shape)
        yield PlotRows(row, latents, (row + len(some)) / len(rows))


def preview(weights: Weights, box: Edges, size: tuple[int, int], cut: Cut | None = None) -> FloatArray:
    """A first look at the map of ``plot``, thinned to about 5000 points: float32 ``[channels, rows, columns]``.

    Every value of it stands in the whole map too. Raises TerrainError.
    """
    stride = next((one for one in range(1, 16) if size[0] * size[1] <= FIRST_LOOK * one * one), 16)
    return plot(weights, box, size, stride, cut)


def strip(
    weights: Weights, low: float, high: float, count: int, axis: int = 0, values: Sequence[float] = ()
) -> FloatArray:
    """The latents along one axis, both ends included: float32 ``[latent_dim, count]``.

    values: where the strip lies on the other axes, one coordinate per axis (default zeros). Raises TerrainError.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 2**20:
        raise TerrainError(f"the strip has {count!r} points; give a whole number from 1 to {2**20}")
    control_dim = shape_of(weights).control_dim
    if not 0 <= axis < control_dim or not (abs(low) <= 1e6 and abs(high) <= 1e6):
        raise TerrainError(f"a strip along axis {axis} from {low} to {high} does not fit {control_dim} axes")
    places = np.tile(_fixed(values, control_dim), (count, 1))
    places[:, axis] = np.linspace(low, high, count)
    return np.ascontiguousarray(evaluate(weights, places).T)


def _four(box: Edges) -> Edges:
    if len(box) != 4:
        raise TerrainError(f"the map's box has {len(box)} numbers; give left, top, right and bottom")
    return box


def _checked_cut(cut: Cut, control_dim: int) -> tuple[int, int, NDArray[np.float32]]:
    if control_dim == 1:
        return 0, 0, np.zeros(1, np.float32)
    if len(cut.axes) != 2 or len({*cut.axes}) != 2 or not all(0 <= axis < control_dim for axis in cut.axes):
        raise TerrainError(f"the map shows axes {cut.axes}; choose two different ones from 0 to {control_dim - 1}")
    return *cut.axes, _fixed(cut.values, control_dim)


def _fixed(values: Sequence[float], control_dim: int) -> NDArray[np.float32]:
    fixed = np.array(values if len(values) else np.zeros(control_dim), np.float32)
    if fixed.shape != (control_dim,) or not np.isfinite(fixed).all():
        raise TerrainError(f"the cut has values {values}; give one number for each of the {control_dim} axes")
    return fixed


def _kept(weights: Weights, channels: Sequence[int] | None) -> Weights:
    if channels is None:
        return weights
    latent_dim = len(weights["fc_out.bias"])
    if not len(channels) or not all(0 <= channel < latent_dim for channel in channels):
        raise TerrainError(f"the map shows channels {list(channels)}; this terrain has 0 to {latent_dim - 1}")
    picked = np.array(channels, np.intp)
    last = {name: weights[name][picked] for name in ("fc_out.weight", "fc_out.bias")}
    missed = {MISSED: weights[MISSED][:, picked]} if has_residual(weights) else {}
    return {**weights, **last, **missed}
