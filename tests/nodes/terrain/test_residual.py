"""What a network misses at its lines is put back near them, everywhere alike, and nowhere else."""

import tracemalloc

import numpy as np
import pytest

from latent_terrain.nodes.terrain.checkpoint import read_npz, write_npz
from latent_terrain.nodes.terrain.fit_as_needed import with_residual
from latent_terrain.nodes.terrain.inference import Inference
from latent_terrain.nodes.terrain.network import TerrainError, evaluate, network_alone, validate_weights
from latent_terrain.nodes.terrain.plot import plot
from latent_terrain.nodes.terrain.residual import (
    CELL_POINTS,
    MISSED,
    NAMES,
    PLACES,
    RADIUS,
    WIDTHS,
    Residual,
    made_residual,
)


@pytest.fixture
def exact(land, curves):
    """An unshaped land and pairs it knows nothing of, put back at the lines."""
    pairs = curves(noise=0.0)
    return with_residual(land(), pairs, 8.0, 0.17), pairs


def play(weights, places):
    out = np.zeros((len(weights["fc_out.bias"]), len(places)), np.float32)
    Inference(weights, len(places)).evaluate(np.ascontiguousarray(places.T), out)
    return out.T


def directly(weights, places):
    """The formula, over all points."""
    radius, width = float(weights[RADIUS][0]), weights[WIDTHS].astype(float)
    squares = ((places[:, None].astype(float) - weights[PLACES][None]) ** 2).sum(2)
    least = squares.min(1, keepdims=True)
    shares = np.exp((least - squares) / (2 * width**2)) * (squares < (3 * radius) ** 2)
    near = np.maximum((np.exp(-least / (2 * radius**2)) - np.exp(-4.5)) / (1 - np.exp(-4.5)), 0)
    return near * (shares @ weights[MISSED]) / np.maximum(shares.sum(1, keepdims=True), 1e-30)


def test_on_the_lines_it_sounds_as_it_was_taught(exact, land):
    weights, pairs = exact
    missed = np.mean((evaluate(land(), pairs.x) - pairs.z) ** 2)
    assert np.mean((evaluate(weights, pairs.x) - pairs.z) ** 2) < 0.02 * missed


def test_it_is_the_formula_near_the_lines_and_nothing_far_from_them(exact, land):
    weights, _ = exact
    places = np.random.default_rng(0).uniform((-20, -6), (20, 6), (3000, 2)).astype(np.float32)
    added = evaluate(weights, places) - evaluate(land(), places)
    np.testing.assert_allclose(added, directly(weights, places), atol=2e-5)
    gap = np.sqrt(((places[:, None] - weights[PLACES][None]) ** 2).sum(2).min(1))
    assert not added[gap > 3 * weights[RADIUS][0]].any()
    assert np.abs(added[gap < weights[RADIUS][0]]).max() > 0.1


def test_players_maps_and_sums_agree(exact):
    weights, pairs = exact
    places = np.concatenate([pairs.x[:30], pairs.x[:30] + 0.05, pairs.x[:4] + 90])
    np.testing.assert_allclose(play(weights, places), evaluate(weights, places), atol=2e-5)
    values = plot(weights, (-16.0, -4.0, 16.0, 4.0), (80, 20))
    grid = np.stack(np.meshgrid(-16 + np.arange(80) * 0.4, -4 + np.arange(20) * 0.4), axis=2).reshape(-1, 2)
    np.testing.assert_allclose(values.reshape(len(values), -1).T, evaluate(weights, grid), atol=5e-5)
    one = plot(weights, (-16.0, -4.0, 16.0, 4.0), (80, 20), channels=[2])[0]
    np.testing.assert_allclose(one, values[2], atol=1e-5)


def test_a_walk_gives_the_same_bits_at_any_block_size(exact):
    weights, pairs = exact
    whole = play(weights, pairs.x[:24])
    inference, out = Inference(weights, 24), np.zeros((4, 1), np.float32)
    for index, place in enumerate(pairs.x[:24]):
        inference.evaluate(place[:, None], out)
        assert np.array_equal(out[:, 0], whole[index])


def test_a_steady_player_allocates_no_arrays(exact):
    weights, pairs = exact
    inference, out = Inference(weights, 16), np.zeros((4, 16), np.float32)
    places = np.ascontiguousarray(pairs.x[:16].T)
    places[0, 3] = np.nan
    for _ in range(20):
        inference.evaluate(places, out)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in range(50):
        inference.evaluate(places, out)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 8_000
    assert after - before < 2_000


def test_places_that_are_no_numbers_hold_the_last_good_latents(exact):
    weights, pairs = exact
    inference, out = Inference(weights, 1), np.zeros((4, 1), np.float32)
    inference.evaluate(pairs.x[:1].T, out)
    good = out.copy()
    for wrong in (np.nan, np.inf, -np.inf):
        for place in ([wrong, 0.0], [0.0, wrong]):
            inference.evaluate(np.array([place]).T, out)
            assert np.array_equal(out, good)
    inference.evaluate(np.full((2, 1), 1e30, np.float32), out)
    assert np.isfinite(out).all()


def test_one_place_stays_cheap_however_densely_lines_lie(land):
    random = np.random.default_rng(0)
    x = random.normal(0, 0.05, (30_000, 2)).astype(np.float32)
    weights = {**land(), **made_residual(x, np.ones((30_000, 4), np.float32), (30_000,), 8.0, 1.0)}
    residual = Residual(weights)
    assert len(residual.arrays[0]) <= 9 * CELL_POINTS
    np.testing.assert_allclose(residual.added(np.zeros((1, 2), np.float32)), 1.0, atol=1e-2)


@pytest.mark.parametrize("axes", [1, 3, 6])
def test_lands_of_any_axes_have_it(land, axes):
    random = np.random.default_rng(0)
    x = np.cumsum(random.normal(0, 0.3, (60, axes)), axis=0).astype(np.float32)
    weights = {**land(axes), **made_residual(x, random.standard_normal((60, 4)).astype(np.float32), (30, 30), 8.0, 1.0)}
    places = x + random.normal(0, 0.05, x.shape).astype(np.float32)
    np.testing.assert_allclose(
        evaluate(weights, places) - evaluate(land(axes), places), directly(weights, places), atol=2e-5
    )
    np.testing.assert_allclose(play(weights, places), evaluate(weights, places), atol=2e-5)


def test_smooth_lands_and_light_lines_get_less_of_it(land, curves):
    pairs = curves()
    assert not set(NAMES) & set(with_residual(land(), pairs, 8.0, 1.0))
    some, whole = (with_residual(land(), pairs, 8.0, one)[MISSED] for one in (0.6, 0.0))
    assert 0 < np.abs(some).max() < np.abs(whole).max()


def test_points_that_lie_on_no_line_have_none():
    x, missed = np.zeros((4, 2), np.float32), np.ones((4, 3), np.float32)
    assert made_residual(x, missed, (1, 1, 1, 1), 8.0, 1.0) == {}
    assert made_residual(x, missed, (4,), 8.0, 1.0) == {}, "a line that does not move"


def test_a_file_of_the_reference_holds_the_network_alone(exact, tmp_path):
    weights, _ = exact
    read = read_npz(write_npz(weights, tmp_path / "land.npz"))
    assert not set(NAMES) & set(read)
    assert read.keys() == network_alone(weights).keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_one_is_refused_with_a_sentence(exact, name):
    weights, _ = exact
    for wrong in (
        {key: one for key, one in weights.items() if key != name},
        {**weights, name: weights[name][:0]},
        {**weights, name: weights[name] * np.float32(np.nan)},
        {**weights, name: weights[name].astype(np.float64)},
    ):
        with pytest.raises(TerrainError, match="residual"):
            validate_weights(wrong)
