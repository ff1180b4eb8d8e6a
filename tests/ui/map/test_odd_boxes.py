"""A canvas whose box a file has made anything of is shown as a new one."""

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.nodes.gui.units import MapBox
from latent_terrain.ui.editor.panels.thumbnails import as_walked
from latent_terrain.ui.terrain_image.thumbnails import _wanted

from .sheets import map_node, sheet_of

PALETTE = load_palette()


ODD = (5, "1234", [], ["a", 0, 1, 1], [None] * 4, [0, 0, 0, 1], [0, 0, 1e308, 1], [1, 2, 3])


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_box_is_that_of_a_new_canvas(odd: object) -> None:
    patch = map_node(box=odd, mode="orbit")
    assert sheet_of(patch).box == MapBox()
    walked, usual = as_walked(patch, PALETTE, "map"), as_walked(map_node(mode="orbit"), PALETTE, "map")
    np.testing.assert_array_equal(walked["play/0000"], usual["play/0000"])
    wanted = _wanted("map", patch, PALETTE)
    assert wanted is not None
    assert MapBox(*wanted.box) == MapBox()
