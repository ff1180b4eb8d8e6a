"""The hand as the playhead: its ink, its pressure, and gestures that are recorded."""

from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.timed_paths import RecordedGesture
from latent_terrain.ui.map.gestures.play import MOUSE_PRESSURE
from latent_terrain.ui.surface.pointer import Move, Press, Release

from .sheets import Hands, map_node, sheet_of


@pytest.fixture
def hands() -> Hands:
    return Hands(sheet_of(map_node()))


def test_f101_f102_the_hand_is_the_playhead_and_leaves_ink_but_no_step_of_undo(hands: Hands) -> None:
    hands.sheet.desk.turn("map", "mode", "hand", "")
    hands.desk.end_gesture()
    before = hands.steps
    hands.hand.take("hand")
    hands.drag((-5, 1), (5, 2))
    turned = [(param, value) for _, param, value in hands.desk.sound.turned]  # type: ignore[attr-defined]
    assert ("hand_x", pytest.approx(5)) in turned
    assert turned[-1] == ("pressure", 0.0)
    assert hands.steps == before
    assert len(hands.hand.ink.strokes[-1]) == 3


def test_a_gesture_is_recorded_with_its_times_and_is_a_line_to_play(hands: Hands) -> None:
    hands.hand.take("record")
    hands.drag((-5, 1), (0, 2), (5, 1))
    gesture = hands.sheet.drawing.play[0]
    assert isinstance(gesture, RecordedGesture)
    assert gesture.seconds == pytest.approx(0.05)
    assert np.round(gesture.line.anchors[[0, -1]], 3).tolist() == [[-5, 1], [5, 1]]


def test_a_recorded_gesture_loops_at_once_in_one_step_of_undo(hands: Hands) -> None:
    hands.sheet.show("play")
    hands.sheet.lay(0, Polyline(np.array([[-1.0, 0], [1, 0]])), "a path")
    for param, value in (("mode", "once"), ("playing", False)):
        hands.desk.turn("map", param, value, "")
        hands.desk.end_gesture()
    before = hands.steps
    hands.hand.take("record")
    hands.drag((-5, 1), (0, 2), (5, 1))
    assert [hands.sheet.value(param) for param in ("mode", "line", "playing")] == ["loop", 2, True]
    assert hands.steps == before + 1
    hands.desk.undo()
    assert list(hands.sheet.drawing.play) == [0]
    assert [hands.sheet.value(param) for param in ("mode", "playing")] == ["once", False]


def test_a_pen_presses_as_hard_as_it_does_and_a_mouse_always_the_same(hands: Hands) -> None:
    hands.hand.take("hand")
    pointer = hands.pointer((-5, 1))
    hands.hand.touch(Press(replace(pointer, pressure=0.1)))
    for pressure in (0.2, 0.9, None):
        hands.hand.touch(Move(replace(pointer, pressure=pressure)))
    hands.hand.touch(Release(pointer))
    pressed = [value for _, param, value in hands.desk.sound.turned if param == "pressure"]  # type: ignore[attr-defined]
    assert pressed == [0.1, 0.2, 0.9, MOUSE_PRESSURE, 0.0]
    assert [one[2] for one in hands.hand.ink.strokes[-1]] == [0.1, 0.2, 0.9, MOUSE_PRESSURE]
