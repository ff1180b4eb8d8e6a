"""Colours for the terrain: heights become grey, fire, leaf or earth; many channels at once become one picture.

All maps take float arrays as ``plot`` gives them and return 8-bit RGB ``[rows, columns, 3]``. Brighter is larger.
The colour tables rise evenly in lightness, so that equal steps of a latent look equal; values that are not numbers
are black.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...nodes.terrain.colours import DEFAULT_RANGE, TerrainColours
from ...nodes.terrain.network import FloatArray, TerrainError

Pixels = NDArray[np.uint8]
Rgba = tuple[float, float, float, float]

# Each map's colours from smallest to largest value, evenly spaced.
ANCHORS = {
    "grey": ("000000", "ffffff"),
    "ember": ("04030f", "1d1147", "51127c", "8c2981", "c83e73", "f1605d", "fe9f6d", "fed395", "fcfdc8"),
    "lagoon": ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"),
    "terrain": ("06122b", "0d3b66", "14708a", "2a9d8f", "6fb56b", "b9bf6a", "dcb57e", "ecd6b8", "ffffff"),
    "night": ("05060f", "121a3c", "24356b", "3f5a96", "6684b4", "98abc9", "cbcfdc", "f6efe6"),
}


def map_names() -> tuple[str, ...]:
    """The colour maps that ``coloured`` knows."""
    return tuple(ANCHORS)


def scaled(values: NDArray[np.floating], low: float, high: float) -> FloatArray:
    """Values clamped to low … high and spread over 0 … 1; all 0 when there is no range. Source: spec §11.9."""
    if not (np.isfinite(low) and np.isfinite(high)):
        raise TerrainError(f"the colour range is {low} to {high}; give two numbers")
    if low == high:
        return np.zeros(np.shape(values), np.float32)
    clamped = np.clip(np.asarray(values, np.float64), min(low, high), max(low, high))
    shares = (clamped - low) / (high - low)
    return np.nan_to_num(shares, nan=0.0).astype(np.float32)


def coloured(
    values: NDArray[np.floating], low: float = DEFAULT_RANGE[0], high: float = DEFAULT_RANGE[1], name: str = "grey"
) -> Pixels:
    """One channel ``[rows, columns]`` in a colour map; ``grey`` is the reference's picture.

    low, high: the values of the first and last colour. Raises TerrainError for an unknown map.
    """
    steps = np.rint(scaled(values, low, high) * 255).astype(np.intp)
    pixels: Pixels = _table(name)[steps]
    return pixels


def four_channels(
    values: NDArray[np.floating],
    low: float = DEFAULT_RANGE[0],
    high: float = DEFAULT_RANGE[1],
    high_colour: Rgba = (1.0, 1.0, 1.0, 1.0),
    low_colour: Rgba = (0.9, 0.75, 0.6, 0.0),
) -> Pixels:
    """Four channels ``[4, rows, columns]`` in one picture, as the reference: brightness, red, green, blue.

    Each is clamped to low … high and spread between the two colours' parts (brightness between their alphas); the
    pixel is red, green and blue times brightness. Source: spec §11.9.
    """
    if values.ndim != 3 or len(values) != 4:
        raise TerrainError(f"a four-channel picture needs [4, rows, columns], not {values.shape}")
    shares = scaled(values, low, high)
    order = (3, 0, 1, 2)
    parts = [low_colour[c] + (high_colour[c] - low_colour[c]) * shares[i] for i, c in enumerate(order)]
    pixels = np.stack([part * parts[0] for part in parts[1:]], axis=-1)
    return _eight_bit(np.clip(pixels, 0, 1) * 255)


def alike(values: NDArray[np.floating], colours: TerrainColours) -> Pixels:
    """All channels ``[channels, rows, columns]`` as one picture, in which places that sound alike look alike.

    Each of the terrain's axes is coloured over its own range; directions that do not exist are mid-grey.
    """
    picture = np.full((*values.shape[1:], 3), 0.5, np.float32)
    along = np.einsum("ac,crd->ard", colours.axes, np.nan_to_num(values, posinf=0.0, neginf=0.0))
    for place, share, (low, high) in zip((1, 0, 2), along, colours.spans, strict=False):
        picture[..., place] = 0.06 + 0.88 * scaled(share, low, high)
    return _eight_bit(picture * 255)


@cache
def _table(name: str) -> Pixels:
    if name not in ANCHORS:
        raise TerrainError(f"colour map {name!r} is not known; choose one of {', '.join(ANCHORS)}")
    anchors = np.array([list(bytes.fromhex(colour)) for colour in ANCHORS[name]], np.float64)
    places = np.linspace(0, 1, len(anchors))
    steps = np.linspace(0, 1, 256)
    table = np.stack([np.interp(steps, places, part) for part in anchors.T], axis=1)
    return _eight_bit(table)


def _eight_bit(levels: NDArray[np.floating]) -> Pixels:
    pixels: Pixels = np.rint(levels).astype(np.uint8)
    return pixels
