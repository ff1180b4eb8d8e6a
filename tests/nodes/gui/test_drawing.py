"""The drawing as content: what is written is read, and what did not change is not written anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latent_terrain.nodes.gui.curves import BezierCurve, delete_curve_joint, move_control, smooth_curve, split_curve
from latent_terrain.nodes.gui.drawing import Drawing, line_of, read_drawing, write_drawing
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.timed_paths import RecordedGesture, Tour
from latent_terrain.nodes.gui.units import MapError

NUMBERS = st.floats(-100, 100, width=32)


def points(low: int, high: int) -> st.SearchStrategy[np.ndarray]:
    return st.integers(low, high).flatmap(lambda n: hnp.arrays(np.float64, (n, 2), elements=NUMBERS))


LINES = points(1, 6).map(Polyline)
CURVES = st.integers(1, 3).flatmap(lambda n: hnp.arrays(np.float64, (3 * n + 1, 2), elements=NUMBERS)).map(BezierCurve)


@st.composite
def gestures(draw: st.DrawFn) -> RecordedGesture:
    places = draw(points(1, 5))
    times = np.sort(draw(hnp.arrays(np.float64, len(places), elements=st.floats(0, 100, width=32))))
    return RecordedGesture(np.column_stack([times, places]))


SOUNDS = st.integers(0, 20)
DRAWINGS = st.builds(
    Drawing,
    st.dictionaries(SOUNDS, LINES | CURVES, max_size=4),
    st.dictionaries(SOUNDS, st.floats(0, 100, width=32), max_size=3),
    st.dictionaries(SOUNDS, LINES | CURVES | gestures(), max_size=4),
    st.dictionaries(st.integers(1, 9), st.tuples(NUMBERS, NUMBERS), max_size=3),
)


def shapes(drawing: Drawing) -> object:
    def one(path: Polyline | BezierCurve | RecordedGesture | Tour) -> object:
        points = (
            path.anchors
            if isinstance(path, Polyline)
            else path.controls
            if isinstance(path, BezierCurve)
            else path.moments
        )
        return type(path).__name__, points.tolist()

    layers = (drawing.lines, drawing.play)
    return [{key: one(path) for key, path in layer.items()} for layer in layers], drawing.weights, drawing.pads


@settings(max_examples=60, deadline=None)
@given(DRAWINGS)
def test_f84_what_is_written_is_read_again(drawing: Drawing) -> None:
    content = write_drawing({"other": np.zeros(3)}, drawing)
    assert shapes(read_drawing(content)) == shapes(drawing)
    assert "other" in content


@settings(max_examples=30, deadline=None)
@given(DRAWINGS, LINES)
def test_a_change_to_one_line_leaves_the_arrays_of_all_others_as_they_are(drawing: Drawing, line: Polyline) -> None:
    before = write_drawing({}, drawing)
    after = write_drawing(before, read_drawing(before).with_line(3, line))
    for name, array in before.items():
        if not name.endswith("/0003"):
            assert after[name] is array


def test_lines_laid_out_by_themselves_stay_so_until_one_is_changed() -> None:
    content = {f"arrange/line/{n:04d}": np.array([[n, 0], [n, 1]], np.float32) for n in range(3)}
    content["arrange/tour/0000"] = np.zeros((2, 2), np.float32)
    drawing = read_drawing(content)
    assert drawing.is_arranged
    assert write_drawing(content, drawing).keys() == content.keys()
    changed = write_drawing(content, drawing.with_line(1, Polyline(np.array([[5.0, 5.0]]))))
    assert {"lines/0000", "lines/0001", "lines/0002", "tour/0000"} <= changed.keys()
    assert not read_drawing(changed).is_arranged
    assert read_drawing(changed).is_toured
    moved = write_drawing(changed, read_drawing(changed).with_played(0, Polyline(np.array([[1.0, 1.0]]))))
    assert "play/0000" in moved
    assert "tour/0000" not in moved


def test_a_line_that_was_laid_out_is_drawn_by_hand_only_once_a_line_is_and_keeps_its_last_digit() -> None:
    content = {
        "lines/0000": np.array([[1, 2], [3, 4]], np.float32),
        "arrange/added/0001": np.array([[1 / 3, 2], [3, 1 / 7]]),
        "arrange/line/0000": np.array([[0, 1 / 9], [5, 5]]),
    }
    for laid in (content, {name: array for name, array in content.items() if name != "lines/0000"}):
        drawing = read_drawing(laid)
        timed = write_drawing(laid, drawing.with_played(0, RecordedGesture(np.array([[0.0, 1, 2], [1, 3, 4]]))))
        padded = write_drawing(timed, replace(read_drawing(timed), pads={1: (0.0, 0.0)}))
        assert {name for name in padded if "line" in name or "added" in name} == laid.keys()
        stroke = write_drawing(padded, read_drawing(padded).with_line(5, Polyline(np.zeros((2, 2)))))
        for number, line in drawing.lines.items():
            np.testing.assert_array_equal(line_of(read_drawing(stroke).lines[number]).anchors, line_of(line).anchors)
            assert f"lines/{number:04d}" in stroke


def test_what_is_played_on_a_laid_out_map_outlives_changes_to_something_else() -> None:
    content = {"arrange/line/0000": np.array([[0, 0], [0, 1]]), "arrange/tour/0000": np.array([[0.0, 0, 0], [9, 0, 1]])}
    moved = Tour(np.array([[0.0, 3, 0], [9, 3, 1]]))
    played = read_drawing(content).with_played(0, moved).with_played(1, Polyline(np.array([[1.0, 1], [2, 2]])))
    drawn = write_drawing(content, played)
    after = read_drawing(write_drawing(drawn, replace(read_drawing(drawn), pads={1: (2.0, 1.0)})))
    assert shapes(after) == shapes(replace(played, pads={1: (2.0, 1.0)}))
    assert after.is_arranged


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("lines/0000", np.full((2, 2), np.nan), "not a number"),
        ("curves/0000", np.zeros((3, 2)), "3 control points"),
        ("gestures/0000", np.array([[1.0, 0, 0], [0.5, 0, 0]]), "gesture: its times go backwards; record"),
        ("tours/0000", np.array([[1.0, 0, 0], [0.5, 0, 0]]), "tour: its times go backwards; have the lines laid out"),
        ("weights/0000", np.array([-1.0]), "weight"),
        ("pads/0001", np.zeros(3), "pad"),
    ],
)
def test_a_drawing_that_makes_no_sense_is_refused_with_a_sentence(name: str, array: np.ndarray, words: str) -> None:
    with pytest.raises(MapError, match=words):
        read_drawing({name: array})


@settings(max_examples=40, deadline=None)
@given(CURVES, st.floats(0.05, 0.95))
def test_f89_a_joint_put_into_a_curve_does_not_move_it_and_taking_it_out_leaves_a_curve(
    curve: BezierCurve, share: float
) -> None:
    split = split_curve(curve, 0, share)
    t = np.linspace(0, 1, 20)[:, None]

    def at(c: np.ndarray, t: np.ndarray) -> np.ndarray:
        return (1 - t) ** 3 * c[0] + 3 * (1 - t) ** 2 * t * c[1] + 3 * (1 - t) * t**2 * c[2] + t**3 * c[3]

    np.testing.assert_allclose(at(split.controls[:4], t), at(curve.controls[:4], t * share), atol=1e-9)
    assert len(delete_curve_joint(split, 1).joints) == len(curve.joints)


def test_f90_a_handle_swings_the_one_opposite_and_a_joint_takes_both_along() -> None:
    curve = smooth_curve([[0, 0], [4, 0], [8, 0]])
    swung = move_control(curve, 4, [4, 3])
    arm, other = swung.controls[4] - swung.controls[3], swung.controls[2] - swung.controls[3]
    assert arm[0] * other[1] == pytest.approx(arm[1] * other[0])
    assert np.linalg.norm(other) == pytest.approx(np.linalg.norm(curve.controls[2] - curve.controls[3]))
    moved = move_control(curve, 3, [4, 1])
    np.testing.assert_allclose(moved.controls[2:5], curve.controls[2:5] + np.array([0, 1]))
    assert line_of(curve).length == pytest.approx(8)


def test_a_gesture_is_walked_in_its_own_time() -> None:
    gesture = RecordedGesture(np.array([[0.0, 0, 0], [1.0, 10, 0], [4.0, 20, 0]]))
    assert gesture.seconds == 4.0
    np.testing.assert_allclose(gesture.positions_at(np.array([0.5, 1.0, 2.5, 9.0]))[0], [5, 10, 15, 20])
