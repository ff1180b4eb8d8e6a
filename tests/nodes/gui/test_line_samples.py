"""From drawn lines to training coordinates, ours and exactly as in Max."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.nodes.gui.line_samples import (
    completion,
    flatten_bezier,
    line_from_stroke,
    pull_back,
    reach,
    sample_legacy,
    sample_lines,
    sample_uniform,
    simplify,
    trim,
)
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import MapError

FLOAT_04 = float(np.float32(0.4))
FIRST = Polyline(
    np.array(
        [
            [-6.400000035762787, 0.159999907016754],
            [-3.400000102818012, -2.280000038444996],
            [1.329649023891234, -3.092908482098148],
        ]
    )
)
SECOND = Polyline(
    np.array(
        [
            [-4.40000008046627, 0.559999898076057],
            [-3.16000010818243, 2.479999855160713],
            [-0.200000174343586, 3.039999842643738],
        ]
    )
)
STRAIGHT = Polyline(np.array([[-7.039999976754189, -1.959999993443489], [7.04000036418438, 1.960000023245811]]))
point_tables = st.integers(2, 30).flatmap(lambda n: arrays(np.float64, (n, 2), elements=st.floats(-20, 20, width=32)))


def _along(line: Polyline, points: np.ndarray) -> np.ndarray:
    """How far along the line each point lies, for lines that do not meet themselves."""
    milestones = np.concatenate(([0], np.cumsum(line.segment_lengths)))
    best = []
    for point in points:
        gaps, places = [], []
        for start, end, first, length in zip(
            line.corners, line.corners[1:], milestones, line.segment_lengths, strict=False
        ):
            share = np.clip((point - start) @ (end - start) / length**2, 0, 1)
            gaps.append(np.linalg.norm(start + share * (end - start) - point))
            places.append(first + share * length)
        best.append(places[int(np.argmin(gaps))])
    return np.array(best)


def test_g03_the_first_trajectory_of_the_help_patches_is_sampled_as_in_max() -> None:
    points = sample_legacy(FIRST, 0.4, limit=22)
    assert len(points) == 22
    np.testing.assert_allclose(points[:3, 0], [-6.4000000358, -6.0896818341, -5.7793636325], atol=1e-10)


def test_f81_the_second_trajectory_of_the_help_patches_is_sampled_as_in_max() -> None:
    points = sample_legacy(SECOND, 0.4, limit=33)
    assert len(points) == 14
    assert points[-1, 0] == pytest.approx(-0.408812365371619, abs=1e-15)


def test_g03_the_straight_line_of_the_help_patches_is_sampled_and_counted_as_in_max() -> None:
    assert len(sample_legacy(STRAIGHT, 0.4, limit=41)) == 37
    legacy = completion(STRAIGHT, 41, FLOAT_04, "legacy")
    assert (legacy.filled, legacy.complete) == (38, False)
    assert completion(STRAIGHT, 41, 0.4).filled == 37


@pytest.mark.parametrize(("target", "points"), [(22, 22), (33, 34), (41, 42), (75, 76), (200, 200), (500, 501)])
def test_f81_b36_a_legacy_line_dragged_to_its_limit_gives_the_points_of_the_table(target: int, points: int) -> None:
    start = Polyline(np.zeros((1, 1)))
    longest = reach(start, target, FLOAT_04, "legacy")
    assert len(sample_legacy(Polyline(np.array([[0.0], [longest]])), 0.4, limit=target)) == points


def test_the_legacy_rule_keeps_at_most_one_point_more_than_the_target() -> None:
    assert len(sample_legacy(STRAIGHT, 0.4, limit=10)) == 11
    assert len(sample_legacy(STRAIGHT, 0.001)) == 1000


def test_a_dot_is_sampled_once_by_the_legacy_rule() -> None:
    for anchors in (np.ones((1, 2)), np.ones((2, 2))):
        np.testing.assert_array_equal(sample_legacy(Polyline(anchors), 0.4, limit=1), [[1, 1]])


@given(point_tables, st.integers(1, 300), st.booleans())
def test_f82_b36_uniform_sampling_gives_exactly_so_many_points_with_both_ends(
    anchors: np.ndarray, count: int, closed: bool
) -> None:
    line = Polyline(anchors, closed=closed)
    points = sample_uniform(line, count)
    assert points.shape == (count, 2)
    np.testing.assert_allclose(points[0], line.corners[0], atol=1e-9)
    if count > 1:
        np.testing.assert_allclose(points[-1], line.corners[-1], atol=1e-9)


@given(st.integers(2, 500), st.lists(st.tuples(st.floats(0.05, 5), st.floats(-5, 5)), min_size=1, max_size=12))
def test_f82_uniform_points_are_equally_far_apart_along_the_line(count: int, steps: list[tuple[float, float]]) -> None:
    anchors = np.concatenate((np.zeros((1, 2)), np.cumsum(np.array(steps), axis=0)))
    line = Polyline(anchors)
    spacing = np.diff(_along(line, sample_uniform(line, count)))
    assert np.var(spacing) < 1e-9
    assert spacing.sum() == pytest.approx(line.length)


def test_one_point_is_the_start_and_a_dot_repeats_itself() -> None:
    np.testing.assert_array_equal(sample_uniform(FIRST, 1), FIRST.anchors[:1])
    np.testing.assert_array_equal(sample_uniform(Polyline(np.ones((3, 2))), 4), np.ones((4, 2)))


@pytest.mark.parametrize("count", [0, -3, 10**9])
def test_an_impossible_number_of_points_is_refused(count: int) -> None:
    with pytest.raises(MapError, match="cannot be taken"):
        sample_uniform(FIRST, count)


def test_b33_a_data_set_has_one_trajectory_per_target() -> None:
    lines = [FIRST, SECOND, STRAIGHT]
    assert [len(points) for points in sample_lines(lines, [22, 33], 0.4)] == [22, 33]
    assert [len(points) for points in sample_lines(lines, [22, 33], 0.4, "legacy")] == [22, 14]


@given(st.integers(1, 400), st.floats(0.01, 5))
def test_a_line_dragged_to_its_reach_is_complete_and_a_shorter_one_is_not(target: int, density: float) -> None:
    longest = reach(Polyline(np.zeros((1, 2))), target, density)
    full = completion(Polyline(np.array([[0, 0], [longest, 0]])), target, density)
    assert (full.filled, full.complete) == (target, True)
    if target > 1:
        shorter = Polyline(np.array([[0, 0], [longest - 0.01 * density, 0]]))
        assert not completion(shorter, target, density).complete


def test_the_reach_shrinks_by_what_is_already_drawn() -> None:
    drawn = Polyline(np.array([[0.0, 0.0], [1.0, 0.0]]))
    assert reach(drawn, 6, 0.4) == pytest.approx(1.0)
    assert reach(drawn, 2, 0.4) == 0
    assert reach(drawn, 6, 0.4, "legacy") == pytest.approx(0.4 * 3 - 0.001)


def test_trimming_drops_the_last_segments_that_exceed_the_target() -> None:
    line = Polyline(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]))
    assert len(trim(line, 4, 0.4).anchors) == 2
    assert len(trim(line, 100, 0.4).anchors) == 4
    assert len(trim(line, 1, 0.4).anchors) == 1


def test_a_pointer_too_far_away_is_pulled_back_along_its_ray() -> None:
    np.testing.assert_allclose(pull_back((1, 1), (4, 5), 2.5), [2.5, 3.0])
    np.testing.assert_array_equal(pull_back((1, 1), (4, 5), 50), [4, 5])
    np.testing.assert_array_equal(pull_back((1, 1), (1, 1), 0), [1, 1])


@given(arrays(np.float64, (7, 2), elements=st.floats(-20, 20, width=32)))
def test_a_flattened_curve_stays_within_its_tolerance_and_keeps_its_joints(control: np.ndarray) -> None:
    points = flatten_bezier(control, 0.05)
    for anchor in (control[0], control[3], control[6]):
        assert np.min(np.linalg.norm(points - anchor, axis=1)) < 1e-9
    finer = flatten_bezier(control, 0.0005)
    starts, along = points[:-1], np.diff(points, axis=0)
    squared = np.maximum(np.sum(along**2, axis=1), 1e-30)
    share = np.clip(np.einsum("nsc,sc->ns", finer[:, None] - starts, along) / squared, 0, 1)
    gaps = np.linalg.norm(finer[:, None] - starts - share[..., None] * along, axis=2).min(axis=1)
    assert gaps.max() < 0.051


def test_a_curve_of_the_wrong_number_of_points_is_refused() -> None:
    with pytest.raises(MapError, match="control points"):
        flatten_bezier(np.zeros((5, 2)))
    with pytest.raises(MapError, match="tolerance"):
        flatten_bezier(np.zeros((4, 2)), 0.0)


@given(point_tables, st.floats(0.001, 5))
def test_a_simplified_stroke_keeps_its_ends_and_stays_close(stroke: np.ndarray, tolerance: float) -> None:
    kept = simplify(stroke, tolerance)
    np.testing.assert_array_equal(kept[[0, -1]], stroke[[0, -1]])
    line = Polyline(kept)
    starts, along = line.corners[:-1], np.diff(line.corners, axis=0)
    squared = np.maximum(np.sum(along**2, axis=1), 1e-30)
    share = np.clip(np.einsum("nsc,sc->ns", stroke[:, None] - starts, along) / squared, 0, 1)
    gaps = np.linalg.norm(stroke[:, None] - starts - share[..., None] * along, axis=2).min(axis=1)
    assert gaps.max() <= tolerance + 1e-9


def test_a_free_hand_stroke_becomes_a_line_with_few_anchors() -> None:
    t = np.linspace(0, 3, 2000)
    line = line_from_stroke(np.stack((t, np.sin(t)), axis=1), 0.02, "wave")
    assert 4 < len(line.anchors) < 20
    assert line.name == "wave"
    with pytest.raises(MapError, match="in pieces"):
        line_from_stroke(np.zeros((100_001, 2)))
