"""The measures of the canvas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import Density, MapBox, MapError, box_of

HELP_LINE = Polyline(np.array([[-3.733333230018616, 1.013333454728127], [3.093333601951599, -0.746666587889194]]))
edges = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(("density", "ms"), [(0.4, 818.49089), (0.8, 409.24544)])
def test_g04_the_line_of_the_help_patch_lasts_as_long_as_in_max(density: float, ms: float) -> None:
    assert Density(2048, 44100, density).distance_to_ms(HELP_LINE.length) == pytest.approx(ms, abs=1e-5)


@pytest.mark.parametrize(("ms", "latents"), [(1000, 22), (1500, 33), (0, 0), (0.001, 1)])
def test_g05_a_sound_of_so_many_ms_has_so_many_latents(ms: float, latents: int) -> None:
    assert Density(2048, 44100).ms_to_latents(ms) == latents


@given(st.integers(1, 4096), st.sampled_from([8000.0, 44100.0, 48000.0, 96000.0]), st.integers(0, 100_000))
def test_latents_to_ms_and_back_is_the_same_number(ratio: int, rate: float, latents: int) -> None:
    density = Density(ratio, rate)
    assert density.ms_to_latents(density.latents_to_ms(latents)) == latents


@given(st.floats(0.01, 100), st.floats(0, 1e6))
def test_distance_to_ms_and_back_is_the_same_distance(rho: float, distance: float) -> None:
    density = Density(2048, 48000, rho)
    back = density.ms_to_distance(np.array([density.distance_to_ms(distance)]))
    assert back[0] == pytest.approx(distance, rel=1e-12)


def test_one_latent_is_travelled_per_density_of_distance() -> None:
    density = Density(512, 48000, 0.25)
    assert density.distance_to_ms(0.25) == pytest.approx(density.latents_to_ms(1))


@pytest.mark.parametrize(
    ("ratio", "rate", "rho"), [(0, 44100, 0.4), (2048, -1, 0.4), (2048, 44100, 0), (1, float("nan"), 1)]
)
def test_impossible_measures_are_refused_with_a_sentence(ratio: float, rate: float, rho: float) -> None:
    with pytest.raises(MapError, match="give a number above 0"):
        Density(ratio, rate, rho)


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(MapError, match="not possible"):
        Density(2048, 44100).ms_to_latents(-1)


def test_the_default_canvas_puts_its_edges_at_the_corners() -> None:
    values = MapBox().to_values([[0, 0], [600, 150], [300, 75]], 600, 150)
    np.testing.assert_allclose(values, [[-16, -4], [16, 4], [0, 0]], atol=1e-12)


@given(edges, edges, edges, edges, st.floats(0, 1), st.floats(0, 1))
def test_f71_b38_pixels_and_values_agree_in_any_orientation(
    left: float, top: float, right: float, bottom: float, u: float, v: float
) -> None:
    if abs(left - right) < 1e-3 or abs(top - bottom) < 1e-3:
        return
    box = MapBox(left, top, right, bottom)
    pixels = np.array([u * 600, v * 150])
    values = box.to_values(pixels, 600, 150)
    np.testing.assert_allclose(box.to_pixels(values, 600, 150), pixels, atol=1e-3)
    assert box.contains(box.clamp(values))
    np.testing.assert_allclose(box.clamp(values), values, atol=1e-6)


def test_an_inverted_box_knows_what_is_inside() -> None:
    box = MapBox(16, 4, -16, -4)
    assert box.contains([0, 0])
    assert not box.contains([17, 0])
    np.testing.assert_array_equal(box.clamp([99, -99]), [16, -4])
    np.testing.assert_array_equal(box.to_values([0, 0], 600, 150), [16, 4])


@pytest.mark.parametrize("edges", [(1, 0, 1, 2), (0, 3, 1, 3), (0, 0, float("inf"), 1), (float("nan"), 0, 1, 1)])
def test_a_box_without_extent_is_refused(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(MapError, match="edge"):
        MapBox(*edges)


def test_a_canvas_without_pixels_is_refused() -> None:
    with pytest.raises(MapError, match="shows nothing"):
        MapBox().to_pixels([0, 0], 0, 100)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "1234",
        5,
        [1, 2, 3],
        ["a", 0, 1, 1],
        [[], 0, 1, 1],
        [0, 0, 0, 1],
        [0, 0, float("inf"), 1],
        [10**400, 0, 1, 1],
    ],
)
def test_a_setting_that_names_no_canvas_is_that_of_a_new_node(value: object) -> None:
    assert box_of(value) == MapBox()


def test_a_setting_that_names_a_canvas_is_it() -> None:
    assert box_of([1, -2.0, 3, 4]) == MapBox(1.0, -2.0, 3.0, 4.0)
