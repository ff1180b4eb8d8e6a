"""Between lines the land is not grey: places far from all of them learn a blend of the lines around."""

from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.nodes.terrain.far import far_count, far_targets
from latent_terrain.nodes.terrain.network import TerrainShape, evaluate
from latent_terrain.nodes.terrain.recipe import RECIPE
from latent_terrain.nodes.terrain.training import fit

LOW, HIGH = np.array([-16, -4], np.float32), np.array([16, 4], np.float32)
BOX = ((-16.0, -4.0), (16.0, 4.0))


def gaps(places, points):
    return np.sqrt(((places[:, None] - points[None]) ** 2).sum(2).min(1))


def test_places_keep_their_distance_and_lie_on_the_canvas_and_its_margin(curves):
    pairs = curves()
    places, latents = far_targets(pairs.x, pairs.z, LOW, HIGH, 300, 1)
    assert 100 < len(places) <= 300
    assert latents.shape == (len(places), pairs.z.shape[1])
    assert gaps(places, pairs.x).min() >= 0.7
    assert (places >= LOW - 0.05 * (HIGH - LOW)).all()
    assert (places <= HIGH + 0.05 * (HIGH - LOW)).all()
    assert np.abs(latents).max() <= np.abs(pairs.z).max(), "a blend is never more than what it is made of"


def test_near_one_line_that_line_is_taught_and_in_the_middle_both():
    x = np.array([[-10, 0], [10, 0]], np.float32)
    z = np.array([[1.0], [-1.0]], np.float32)
    places, latents = far_targets(x, z, LOW, HIGH, 400, 2)
    near = gaps(places, x[:1]) < 3
    assert near.any()
    assert latents[near].min() > 0.95
    middle = np.abs(places[:, 0]) < 0.5
    assert np.abs(latents[middle]).max() < 0.3


def test_where_lines_lie_dense_half_of_the_places_is_used(curves):
    grid = np.stack(np.meshgrid(np.linspace(-17, 17, 120), np.linspace(-5, 5, 50)), axis=2).reshape(-1, 2)
    places, _ = far_targets(grid.astype(np.float32), np.zeros((len(grid), 3), np.float32), LOW, HIGH, 200, 3)
    assert 90 <= len(places) <= 110


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_the_size_of_the_canvas_does_not_matter(curves, scale):
    pairs = curves()
    places, latents = far_targets(pairs.x, pairs.z, LOW, HIGH, 200, 1)
    others, same = far_targets(pairs.x * scale, pairs.z, LOW * scale, HIGH * scale, 200, 1)
    np.testing.assert_allclose(others / scale, places, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(same, latents, atol=1e-3)


def test_one_point_fills_the_canvas():
    places, latents = far_targets(np.zeros((1, 2), np.float32), np.ones((1, 3), np.float32), LOW, HIGH, 64, 0)
    assert len(places) > 32
    np.testing.assert_allclose(latents, 1.0)


def test_a_rougher_land_needs_more_of_them():
    assert far_count(500, 1.6) == far_count(500, 0.1) == 500
    assert far_count(500, 6.4) == far_count(500, 100.0) == 2000


@pytest.mark.slow
def test_the_land_lives_between_lines_and_says_the_lines_about_as_well(curves):
    pairs = curves(count=8, noise=0.0)
    shape = TerrainShape(2, pairs.z.shape[1])
    grid = np.stack(np.meshgrid(np.linspace(-16, 16, 65), np.linspace(-4, 4, 17)), axis=2).reshape(-1, 2)
    far = grid[gaps(grid, pairs.x) > 1]
    grey = fit(pairs, shape, BOX, seed=1, recipe=replace(RECIPE, far=0))
    alive = fit(pairs, shape, BOX, seed=1)
    spread = {name: evaluate(one.weights, far).std(0).mean() for name, one in (("grey", grey), ("alive", alive))}
    assert spread["alive"] > 0.45 * pairs.z.std(0).mean()
    assert spread["alive"] > 2 * spread["grey"]
    assert max(alive.loss, grey.loss) < 0.01 * pairs.z.var(), "either knows the lines"
