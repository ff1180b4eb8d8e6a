"""Lines, and the ways to bend, cut and turn them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.nodes.gui.lines import (
    Polyline,
    delete_joint,
    insert_joint,
    mirror,
    move_joint,
    nearest_segment,
    reverse,
)
from latent_terrain.nodes.gui.units import MapError

CORNER = Polyline(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]), name="corner")
coordinate = st.floats(-100, 100, width=32)
lines = st.builds(
    Polyline,
    st.tuples(st.integers(1, 12), st.integers(1, 6)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=coordinate)
    ),
    st.booleans(),
)


def test_walking_along_a_line_turns_at_its_corner_and_stops_at_its_ends() -> None:
    distances = np.array([-1.0, 0.0, 1.5, 3.0, 5.0, 7.0, 9.0])
    expected = [[0, 0, 1.5, 3, 3, 3, 3], [0, 0, 0, 0, 2, 4, 4]]
    np.testing.assert_allclose(CORNER.positions_at(distances), expected, atol=1e-12)


def test_a_closed_line_comes_back_to_its_start() -> None:
    closed = Polyline(CORNER.anchors, closed=True)
    assert closed.length == pytest.approx(12)
    np.testing.assert_allclose(closed.position_at(12), [0, 0], atol=1e-12)
    np.testing.assert_allclose(closed.position_at(9.5), [1.5, 2], atol=1e-12)


@given(lines, st.lists(st.floats(-10, 2000), min_size=1, max_size=20))
def test_no_two_places_are_farther_apart_than_the_way_between_them(line: Polyline, distances: list[float]) -> None:
    ordered = np.sort(np.array(distances))
    points = line.positions_at(ordered)
    assert np.all(np.isfinite(points))
    steps = np.linalg.norm(np.diff(points, axis=1), axis=0)
    assert np.all(steps <= np.diff(ordered) + 1e-9)


@given(lines)
def test_the_length_is_the_sum_of_the_segments(line: Polyline) -> None:
    assert line.length == pytest.approx(line.segment_lengths.sum(), abs=1e-9)


@given(lines)
def test_reversing_twice_gives_the_same_line_and_once_the_same_length(line: Polyline) -> None:
    assert reverse(reverse(line)) == line
    assert reverse(line).length == pytest.approx(line.length)


@given(lines, st.data())
def test_walking_the_reverse_meets_the_same_places_backwards(line: Polyline, data: st.DataObject) -> None:
    share = data.draw(st.floats(0, 1))
    forward, backward = line.position_at(share * line.length), reverse(line).position_at((1 - share) * line.length)
    np.testing.assert_allclose(forward, backward, atol=1e-6)


@given(lines, st.data())
def test_a_joint_inserted_halfway_leaves_the_path_as_it_is_and_can_be_deleted_again(
    line: Polyline, data: st.DataObject
) -> None:
    segments = len(line.corners) - 1
    if segments < 1:
        return
    segment = data.draw(st.integers(0, segments - 1))
    longer = insert_joint(line, segment)
    assert longer.length == pytest.approx(line.length, rel=1e-6, abs=1e-9)
    assert delete_joint(longer, segment + 1) == line


@given(lines)
def test_mirroring_twice_gives_the_same_line(line: Polyline) -> None:
    back = mirror(mirror(line, 0, about=2.0), 0, about=2.0)
    np.testing.assert_allclose(back.anchors, line.anchors, atol=1e-9)
    assert mirror(line, 0).length == pytest.approx(line.length, rel=1e-6, abs=1e-9)


def test_moving_a_joint_changes_only_that_joint_of_a_new_line() -> None:
    moved = move_joint(CORNER, 1, (9, 9))
    np.testing.assert_array_equal(moved.anchors, [[0, 0], [9, 9], [3, 4]])
    assert moved.name == "corner"
    np.testing.assert_array_equal(CORNER.anchors[1], [3, 0])


def test_anchors_cannot_be_changed_behind_a_lines_back() -> None:
    mine = np.zeros((2, 2))
    line = Polyline(mine)
    mine[0] = 7
    assert line.anchors[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        line.anchors[0] = 1


def test_equal_lines_are_equal_and_hash_alike() -> None:
    twin = Polyline(CORNER.anchors.copy(), name="corner")
    assert twin == CORNER
    assert hash(twin) == hash(CORNER)
    assert Polyline(CORNER.anchors, name="other") != CORNER
    assert CORNER != 3


def test_a_segment_is_caught_by_its_body() -> None:
    hit = nearest_segment([CORNER, Polyline(np.zeros((1, 2)))], (1.0, 0.5), scale=np.array([10.0, 20.0]))
    assert hit is not None
    assert (hit.line, hit.part) == (0, 0)
    assert hit.distance == pytest.approx(10)
    np.testing.assert_allclose(hit.position, [1, 0])


@pytest.mark.parametrize(
    "anchors",
    [
        np.zeros((0, 2)),
        np.zeros(3),
        np.zeros((2, 7)),
        np.array([[np.nan, 0]]),
        np.array([[np.inf, 0]]),
        np.array([[1e300, 0]]),
        np.array([["a", "b"]]),
        np.zeros((100_001, 2)),
    ],
)
def test_anchors_that_are_no_line_are_refused_with_a_sentence(anchors: np.ndarray) -> None:
    with pytest.raises(MapError, match=r"^line: "):
        Polyline(anchors)


def test_edits_of_what_is_not_there_are_refused_with_a_sentence() -> None:
    dot = Polyline(np.zeros((1, 2)))
    for edit in (
        lambda: move_joint(CORNER, 3, (0, 0)),
        lambda: move_joint(CORNER, 0, (0, 0, 0)),
        lambda: delete_joint(dot, 0),
        lambda: insert_joint(CORNER, 2),
        lambda: mirror(CORNER, 2),
    ):
        with pytest.raises(MapError, match=r"^line: "):
            edit()
