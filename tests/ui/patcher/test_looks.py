"""What cards are about, cords behind cards, the ground, and a fit that can be read."""

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Cord, Patch, add_node, connect, move_node
from latent_terrain.ui.patcher.cards import live_parts
from latent_terrain.ui.patcher.categories import LABELS, category_of, title_colour
from latent_terrain.ui.patcher.covered import CoveredCords
from latent_terrain.ui.patcher.ground import ground
from latent_terrain.ui.patcher.layout import lay_out
from latent_terrain.ui.patcher.scene import OVER, Scene, SceneState
from latent_terrain.ui.surface.look import DARK, THEMES
from latent_terrain.ui.surface.shapes import Box, Curve, Rectangle
from latent_terrain.ui.surface.view import View

PALETTE = load_palette()


@pytest.mark.parametrize(
    ("type_", "category"),
    [
        ("gui", "terrain"),
        ("terrain", "terrain"),
        ("encode", "latents"),
        ("decoder", "latents"),
        ("audio_out", "outside"),
        ("midi_in", "outside"),
        ("metro", "events"),
        ("scope", "display"),
        ("gain", "sound"),
    ],
)
def test_a_node_is_about_what_it_declares(type_: str, category: str) -> None:
    assert category_of(PALETTE[type_]) == category


def test_every_category_has_nodes_a_name_and_a_colour_of_its_own() -> None:
    assert {category_of(spec) for spec in PALETTE.specs.values()} == set(LABELS)
    for look in THEMES.values():
        colours = {category_of(spec): title_colour(spec, look) for spec in PALETTE.specs.values()}
        assert len(set(colours.values())) == len(LABELS)
        assert title_colour(None, look) == look.title


def patch() -> Patch:
    """
    tone -----------> out, and gain in the way
    """
    made = add_node(add_node(Patch(), "sine", "tone", position=(0, 0)), "audio_out", "out", position=(900, 0))
    return connect(add_node(made, "gain", "gain", position=(450, 0)), "tone.out", "out.audio")


def test_a_cord_behind_a_card_is_seen_through_it_and_no_other_is() -> None:
    under = lay_out(patch(), PALETTE)
    cord = Cord("tone.out", "out.audio")
    found = CoveredCords()
    assert found.of(under) == {cord}
    beside = lay_out(move_node(patch(), "gain", (450, 600)), PALETTE, under)
    assert found.of(beside) == frozenset()
    assert found.of(lay_out(patch(), PALETTE, beside)) == {cord}
    scene = Scene()
    picture = scene.picture(SceneState(under, DARK))
    faint = picture["over cord tone.out>out.audio"]
    assert faint.layer == OVER
    (curve,) = faint.shapes
    assert isinstance(curve, Curve)
    assert curve.colour[3] < 128
    again = scene.picture(SceneState(under, DARK))
    assert again["over cord tone.out>out.audio"] is faint, "the same piece: nothing is drawn anew"


def test_the_ground_is_the_same_while_one_pans_a_little_and_never_dense() -> None:
    first = ground(View(), (800, 600), DARK)
    assert ground(View((5.0, 5.0)), (800, 600), DARK) == first
    assert not ground(View((0.0, 0.0), 0.2), (800, 600), DARK).shapes, "none from afar"
    for scale in (0.5, 1.0, 4.0):
        lines = ground(View((-123.0, 77.0), scale), (1600, 1000), DARK)
        assert 4 < len(lines.shapes) < 400
        seen = View((-123.0, 77.0), scale).seen((1600, 1000))
        assert lines.extent.holds((seen.x0, seen.y0))
        assert lines.extent.holds((seen.x1, seen.y1))


def test_a_fit_is_never_too_small_to_read_and_begins_at_the_top_left() -> None:
    box, size = Box(100.0, 50.0, 5000.0, 400.0), (1000.0, 700.0)
    view = View().fitted(box, size, smallest=0.6)
    assert view.scale == 0.6
    x, y = view.to_screen((100.0, 50.0))
    assert x == pytest.approx(40.0)
    assert 0 < y < 700
    assert View().fitted(box, size).seen(size).holds((5000.0, 400.0))


@pytest.mark.parametrize("channels", [1, 2, 4, 8, 16, 64])
def test_a_meter_draws_a_bar_for_each_channel_within_its_box(channels: int) -> None:
    place = lay_out(add_node(Patch(), "meter", "meter"), PALETTE).nodes["meter"]
    (box,) = [one.box for one in place.controls if one.kind == "meter"]
    bars = live_parts(place, DARK, lambda node, name: np.full(channels, 0.5, np.float32))
    tops = []
    for bar in bars:
        assert isinstance(bar, Rectangle)
        assert bar.box.height > 0
        assert bar.box.y1 <= box.y1 - place.node.position[1]
        tops.append(bar.box.y0)
    assert len(set(tops)) == channels
