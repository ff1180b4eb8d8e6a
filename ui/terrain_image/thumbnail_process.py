"""The process that draws small maps of terrains and canvases, so that neither the window nor the sound waits for them.

It is asked with Draw and answers with Picture (see ``engine.messages.workers``).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine.logs import failed
from ...engine.messages import Error, Ready
from ...engine.messages.workers import TO_PAINTER, Draw, Picture, arrays_of
from ...engine.processes.child import Parent

Pixels = NDArray[np.uint8]
log = logging.getLogger(__name__)
FINE = 3
"""Lines are drawn so many times too large and sampled down."""
DIMMED = 0.45
"""How dark a terrain is under the lines on it."""


def work(parent: Parent) -> None:
    """Draw what is asked for, until nobody asks any more."""
    parent.send(Ready())
    while True:
        message = parent.receive(TO_PAINTER)
        if not isinstance(message, Draw):
            continue
        try:
            weights, lines, walks = (arrays_of(one) for one in (message.weights, message.lines, message.walks))
            pixels = drawn(weights, message.box, message.size, tuple(lines.values()), tuple(walks.values()))
            parent.answer(message, Picture(size=message.size, pixels=pixels.tobytes()))
        except Exception as error:
            failed(log, f"the thumbnail can't be rendered: {error}", error)
            parent.answer(message, Error(text=f"{type(error).__name__}: {error}"))


def drawn(
    weights: Mapping[str, Any],
    box: tuple[float, ...],
    size: tuple[int, int],
    lines: Sequence[NDArray[Any]] = (),
    walks: Sequence[NDArray[Any]] = (),
) -> Pixels:
    """A terrain with lines on it, RGBA ``[rows, columns, 4]``; similar colours sound similar.

    weights: of a terrain that has learned, or none. box: left, top, right, bottom of the canvas; size: columns and
    rows. lines: those to learn from, walks: those to play, each ``[points, 2]`` in the box's units. Raises
    TerrainError.
    """
    from ...nodes.terrain.colour import principal_colours
    from ...nodes.terrain.network import TerrainError
    from ...nodes.terrain.picture import BACKGROUND
    from ...nodes.terrain.plot import plot

    if len(box) != 4 or box[0] == box[2] or box[1] == box[3]:
        raise TerrainError(f"invalid map box {box}; give left, top, right, bottom with opposite edges apart")
    colours = np.full((size[1], size[0], 3), BACKGROUND, np.uint8)
    if weights:
        colours = principal_colours(plot(weights, (box[0], box[1], box[2], box[3]), size))
    if lines or walks:
        colours = _with_lines(colours, box, lines, walks, DIMMED if weights else 1.0)
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def _with_lines(
    colours: Pixels,
    box: tuple[float, ...],
    lines: Sequence[NDArray[Any]],
    walks: Sequence[NDArray[Any]],
    light: float,
) -> Pixels:
    from PIL import Image, ImageDraw

    from ...nodes.terrain.picture import LINES, WALK

    rows, columns = colours.shape[:2]
    ground = Image.fromarray((colours * light).astype(np.uint8)).resize((columns * FINE, rows * FINE))
    draw = ImageDraw.Draw(ground)
    for points in walks:
        _stroke(draw, _places(points, box, (columns, rows)), WALK, FINE * 0.7)
    for number, points in enumerate(lines):
        _stroke(draw, _places(points, box, (columns, rows)), LINES[number % len(LINES)], FINE * 1.6)
    return np.asarray(ground.resize((columns, rows), Image.Resampling.LANCZOS), np.uint8)


def _places(points: NDArray[Any], box: tuple[float, ...], size: tuple[int, int]) -> list[tuple[float, float]]:
    left, top, right, bottom = box
    if points.ndim != 2 or points.shape[1] != 2:
        return []
    shares = (points.astype(np.float64) - (left, top)) / (right - left, bottom - top)
    shares = np.clip(np.nan_to_num(shares, posinf=0.0, neginf=0.0), -1.0, 2.0)
    return [(float(x) * size[0] * FINE, float(y) * size[1] * FINE) for x, y in shares]


def _stroke(draw: Any, places: list[tuple[float, float]], colour: tuple[int, int, int], width: float) -> None:
    """A line with a dot where it begins; a line of one point is a larger dot."""
    if len(places) > 1:
        draw.line(places, fill=colour, width=max(1, round(width)), joint="curve")
    radius = width * (1.0 if len(places) > 1 else 1.8)
    for x, y in places[:1]:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
