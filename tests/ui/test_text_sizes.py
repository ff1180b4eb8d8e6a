"""No text is smaller than 11 pixels at 100 %: in panels, on cards, on the map."""

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import load_file
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.gui.drawing import Drawing
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.ui.editor.panels import knobs
from latent_terrain.ui.editor.window.themes import SIZES
from latent_terrain.ui.map.hand import MapHand
from latent_terrain.ui.map.scene import MapScene, Trails
from latent_terrain.ui.patcher.layout import lay_out
from latent_terrain.ui.patcher.overlay import PatchOverlay
from latent_terrain.ui.patcher.scene import Scene, SceneState
from latent_terrain.ui.surface.look import DARK
from latent_terrain.ui.surface.shapes import Label, Picture

from .map.sheets import map_node, sheet_of

SMALLEST = 11.0
PALETTE = load_palette()


def sizes(picture: Picture) -> dict[str, float]:
    return {shape.text: shape.size for piece in picture.values() for shape in piece.shapes if isinstance(shape, Label)}


def test_no_face_of_the_panels_is_smaller() -> None:
    assert min(*SIZES.values(), knobs.LETTERS) >= SMALLEST


@pytest.mark.parametrize("starter", STARTERS)
def test_no_text_of_a_card_is_smaller(starter: str) -> None:
    patch = load_file(STARTERS[starter].file)
    every = dict.fromkeys(patch.nodes, ("something is wrong here", True))
    state = SceneState(
        lay_out(patch, PALETTE),
        DARK,
        problems=every,
        loads=dict.fromkeys(patch.nodes, 120.0),
        trainings=dict.fromkeys(patch.nodes, 0.5),
        overlay=PatchOverlay(hint="drop it here"),
        shows_loads=True,
    )
    found = sizes(Scene().picture(state))
    assert "drop it here" in found
    assert {text: size for text, size in found.items() if size < SMALLEST} == {}


def test_no_text_of_the_map_is_smaller() -> None:
    hand = MapHand(sheet_of(map_node()))
    lines = {number: Polyline(np.array([[-12.0, number], [-9, -2]])) for number in range(3)}
    hand.sheet.put(Drawing(lines, play={0: lines[1]}, pads={1: (0.0, 0.0)}), "drawn")
    found = sizes(MapScene().picture(hand, DARK, Trails(), None))
    assert {"1", "0001"} <= found.keys()
    assert {text: size for text, size in found.items() if size < SMALLEST} == {}
