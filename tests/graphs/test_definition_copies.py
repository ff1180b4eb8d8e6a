"""Copied instances bring their definitions along, and nothing that was there changes."""

import pytest

from latent_terrain.graphs import Node, Patch, copy_out, dump, load, move_node, paste, set_value
from latent_terrain.graphs.arrange import duplicate
from latent_terrain.graphs.definitions import encapsulate
from latent_terrain.graphs.scopes import scope_of

from .voices import ends, refusal, voices


def test_an_instance_brings_its_definition_along_and_those_inside() -> None:
    nested, outer = encapsulate(voices(), ["one", "two", "sum"], "pair")
    fragment = copy_out(nested, [outer])
    assert {scope_of(name) for name in fragment.nodes} == {"", "pair", "voice"}
    assert load(dump(fragment)) == fragment
    after, names = paste(Patch(), fragment)
    assert after == fragment
    assert names == {outer: outer}
    again, names = paste(nested, fragment, (10, 10))
    assert again.nodes.keys() - nested.nodes.keys() == {names[outer]} == {"pair-2"}
    assert ends(again) == ends(nested)


def test_a_definition_of_the_same_name_that_means_something_else_comes_under_another() -> None:
    mine, theirs = voices(), set_value(voices(), "voice/osc", "frequency", 5.0)
    after, names = paste(mine, copy_out(theirs, ["one"]))
    assert after.nodes[names["one"]].type == "voice-2"
    assert after.nodes["voice-2/osc"].values == {"frequency": 5.0}
    assert after.nodes["voice/osc"].values == {}
    assert after.nodes["one"].type == "voice"
    inside = {(one, other) for one, other in ends(after) if one.startswith("voice-2/")}
    assert len(inside) == 4
    moved = move_node(voices(), "voice/osc", (999.0, 0.0))
    after, names = paste(mine, copy_out(moved, ["one"]))
    assert after.nodes[names["one"]].type == "voice"


def test_what_contains_such_a_definition_comes_under_another_name_too() -> None:
    mine, outer = encapsulate(voices(), ["one", "two", "sum"], "pair")
    theirs = set_value(mine, "voice/osc", "frequency", 5.0)
    after, names = paste(mine, copy_out(theirs, [outer]))
    assert after.nodes[names[outer]].type == "pair-2"
    assert after.nodes["pair-2/one"].type == "voice-2"
    assert after.nodes["pair/one"].type == "voice"
    assert load(dump(after)) == after


def test_a_definition_does_not_take_the_name_of_a_type_that_is_used() -> None:
    fragment = Patch({"sine/osc": Node("noise"), "one": Node("sine")})
    after, _ = paste(Patch({"tone": Node("sine")}), fragment)
    assert after.nodes["tone"].type == "sine"
    assert after.nodes["one"].type == "sine-2"
    assert "sine-2/osc" in after.nodes


def test_nodes_of_a_definition_are_pasted_into_any() -> None:
    patch = voices()
    fragment = copy_out(patch, ["voice/osc", "voice/amp"])
    assert set(fragment.nodes) == {"osc", "amp"}
    assert ends(fragment) == {("osc.out", "amp.a")}
    outside, names = paste(patch, fragment)
    assert names == {"osc": "osc", "amp": "amp"}
    inside, names = paste(outside, fragment, scope="voice")
    assert names == {"osc": "voice/osc-1", "amp": "voice/amp-1"}
    assert ends(inside) - ends(outside) == {("voice/osc-1.out", "voice/amp-1.a")}
    _, names = paste(patch, copy_out(patch, ["one"]), scope="voice")
    assert names == {"one": "voice/one"}


@pytest.mark.parametrize("keeps_inputs", [False, True])
def test_duplicates_are_made_where_their_nodes_are(keeps_inputs: bool) -> None:
    patch, copies = duplicate(voices(), ["voice/osc", "voice/amp"], (10.0, 10.0), keeps_inputs)
    assert copies == {"voice/osc": "voice/osc-1", "voice/amp": "voice/amp-1"}
    more = {("voice/pitch.out", "voice/osc-1.frequency"), ("voice/level.out", "voice/amp-1.b")}
    assert ends(patch) - ends(voices()) == {("voice/osc-1.out", "voice/amp-1.a"), *(more if keeps_inputs else ())}
    assert "choose nodes of one" in refusal(lambda: duplicate(voices(), ["one", "voice/osc"], (0.0, 0.0)))
