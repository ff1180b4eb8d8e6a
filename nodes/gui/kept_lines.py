"""Lines that were laid out, each with its sound: kept, so that sounds that come or go move none of the others."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Trajectories
from .layout import MAX_LINES, STYLES, Style
from .ownership import SoundMark, marks_of, matched
from .units import MapBox

# A line laid out with all others, and one laid out later beside lines drawn by hand.
LAID, ADDED = "line/", "added/"
# The same of a sound that has gone, with its row behind those of the sounds that are there.
AWAY, AWAY_ADDED = "aside/", "aside-added/"
# By these names patches have kept whose lines they are, uint8 ``[n, 64]``, and on which map, float32.
SOUNDS, FRAME = "ground/sounds", "ground/frame"
MARK = 32


@dataclass(frozen=True)
class KeptLines:
    """What was laid out the last time, by the numbers that its sounds have now.

    lines: ``[anchors, 2]``. added: those of them that were laid out beside lines drawn by hand. known: the sounds that
    were there then. away: the rows of sounds that have gone, their lines, if they had one, and whether ``added``.
    """

    lines: Mapping[int, NDArray[Any]] = field(default_factory=dict)
    added: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    away: tuple[tuple[NDArray[np.uint8], NDArray[Any] | None, bool], ...] = ()


def kept_lines(before: Mapping[str, NDArray[Any]], latents: Trajectories) -> KeptLines:
    """What was laid out, for the sounds of now; nothing of what is damaged. A sound is known as in ``ownership``."""
    rows = np.asarray(before.get(SOUNDS, np.zeros((0, 2 * MARK), np.uint8)))
    if SOUNDS not in before or rows.ndim != 2 or rows.shape[1] != 2 * MARK:
        # rows and scattered lines of before this do not say whose they are: they are counted
        return KeptLines(known=frozenset(n for n in range(len(latents.arrays)) if f"{LAID}{n:04d}" in before))
    frame = np.asarray(before.get(FRAME, np.zeros(0))).reshape(-1)
    # maps of before this kept the number of their sounds there, too, and no line of one that had gone
    count = min(max(int(frame[7]), 0), len(rows)) if len(frame) > 7 and np.isfinite(frame[7]) else len(rows)
    places = matched(_sounds(rows), _sounds(sound_rows(latents)), range(count, len(rows)))
    lines, added, away = dict[int, NDArray[Any]](), set[int](), []
    for row, place in enumerate(places):
        number, kinds = (row, (LAID, ADDED)) if row < count else (row - count, (AWAY, AWAY_ADDED))
        kind = next((kind for kind in kinds if _is_line(before.get(f"{kind}{number:04d}"))), None)
        line, is_added = before[f"{kind}{number:04d}"] if kind else None, kind == kinds[1]
        if place is None:
            away.append((np.asarray(rows[row], np.uint8), line, is_added))
        elif line is not None:
            lines[place] = line
            added |= {place} if is_added else set()
    known = frozenset(place for place in places if place is not None)
    return KeptLines(lines, frozenset(added), known, tuple(away[-MAX_LINES:]))


def kept_content(kept: KeptLines, latents: Trajectories, frame: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """The same as content. frame: see ``frame_of``."""
    made = {f"{ADDED if number in kept.added else LAID}{number:04d}": line for number, line in kept.lines.items()}
    for number, (_, line, is_added) in enumerate(kept.away):
        made |= {f"{AWAY_ADDED if is_added else AWAY}{number:04d}": line} if line is not None else {}
    rows = np.concatenate([sound_rows(latents), *(row[np.newaxis] for row, *_ in kept.away)])
    return {**made, SOUNDS: rows, FRAME: frame}


def frame_of(box: MapBox, seed: int, count: int, style: Style) -> NDArray[np.float32]:
    """The map that so many sounds are laid out on: float32 ``[9]``."""
    edges = (*box.across, *box.down)
    return np.array([*edges, seed % 65536, seed // 65536, count, count, STYLES.index(style)], np.float32)


def is_same_map(before: Mapping[str, NDArray[Any]], frame: NDArray[np.float32]) -> bool:
    """Whether lines were laid out on this map, with this seed and in this style."""
    kept = np.asarray(before.get(FRAME, np.zeros(0))).reshape(-1)
    style = kept[8] if len(kept) > 8 else STYLES.index("map")  # before this only maps were kept
    return len(kept) > 7 and bool(np.array_equal(kept[:6], frame[:6])) and style == frame[8]


def sound_rows(latents: Trajectories) -> NDArray[np.uint8]:
    """Of each sound, what its latents and its name are: uint8 ``[n, 64]``."""
    known = marks_of(latents.names, latents.arrays)
    rows = [one.mark + hashlib.sha256(one.name.encode("utf-8", "surrogateescape")).digest() for one in known]
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 2 * MARK)


def _sounds(rows: NDArray[Any]) -> list[SoundMark]:
    raw = [np.asarray(row, np.uint8).tobytes() for row in rows]
    return [SoundMark(one[MARK:].hex(), one[:MARK]) for one in raw]


def _is_line(array: NDArray[Any] | None) -> bool:
    if array is None or array.ndim != 2 or array.shape[1] != 2 or not len(array):
        return False
    return bool(np.isfinite(array).all())
