"""Hands on the map: every stroke draws what one expects, in one step of undo, and giving up undoes it (spec §11)."""

import numpy as np
import pytest

from latent_terrain.nodes.gui.curves import BezierCurve
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.nodes.gui.line_samples import completion
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.ui.map import operations
from latent_terrain.ui.map.hits import OnBody, OnJoint, OnPad
from latent_terrain.ui.surface.hits import OnNothing
from latent_terrain.ui.surface.pointer import Held, Move, Pointer, Wheel

from .sheets import Hands, map_node, sheet_of

SHIFT, CTRL, ALT = Held(shift=True), Held(command=True), Held(alt=True)


@pytest.fixture
def hands() -> Hands:
    return Hands(sheet_of(map_node()))


def test_f73_a_press_a_drag_and_letting_go_is_a_line_for_the_first_sound_that_has_none(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 1))
    hands.drag((0, 0), (5, 1))
    assert hands.anchors(0) == [[-10, 0], [-4, 1]]
    assert hands.anchors(1) == [[0, 0], [5, 1]]
    assert (hands.last, hands.steps) == ("draw 0002", 2)


def test_f73_a_line_can_be_drawn_for_any_sound_one_chooses(hands: Hands) -> None:
    hands.sheet.number = 2
    hands.drag((-10, 0), (-4, 1))
    assert set(hands.sheet.lines) == {2}


def test_b39_a_click_on_empty_ground_draws_nothing(hands: Hands) -> None:
    hands.click((0, 0))
    assert not hands.sheet.lines
    assert hands.last == ""


@pytest.mark.parametrize("held", [SHIFT, CTRL])
def test_f74_shift_or_command_extends_a_line_at_either_end(hands: Hands, held: Held) -> None:
    hands.drag((-4, 0), (-2, 0))
    hands.drag((-2, 0), (-2, 1), held=held)
    hands.drag((-4, 0), (-5, 0), held=held)
    assert hands.anchors() == [[-5, 0], [-4, 0], [-2, 0], [-2, 1]]
    assert hands.last == "extend 0001"


def test_f75_without_a_modifier_the_last_or_first_segment_is_drawn_anew(hands: Hands) -> None:
    hands.drag((-4, 0), (-2, 0))
    hands.drag((-2, 0), (-2, 1), held=SHIFT)
    hands.drag((-2, 1), (0, 1))
    assert hands.anchors() == [[-4, 0], [-2, 0], [0, 1]]
    hands.drag((-4, 0), (-4, 2))
    assert hands.anchors() == [[-4, 2], [-2, 0], [0, 1]]


def test_f75_a_joint_between_is_moved_and_takes_both_neighbours_along(hands: Hands) -> None:
    hands.drag((-4, 0), (-2, 0))
    hands.drag((-2, 0), (-2, 1), held=SHIFT)
    for held in (Held(), SHIFT):
        hands.drag((-2, 0), (-3, 1), held=held)
        assert hands.anchors() == [[-4, 0], [-3, 1], [-2, 1]]
        hands.desk.undo()


def test_f76_a_line_points_after_the_hand_but_ends_where_all_its_latents_have_room(hands: Hands) -> None:
    hands.drag((-15, 0), (15, 0))
    (x0, y0), (x1, y1) = hands.anchors()
    assert (x0, y0, y1) == (-15, 0, 0)
    assert x1 == pytest.approx(-15 + 0.4 * 21)
    done = hands.sheet.completion(0)
    assert done is not None
    assert (done.filled, done.complete) == (22, True)


def test_f76_in_legacy_mode_the_limit_is_the_references_to_the_number() -> None:
    hands = Hands(sheet_of(map_node(sampling="legacy")))
    hands.drag((-15, 0), (15, 0))
    assert hands.anchors()[1][0] == pytest.approx(-15 + 0.4 * 22 - 0.001, abs=1e-3)


def test_f76_extending_a_line_that_is_too_long_drops_its_surplus_segments(hands: Hands) -> None:
    hands.sheet.habits.keeps_length = False
    hands.drag((-15, 0), (-8, 0))
    hands.drag((-8, 0), (-1, 0), held=SHIFT)
    hands.drag((-1, 0), (6, 0), held=SHIFT)
    hands.sheet.habits.keeps_length = True
    hands.drag((6, 0), (6, 2), held=SHIFT)
    anchors = hands.anchors()
    assert anchors[:2] == [[-15, 0], [-8, 0]]
    assert completion(Polyline(np.array(anchors)), 22, 0.4).filled == 22


def test_f76_moves_of_joints_between_are_not_limited(hands: Hands) -> None:
    hands.drag((-4, 0), (-2, 0))
    hands.drag((-2, 0), (-2, 1), held=SHIFT)
    hands.drag((-2, 0), (14, -3))
    assert hands.anchors()[1] == [14, -3]


def test_f78_a_line_is_complete_exactly_when_all_its_latents_have_room(hands: Hands) -> None:
    for length, filled in ((8.39, 21), (8.401, 22)):
        hands.drag((-15, 0), (-15 + length, 0))
        done = hands.sheet.completion(0)
        assert done is not None
        assert (done.filled, done.target) == (filled, 22)
        hands.desk.undo()


def test_f79_when_every_sound_has_its_line_another_is_refused_with_a_sentence(hands: Hands) -> None:
    for row in (-3, 0, 3):
        hands.drag((-10, row), (-5, row))
    hands.drag((5, 0), (8, 0))
    assert set(hands.sheet.lines) == {0, 1, 2}
    assert "all 3 sounds have a line" in hands.desk.log.entries[-1].text


def test_f80_a_drag_that_leaves_the_canvas_goes_on_and_comes_back(hands: Hands) -> None:
    hands.press((-15, 0))
    hands.move((-22, 9))
    hands.let_go((-22, 9))
    assert hands.anchors()[0] == [-15, 0]
    assert not hands.hand.is_busy
    hands.sheet.habits.keeps_inside = True
    hands.drag(tuple(hands.anchors()[1]), (-40, 20))  # type: ignore[arg-type]
    assert bool(np.all(hands.sheet.box.contains(hands.anchors())))


def test_f80_b38_a_canvas_upside_down_is_drawn_on_like_any_other() -> None:
    hands = Hands(sheet_of(map_node(box=[16.0, 4.0, -16.0, -4.0])))
    hands.drag((-10, 0), (-4, 1))
    assert hands.anchors() == [[-10, 0], [-4, 1]]


def test_f88_clearing_one_layer_leaves_the_other_and_is_one_step(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 1))
    hands.sheet.show("play")
    hands.drag((-10, 3), (9, 3))
    operations.clear(hands.sheet)
    assert not hands.sheet.drawing.play
    assert set(hands.sheet.drawing.lines) == {0}
    hands.desk.undo()
    assert set(hands.sheet.drawing.play) == {0}


def test_f89_a_drag_on_a_lines_body_puts_a_joint_there_and_a_click_only_chooses(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 0))
    hands.click((-7, 0))
    assert len(hands.anchors()) == 2
    assert hands.sheet.chosen == {0}
    hands.drag((-7, 0), (-7, 2))
    assert hands.anchors() == [[-10, 0], [-7, 2], [-4, 0]]
    operations.delete(hands.sheet)
    assert hands.anchors() == [[-10, 0], [-4, 0]]


def test_f89_a_line_that_is_deleted_does_not_shift_the_others_to_other_sounds(hands: Hands) -> None:
    for row in (-3, 0, 3):
        hands.drag((-10, row), (-5, row))
    hands.sheet.choose({1})
    operations.delete(hands.sheet)
    assert set(hands.sheet.lines) == {0, 2}
    hands.drag((5, 0), (8, 0))
    assert set(hands.sheet.lines) == {0, 1, 2}


def test_f89_whole_lines_are_moved_together_and_stay_on_the_canvas(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 0))
    hands.drag((-10, 2), (-4, 2))
    hands.hand.take("move")
    hands.drag((-12, -1), (0, 3))
    assert hands.sheet.chosen == {0, 1}
    hands.sheet.habits.keeps_inside = True
    hands.drag((-7, 0), (-7, 10))
    assert hands.anchors(0) == [[-10, 2], [-4, 2]]
    assert hands.anchors(1) == [[-10, 4], [-4, 4]]
    assert hands.last == "move 2 lines"


def test_f89_snapping_catches_joints_of_other_lines_and_the_grid_and_alt_draws_freely(hands: Hands) -> None:
    hands.sheet.habits.snaps = True
    hands.drag((-10.1, 0.1), (-4.1, 1.2))
    step = hands.sheet.grid()
    for x, y in hands.anchors():
        assert (x / step[0]) % 1 == pytest.approx(0)
        assert (y / step[1]) % 1 == pytest.approx(0)
    hands.drag((4, 0), (hands.anchors()[0][0] + 0.3, hands.anchors()[0][1]))
    hands.sheet.habits.keeps_length = False
    hands.drag((2.13, 1.07), (3.57, 1.11), held=ALT)
    assert hands.anchors(2) == [[2.13, 1.07], [3.57, 1.11]]


def test_f89_lines_are_mirrored_reversed_and_nudged(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 1))
    hands.sheet.choose({0})
    operations.mirror_lines(hands.sheet, 0)
    assert hands.anchors() == [[-4, 0], [-10, 1]]
    operations.turn_round(hands.sheet)
    assert hands.anchors() == [[-10, 1], [-4, 0]]
    operations.nudge(hands.sheet, 15, 0)
    assert hands.anchors()[0][0] == pytest.approx(-10 + 15 / 18.75)


def test_f89_giving_up_leaves_everything_as_it_was(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 1))
    before = hands.desk.patch.nodes["map"].content
    hands.press((-4, 1))
    hands.move((3, 3))
    hands.hand.cancel()
    after = hands.desk.patch.nodes["map"].content
    assert {name: array.tolist() for name, array in after.items()} == {
        name: array.tolist() for name, array in before.items()
    }


def test_a_line_goes_to_another_sound_and_the_two_change_places(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 1))
    hands.drag((0, 0), (4, 1))
    operations.weigh(hands.sheet, 0, 0.5)
    operations.reassign(hands.sheet, 0, 1)
    assert hands.anchors(1) == [[-10, 0], [-4, 1]]
    assert hands.anchors(0) == [[0, 0], [4, 1]]
    assert hands.sheet.drawing.weights == {1: 0.5}
    operations.reassign(hands.sheet, 0, 2)
    assert set(hands.sheet.lines) == {1, 2}


def test_f90_a_free_hand_stroke_is_a_line_of_few_joints_as_long_as_its_sound(hands: Hands) -> None:
    hands.hand.take("free")
    wave = [(-12 + t * 0.4, 2 * np.sin(t / 4)) for t in range(60)]
    hands.drag(*wave)
    line = line_of(hands.sheet.lines[0])
    assert line.length == pytest.approx(0.4 * 21, rel=1e-3)
    assert 4 < len(line.anchors) < 40
    assert hands.steps == 1


def test_f90_the_pen_draws_a_curve_joint_by_joint_in_one_step(hands: Hands) -> None:
    hands.sheet.show("play")
    hands.hand.take("pen")
    hands.drag((-10, 0), (-8, 2))
    hands.drag((-2, 0), (0, -2))
    hands.drag((6, 0), (8, 2))
    assert hands.hand.finish()
    curve = hands.sheet.lines[0]
    assert isinstance(curve, BezierCurve)
    assert np.round(curve.joints, 3).tolist() == [[-10, 0], [-2, 0], [6, 0]]
    assert np.round(curve.controls[2:5], 3).tolist() == [[-4, 2], [-2, 0], [0, -2]]
    assert hands.steps == 1
    hands.desk.undo()
    assert not hands.sheet.lines


def test_f90_a_curve_is_bent_again_by_its_handles_and_by_its_joints(hands: Hands) -> None:
    hands.sheet.show("play")
    hands.hand.take("pen")
    for place in ((-10, 0), (-2, 0), (6, 0)):
        hands.drag(place, (place[0] + 2, 2))
    hands.hand.finish()
    hands.hand.take("line")
    hands.drag((0, 2), (0, 3))
    curve = hands.sheet.lines[0]
    assert isinstance(curve, BezierCurve)
    assert np.round(curve.controls[4], 3).tolist() == [0, 3]
    hands.drag((-2, 0), (-2, 1))
    moved = hands.sheet.lines[0]
    assert isinstance(moved, BezierCurve)
    assert np.allclose(moved.controls[2:5], curve.controls[2:5] + np.array([0, 1]), atol=1e-3)
    operations.straighten(hands.sheet)
    assert hands.anchors() == [[-10, 0], [-2, 1], [6, 0]]


def test_f90_the_eraser_leaves_a_sound_its_longest_piece_and_cuts_play_lines_in_two(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 0))
    hands.hand.take("erase")
    hands.click((-9, 0))
    assert hands.anchors()[0][0] == pytest.approx(-9 + 12 / 18.75, abs=1e-2)
    hands.sheet.show("play")
    hands.hand.take("line")
    hands.drag((-10, 2), (10, 2))
    hands.hand.take("erase")
    hands.click((0, 2))
    assert set(hands.sheet.lines) == {0, 1}
    assert hands.anchors(0)[0] == [-10, 2]
    assert hands.anchors(1)[-1] == [10, 2]


def test_f86_points_are_set_and_moved_one_for_each_sound() -> None:
    hands = Hands(sheet_of(map_node((1, 1, 1))))
    hands.hand.take("point")
    hands.click((-5, 1))
    hands.click((5, 1))
    assert [hands.anchors(number) for number in (0, 1)] == [[[-5, 1]], [[5, 1]]]
    hands.drag((5, 1), (6, 2))
    assert hands.anchors(1) == [[6, 2]]
    assert all((done := hands.sheet.completion(number)) is not None and done.complete for number in (0, 1))


def test_f92_play_lines_are_as_many_and_as_long_as_one_likes(hands: Hands) -> None:
    hands.sheet.show("play")
    for row in (-3, -1, 1, 3):
        hands.drag((-15, row), (15, row))
    assert set(hands.sheet.drawing.play) == {0, 1, 2, 3}
    assert hands.anchors(3) == [[-15, 3], [15, 3]]


def test_f94_f95_a_line_that_is_played_is_the_nodes_line_and_mode(hands: Hands) -> None:
    hands.sheet.show("play")
    for row in (-3, 3):
        hands.drag((-15, row), (15, row))
    operations.play_line(hands.sheet, 1)
    values = hands.desk.patch.nodes["map"].values
    assert (hands.sheet.value("line"), hands.sheet.value("mode"), values["line"]) == (2, "loop", 2)


def test_f99_the_ends_of_the_loop_are_dragged_along_the_line(hands: Hands) -> None:
    hands.sheet.show("play")
    hands.drag((-15, 3), (15, 3))
    hands.drag((-15, 3), (-7.5, 2))
    hands.drag((15, 3), (7.5, 3.5))
    assert hands.sheet.value("loop_start") == pytest.approx(0.25, abs=1e-3)
    assert hands.sheet.value("loop_end") == pytest.approx(0.75, abs=1e-3)
    assert hands.anchors() == [[-15, 3], [15, 3]]


def test_f100_places_are_kept_as_pads_moved_and_gone_to(hands: Hands) -> None:
    hands.hand.take("pad")
    hands.click((-5, 1))
    hands.click((5, 1))
    hands.drag((5, 1), (6, 2))
    assert hands.sheet.drawing.pads == {1: pytest.approx((-5, 1)), 2: pytest.approx((6, 2))}
    hands.sheet.show("play")
    hands.hand.take("line")
    hands.click((6, 2))
    sound = hands.desk.sound
    assert ("map", "pad", 2) in sound.turned  # type: ignore[attr-defined]
    assert hands.sheet.value("mode") == "pads"
    operations.drop_pad(hands.sheet, 2)
    assert not operations.go_to_pad(hands.sheet, 2)


def test_b37_what_the_hand_is_on_is_the_nearest_in_pixels_whatever_the_zoom(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 0))
    assert hands.hand.under((112.5, 77)) == OnJoint(0, 0, True, False)
    assert isinstance(hands.hand.under((150, 78)), OnBody)
    assert hands.hand.under((150, 95)) == OnNothing()
    for _ in range(12):
        hands.hand.touch(Wheel(hands.pointer((-10, 0)), 1.0))
    x, y = hands.sheet.view.to_screen((-10, 0))
    assert hands.hand.under((float(x) + 9, float(y))) == OnJoint(0, 0, True, False)
    assert hands.hand.under((float(x) - 11, float(y))) == OnNothing()


def test_a_locked_patch_is_played_but_not_drawn_on(hands: Hands) -> None:
    hands.drag((-10, 0), (-4, 0))
    hands.desk.is_locked = True
    hands.drag((-10, 0), (0, 2))
    assert hands.anchors() == [[-10, 0], [-4, 0]]
    hands.hand.take("hand")
    hands.drag((-5, 1), (5, 2))
    assert hands.hand.ink.strokes


def test_lines_laid_out_by_themselves_are_the_hands_once_it_moves_one() -> None:
    patch = map_node(layout="rows")
    made = {f"arrange/line/{n:04d}": np.array([[-9, n], [-4, n]], np.float32) for n in range(3)}
    made["arrange/tour/0000"] = np.array([[-9, 0], [-4, 2]], np.float32)
    from latent_terrain.graphs import set_content

    hands = Hands(sheet_of(set_content(patch, "map", made)))
    assert hands.sheet.drawing.is_arranged
    hands.drag((-9, 1), (-9, -2))
    drawing = hands.sheet.drawing
    assert (drawing.is_arranged, set(drawing.lines), len(drawing.play)) == (False, {0, 1, 2}, 1)
    assert hands.sheet.value("layout") == "rows", "sounds that are added get their line"
    hands.desk.undo()
    assert hands.sheet.drawing.is_arranged


def test_hands_that_do_the_unlikely_break_nothing(hands: Hands) -> None:
    hands.hand.touch(Move(Pointer((1e9, -1e9))))
    hands.let_go((0, 0))
    hands.press((0, 0))
    hands.press((1, 1), button="middle")
    hands.let_go((1, 1))
    hands.desk.edit(lambda patch: type(patch)(), "everything goes")
    hands.move((3, 3))
    hands.hand.cancel()
    assert hands.sheet.about is None
    assert hands.hand.under((10, 10)) == OnNothing()
    assert not isinstance(hands.hand.under((10, 10)), OnPad)
