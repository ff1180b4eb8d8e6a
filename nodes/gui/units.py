"""The measures of the map: how far a line travels per latent frame, how long that lasts, and where it is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...engine.typed import is_number

Floats = NDArray[np.float64]

# Smallest and largest distance per latent frame that is taken, in value units.
DENSITY_RANGE = (0.0001, 1000.0)

# Relative slack within which two lengths or times count as equal.
SAME = 1e-9


class MapError(ValueError):
    """A drawing, a measure or an exchange file cannot be used; the text says where, why and what to do."""


@dataclass(frozen=True)
class Density:
    """How distance, time and latent frames relate.

    ratio: samples per latent frame. sample_rate: Hz. density: value units travelled per latent frame,
    so a larger number means fewer latents on the same line. Raises MapError. Source: spec §1.
    """

    ratio: float
    sample_rate: float
    density: float = 0.4

    def __post_init__(self) -> None:
        _check_positive("ratio", self.ratio, "samples per latent frame, such as 2048")
        _check_positive("sample rate", self.sample_rate, "Hz, such as 44100")
        _check_positive("density", self.density, "value units per latent frame, such as 0.4")
        low, high = DENSITY_RANGE
        if not low <= self.density <= high:
            raise MapError(f"map: density {self.density:g} is outside {low:g} to {high:g}; 0.4 is usual")

    @property
    def ms_per_latent(self) -> float:
        """How long one latent frame lasts, in ms."""
        return self.ratio * 1000.0 / self.sample_rate

    @property
    def ms_per_unit(self) -> float:
        """How long one value unit of line lasts at original speed, in ms."""
        return self.ms_per_latent / self.density

    def ms_to_latents(self, ms: float) -> int:
        """Latent frames that cover a sound of this many ms: the next whole number up.

        A frame that would hold less than a billionth of the whole is rounding and is not counted, so that
        ``ms_to_latents(latents_to_ms(n)) == n``. Raises MapError for negative or non-finite times.
        """
        if not math.isfinite(ms) or ms < 0:
            raise MapError(f"map: a length of {ms} ms is not possible; give 0 or more")
        frames = ms / self.ms_per_latent
        return max(math.ceil(frames * (1.0 - SAME)), 0)

    def latents_to_ms(self, latents: int) -> float:
        """How long so many latent frames last, in ms."""
        return latents * self.ms_per_latent

    def distance_to_ms(self, distance: float) -> float:
        """How long a line of this length (value units) lasts at original speed, in ms."""
        return distance * self.ms_per_unit

    def ms_to_distance(self, ms: Floats) -> Floats:
        """How far along a line one is after so many ms, in value units; any shape."""
        return ms / self.ms_per_unit


# Left, top, right and bottom of a map that nobody has set: the reference's (spec §11.2).
DEFAULT_BOX = (-16.0, -4.0, 16.0, 4.0)


@dataclass(frozen=True)
class MapBox:
    """The value units at the map edges; left may exceed right and top may exceed bottom.

    Pixel (0, 0) is the top left corner and y grows downward, so the default box shows y = -4 on top.
    Points are ``[..., 2]`` arrays of x, y. Raises MapError for an edge that is not finite, or for two
    opposite edges that coincide. Source: spec §11.2, §11.4.
    """

    left: float = DEFAULT_BOX[0]
    top: float = DEFAULT_BOX[1]
    right: float = DEFAULT_BOX[2]
    bottom: float = DEFAULT_BOX[3]

    def __post_init__(self) -> None:
        for name in ("left", "top", "right", "bottom"):
            value = getattr(self, name)
            if not math.isfinite(value) or abs(value) > 1e9:
                raise MapError(f"map: the {name} edge is {value}; give a number within a billion")
        for name, low, high in (("left and right", *self.across), ("top and bottom", *self.down)):
            if not high - low > 1e-9 * max(1.0, abs(low), abs(high)):
                raise MapError(f"map: the {name} edges coincide at {low:g}; move them apart")

    @property
    def across(self) -> tuple[float, float]:
        """Smallest and largest x, whichever edge holds it."""
        return min(self.left, self.right), max(self.left, self.right)

    @property
    def down(self) -> tuple[float, float]:
        """Smallest and largest y, whichever edge holds it."""
        return min(self.top, self.bottom), max(self.top, self.bottom)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in value units, both positive."""
        return abs(self.right - self.left), abs(self.bottom - self.top)

    @property
    def centre(self) -> tuple[float, float]:
        """The point in the middle, in value units."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def corners(self) -> tuple[Floats, Floats]:
        """The corner ``[2]`` with the smallest x and y, and the one with the largest."""
        (x_low, x_high), (y_low, y_high) = self.across, self.down
        return np.array((x_low, y_low)), np.array((x_high, y_high))

    def to_pixels(self, values: ArrayLike, width: float, height: float) -> Floats:
        """Value units ``[..., 2]`` to pixels on a map of this size; points outside stay outside."""
        corner, span = self._frame()
        return (np.asarray(values, np.float64) - corner) / span * _pixel_map(width, height)

    def to_values(self, pixels: ArrayLike, width: float, height: float) -> Floats:
        """Pixels ``[..., 2]`` on a map of this size to value units; the exact inverse of ``to_pixels``."""
        corner, span = self._frame()
        return corner + np.asarray(pixels, np.float64) / _pixel_map(width, height) * span

    def contains(self, values: ArrayLike) -> NDArray[np.bool_]:
        """Which of the points ``[..., 2]`` lie inside or on an edge, in any orientation."""
        points = np.asarray(values, np.float64)
        low, high = self.corners
        inside: NDArray[np.bool_] = np.all((points >= low) & (points <= high), axis=-1)
        return inside

    def clamp(self, values: ArrayLike) -> Floats:
        """The points ``[..., 2]`` moved onto the nearest place inside."""
        low, high = self.corners
        return np.clip(np.asarray(values, np.float64), low, high)

    def _frame(self) -> tuple[Floats, Floats]:
        corner = np.array((self.left, self.top))
        return corner, np.array((self.right, self.bottom)) - corner


def box_of(value: object) -> MapBox:
    """The map that a node's setting names; that of a new node where it names none that can be drawn on."""
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(map(is_number, value)):
        return MapBox()
    try:
        return MapBox(*map(float, value))
    except MapError:
        return MapBox()


def _pixel_map(width: float, height: float) -> Floats:
    for name, pixels in (("width", width), ("height", height)):
        if not math.isfinite(pixels) or pixels <= 0:
            raise MapError(f"map: a {name} of {pixels} pixels shows nothing; make the map larger")
    return np.array((width, height), np.float64)


def _check_positive(name: str, value: float, meaning: str) -> None:
    if not math.isfinite(value) or value <= 0:
        raise MapError(f"map: the {name} is {value}; give a number above 0 ({meaning})")
