"""The map of a land as a picture file: framed and with its lines, or plain for other programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .land import Land
from .output import FILE, INTERRUPTED, USAGE, Failure, finish, progress, say, stoppable

if TYPE_CHECKING:
    from PIL import Image

    from ...engine import FloatArray
    from ...nodes.terrain.colour import Pixels
    from ...nodes.terrain.plot import Edges

PLAIN_WIDTH, FRAMED_WIDTH = 600, 1208
LARGEST_SIDE = 16_384
ALIKE = "alike"
"""The colouring that shows all latents at once."""


def draw(
    land: Land,
    output: Path,
    box: "Edges | None",
    size: tuple[int, int] | None,
    channel: int,
    clamp: tuple[float, float] | None,
    colour: str | None,
    *,
    plain: bool,
    as_json: bool,
) -> int:
    """Draw a land into a PNG file and give the exit code. Raises Failure."""
    from ...nodes.terrain.colour import DEFAULT_RANGE, auto_range, coloured, map_names, principal_colours
    from ...nodes.terrain.network import TerrainError, shape_of
    from ...nodes.terrain.picture import save_png

    edges = box or land.box
    plain = plain or (colour == "grey" and clamp is not None)
    colour = colour or ("grey" if plain else "terrain")
    if colour not in (*map_names(), ALIKE):
        raise Failure(f"--colour {colour}: this is not known; choose one of {', '.join((*map_names(), ALIKE))}", USAGE)
    shape = shape_of(land.weights)
    if channel >= shape.latent_dim:
        raise Failure(f"--channel {channel}: this land has latents 0 to {shape.latent_dim - 1}", USAGE)
    if shape.control_dim > 2:
        say(f"{land.name}: it has {shape.control_dim} axes; the map shows the first two, with the others at 0")
    columns, rows = size or _fitting_size(edges, PLAIN_WIDTH if plain else FRAMED_WIDTH)
    try:
        values = _values(land, edges, (columns, rows), None if colour == ALIKE else [channel])
        if values is None:
            return INTERRUPTED
        low, high = clamp or (DEFAULT_RANGE if plain else auto_range(values))
        pixels = principal_colours(values) if colour == ALIKE else coloured(values[0], low, high, colour)
        written = save_png(_picture(land, pixels, edges, channel, (low, high), colour, plain=plain), output)
    except TerrainError as error:
        raise Failure(str(error), FILE if "saved" in str(error) else USAGE) from None
    document = {
        "file": str(written),
        "land": land.name,
        "box": list(edges),
        "size": [columns, rows],
        "channel": None if colour == ALIKE else channel,
        "colour": colour,
        "clamp": None if colour == ALIKE else [low, high],
        "lines": [name for name, _ in land.lines] if not plain else [],
    }
    say(f"{written}: {columns} x {rows} points of {land.name}")
    if as_json:
        finish(document, "", as_json)
    return 0


def _values(land: Land, edges: "Edges", size: tuple[int, int], channels: Sequence[int] | None) -> "FloatArray | None":
    """The latents on the grid, ``[channels, rows, columns]``; None when somebody stopped."""
    import numpy as np

    from ...nodes.terrain.plot import plot_tiles

    tiles: list[FloatArray] = []
    with stoppable() as stop, progress(f"drawing {land.name}") as advance:
        for tile in plot_tiles(land.weights, edges, size, channels=channels):
            tiles.append(tile.values)
            advance(tile.done, "")
            if stop.asked:
                return None
    return np.concatenate(tiles, axis=1)


def _picture(
    land: Land,
    pixels: "Pixels",
    edges: "Edges",
    channel: int,
    limits: tuple[float, float],
    colour: str,
    *,
    plain: bool,
) -> "Image.Image":
    from PIL import Image

    from ...nodes.terrain.picture import MARGIN, Line, Scale, compose

    if plain:
        return Image.fromarray(pixels, "RGB")
    lines = [Line(name, points) for name, points in land.lines if points.shape[1] == 2]
    scale = None if colour == ALIKE else Scale(colour, *limits, label=f"channel {channel}")
    width = min(max(pixels.shape[1] + 2 * MARGIN, 640), 8192)
    note = "" if scale else "places of one colour sound alike"
    return compose(pixels, edges, lines, width=width, title=land.name, note=note, scale=scale)


def _fitting_size(edges: "Edges", width: int) -> tuple[int, int]:
    """As many points across as asked, and as many down as keep squares square."""
    left, top, right, bottom = edges
    share = abs(bottom - top) / max(abs(right - left), 1e-9)
    return width, int(min(max(width * share, 1), 2 * width, LARGEST_SIDE))
