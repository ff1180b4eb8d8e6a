"""Figures: shapes inside the canvas that run at any block size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.gui.playheads.figures import SHAPES, Figure, Shape, figure_points
from latent_terrain.nodes.gui.playheads.travel import Travel
from latent_terrain.nodes.gui.units import MapError

figures = st.builds(
    Figure,
    detune_x=st.floats(-4, 4),
    detune_y=st.floats(-4, 4),
    angle=st.floats(-1, 1),
    flatness=st.floats(0, 1),
    turns=st.floats(0.1, 10),
    petals=st.floats(-8, 8),
    seed=st.integers(-(2**63), 2**64),
)


@settings(max_examples=60)
@given(st.sampled_from(SHAPES), figures, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_every_shape_stays_within_its_frame(shape: Shape, figure: Figure, phases: list[float]) -> None:
    points = figure_points(shape, np.array(phases), figure)
    assert points.shape == (2, len(phases))
    assert np.all(np.abs(points) <= 1 + 1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_f98_every_shape_is_continuous_and_moves(shape: Shape) -> None:
    points = figure_points(shape, np.linspace(-3, 9, 24001))
    steps = np.abs(np.diff(points, axis=1))
    assert steps.max() < 0.02
    assert np.ptp(points[0]) > 0.5


@pytest.mark.parametrize("shape", ["circle", "ellipse", "sweep", "lissajous"])
def test_closed_shapes_come_back_after_one_cycle(shape: Shape) -> None:
    phase = np.linspace(0, 1, 17)
    np.testing.assert_allclose(figure_points(shape, phase), figure_points(shape, phase + 5), atol=1e-9)


def test_f98_a_circle_is_round_and_a_detuned_one_drifts() -> None:
    phase = np.linspace(0, 20, 500)
    np.testing.assert_allclose(np.linalg.norm(figure_points("circle", phase), axis=0), 1)
    drifting = figure_points("circle", phase, Figure(detune_y=1.02))
    assert np.ptp(np.linalg.norm(drifting, axis=0)) > 0.3


def test_a_flat_ellipse_is_a_stroke_along_its_angle() -> None:
    points = figure_points("ellipse", np.linspace(0, 1, 50), Figure(flatness=0, angle=0.125))
    np.testing.assert_allclose(points[0], points[1], atol=1e-12)


def test_an_ellipse_has_its_flatness_at_any_angle() -> None:
    reach = np.linalg.norm(figure_points("ellipse", np.linspace(0, 1, 401), Figure(flatness=0.3, angle=0.2)), axis=0)
    assert reach.max() == pytest.approx(1)
    assert reach.min() == pytest.approx(0.3)


def test_a_sweep_reaches_the_frame_in_any_direction() -> None:
    for angle in (0, 0.1, 0.125, 0.25, 0.4):
        points = figure_points("sweep", np.linspace(0, 1, 101), Figure(angle=angle))
        assert np.abs(points).max() == pytest.approx(1)


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=30), st.integers(0, 100))
def test_a_random_walk_can_be_asked_for_in_any_order(phases: list[float], seed: int) -> None:
    figure = Figure(seed=seed)
    whole = figure_points("walk", np.array(phases), figure)
    single = np.concatenate([figure_points("walk", np.array([phase]), figure) for phase in phases[::-1]], axis=1)
    np.testing.assert_array_equal(whole, single[:, ::-1])


def test_walks_of_different_seeds_differ_and_wander_over_the_whole_frame() -> None:
    phase = np.linspace(0, 2000, 20000)
    one, other = figure_points("walk", phase, Figure(seed=1)), figure_points("walk", phase, Figure(seed=2))
    assert np.abs(np.asarray(np.corrcoef(np.concatenate((one, other))))[np.triu_indices(4, 1)]).max() < 0.1
    assert one.max() > 0.9
    assert one.min() < -0.9
    assert np.abs(one.mean(axis=1)).max() < 0.1
    assert np.all(np.linalg.norm(np.diff(one), axis=0) > 0)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=8), st.one_of(st.floats(-50, 50), st.integers(0, 99)))
def test_the_phase_does_not_depend_on_the_blocks(sizes: list[int], speed: float | int) -> None:
    total = sum(sizes)
    rate = np.random.default_rng(speed).normal(size=total) * 9 if isinstance(speed, int) else speed
    results = []
    for cut in (sizes, [total]):
        phase, start, parts = Travel(1.0, 48000), 0, []
        for size in cut:
            parts.append(phase.advance(size, rate if isinstance(rate, float) else rate[start : start + size]))
            start += size
        results.append(np.concatenate(parts))
    np.testing.assert_allclose(results[0], results[1], atol=1e-9)


def test_phases_that_are_not_numbers_do_no_harm() -> None:
    for shape in SHAPES:
        points = figure_points(shape, np.array([np.nan, np.inf, -np.inf, 1e300, -1e300]))
        assert np.all(np.isfinite(points))


@pytest.mark.parametrize("wrong", [{"flatness": 2.0}, {"turns": 0.0}, {"petals": float("nan")}, {"angle": 1e9}])
def test_settings_that_make_no_sense_are_refused_with_a_sentence(wrong: dict[str, float]) -> None:
    with pytest.raises(MapError, match=r"^orbit: "):
        Figure(**wrong)  # type: ignore[arg-type]


def test_an_unknown_shape_is_refused_and_the_known_are_listed() -> None:
    with pytest.raises(MapError, match="circle, ellipse"):
        figure_points("square", np.zeros(1))  # type: ignore[arg-type]
