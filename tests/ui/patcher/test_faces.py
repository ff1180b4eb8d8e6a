"""Params that stand for something else: cards and the inspector show and take that, patches keep the place."""

from dataclasses import asdict

import pytest

from latent_terrain.engine.faces import SWITCH, ParamFace, read_faces
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.faust_program.controls import Control, told_face
from latent_terrain.ui.editor.dialogs.dialogs import to_type
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.panels.facts import shared_params, unused_by_all
from latent_terrain.ui.editor.panels.knobs import value_words
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.described import described_param
from latent_terrain.ui.patcher.layout import lay_out
from latent_terrain.ui.patcher.values import place_of, shown, span_of, value_at
from latent_terrain.ui.patcher.window_requests import TypeText, TypeValue

from .benches import PALETTE, desk_of

CUTOFF = ParamFace("cutoff", 20.0, 20_000.0, 440.0, "Hz", 1.0, is_log=True)
VOICES = ParamFace("voices", 1.0, 8.0, 2.0, step=1.0, is_stepped=True)
GATE = ParamFace("gate", words=SWITCH, step=1.0, is_stepped=True)


def playing(**faces: ParamFace) -> Desk:
    """A desk whose engine tells these of its node."""
    desk = desk_of(add_node(Patch(), "faust", "room", {"code": "process = _;"}))
    assert isinstance(desk.sound, SilentEditorSound)
    desk.sound.numbers["faces"] = {"room": {name: asdict(one) for name, one in faces.items()}}
    desk.select(["room"])
    return desk


def test_a_card_has_the_programs_label_range_unit_and_default_and_only_the_knobs_that_turn_something() -> None:
    place = playing(turn_1=CUTOFF, turn_2=VOICES).layout.nodes["room"]
    assert [one.name for one in place.controls if one.kind == "number"] == ["turn_1", "turn_2"]
    assert place.spec is not None
    spec = place.spec.params["turn_1"]
    assert shown(place, "turn_1", -1.0) == "440 Hz"
    assert place_of(spec, -1.0) == pytest.approx(CUTOFF.place_of(440.0))
    told = described_param(spec, "room")
    assert told.title == "cutoff"
    assert "20 to 20000 Hz, logarithmic, default 440 Hz" in told.lines


def test_a_hand_turns_from_the_default_on_in_the_programs_steps() -> None:
    place = playing(turn_1=CUTOFF, turn_2=VOICES, turn_3=GATE).layout.nodes["room"]
    assert place.spec is not None
    cutoff, voices, gate = (place.spec.params[f"turn_{number}"] for number in (1, 2, 3))
    assert span_of(cutoff, -1.0) == (0.0, 1.0)
    assert CUTOFF.at(value_at(cutoff, 0.5)) == pytest.approx(632.0)
    assert [value_words(voices, value_at(voices, share)) for share in (0.0, 0.5, 0.6, 1.0)] == ["1", "5", "5", "8"]
    assert [value_words(gate, value_at(gate, share)) for share in (0.2, 0.7)] == ["off", "on"]


def test_a_value_is_typed_in_the_programs_unit() -> None:
    desk = playing(turn_1=CUTOFF)
    question = to_type(desk, TypeValue("room", "turn_1"))
    assert isinstance(question, TypeText)
    assert (question.title, question.text) == ("room: cutoff", "440 Hz")
    question.then("1000 Hz")
    kept = desk.patch.nodes["room"].values["turn_1"]
    assert isinstance(kept, float)
    assert CUTOFF.at(kept) == pytest.approx(1000.0)
    question.then("5")
    assert desk.patch.nodes["room"].values["turn_1"] == kept
    assert "can't be its value; give one of: cutoff 20 to 20000 Hz" in desk.log.entries[-1].text


def test_the_inspector_shows_the_same_and_nodes_with_other_controls_are_not_turned_together() -> None:
    desk = playing(turn_1=CUTOFF)
    (cutoff, *others) = shared_params(desk)
    assert (cutoff.spec.label.text, value_words(cutoff.spec, cutoff.value)) == ("cutoff", "440 Hz")
    assert {one.spec.name for one in others} <= unused_by_all(desk)
    desk.edit(lambda patch: add_node(patch, "faust", "other", {}), "another")
    desk.select(["room", "other"])
    assert "turn_1" not in {one.spec.name for one in shared_params(desk)}


def test_what_the_engine_tells_later_is_shown_then_and_a_driven_knob_always() -> None:
    desk = playing(turn_1=CUTOFF)
    desk.edit(lambda patch: connect(add_node(patch, "lfo", "slow"), "slow.out", "room.turn_4"), "cord")
    first = desk.layout
    assert {"turn_1", "turn_4"} == {one.name for one in first.nodes["room"].controls if one.kind == "number"}
    assert desk.layout is first
    assert isinstance(desk.sound, SilentEditorSound)
    desk.sound.numbers["faces"] = {"room": {"turn_1": asdict(VOICES)}}
    assert shown(desk.layout.nodes["room"], "turn_1", -1.0) == "2"
    assert desk.layout.nodes["slow"] is first.nodes["slow"]
    desk.sound.numbers["faces"] = {}
    assert shown(desk.layout.nodes["room"], "turn_1", -1.0) == "-1.00"


@pytest.mark.parametrize("told", [None, 3, {"room": 3}, {"room": {"turn_1": {"low": "x"}}}, {"room": {"level": {}}}])
def test_what_is_no_face_shows_nothing(told: object) -> None:
    assert not read_faces(told)


@pytest.mark.parametrize("numbers", [(0.0, float("inf"), 1.0, 0.1), (float("nan"),) * 4, (1.0, 3.0, 2.0, 0.1)])
def test_a_program_with_odd_numbers_shows_places(numbers: tuple[float, float, float, float]) -> None:
    initial, low, high, step = numbers
    told = told_face(Control("slider", "x" * 1000, initial, low, high, step))
    assert told == ParamFace("x" * 32)


def test_a_formulas_card_shows_what_it_names_and_what_is_patched() -> None:
    patch = add_node(Patch(), "expr", "it", {"formula": "in2 * p3 + in1[-p1]"})
    patch = add_node(patch, "lfo", "slow")

    def ports(patch: Patch) -> list[str]:
        return sorted(one.port for one in lay_out(patch, PALETTE).nodes["it"].ports if one.is_input)

    assert ports(patch) == ["in1", "in2", "p1", "p3"]
    assert ports(connect(connect(patch, "slow.out", "it.in7"), "slow.out", "it.p8")) == sorted(
        ["in1", "in2", "in7", "p1", "p3", "p8"]
    )
    assert ports(set_value(patch, "it", "formula", "noise()")) == []
    assert ports(add_node(Patch(), "expr", "it")) == ["in1", "p1"]
    assert len(ports(set_value(patch, "it", "formula", "in1 *"))) == 8 + 8, "what can't be read shows all"
