"""Hands on the canvas: every gesture makes the edit that one expects, in one step, and giving up undoes it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.graphs.notes import add_group, comments, groups
from latent_terrain.ui.patcher.values import place_of, span_of, value_at
from latent_terrain.ui.patcher.window_requests import OpenMenu, OpenSearch, ShowHelp, TypeText, TypeValue
from latent_terrain.ui.surface.hits import OnNothing
from latent_terrain.ui.surface.pointer import Held, Move, Pointer, Press, Release, Wheel

from .benches import Hands, chain, desk_of

PALETTE = load_palette()
CTRL, SHIFT, ALT, SPACE = Held(command=True), Held(shift=True), Held(alt=True), Held(space=True)


@pytest.fixture
def hands() -> Hands:
    return Hands(desk_of(chain()))


def asked(hands: Hands, kind: type) -> object:
    found = [one for one in hands.desk.asks if isinstance(one, kind)]
    assert len(found) == 1, list(hands.desk.asks)
    return found[0]


def test_a_cord_goes_from_port_to_port_whichever_end_is_taken_first(hands: Hands) -> None:
    hands.drag(hands.port("gain.out", False), hands.port("level.audio", True))
    assert ("gain.out", "level.audio") in hands.cords()
    hands.desk.undo()
    hands.drag(hands.port("level.audio", True), hands.port("tone.out", False))
    assert ("tone.out", "level.audio") in hands.cords()
    assert hands.desk.document.history.undo_label == "connect tone to level"


def test_the_minimap_goes_where_the_hand_points_and_is_gone_when_all_is_in_sight(hands: Hands) -> None:
    desk = hands.desk
    desk.window_size = (800.0, 600.0)
    desk.fit()
    assert desk.minimap is None
    desk.view = type(desk.view)((5000.0, 5000.0), 1.0)
    found = desk.minimap
    assert found is not None
    there = found.to_window((100.0, 50.0))
    assert found.to_canvas(there) == pytest.approx((100.0, 50.0))
    hands.hand.touch(Press(Pointer(there)))
    hands.hand.touch(Release(Pointer(there)))
    middle = desk.view.to_canvas((400.0, 300.0))
    assert middle == pytest.approx((100.0, 50.0), abs=1e-6)
    desk.shows_minimap = False
    desk.view = type(desk.view)((5000.0, 5000.0), 1.0)
    assert desk.minimap is None


def test_ports_that_do_not_fit_are_not_offered(hands: Hands) -> None:
    hands.desk.add("terrain", (700, 600))
    hands.press(hands.port("gain.out", False))
    hands.move((700, 300))
    assert hands.hand.overlay is not None
    offered = hands.hand.overlay.offered
    assert offered is not None
    assert "level.audio" in offered
    assert "terrain-1.position" in offered, "a signal may be sampled at each frame"
    assert "terrain-1.latents" not in offered, "trajectories are no signal"
    hands.hand.cancel()


def test_a_knob_goes_over_its_soft_range_and_from_a_value_typed_beyond_it_goes_on_smoothly() -> None:
    rate = PALETTE.specs["gui"].params["rate"]
    assert [value_at(rate, share) for share in (0.0, 0.5, 0.75, 1.0)] == [-4.0, 0.0, 1.0, 4.0]
    assert place_of(rate, 1.0) == 0.75
    span = span_of(rate, 40.0)
    assert (span, place_of(rate, 40.0, span), place_of(rate, 0.0, span)) == ((-40.0, 40.0), 1.0, 0.5)
    assert value_at(rate, 0.99, span) > 36.0
    time = PALETTE.specs["line"].params["time"]
    assert span_of(time, 30_000.0) == (0, 30_000.0)


def test_a_cord_dropped_on_a_card_takes_its_best_free_port(hands: Hands) -> None:
    middle = hands.desk.layout.nodes["level"].title.middle
    hands.drag(hands.port("gain.out", False), middle)
    assert ("gain.out", "level.audio") in hands.cords()


def test_a_cord_dropped_on_nothing_asks_what_to_add_there(hands: Hands) -> None:
    hands.drag(hands.port("gain.out", False), (500, 500))
    ask = asked(hands, OpenSearch)
    assert isinstance(ask, OpenSearch)
    assert ask.cord_from is not None
    assert (ask.cord_from.end, ask.at) == ("gain.out", (500, 500))


def test_a_click_on_a_port_does_nothing(hands: Hands) -> None:
    before = hands.desk.patch
    place = hands.port("gain.out", False)
    hands.press(place)
    hands.let_go(place)
    assert hands.desk.patch is before
    assert not hands.desk.asks


def test_the_end_of_a_cord_is_laid_elsewhere_or_dropped(hands: Hands) -> None:
    hands.drag(hands.port("gain.audio", True), hands.port("level.audio", True))
    assert ("tone.out", "level.audio") in hands.cords()
    assert ("tone.out", "gain.audio") not in hands.cords()
    hands.drag(hands.port("level.audio", True), (500, 550))
    assert hands.cords() == {("gain.out", "out.audio")}
    assert not hands.desk.asks, "dropping a cord asks for nothing"


def test_a_stroke_with_ctrl_cuts_what_it_crosses_in_one_step(hands: Hands) -> None:
    hands.drag((240, -60), (240, 120), CTRL)
    hands.drag((540, -60), (540, 120), CTRL)
    assert not hands.cords()
    hands.desk.undo()
    assert hands.cords() == {("gain.out", "out.audio")}


def test_a_drag_moves_what_is_chosen_on_the_grid_in_one_step(hands: Hands) -> None:
    hands.desk.select(["tone", "gain"])
    hands.drag((320, 8), (383, 217))
    assert hands.desk.patch.nodes["gain"].position == pytest.approx((360, 208), abs=8)
    assert hands.desk.patch.nodes["tone"].position == pytest.approx((60, 208), abs=8)
    x, y = hands.desk.patch.nodes["tone"].position
    assert (x % 8, y % 8) == (0, 0)
    hands.desk.undo()
    assert hands.desk.patch.nodes["gain"].position == (300, 0)


def test_cards_become_flush_with_others_unless_alt_is_held(hands: Hands) -> None:
    hands.drag((320, 308), (23, 310))
    assert hands.desk.patch.nodes["level"].position[0] == 0, "flush with the tone's left edge"
    hands.drag((20, 308), (23, 330), ALT)
    assert hands.desk.patch.nodes["level"].position == (3, 322) or hands.desk.patch.nodes["level"].position[0] == 3


def test_a_node_dropped_on_a_cord_sits_on_it(hands: Hands) -> None:
    name = hands.desk.add("gain", (450, 500))
    assert name is not None
    box = hands.desk.layout.nodes[name].title.middle
    y = hands.port("gain.out", False)[1]
    hands.drag(box, (500, y))
    assert {("gain.out", f"{name}.audio"), (f"{name}.out", "out.audio")} <= hands.cords()
    assert ("gain.out", "out.audio") not in hands.cords()


def test_a_box_chooses_what_it_touches_and_shift_adds(hands: Hands) -> None:
    hands.drag((-50, -50), (50, 60))
    assert hands.desk.selection == {"tone"}
    hands.drag((280, 260), (320, 420), SHIFT)
    assert hands.desk.selection == {"tone", "level"}
    hands.press((900, 700))
    hands.let_go((900, 700))
    assert not hands.desk.selection


def test_a_number_is_turned_finer_with_shift_and_back_by_a_double_click(hands: Hands) -> None:
    box = next(one.box for one in hands.desk.layout.nodes["gain"].controls if one.name == "level")
    hands.drag(box.middle, (box.middle[0] + 40, box.middle[1]))
    coarse = hands.desk.patch.nodes["gain"].values["level"]
    hands.desk.undo()
    hands.drag(box.middle, (box.middle[0] + 40, box.middle[1]), SHIFT)
    fine = hands.desk.patch.nodes["gain"].values["level"]
    assert isinstance(coarse, float)
    assert isinstance(fine, float)
    assert coarse == pytest.approx(10 * fine, rel=1e-3)
    hands.press(box.middle, clicks=2)
    assert "level" not in hands.desk.patch.nodes["gain"].values


def test_a_number_pulled_past_its_end_stays_there(hands: Hands) -> None:
    box = next(one.box for one in hands.desk.layout.nodes["gain"].controls if one.name == "level")
    hands.drag(box.middle, (box.middle[0] + 4000, box.middle[1]))
    spec = hands.desk.palette["gain"].params["level"]
    assert hands.desk.patch.nodes["gain"].values["level"] == spec.high


def test_ctrl_click_asks_to_type_a_value(hands: Hands) -> None:
    box = next(one.box for one in hands.desk.layout.nodes["gain"].controls if one.name == "level")
    hands.press(box.middle, CTRL)
    hands.let_go(box.middle, CTRL)
    assert asked(hands, TypeValue) == TypeValue("gain", "level")


def test_a_double_click_adds_or_names_and_alt_helps(hands: Hands) -> None:
    hands.press((900, 700), clicks=2)
    assert isinstance(asked(hands, OpenSearch), OpenSearch)
    hands.desk.asks.clear()
    hands.press(hands.desk.layout.nodes["gain"].title.middle, clicks=2)
    title = asked(hands, TypeText)
    assert isinstance(title, TypeText)
    title.then("my volume")
    assert hands.desk.patch.nodes["gain"].title == "my volume"
    hands.desk.asks.clear()
    hands.press(hands.desk.layout.nodes["tone"].title.middle, ALT)
    assert asked(hands, ShowHelp) == ShowHelp("sine")


def test_the_right_button_opens_a_menu_for_what_is_there(hands: Hands) -> None:
    hands.press((900, 700), button="right")
    ask = asked(hands, OpenMenu)
    assert isinstance(ask, OpenMenu)
    assert ask.hit == OnNothing()


@pytest.mark.parametrize("button", ["middle", "left"])
def test_the_canvas_is_pulled_by_the_middle_button_or_with_space(hands: Hands, button: str) -> None:
    held = SPACE if button == "left" else Held()
    hands.hand.touch(Press(Pointer((400, 300), held), button))  # type: ignore[arg-type]
    hands.hand.touch(Move(Pointer((450, 320), held)))
    hands.hand.touch(Release(Pointer((450, 320), held), button))  # type: ignore[arg-type]
    assert hands.desk.view.corner == (-50, -20)
    assert not hands.desk.document.history.can_undo, "looking is no edit"


def test_the_wheel_zooms_at_the_pointer(hands: Hands) -> None:
    before = hands.desk.view.to_canvas((320, 200))
    hands.hand.touch(Wheel(Pointer((320, 200)), 3.0))
    assert hands.desk.view.scale > 1.3
    assert hands.desk.view.to_canvas((320, 200)) == pytest.approx(before)


def test_a_group_moves_with_all_that_is_in_it_and_can_be_sized(hands: Hands) -> None:
    hands.desk.edit(lambda patch: add_group(patch, "voice", (280, -60, 560, 130))[0], "group")
    hands.drag((400, -50), (448, 46))
    assert groups(hands.desk.patch)["group-1"].box == (328, 36, 608, 226)
    assert hands.desk.patch.nodes["gain"].position == (348, 96)
    assert hands.desk.patch.nodes["tone"].position == (0, 0)
    hands.drag((607, 225), (656, 256))
    assert groups(hands.desk.patch)["group-1"].box == (328, 36, 656, 256)
    assert not comments(hands.desk.patch)


def test_locked_for_playing_only_controls_and_the_view_move(hands: Hands) -> None:
    hands.desk.is_locked = True
    before = hands.desk.patch
    hands.drag(hands.desk.layout.nodes["gain"].title.middle, (700, 500))
    hands.drag(hands.port("gain.out", False), hands.port("level.audio", True))
    hands.drag((240, -60), (240, 120), CTRL)
    assert hands.desk.patch is before
    box = next(one.box for one in hands.desk.layout.nodes["gain"].controls if one.name == "level")
    hands.drag(box.middle, (box.middle[0] + 30, box.middle[1]))
    assert hands.desk.patch is not before


places = st.tuples(st.integers(-100, 900), st.integers(-100, 600))
held_keys = st.builds(Held, st.booleans(), st.booleans(), st.booleans(), st.booleans())
pointers = st.builds(Pointer, places, held_keys)
buttons = st.sampled_from(["left", "middle", "right"])
touches = st.one_of(
    st.builds(Press, pointers, buttons, st.integers(1, 2)),
    st.builds(Move, pointers),
    st.builds(Release, pointers, buttons),
    st.builds(Wheel, pointers, st.floats(-3, 3), st.floats(-3, 3)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(touches, max_size=40))
def test_whatever_hands_do_nothing_breaks_and_undo_leads_back(sequence: list[Press | Move | Release | Wheel]) -> None:
    desk = desk_of(chain())
    before, hand = desk.patch, Hands(desk).hand
    for touch in sequence:
        hand.touch(touch)
    hand.cancel()
    assert all(name in desk.patch.nodes for name in desk.selection)
    desk.end_gesture()
    for _ in range(200):
        if not desk.document.history.can_undo:
            break
        desk.undo()
    assert desk.patch == before


@settings(max_examples=40, deadline=None)
@given(begin=places, ways=st.lists(places, min_size=1, max_size=6), held=held_keys)
def test_giving_up_a_gesture_leaves_everything_as_it_was(
    begin: tuple[int, int], ways: list[tuple[int, int]], held: Held
) -> None:
    desk = desk_of(chain())
    before, hand = desk.patch, Hands(desk).hand
    hand.touch(Press(Pointer(begin, held)))
    for place in ways:
        hand.touch(Move(Pointer(place, held)))
    hand.cancel()
    assert {name: node.position for name, node in desk.patch.nodes.items()} == {
        name: node.position for name, node in before.nodes.items()
    }
    assert desk.patch.cords == before.cords
