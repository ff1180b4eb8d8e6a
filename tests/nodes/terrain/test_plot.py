"""Maps lie where the reference's lie, to the pixel, and can be cut, thinned, tiled and stopped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.terrain.checkpoint import read_pt
from latent_terrain.nodes.terrain.network import TerrainError, evaluate
from latent_terrain.nodes.terrain.plot import Cut, grid, plot, plot_tiles, strip
from latent_terrain.ui.terrain_image.colour import coloured, scaled

BOX = (-16.0, -4.0, 16.0, 4.0)


def test_f37_g01_g02_the_references_map_is_reproduced_to_rounding(reference_file):
    from PIL import Image

    weights = read_pt(reference_file("percussion-terrain-demo.pt"))
    published = np.asarray(Image.open(reference_file("percussion-terrain-demo.png")).convert("L")).astype(float)
    latents = plot(weights, BOX, (600, 150))
    error = np.abs(scaled(latents[0], -1, 4) * 255 - published)
    assert latents.shape == (4, 150, 600)
    assert error.max() <= 0.5001
    assert error.mean() == pytest.approx(0.2235, abs=1e-3)
    assert np.abs(coloured(latents[0])[..., 0].astype(int) - published).max() <= 1
    assert (latents.min(), latents.max()) == pytest.approx((-5.006, 8.080), abs=1e-3)
    assert (latents[0].min(), latents[0].max()) == pytest.approx((-3.591, 8.080), abs=1e-3)


def test_f37_the_right_and_bottom_edges_belong_to_the_next_map():
    x, y = grid(*BOX, 600, 150)
    assert (x[0], x[-1], len(x)) == (-16, pytest.approx(16 - 32 / 600), 600)
    assert (y[0], y[-1], len(y)) == (-4, pytest.approx(4 - 8 / 150), 150)
    validation_loss, _ = grid(16, -4, 48, 4, 600, 150)
    np.testing.assert_allclose(np.diff(np.concatenate([x, validation_loss])), 32 / 600, atol=1e-5)


@given(x_res=st.integers(1, 90), y_res=st.integers(1, 90), stride=st.integers(1, 16))
def test_f38_a_stride_thins_the_same_grid(x_res, y_res, stride):
    full, thin = grid(*BOX, x_res, y_res), grid(*BOX, x_res, y_res, stride)
    assert [len(axis) for axis in thin] == [-(-x_res // stride), -(-y_res // stride)]
    assert all(np.array_equal(one[::stride], other) for one, other in zip(full, thin, strict=True))


def test_every_pixel_is_the_land_at_its_place(land):
    weights = land()
    latents = plot(weights, BOX, (40, 10), stride=3)
    x, y = grid(*BOX, 40, 10, 3)
    for row, column in ((0, 0), (3, 13), (1, 7)):
        there = evaluate(weights, np.array([[x[column], y[row]]]))[0]
        np.testing.assert_allclose(latents[:, row, column], there, atol=1e-5)


def test_f44_tiles_join_to_the_whole_and_tell_how_far_they_are(land):
    weights = land()
    tiles = list(plot_tiles(weights, BOX, (300, 31)))
    assert len(tiles) > 3
    assert [tile.row for tile in tiles] == list(np.cumsum([0, *(tile.values.shape[1] for tile in tiles)])[:-1])
    assert np.array_equal(np.concatenate([tile.values for tile in tiles], axis=1), plot(weights, BOX, (300, 31)))
    assert tiles[-1].done == 1.0
    assert all(tile.values.shape[1] * 300 <= 2048 for tile in tiles)


def test_f44_a_map_may_be_abandoned_after_its_first_tile(land):
    first = next(plot_tiles(land(), BOX, (2000, 2000)))
    assert first.values.shape == (4, 1, 2000)


def test_f41_some_channels_are_those_of_the_whole_in_the_order_asked(land):
    weights = land(latent_dim=6)
    np.testing.assert_allclose(
        plot(weights, BOX, (20, 5), channels=[4, 1]), plot(weights, BOX, (20, 5))[[4, 1]], atol=1e-6
    )


def test_f42_b20_a_land_of_four_axes_is_cut_where_asked(land):
    weights = land(control_dim=4)
    latents = plot(weights, (0, 0, 4, 2), (4, 2), cut=Cut((2, 0), (9, 0.5, 9, -0.5)))
    there = evaluate(weights, np.array([[1.0, 0.5, 3.0, -0.5]]))[0]
    np.testing.assert_allclose(latents[:, 1, 3], there, atol=1e-5)


def test_f42_b20_a_land_of_one_axis_is_a_map_of_equal_rows_and_a_strip(land):
    weights = land(control_dim=1)
    latents = plot(weights, BOX, (32, 5))
    assert latents.shape == (4, 5, 32)
    assert (latents == latents[:, :1]).all()
    line = strip(weights, -16, 15, 32)
    np.testing.assert_allclose(line, latents[:, 0], atol=1e-5)


def test_f42_b20_a_strip_runs_along_any_axis_with_both_ends(land):
    weights = land(control_dim=3)
    line = strip(weights, -1, 1, 3, axis=1, values=(0.5, 9, 2))
    there = evaluate(weights, np.array([[0.5, -1, 2], [0.5, 0, 2], [0.5, 1, 2]])).T
    np.testing.assert_allclose(line, there, atol=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"size": (0, 5)}, "x_res"),
        ({"size": (5, 20_000)}, "y_res"),
        ({"size": (5, 2.5)}, "y_res"),
        ({"stride": 17}, "stride"),
        ({"box": (0, 0, float("nan"), 1)}, "edges"),
        ({"box": (0, 0, 1)}, "left, top"),
        ({"cut": Cut((0, 0))}, "two different"),
        ({"cut": Cut((0, 2))}, "two different"),
        ({"cut": Cut((0, 1), (1.0,))}, "each of the 2"),
        ({"channels": [4]}, "0 to 3"),
        ({"channels": []}, "0 to 3"),
        ({"size": (16384, 16384)}, "too many|2\\^28"),
    ],
)
def test_impossible_maps_are_refused_with_a_sentence(land, changed, said):
    with pytest.raises(TerrainError, match=said):
        plot(**({"weights": land(), "box": BOX, "size": (8, 8)} | changed))
