"""Mappings of controllers to params: ranges, curves, buttons, pick-up, and how they are kept."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import LearnControl
from latent_terrain.graphs import EditError, Patch, add_node, set_view
from latent_terrain.ui.control.mapping import (
    ControlMapping,
    MappingState,
    as_value,
    fits,
    learned,
    mapped,
    mappings_of,
    number_of,
    stepped,
    taken_by,
    unmapped,
    without,
)

PALETTE = load_palette()
CC = "midi:Launch/1/cc/21"


def mapping(**changed: object) -> ControlMapping:
    return ControlMapping(**{"source": CC, "node": "gain", "param": "level", "low": -60.0, "high": 0.0, **changed})  # type: ignore[arg-type]


def patch() -> Patch:
    return add_node(add_node(Patch(), "gain", name="gain"), "gui", name="map")


@given(
    st.floats(0, 1),
    st.sampled_from(["linear", "log", "exponential", "bipolar"]),
    st.floats(0.01, 1000),
    st.floats(0.01, 1000),
)
def test_places_and_values_are_there_and_back(place: float, curve: str, low: float, high: float) -> None:
    one = mapping(curve=curve, low=low, high=high)
    value = one.value_at(place)
    assert min(low, high) * (1 - 1e-9) <= value <= max(low, high) * (1 + 1e-9)
    if abs(math.log(high / low)) > 1e-3:
        assert one.value_at(one.place_of(value)) == pytest.approx(value, rel=1e-6)


def test_a_range_may_be_the_wrong_way_round() -> None:
    follower = MappingState()
    assert follower.move(mapping(low=0.0, high=-60.0), 0.25, 0.0) == -15.0


def test_a_button_toggles_when_pressed_and_not_when_let_go() -> None:
    one, follower, now = mapping(low=0.0, high=1.0, mode="toggle"), MappingState(), 0.0
    found = []
    for place in (1.0, 0.0, 1.0, 0.9, 0.0, 1.0):
        value = follower.move(one, place, now)
        now = now if value is None else value
        found.append(value)
    assert found == [1.0, None, 0.0, None, None, 1.0]


def test_a_momentary_button_is_on_while_it_is_pressed() -> None:
    one, follower = mapping(low=0.0, high=1.0, mode="momentary"), MappingState()
    assert [follower.move(one, place, 0.0) for place in (0.5, 1.0, 0.0)] == [1.0, 1.0, 0.0]


def test_pick_up_waits_until_the_knob_passes_where_the_param_is() -> None:
    one, follower = mapping(low=0.0, high=1.0, pickup=True), MappingState()
    assert [follower.move(one, place, 0.5) for place in (0.1, 0.3, 0.6)] == [None, None, 0.6]
    assert follower.move(one, 0.8, 0.6) == 0.8
    assert follower.move(one, 0.7, 0.2) is None, "somebody else has turned it: it has to be picked up again"
    assert follower.move(one, 0.1, 0.2) == pytest.approx(0.1)


def test_any_device_and_any_channel() -> None:
    assert fits(mapping(source="midi:*/*/cc/21"), "midi:Some thing/7/cc/21")
    assert not fits(mapping(source="midi:*/1/cc/21"), "midi:Some thing/7/cc/21")
    assert not fits(mapping(source="midi:*/*/cc/21"), "midi:Some thing/7/cc/2")


def test_they_are_kept_in_the_patch_by_name_and_one_of_a_kind() -> None:
    there = mapped(mapped(patch(), mapping()), mapping(low=-20.0))
    assert [one.low for one in mappings_of(there)] == [-20.0]
    assert mappings_of(unmapped(there, node="gain")) == ()
    assert unmapped(mapped(patch(), mapping()), source=CC) == patch()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"node": "gone"}, "no node gone"),
        ({"source": "fader 3"}, "is not a controller source"),
        ({"curve": "wild"}, "linear, log, exponential"),
        ({"low": math.nan}, "two numbers"),
        ({"mode": "follow"}, "no number to follow"),
        ({"node": "", "param": "a b", "mode": "momentary"}, "is not a valid snapshot name"),
        ({"node": "", "param": "1"}, "must be momentary"),
        ({"node": "", "param": "1", "mode": "momentary", "seconds": 601.0}, "0 to 600 seconds"),
    ],
)
def test_what_cannot_be_is_a_sentence(changed: dict[str, object], words: str) -> None:
    with pytest.raises(EditError, match=words):
        mapped(patch(), mapping(**changed))


def test_damaged_mappings_are_passed_over() -> None:
    good = mapped(patch(), mapping()).view["controls"][0]
    odd = set_view(patch(), "controls", [{"source": 3}, "x", {**good, "low": "a"}, {**good, "mode": "?"}, dict(good)])
    assert mappings_of(odd) == (mapping(),)


def test_what_is_learned_spans_the_range_of_a_knob_and_buttons_toggle() -> None:
    params = PALETTE.specs["gui"].params
    assert learned(CC, "map", params["playing"]).mode == "absolute"
    assert learned("midi:x/1/note/60", "map", params["playing"]).mode == "toggle"
    rate = learned(CC, "map", params["rate"])
    assert (rate.low, rate.high, rate.curve) == (-4.0, 4.0, "bipolar")
    assert [rate.value_at(place) for place in (0.25, 0.5, 0.75)] == [-1.0, 0.0, 1.0]
    pad = learned("midi:x/1/note/60", "map", params["pad"], 3)
    assert [MappingState().move(pad, place, 0) for place in (1.0, 0.0)] == [3.0, 3.0], "a key for a pad"
    mode = learned(CC, "map", params["mode"])
    assert as_value(params["mode"], mode.value_at(0.0)) == params["mode"].choices[0]
    assert as_value(params["mode"], mode.value_at(1.0)) == params["mode"].choices[-1]


PROGRAM = "midi:Keys/1/program/5"


@pytest.mark.parametrize(
    ("source", "follows"),
    [
        (PROGRAM, "midi:Keys/1/program"),
        ("midi:Keys/1/note/36", "midi:Keys/1/note"),
        ("gamepad:Pad/1/button/2", "gamepad:Pad/1/button"),
        ("osc:/scene", "osc:/scene"),
        (CC, None),
        ("midi:Keys/1/bend/0", None),
        ("gamepad:Pad/1/axis/0", None),
    ],
)
def test_what_is_pressed_is_followed_by_its_number_and_a_knob_has_none(source: str, follows: str | None) -> None:
    found = taken_by(LearnControl(by_number=True, seconds=2.0), source, None)
    assert (found and (found.source, found.mode, found.seconds)) == (follows and (follows, "follow", 2.0))


def test_a_followed_number_is_that_of_its_device_channel_and_kind_with_low_added() -> None:
    one = mapping(source="midi:Keys/1/program", mode="follow", low=1.0)
    assert number_of(one, PROGRAM, [1.0]) == 6.0
    for other in ("midi:Keys/2/program/5", "midi:Else/1/program/5", "midi:Keys/1/note/5", "midi:Keys/1/cc/5"):
        assert number_of(one, other, [1.0]) is None
    assert number_of(mapping(source="midi:*/*/program", mode="follow", low=0.0), PROGRAM, [1.0]) == 5.0
    keys = mapping(source="midi:Keys/1/note", mode="follow", low=-36.0)
    assert number_of(keys, "midi:Keys/1/note/38", [0.5, 38.0, 0.5]) == 2.0
    assert number_of(keys, "midi:Keys/1/note/38", [0.0, -1.0, 0.0]) is None, "it is let go"
    assert number_of(mapping(source="osc:/scene#2", mode="follow", low=0.0), "osc:/scene", [1.0, 7.0]) == 7.0


def test_a_number_that_a_param_does_not_have_turns_nothing() -> None:
    params = PALETTE.specs["gui"].params
    assert [stepped(params["pad"], one) for one in (-1.0, 0.0, 9.0, 10.0)] == [None, 0, 9, None]
    assert stepped(params["mode"], 1.0) == params["mode"].choices[1]
    assert stepped(params["mode"], 99.0) is None


def test_a_press_is_one_until_it_is_let_go_and_what_is_never_let_go_presses_each_time() -> None:
    key = MappingState()
    assert [key.is_press(place) for place in (0.5, 0.7, 0.0, 0.2)] == [True, False, False, True]
    program = MappingState()
    assert [program.is_press(1.0) for _ in range(3)] == [True] * 3
    fader = MappingState()
    assert [fader.is_chosen(number) for number in (0.8, 1.2, 1.6, 1.6)] == [True, False, True, True]


def test_a_program_brings_back_how_a_param_is_now() -> None:
    params = PALETTE.specs["gui"].params
    for param, now, number in (("rate", 0.7, 0.7), ("playing", True, 1.0), ("pad", 4, 4.0)):
        one = learned(PROGRAM, "map", params[param], now)
        assert MappingState().move(one, 1.0, 0.0) == number


def test_a_controller_recalls_one_snapshot_and_several_may_recall_the_same() -> None:
    def slot(name: str, source: str = PROGRAM) -> ControlMapping:
        return ControlMapping(source, "", name, 0.0, 1.0, mode="momentary", seconds=1.5)

    there = mapped(mapped(mapped(patch(), mapping(source=PROGRAM)), slot("1")), slot("2"))
    there = mapped(there, slot("2", CC))
    assert [one.target for one in mappings_of(there)] == ["gain.level", "snapshot 2", "snapshot 2"]
    assert [one.target for one in mappings_of(without(there, slot("2")))] == ["gain.level", "snapshot 2"]
    assert mappings_of(there)[1].seconds == 1.5


def test_mappings_of_files_before_there_were_seconds_are_read() -> None:
    good = dict(mapped(patch(), mapping()).view["controls"][0])
    del good["seconds"]
    assert mappings_of(set_view(patch(), "controls", [good])) == (mapping(),)
