"""Pictures to keep hold what is drawn, in programs that only look and in those that edit."""

import io
import xml.etree.ElementTree as Tree

import numpy as np
from PIL import Image

from latent_terrain.nodes.gui.curves import smooth_curve
from latent_terrain.nodes.gui.drawing import Drawing
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import MapBox
from latent_terrain.nodes.terrain.colours import measured_colours
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.terrain_image.export import drawn_png, drawn_svg, terrain_png
from latent_terrain.ui.terrain_image.facets import Facet

WEIGHTS = initial_weights(TerrainShape(2, 8, width=16, features=32), 3)
BOX, SIDE = MapBox(-16, -8, 16, 8), 320
COLOURS = measured_colours(WEIGHTS, (-16, -8, 16, 8))
DRAWING = Drawing(
    {0: Polyline(np.array([[-16.0, 0], [16, 0]])), 3: smooth_curve([[-8, -2], [0, 2], [8, -2]])},
    {},
    {0: Polyline(np.array([[0.0, -8], [0, 8]]))},
    {2: (12.0, 3.0)},
)
SVG = "{http://www.w3.org/2000/svg}"


def picture(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_f103_b42_the_land_and_the_land_with_its_lines_are_two_pictures() -> None:
    alone = picture(terrain_png(WEIGHTS, COLOURS, BOX, Facet(), SIDE))
    drawn = picture(drawn_png(WEIGHTS, COLOURS, DRAWING, BOX, Facet(), ("a",), SIDE))
    assert alone.shape == drawn.shape == (160, 320, 3)
    changed = (alone != drawn).any(axis=2)
    assert changed[80, 200], "the first line"
    assert changed[20, 160], "what is played"
    assert not changed[150, 10], "empty ground"
    assert picture(drawn_png({}, None, DRAWING, BOX, Facet(), (), SIDE)).any()


def test_f85_f103_an_svg_has_lines_by_name_curves_as_curves_and_the_land() -> None:
    text = drawn_svg(WEIGHTS, COLOURS, DRAWING, BOX, Facet(), ("<first> & co",), SIDE)
    tree = Tree.fromstring(text)
    learn = next(one for one in tree if one.get("id") == "learn")
    titles = [path.find(f"{SVG}title").text for path in learn]  # type: ignore[union-attr]
    assert titles == ["<first> & co", "line 4"]
    assert learn[0].get("d") == "M 0.000 80.000 L 320.000 80.000"
    assert " C " in str(learn[1].get("d"))
    assert tree.find(f"{SVG}image") is not None
    assert "data:image" not in drawn_svg({}, None, DRAWING, BOX, Facet(), (), SIDE)
