"""A map's partition into cells as content: kept, so that sounds that come or go move the others little."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Trajectories
from .layout import Partition
from .ownership import marks_of
from .units import MapBox

# By these names patches have kept it.
CELLS, SOUNDS, FRAME = "ground/cells", "ground/sounds", "ground/frame"
MARK = 32


def partition_content(partition: Partition, latents: Trajectories, box: MapBox, seed: int) -> dict[str, NDArray[Any]]:
    """A partition and what it was made for, as content."""
    cells, marks = np.asarray(partition.cells, np.float32), _marks(latents)
    return {CELLS: cells, SOUNDS: marks, FRAME: _frame(box, seed, len(cells), len(marks))}


def kept_partition(kept: Mapping[str, NDArray[Any]], latents: Trajectories, box: MapBox, seed: int) -> Partition | None:
    """The partition that was kept, with the sounds of now in their order; None for another map, seed or damage.

    A sound is known by its latents, else by its name.
    """
    if any(name not in kept for name in (CELLS, SOUNDS, FRAME)):
        return None
    cells, marks, frame = (np.asarray(kept[name]) for name in (CELLS, SOUNDS, FRAME))
    if marks.ndim != 2 or marks.shape[1] != 2 * MARK or cells.ndim != 2 or cells.shape[1] != 3:
        return None
    count = len(marks)
    is_fine = len(cells) >= count and np.isfinite(cells).all() and np.all(cells[:, 2] > 0)
    if not is_fine or not np.array_equal(frame, _frame(box, seed, len(cells), count)):
        return None
    cells = np.asarray(cells, np.float64)
    now = _marks(latents)
    found = np.full((len(now), 3), np.nan)
    free = set(range(count))
    for part in (slice(0, MARK), slice(MARK, 2 * MARK)):
        places: dict[bytes, list[int]] = {}
        for number in sorted(free, reverse=True):
            places.setdefault(marks[number, part].tobytes(), []).append(number)
        for index in np.flatnonzero(np.isnan(found[:, 0])).tolist():
            there = places.get(now[index, part].tobytes())
            if there:
                before = there.pop()
                free.discard(before)
                found[index] = cells[before]
    return Partition(np.concatenate([found, cells[count:]]), len(cells) - count)


def is_partition_of(kept: Mapping[str, NDArray[Any]], latents: Trajectories, box: MapBox, seed: int) -> bool:
    """Whether lines were laid out for these sounds in this order, on this map and with this seed, line by line."""
    count = len(latents.arrays)
    if any(name not in kept for name in (CELLS, SOUNDS, FRAME, *(f"line/{index:04d}" for index in range(count)))):
        return False
    frame = _frame(box, seed, len(kept[CELLS]), count)
    return np.array_equal(kept[FRAME], frame) and np.array_equal(kept[SOUNDS], _marks(latents))


def _marks(latents: Trajectories) -> NDArray[np.uint8]:
    """Of each sound, what its latents and its name are: uint8 ``[n, 64]``."""
    known = marks_of(latents.names, latents.arrays)
    rows = [one.mark + hashlib.sha256(one.name.encode("utf-8", "surrogateescape")).digest() for one in known]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 2 * MARK)


def _frame(box: MapBox, seed: int, cells: int, sounds: int) -> NDArray[np.float32]:
    edges: Sequence[float] = (*box.across, *box.down, seed % 65536, seed // 65536, cells, sounds)
    return np.array(edges, np.float32)
