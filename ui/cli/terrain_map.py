"""The map of a terrain as a picture file: framed and with its lines, or plain for other programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .output import FILE, INTERRUPTED, USAGE, Failure, finish, progress, say, stoppable
from .saved_terrain import SavedTerrain

if TYPE_CHECKING:
    from PIL import Image

    from ...engine import FloatArray
    from ...nodes.terrain.plot import Cut, Edges
    from ..terrain_image.colour import Pixels

PLAIN_WIDTH, FRAMED_WIDTH = 600, 1208
LARGEST_SIDE = 16_384
LARGEST_PLACE = 1e6
# The colouring that shows all latents at once.
ALIKE = "alike"


def draw(
    terrain: SavedTerrain,
    output: Path,
    box: "Edges | None",
    size: tuple[int, int] | None,
    channel: int,
    clamp: tuple[float, float] | None,
    colour: str | None,
    *,
    plain: bool,
    as_json: bool,
    axes: tuple[int, int] = (1, 2),
    cuts: Sequence[str] = (),
) -> int:
    """Draw a terrain into a PNG file and give the exit code. axes, cuts: as typed, axes from 1. Raises Failure."""
    from ...nodes.terrain.colours import DEFAULT_RANGE, measured_colours
    from ...nodes.terrain.network import TerrainError, shape_of
    from ...nodes.terrain.save import SaveError
    from ..terrain_image.colour import alike, coloured, map_names
    from ..terrain_image.framed import save_png

    edges = box or terrain.box
    plain = plain or (colour == "grey" and clamp is not None)
    colour = colour or ("grey" if plain else "terrain")
    if colour not in (*map_names(), ALIKE):
        raise Failure(f"--colour {colour}: unknown; choose one of {', '.join((*map_names(), ALIKE))}", USAGE)
    shape = shape_of(terrain.weights)
    if channel >= shape.latent_dim:
        raise Failure(f"--channel {channel}: this terrain has latents 0 to {shape.latent_dim - 1}", USAGE)
    cut = _cut(axes, cuts, shape.control_dim)
    if shape.control_dim > 2 and not cuts:
        say(f"{terrain.name}: it has {shape.control_dim} axes; shown are {axes[0]} and {axes[1]}, with the others at 0")
    columns, rows = size or _fitting_size(edges, PLAIN_WIDTH if plain else FRAMED_WIDTH)
    try:
        values = _values(terrain, edges, (columns, rows), None if colour == ALIKE else [channel], cut)
        if values is None:
            return INTERRUPTED
        colours = terrain.colours or measured_colours(terrain.weights, terrain.box)
        low, high = clamp or (DEFAULT_RANGE if plain else map(float, colours.ranges[channel]))
        pixels = alike(values, colours) if colour == ALIKE else coloured(values[0], low, high, colour)
        written = save_png(_picture(terrain, pixels, edges, channel, (low, high), colour, plain=plain), output)
    except SaveError as error:
        raise Failure(str(error), FILE) from None
    except TerrainError as error:
        raise Failure(str(error), USAGE) from None
    document = {
        "file": str(written),
        "terrain": terrain.name,
        "land": terrain.name,  # its name before 0.2, for a release
        "box": list(edges),
        "size": [columns, rows],
        "channel": None if colour == ALIKE else channel,
        "colour": colour,
        "axes": list(axes),
        "cut": list(cut.values),
        "clamp": None if colour == ALIKE else [low, high],
        "lines": [name for name, _ in terrain.lines] if not plain else [],
    }
    say(f"{written}: {columns} x {rows} points of {terrain.name}")
    if as_json:
        finish(document, "", as_json)
    return 0


def _cut(axes: tuple[int, int], cuts: Sequence[str], control_dim: int) -> "Cut":
    """Which axes are seen, and where the others are cut. Raises Failure."""
    from ...nodes.terrain.plot import Cut

    if control_dim < 2:
        return Cut()
    if not all(1 <= one <= control_dim for one in axes) or axes[0] == axes[1]:
        raise Failure(f"--axes {axes[0]} {axes[1]}: give two of this terrain's axes, 1 to {control_dim}", USAGE)
    values = [0.0] * control_dim
    for words in cuts:
        axis, _, value = words.partition("=")
        try:
            number, place = int(axis), float(value)
        except ValueError:
            raise Failure(f"--cut {words}: write AXIS=VALUE, such as 3=0.5", USAGE) from None
        if not 1 <= number <= control_dim or number in axes or not abs(place) <= LARGEST_PLACE:
            raise Failure(f"--cut {words}: give an axis of this terrain that is not shown, 1 to {control_dim}", USAGE)
        values[number - 1] = place
    return Cut((axes[0] - 1, axes[1] - 1), tuple(values))


def _values(
    terrain: SavedTerrain, edges: "Edges", size: tuple[int, int], channels: Sequence[int] | None, cut: "Cut"
) -> "FloatArray | None":
    """The latents on the grid, ``[channels, rows, columns]``; None when somebody stopped."""
    import numpy as np

    from ...nodes.terrain.plot import plot_tiles

    tiles: list[FloatArray] = []
    with stoppable() as stop, progress(f"drawing {terrain.name}") as advance:
        for tile in plot_tiles(terrain.weights, edges, size, cut=cut, channels=channels):
            tiles.append(tile.values)
            advance(tile.done, "")
            if stop.asked:
                return None
    return np.concatenate(tiles, axis=1)


def _picture(
    terrain: SavedTerrain,
    pixels: "Pixels",
    edges: "Edges",
    channel: int,
    limits: tuple[float, float],
    colour: str,
    *,
    plain: bool,
) -> "Image.Image":
    from PIL import Image

    from ..terrain_image.framed import MARGIN, ColourScale, MapLine, compose

    if plain:
        return Image.fromarray(pixels, "RGB")
    lines = [
        MapLine(name, points if points.shape[1] == 2 else points[:0, :1].repeat(2, 1)) for name, points in terrain.lines
    ]
    scale = None if colour == ALIKE else ColourScale(colour, *limits, label=f"channel {channel}")
    width = min(max(pixels.shape[1] + 2 * MARGIN, 640), 8192)
    note = "" if scale else "similar colours sound similar"
    return compose(pixels, edges, lines, width=width, title=terrain.name, note=note, scale=scale)


def _fitting_size(edges: "Edges", width: int) -> tuple[int, int]:
    """As many points across as asked, and as many down as keep squares square."""
    left, top, right, bottom = edges
    share = abs(bottom - top) / max(abs(right - left), 1e-9)
    return width, int(min(max(width * share, 1), 2 * width, LARGEST_SIDE))
