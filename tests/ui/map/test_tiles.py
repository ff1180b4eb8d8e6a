"""The land's picture in tiles: all of it is there, seams are not, and no frame has much to do."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.ui.map.tiles import WHOLE, Tiles, cuts

VIEW = (-4.0, -2.0, 4.0, 2.0)


class Graphics:
    def __init__(self) -> None:
        self.textures: dict[str, np.ndarray] = {}
        self.tiles = Tiles(self.textures.__setitem__, self.textures.__delitem__)

    def frame(self, pixels: np.ndarray | None, view: tuple[float, float, float, float] = VIEW) -> tuple[Any, int]:
        before = len(self.textures)
        shown: Any = self.tiles.take(pixels, view)
        came = len(self.textures) - before
        self.tiles.tidy()
        return shown, came

    def seen(self, shown: Any, rows: int, columns: int) -> np.ndarray:
        """What the tiles show together."""
        tiles, _ = shown
        out = np.full((rows, columns, 4), np.nan)
        for tile in tiles:
            texture = self.textures[tile.name]
            high, wide = texture.shape[:2]
            left, top, right, bottom = tile.part
            x0, y0, x1, y1 = tile.inside
            inner = texture[round(y0 * high) : round(y1 * high), round(x0 * wide) : round(x1 * wide)]
            out[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)] = inner
        return out


def picture(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns, 4), dtype=np.uint8)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(8, 128))
def test_cuts_cover_every_pixel_once(rows: int, columns: int, most: int) -> None:
    count = np.zeros((rows, columns), int)
    for cut in cuts(rows, columns, most):
        left, top, right, bottom = cut.part
        count[round(top * rows) : round(bottom * rows), round(left * columns) : round(right * columns)] += 1
        assert cut.rows.stop - cut.rows.start <= most + 2
    assert (count == 1).all()


@pytest.mark.parametrize(("rows", "columns"), [(512, 1024), (300, 257), (10, 10)])
def test_the_first_picture_is_there_at_once_and_whole(rows: int, columns: int) -> None:
    graphics, pixels = Graphics(), picture(rows, columns)
    shown, _ = graphics.frame(pixels)
    assert shown[1] == VIEW
    np.testing.assert_allclose(graphics.seen(shown, rows, columns), pixels / 255.0, atol=1e-6)


def test_the_next_comes_a_tile_a_frame_and_the_one_before_stays_until_it_is_whole() -> None:
    graphics, first, second = Graphics(), picture(512, 1024, 1), picture(512, 1024, 2)
    before, _ = graphics.frame(first)
    other = (-1.0, -1.0, 1.0, 1.0)
    shown: Any = None
    for number in range(8):
        shown, came = graphics.frame(second, other)
        assert came == 1
        assert graphics.tiles.is_busy == (number < 7)
        if number < 7:
            assert shown == before
    assert shown[1] == other
    np.testing.assert_allclose(graphics.seen(shown, 512, 1024), second / 255.0, atol=1e-6)
    assert len(graphics.textures) == 8, "those of the one before are forgotten"
    assert graphics.frame(second, WHOLE)[0] == (shown[0], WHOLE), "the same picture elsewhere costs nothing"


def test_pictures_that_come_in_every_frame_are_seen_now_and_then() -> None:
    graphics = Graphics()
    graphics.frame(picture(512, 1024))
    seen = set()
    for number in range(40):
        shown, came = graphics.frame(picture(512, 1024, number))
        assert came <= 1
        seen.add(shown[0])
        assert len(graphics.textures) <= 16
    assert len(seen) >= 4


def test_without_a_land_nothing_is_kept() -> None:
    graphics = Graphics()
    graphics.frame(picture(512, 1024))
    graphics.frame(picture(512, 1024, 1))
    assert graphics.frame(None)[0] is None
    assert graphics.textures == {}
    assert not graphics.tiles.is_busy
