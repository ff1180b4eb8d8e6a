"""A place of a terrain has one colour: at every zoom and size, in every picture, today and when it is opened again."""

import io
from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, load, load_file, save, set_content
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.gui.units import MapBox
from latent_terrain.nodes.terrain.colours import TerrainColours, measured_colours, principal_axes
from latent_terrain.nodes.terrain.learned import COLOURS, colours_of, learned_weights
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.control.pad.surface import Surface
from latent_terrain.ui.terrain_image.export import drawn_svg, terrain_png
from latent_terrain.ui.terrain_image.facets import COLOURINGS, Facet
from latent_terrain.ui.terrain_image.layers import terrain_picture
from latent_terrain.ui.terrain_image.lines import fitted, small_picture

PALETTE = load_palette()
BOX = (-16.0, -4.0, 16.0, 4.0)
WALK = STARTERS["walk"].file


@cache
def trained() -> Patch:
    """The walk's starter, learned anew; ``learn`` keeps the colours."""
    patch = load_file(WALK)
    content = {key: one for key, one in patch.nodes["terrain"].content.items() if not key.startswith("learn/")}
    setup = offline_setup(patch, WALK.parent)
    return run_jobs(set_content(patch, "terrain", content), PALETTE, setup, only="terrain").patch


def seen(patch: Patch) -> tuple[dict[str, NDArray[np.float32]], TerrainColours]:
    colours = colours_of(patch.nodes["terrain"])
    assert colours is not None
    return dict(learned_weights(patch.nodes["terrain"].content)), colours


def differs(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    return int(np.abs(one[..., :3].astype(int) - other[..., :3].astype(int)).max())


@pytest.mark.parametrize(("colour", "layers"), [*product(COLOURINGS, [()]), ("alike", ("sensitivity",))])
def test_a_place_has_its_colour_at_every_zoom_and_size(colour: str, layers: tuple[str, ...]) -> None:
    weights, colours = seen(trained())
    facet = Facet(colour, (2, 5, 1, 0), layers=frozenset(layers))  # type: ignore[arg-type]
    whole, words = terrain_picture(weights, colours, BOX, (256, 64), facet)
    part, same_words = terrain_picture(weights, colours, (-8.0, -2.0, 0.0, 2.0), (64, 32), facet)
    small, _ = terrain_picture(weights, colours, BOX, (128, 32), facet)
    if layers:  # how fast it changes is told from neighbouring pixels: far from lines only, where they agree
        assert np.mean(np.abs(whole[16:48, 64:128].astype(int) - part.astype(int)) > 3) < 0.2
        return
    assert words == same_words
    assert differs(whole[16:48, 64:128], part) <= 1
    assert differs(whole[::2, ::2], small) <= 1


def test_saved_and_opened_again_it_looks_as_before(tmp_path) -> None:
    save(trained(), tmp_path / "kept.ltp")
    again = load((tmp_path / "kept.ltp").read_bytes())
    first, second = (seen(one)[1].arrays for one in (trained(), again))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_learned_again_from_the_same_it_looks_as_before_and_what_is_learned_is_known() -> None:
    patch, setup = trained(), offline_setup(trained(), WALK.parent)
    assert run_jobs(patch, PALETTE, setup).done == (), "colours are no reason to learn"
    again = run_jobs(patch, PALETTE, setup, only="terrain", again=True).patch
    assert again.nodes["terrain"].content.keys() == patch.nodes["terrain"].content.keys()
    for key, one in patch.nodes["terrain"].content.items():
        np.testing.assert_array_equal(again.nodes["terrain"].content[key], one, err_msg=key)


def test_the_pad_the_thumbnail_and_picture_files_show_the_same_colours() -> None:
    patch = trained()
    weights, colours = seen(patch)

    class Client:
        def __init__(self) -> None:
            self.patch = patch

    want, _ = terrain_picture(weights, colours, BOX, (768, 192), Facet())
    pad = np.asarray(Image.open(io.BytesIO(Surface(Client(), PALETTE).picture())))  # type: ignore[arg-type]
    file = np.asarray(Image.open(io.BytesIO(terrain_png(weights, colours, MapBox(*BOX), Facet(), 768))))
    assert pad.shape[:2] == file.shape[:2] == (192, 768), "none is distorted"
    assert max(differs(pad, want), differs(file, want)) <= 1
    thumbnail = small_picture(weights, colours, BOX, (96, 48))
    assert differs(thumbnail[12:36], want[::8, ::8]) <= 1
    assert (thumbnail[:12] == thumbnail[0, 0]).all(), "ground above it"
    assert "data:image/png" in drawn_svg(weights, colours, _no_drawing(), MapBox(*BOX), Facet(), side=768)


def test_a_patch_of_before_has_colours_without_being_changed() -> None:
    patch = load_file(WALK)
    assert not any(key.startswith(f"learn/{COLOURS}") for key in patch.nodes["terrain"].content)
    first, second = (seen(load_file(WALK))[1].arrays for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_damaged_colours_are_measured_and_a_damaged_terrain_has_none() -> None:
    node = trained().nodes["terrain"]
    key, bias = f"learn/{COLOURS}axes", "learn/fc_out.bias"
    torn = replace(node, content={**node.content, key: node.content[key][:1]})
    assert np.isfinite(colours_of(torn).axes).all()  # type: ignore[union-attr]
    assert colours_of(replace(node, content={**node.content, bias: node.content[bias][:3]})) is None
    assert colours_of(replace(node, content={})) is None
    assert colours_of(replace(node, values={**node.values, "box": "everywhere"})) is not None


@pytest.mark.parametrize("axes", range(1, 7))
def test_a_terrain_of_any_number_of_axes_has_colours(axes: int) -> None:
    weights = initial_weights(TerrainShape(axes, 5, width=8, features=16), 1)
    for box in ((), BOX, tuple(range(2 * axes))):
        colours = measured_colours(weights, tuple(map(float, box)))
        assert colours.axes.shape == (3, 5)
        assert (colours.spans[:, 0] < colours.spans[:, 1]).all()


def test_directions_near_those_of_before_are_those_of_before() -> None:
    values = np.random.default_rng(0).standard_normal((200, 6)) * np.arange(1, 7)
    first = principal_axes(values)
    assert principal_axes(values, first) is first
    turned = principal_axes(values, -first[::-1])
    np.testing.assert_allclose(np.abs(np.sum(turned * -first[::-1], axis=1)), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("box", "size"), [(BOX, (160, 40)), ((0.0, 0.0, 1.0, 1.0), (80, 80)), ((5.0, 0.0, -5.0, 1e6), (20, 80))]
)
def test_pictures_have_the_shape_of_the_map(box: tuple[float, ...], size: tuple[int, int]) -> None:
    assert fitted(box, (160, 80)) == size


def _no_drawing():
    from latent_terrain.nodes.gui.drawing import Drawing

    return Drawing({}, {}, {}, {})
