"""The terrain's picture in tiles, of which a few are handed to the graphics in each frame, so that none takes long.

The picture before stays until all tiles of the next are there; while it changes fast, one is finished before the newest
is begun.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

TILE = 256
TILES_A_FRAME = 1
Corners: TypeAlias = tuple[float, float, float, float]
Pixels: TypeAlias = NDArray[Any]
WHOLE: Corners = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class TextureTile:
    """One texture. part: left, top, right, bottom of what it shows, of the whole 0 … 1; inside: the same, of itself.

    A texture has a pixel more on each side where there is one, so that no seam is seen.
    """

    name: str
    part: Corners = WHOLE
    inside: Corners = WHOLE


@dataclass(frozen=True)
class _Cut:
    rows: slice
    columns: slice
    part: Corners
    inside: Corners


def cuts(rows: int, columns: int, most: int = TILE) -> Iterator[_Cut]:
    """How a picture is cut into tiles of at most so many pixels a side, without their margins."""
    for top in range(0, rows, most):
        for left in range(0, columns, most):
            bottom, right = min(top + most, rows), min(left + most, columns)
            y0, y1 = max(top - 1, 0), min(bottom + 1, rows)
            x0, x1 = max(left - 1, 0), min(right + 1, columns)
            yield _Cut(
                slice(y0, y1),
                slice(x0, x1),
                (left / columns, top / rows, right / columns, bottom / rows),
                ((left - x0) / (x1 - x0), (top - y0) / (y1 - y0), (right - x0) / (x1 - x0), (bottom - y0) / (y1 - y0)),
            )


class Tiles:
    """upload: hands pixels as float32 ``[rows, columns, 4]`` 0 … 1 to the graphics under a name; drop: forgets them."""

    def __init__(self, upload: Callable[[str, Pixels], None], drop: Callable[[str], None]) -> None:
        self._upload, self._drop = upload, drop
        self._count = 0
        self._shown: tuple[TextureTile, ...] = ()
        self._shown_pixels: Pixels | None = None
        self._shown_view: Corners = WHOLE
        self._coming: list[TextureTile] = []
        self._coming_pixels: Pixels | None = None
        self._coming_view: Corners = WHOLE
        self._left: list[_Cut] = []
        self._doomed: list[str] = []

    @property
    def is_busy(self) -> bool:
        """Whether tiles are still to be handed over."""
        return bool(self._left)

    def take(self, pixels: Pixels | None, view: Corners) -> tuple[tuple[TextureTile, ...], Corners] | None:
        """Once per frame: the picture that there is now, None for none. Gives the tiles to draw, and where."""
        if pixels is None:
            self._doom(self._shown, self._coming)
            self._shown, self._shown_pixels, self._coming, self._coming_pixels, self._left = (), None, [], None, []
            return None
        if pixels is self._shown_pixels:
            self._shown_view = view
        elif not self._left and pixels is not self._coming_pixels:
            self._coming_pixels, self._coming_view = pixels, view
            self._left = list(cuts(*pixels.shape[:2]))
        elif pixels is self._coming_pixels:
            self._coming_view = view
        self._go_on(1 if self._shown else len(self._left))
        return (self._shown, self._shown_view) if self._shown else None

    def tidy(self) -> None:
        """Forget textures that nothing draws any more; after the frame's picture was made."""
        while self._doomed:
            self._drop(self._doomed.pop())

    def _go_on(self, count: int) -> None:
        """Hand over so many tiles, all of the first picture at once; the last one brings the new picture."""
        if self._coming_pixels is None:
            return
        for cut in self._left[: max(count, TILES_A_FRAME)]:
            self._count += 1
            name = f"terrain {self._count}"
            part = np.ascontiguousarray(self._coming_pixels[cut.rows, cut.columns], np.float32)
            np.multiply(part, np.float32(1.0 / 255.0), out=part)
            self._upload(name, part)
            self._coming.append(TextureTile(name, cut.part, cut.inside))
        del self._left[: max(count, TILES_A_FRAME)]
        if not self._left:
            self._doom(self._shown)
            self._shown, self._shown_pixels, self._shown_view = (
                tuple(self._coming),
                self._coming_pixels,
                self._coming_view,
            )
            self._coming, self._coming_pixels = [], None

    def _doom(self, *tiles: tuple[TextureTile, ...] | list[TextureTile]) -> None:
        self._doomed += [one.name for some in tiles for one in some]
