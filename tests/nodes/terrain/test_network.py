"""The network is the reference's: same shapes, same counts, same numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.terrain.network import (
    TerrainError,
    TerrainShape,
    evaluate,
    initial_weights,
    parameter_count,
    shape_of,
    validate_weights,
)


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        (TerrainShape(2, 8), 116_236),
        (TerrainShape(2, 8, gauss=0), 50_956),
        (TerrainShape(2, 64, width=256, features=512), 476_228),
    ],
)
def test_f03_f12_b18_parameters_are_counted_as_the_reference_has_them(shape, count):
    assert parameter_count(shape) == count
    fixed = {"B_T", "two_pi", "m_gauss_scale"}
    assert sum(array.size for name, array in initial_weights(shape, 0).items() if name not in fixed) == count


@pytest.mark.parametrize(
    "wrong",
    [
        {"control_dim": 0},
        {"control_dim": 129},
        {"control_dim": 2.5},
        {"control_dim": True},
        {"latent_dim": 0},
        {"latent_dim": 1025},
        {"width": 0},
        {"width": 1025},
        {"features": 15},
        {"features": 2049},
        {"gauss": -0.1},
        {"gauss": 10.1},
        {"gauss": float("nan")},
        {"gauss": "rough"},
    ],
)
def test_f01_f03_b14_a_shape_out_of_range_is_refused_by_name(wrong):
    with pytest.raises(TerrainError, match=next(iter(wrong))):
        TerrainShape(**({"control_dim": 2, "latent_dim": 4} | wrong))


@pytest.mark.parametrize("shape", [TerrainShape(1, 1), TerrainShape(6, 1024, gauss=10, width=1, features=16)])
def test_f01_the_extreme_shapes_work(shape):
    weights = initial_weights(shape, 3)
    assert evaluate(weights, np.zeros((2, shape.control_dim), np.float32)).shape == (2, shape.latent_dim)


def test_f02_b14_a_whole_number_zero_leaves_the_fourier_layer_out():
    weights = initial_weights(TerrainShape(3, 2, gauss=0, width=5), 0)
    assert weights["fc_in_linear.weight"].shape == (5, 3)
    assert not {"B_T", "fc_in_gau.weight"} & set(weights)


def test_weights_start_within_the_bounds_of_libtorch():
    weights = initial_weights(TerrainShape(2, 8, gauss=0.1), 0)
    for layer, inputs in (("fc_in_gau", 512), ("fc2", 128), ("fc_out", 128)):
        for part in ("weight", "bias"):
            largest = np.abs(weights[f"{layer}.{part}"]).max()
            assert 0.6 / np.sqrt(inputs) < largest <= 1.0001 / np.sqrt(inputs)
    assert weights["B_T"].std() == pytest.approx(0.1, rel=0.15)
    assert weights["prelu3.weight"] == 0.25


def test_f05_b44_the_same_seed_gives_the_same_bits_and_another_seed_others():
    one, same, other = (initial_weights(TerrainShape(2, 4), seed) for seed in (5, 5, 6))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["B_T"], other["B_T"])
    with pytest.raises(TerrainError, match="seed"):
        initial_weights(TerrainShape(2, 4), -1)


@given(
    control_dim=st.integers(1, 6),
    latent_dim=st.integers(1, 70),
    gauss=st.sampled_from([0, 0.05, 0.12, 1.0]),
    width=st.integers(1, 140),
    features=st.integers(16, 70),
    points=st.integers(0, 40),
)
def test_f04_it_computes_what_torch_computes(torch_answer, control_dim, latent_dim, gauss, width, features, points):
    shape = TerrainShape(control_dim, latent_dim, gauss, width, features)
    weights = initial_weights(shape, 2)
    places = np.random.default_rng(0).uniform(-16, 16, (points, control_dim)).astype(np.float32)
    np.testing.assert_allclose(evaluate(weights, places), torch_answer(weights, places), atol=2e-5)
    assert validate_weights(weights) == (shape if gauss else TerrainShape(control_dim, latent_dim, 0, width))


def test_more_points_than_one_tile_make_no_difference(land, torch_answer):
    places = np.random.default_rng(0).uniform(-16, 16, (2500, 2)).astype(np.float32)
    np.testing.assert_allclose(evaluate(land(), places), torch_answer(land(), places), atol=2e-5)


def test_f04_sines_come_before_cosines(land):
    weights = land(features=16)
    weights["fc_in_gau.weight"] = np.zeros((128, 32), np.float32)
    flat = evaluate(weights, np.zeros((1, 2), np.float32))
    weights["fc_in_gau.weight"][:, :16] = 9.0
    assert np.array_equal(evaluate(weights, np.zeros((1, 2), np.float32)), flat)
    weights["fc_in_gau.weight"][:, 16:] = 9.0
    assert not np.array_equal(evaluate(weights, np.zeros((1, 2), np.float32)), flat)


def test_f06_evaluation_is_not_clamped_and_lets_wrong_places_show(land):
    weights = land()
    weights["fc_out.bias"][:] = 1000
    latents = evaluate(weights, np.array([[0, 0], [np.nan, 0]], np.float32))
    assert latents[0].min() > 900
    assert np.isnan(latents[1]).all()


@pytest.mark.parametrize("places", [np.zeros(2), np.zeros((3, 3)), np.zeros((1, 2, 2))])
def test_coordinates_that_do_not_fit_are_refused(land, places):
    with pytest.raises(TerrainError, match="points, 2"):
        evaluate(land(), places)


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("fc3.bias", None, "fc3.bias"),
        ("fc_out.weight", None, "fc_out.weight"),
        ("fc2.weight", np.zeros((3, 3), np.float32), "fc2.weight"),
        ("fc2.weight", np.zeros((128, 128)), "float64"),
        ("prelu1.weight", np.full(1, np.nan, np.float32), "prelu1"),
        ("B_T", np.zeros(4, np.float32), "table"),
    ],
)
def test_broken_weights_are_refused_by_name(land, name, array, said):
    weights = land()
    del weights[name]
    if array is not None:
        weights[name] = array
    with pytest.raises(TerrainError, match=said):
        validate_weights(weights)


def test_roughness_is_read_back_as_it_was_given(land):
    assert shape_of(land(gauss=0.12)).gauss == 0.12
    weights = land(gauss=0.12)
    del weights["m_gauss_scale"]
    assert shape_of(weights).gauss == pytest.approx(0.12, rel=0.15)
