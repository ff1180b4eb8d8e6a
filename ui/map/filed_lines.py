"""The lines and playback paths of a map as they stand in files, and a map with those of a file."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Palette
from ...graphs import EditError, Patch, set_content
from ...nodes.gui.curves import BezierCurve
from ...nodes.gui.drawing import Drawing, Played, line_of, read_drawing
from ...nodes.gui.line_files import FiledLine, named
from ...nodes.gui.lines import Polyline
from ...nodes.gui.ownership import SoundMark, with_marks
from ...nodes.gui.timed_paths import RecordedGesture, Timed, Tour
from ...nodes.gui.units import MapError
from ..sound_names import sounds_of as listed_sounds
from .sheet import with_drawing
from .sounds import marks, settled, sounds_of, source_of

# A line of a sound that is not known.
NAMELESS = re.compile(r"line (\d{1,5})")


def filed(patch: Patch, palette: Palette, map_node: str) -> list[FiledLine]:
    """The lines of a map, then its playback paths; an automatic tour is none. Raises MapError."""
    patch = settled(patch, palette, map_node)
    drawing = read_drawing(patch.nodes[map_node].content)
    names = named(one.name for one in sounds_of(patch, palette, map_node))
    found = []
    for number, line in sorted(drawing.lines.items()):
        name = names[number] if number < len(names) else f"line {number + 1}"
        points = line.controls if isinstance(line, BezierCurve) else line.anchors
        weight = drawing.weights.get(number, 1.0)
        found.append(FiledLine(points, name, is_curve=isinstance(line, BezierCurve), weight=weight))
    for number, path in sorted(drawing.play.items() if not drawing.is_toured else ()):
        if isinstance(path, Timed):
            times, points = path.moments[:, 0], path.moments[:, 1:]
            found.append(FiledLine(points, path=number + 1, times=times, in_frames=isinstance(path, Tour)))
        else:
            is_curve = isinstance(path, BezierCurve)
            points = path.controls if isinstance(path, BezierCurve) else line_of(path).anchors
            found.append(FiledLine(points, path=number + 1, is_curve=is_curve))
    return found


def with_filed(
    patch: Patch, palette: Palette, map_node: str, lines: Sequence[FiledLine], folder: Path, is_all: bool = False
) -> Patch:
    """The patch whose map has these lines for the sounds that they name, and these playback paths.

    Others stay, unless these are all (``is_all``). A sound may be listed and not encoded yet. folder: the patch's own.
    Raises EditError with all names that are no sound's, MapError for what can't be a line.
    """
    patch = settled(patch, palette, map_node)
    sounds = _all_sounds(patch, palette, map_node, folder)
    placed = _placed(lines, sounds, map_node)
    drawing = _cleared(read_drawing(patch.nodes[map_node].content), any(one.path for one in lines), is_all)
    exact: dict[str, NDArray[Any]] = {}
    for number, one in placed:
        drawing, name = _with_one(drawing, number, one)
        exact[name] = _exact(one)
    after = with_drawing(patch, palette, map_node, drawing)
    content = {**after.nodes[map_node].content, **exact}
    read_drawing(content)
    return set_content(after, map_node, with_marks(content, sounds))


def _all_sounds(patch: Patch, palette: Palette, map_node: str, folder: Path) -> list[SoundMark]:
    """The sounds of a map in order, then those that are listed and not encoded yet."""
    sounds = list(marks(sounds_of(patch, palette, map_node)))
    source = source_of(patch, palette, map_node)
    if source is not None:
        known = {one.name for one in sounds}
        names = (one.passage.name for one in listed_sounds(patch, source, folder))
        sounds += [SoundMark(name) for name in names if name not in known]
    return sounds


def _placed(lines: Sequence[FiledLine], sounds: Sequence[SoundMark], map_node: str) -> list[tuple[int, FiledLine]]:
    """Each line with the number of its sound, or of its path, from 0. Raises EditError with all that have none."""
    numbers = {name: number for number, name in enumerate(named(one.name for one in sounds))}
    placed: list[tuple[int, FiledLine]] = []
    unknown: list[str] = []
    for one in lines:
        nameless = NAMELESS.fullmatch(one.sound)
        number = int(nameless[1]) - 1 if nameless and int(nameless[1]) > len(sounds) else -1
        number = one.path - 1 if one.path else numbers.get(one.sound, number)
        if number < 0:
            unknown.append(one.sound)
        placed.append((number, one))
    if unknown:
        raise EditError(f"{', '.join(unknown)}: no such sound on {map_node}; it has {', '.join(numbers) or 'none'}")
    return placed


def _cleared(drawing: Drawing, has_paths: bool, is_all: bool) -> Drawing:
    """A drawing without what lines of a file replace as a whole."""
    if is_all:
        drawing = replace(drawing, lines={}, weights={})
    if has_paths if drawing.is_toured else is_all:  # an automatic tour is replaced by paths only
        drawing = replace(drawing, play={})
    return drawing


def _with_one(drawing: Drawing, number: int, one: FiledLine) -> tuple[Drawing, str]:
    """A drawing with a line or path of this number, and the name of its content. Raises MapError."""
    made = _path(one, one.sound or f"path {one.path}")
    if one.path:
        kind = "tours" if isinstance(made, Tour) else "gestures" if isinstance(made, Timed) else None
        kind = kind or ("play-curves" if one.is_curve else "play")
        return drawing.with_played(number, made), f"{kind}/{number:04d}"
    assert isinstance(made, Polyline | BezierCurve)
    weights = {key: weight for key, weight in drawing.weights.items() if key != number}
    weights |= {number: one.weight} if one.weight != 1.0 else {}
    drawing = replace(drawing.with_line(number, made), weights=weights)
    return drawing, f"{'curves/' if one.is_curve else 'lines/'}{number:04d}"


def _path(one: FiledLine, where: str) -> Played:
    """A line as it is drawn or played. Raises MapError."""
    try:
        if one.times is not None:
            return (Tour if one.in_frames else RecordedGesture)(_values(one))
        return BezierCurve(one.points) if one.is_curve else Polyline(one.points)
    except MapError as error:
        raise MapError(f"{where}: {str(error).partition(': ')[2]}") from None


def _values(one: FiledLine) -> NDArray[np.float64]:
    return one.points if one.times is None else np.column_stack([one.times, one.points])


def _exact(one: FiledLine) -> NDArray[Any]:
    """A line's numbers in single precision where that says the same."""
    values = _values(one)
    single = values.astype(np.float32)
    made: NDArray[Any] = single if np.array_equal(single, values) else values
    made.setflags(write=False)
    return made
