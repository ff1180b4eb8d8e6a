"""Pictures show the land, the lines and the walk where they are, whatever they are given."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from latent_terrain.nodes.terrain.network import TerrainError
from latent_terrain.ui.terrain_image.framed import MARGIN, ColourScale, MapLine, compose, save_png
from latent_terrain.ui.terrain_image.lines import BACKGROUND, LINES

BOX = (-16.0, -4.0, 16.0, 4.0)
DARK = np.zeros((25, 100, 3), np.uint8)


def pixel(image: Image.Image, x: float, y: float) -> np.ndarray:
    """The picture's colour at a place of the canvas: no title, so the canvas starts at the margin."""
    inner = image.width - 2 * MARGIN
    column = MARGIN + inner * (x - BOX[0]) / (BOX[2] - BOX[0])
    row = MARGIN + inner / 4 * (y - BOX[1]) / (BOX[3] - BOX[1])
    return np.array(image.getpixel((round(column), round(row))), int)


def test_the_map_is_shown_in_its_own_colours_when_nothing_lies_on_it():
    halves = DARK.copy()
    halves[:, 50:] = (200, 100, 50)
    image = compose(halves, BOX, width=400)
    assert pixel(image, -8, 0).tolist() == [0, 0, 0]
    assert pixel(image, 8, 0).tolist() == [200, 100, 50]
    assert image.getpixel((2, 2)) == BACKGROUND


def test_lines_and_walk_lie_where_they_were_drawn():
    line = MapLine("one", np.array([[-8.0, -2.0], [8.0, -2.0]]))
    other = MapLine("", np.array([[-8.0, 2.0], [8.0, 2.0]]), np.array([[-8.0, 2.0], [0.0, 2.0], [8.0, 2.0]]))
    image = compose(DARK, BOX, [line, other], np.array([[-12.0, 0.0], [12.0, 0.0]]), width=600)
    np.testing.assert_allclose(pixel(image, 3, -2), LINES[0], atol=40)
    np.testing.assert_allclose(pixel(image, 4, 2), LINES[1], atol=40)
    assert pixel(image, 3, 0).min() > 180
    assert pixel(image, 3, 0.3).max() > 40, "the walk glows"
    assert pixel(image, 3, -3.4).max() < 20


def test_equal_pictures_are_equal_bytes_and_legends_make_room():
    lines = [MapLine(f"sound number {number}", np.array([[number, 0.0], [number, 2.0]])) for number in range(12)]
    bare, one, other = (
        compose(DARK, BOX, shown, width=500, title=title, scale=scale)
        for shown, title, scale in (
            ([], "", None),
            (lines, "a land", ColourScale("ember", -1, 4, "latent 1")),
            (lines, "a land", ColourScale("ember", -1, 4, "latent 1")),
        )
    )
    assert one.tobytes() == other.tobytes()
    assert one.height > bare.height + 60


@settings(max_examples=25)
@given(
    points=arrays(np.float64, st.tuples(st.integers(0, 4), st.just(2)), elements=st.floats(width=64)),
    walk=arrays(np.float32, st.tuples(st.integers(0, 4), st.just(2)), elements=st.floats(width=32)),
    name=st.text(max_size=30),
)
def test_no_line_walk_or_name_breaks_a_picture(points, walk, name):
    image = compose(DARK[:5, :20], BOX, [MapLine(name, points)], walk, width=240, title=name, note=name)
    assert image.width == 240


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"picture": np.zeros((3, 3), np.uint8)}, "rows, columns, 3"),
        ({"picture": np.zeros((0, 3, 3), np.uint8)}, "rows, columns, 3"),
        ({"width": 100}, "wide"),
        ({"box": (0, 0, 0, 1)}, "box"),
        ({"box": (0, 0, float("inf"), 1)}, "box"),
        ({"walk": np.zeros((4, 3))}, "points, 2"),
        ({"scale": ColourScale("jet", 0, 1)}, "jet"),
    ],
)
def test_impossible_pictures_are_refused_with_a_sentence(changed, said):
    with pytest.raises(TerrainError, match=said):
        compose(**({"picture": DARK, "box": BOX, "width": 240} | changed))


def test_a_picture_is_saved_as_png(tmp_path):
    image = compose(DARK, BOX, width=240)
    path = save_png(image, tmp_path / "land v1.2")
    assert path.name == "land v1.2.png"
    with Image.open(path) as loaded:
        assert loaded.format == "PNG"
        assert loaded.convert("RGB").tobytes() == image.tobytes()
    with pytest.raises(TerrainError, match="can't be saved"):
        save_png(image, tmp_path / "nowhere" / "land.png")
