"""Playing never waits, never allocates, never gives anything but numbers, and is the same at any block size."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.terrain.inference import LIMIT, Inference
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, evaluate, initial_weights


def play(inference: Inference, places: np.ndarray) -> np.ndarray:
    out = np.empty((inference.shape.latent_dim, places.shape[1]), np.float32)
    inference.evaluate(places.astype(np.float32), out)
    return out


@given(
    control_dim=st.integers(1, 6),
    latent_dim=st.integers(1, 40),
    gauss=st.sampled_from([0, 0.1]),
    points=st.integers(0, 70),
)
def test_it_agrees_with_the_plain_evaluation(control_dim, latent_dim, gauss, points):
    weights = initial_weights(TerrainShape(control_dim, latent_dim, gauss, 24, 16), 1)
    places = np.random.default_rng(points).uniform(-16, 16, (control_dim, points)).astype(np.float32)
    np.testing.assert_allclose(play(Inference(weights, 70), places), evaluate(weights, places.T).T, atol=2e-5)


@given(cuts=st.lists(st.integers(1, 80), min_size=1, max_size=8))
def test_f31_f34_b02_b13_any_cutting_of_a_walk_gives_the_same_bits(cuts):
    weights = initial_weights(TerrainShape(2, 8), 1)
    places = np.random.default_rng(0).uniform(-16, 16, (2, 80)).astype(np.float32)
    whole = play(Inference(weights, 80), places)
    inference, edges = Inference(weights, 80), np.unique([0, *np.minimum(np.cumsum(cuts), 80), 80])
    parts = [play(inference, places[:, a:b]) for a, b in pairwise(edges)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)


def test_f06_latents_are_clamped_on_the_live_path_only(land):
    weights = land()
    weights["fc_out.bias"][:] = [500, -500, 0, 99]
    live = play(Inference(weights, 1), np.zeros((2, 1)))
    assert live[:2].ravel().tolist() == [LIMIT, -LIMIT]
    assert evaluate(weights, np.zeros((1, 2), np.float32)).max() > 400


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_f06_b12_wrong_coordinates_hold_the_last_good_latents(land, wrong):
    inference = Inference(land(), 8)
    assert not play(inference, np.full((2, 2), wrong)).any()
    out = play(inference, np.array([[1, wrong, 2, wrong], [1, 1, 2, wrong]]))
    good = play(Inference(land(), 8), np.array([[1.0, 2.0], [1.0, 2.0]]))
    assert np.array_equal(out, good[:, [0, 0, 1, 1]])
    assert np.array_equal(play(inference, np.full((2, 1), wrong))[:, 0], good[:, 1])
    inference.reset()
    assert not play(inference, np.full((2, 1), wrong)).any()


def test_latents_that_overflow_hold_the_last_good_ones_too(land):
    weights = land(gauss=0, width=8)
    inference = Inference(weights, 4)
    good = play(inference, np.ones((2, 1)))
    with np.errstate(all="raise"):
        held = play(inference, np.full((2, 1), 3e38))
    assert np.isfinite(held).all()
    for name in ("fc2.weight", "fc3.weight"):
        weights[name][:] = 1e30
    assert not play(Inference(weights, 4), np.ones((2, 1))).any()
    assert np.isfinite(good).all()


def test_b03_a_steady_player_allocates_no_arrays(land):
    inference = Inference(land(latent_dim=8), 64)
    places = np.random.default_rng(0).uniform(-16, 16, (2, 64)).astype(np.float32)
    places[0, 5] = np.nan
    out = np.empty((8, 64), np.float32)
    for _ in range(20):
        inference.evaluate(places, out)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    for _ in range(50):
        inference.evaluate(places, out)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < 8_000, "a row of 64 points of 512 waves alone would be 131072 bytes"
    assert after - before < 2_000


def test_it_writes_into_any_view_and_keeps_its_own_weights(land):
    weights = land()
    inference = Inference(weights, 8)
    wanted = play(inference, np.ones((2, 3)))
    weights["fc2.weight"][:] = 0
    board = np.zeros((4, 6), np.float32)
    inference.evaluate(np.ones((2, 3), np.float64), board[:, ::2])
    assert np.array_equal(board[:, ::2], wanted)
    assert not board[:, 1::2].any()


def test_two_players_do_not_disturb_each_other(land):
    one, other = Inference(land(), 4), Inference(land(), 4)
    play(one, np.ones((2, 1)))
    assert not play(other, np.full((2, 1), np.nan)).any()


def test_arrays_that_do_not_fit_are_refused(land):
    inference = Inference(land(), 4)
    for places, out in (((3, 2), (4, 2)), ((2, 5), (4, 5)), ((2, 2), (4, 3)), ((2, 2), (3, 2)), ((2,), (4, 2))):
        with pytest.raises(TerrainError):
            inference.evaluate(np.zeros(places, np.float32), np.zeros(out, np.float32))
    with pytest.raises(TerrainError, match="max_points"):
        Inference(land(), 0)
