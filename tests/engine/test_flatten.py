"""Instances of definitions play as what is in them; what is wrong with one is one sentence, and the rest plays."""

import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, Palette, check_patch, load_palette
from latent_terrain.engine.capture import with_takes
from latent_terrain.engine.compile.flatten import DEEPEST, MOST_NODES, flatten
from latent_terrain.engine.definition_specs import with_definitions
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs import (
    Cord,
    Node,
    Patch,
    add_node,
    connect,
    remove_node,
    rename_node,
    set_bypassed,
    set_muted,
    set_value,
)
from latent_terrain.graphs.definitions import encapsulate, make_unique, remove_definition, unpack
from latent_terrain.graphs.examples import drawn

PALETTE: Palette = load_palette()
TONE = (
    "voice/pitch: param value=220; voice/level: inlet; voice/osc: sine; voice/amp: multiply; "
    "voice/sound: outlet; one: voice; move: lfo low=0.1 high=0.5; out: audio_out | voice/pitch.out > "
    "voice/osc.frequency, voice/osc.out > voice/amp.a, voice/level.out > voice/amp.b, voice/amp.out > "
    "voice/sound.audio, move.out > one.level, one.sound > out.audio"
)
BY_HAND = (
    "osc: sine frequency=220; amp: multiply; move: lfo low=0.1 high=0.5; out: audio_out | osc.out > amp.a, "
    "move.out > amp.b, amp.out > out.audio"
)


def voice() -> Patch:
    return drawn(TONE)


def sound(patch: Patch, samples: int = 4800) -> np.ndarray:
    setup = offline_setup(patch, Path(), 48_000, 256)
    return np.concatenate([block.copy() for block in render(patch, PALETTE, setup, samples)], axis=1)


def played(patch: Patch, blocks: int = 8) -> tuple[np.ndarray, list[str]]:
    """What an engine plays of it, whatever is wrong, and what it says of that."""
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256), strict=False)
    heard = np.concatenate([engine.process().copy() for _ in range(blocks)], axis=1)
    said = [str(one) for one in engine.problems]
    engine.close()
    assert all("\n" not in one for one in said)
    return heard, said


def told(patch: Patch) -> list[str]:
    return [str(one) for one in check_patch(patch, PALETTE, offline_setup(patch, Path()))]


def test_an_instance_sounds_as_what_is_in_it() -> None:
    by_hand = drawn(BY_HAND)
    assert sound(voice()).tobytes() == sound(by_hand).tobytes()
    inside, instance = encapsulate(by_hand, ["osc", "amp"], "part")
    assert sound(inside).tobytes() == sound(by_hand).tobytes()
    assert sound(unpack(inside, instance)[0]).tobytes() == sound(by_hand).tobytes()
    assert sound(make_unique(inside, instance)[0]).tobytes() == sound(by_hand).tobytes()
    nested, _ = encapsulate(inside, ["part/osc"], "deep")
    assert sound(nested).tobytes() == sound(by_hand).tobytes()


def test_an_instance_has_its_own_params_and_the_definitions_otherwise() -> None:
    higher = set_value(drawn(BY_HAND), "osc", "frequency", 330)
    assert sound(set_value(voice(), "one", "pitch", 330)).tobytes() == sound(higher).tobytes()
    assert sound(set_value(voice(), "voice/pitch", "value", 330)).tobytes() == sound(higher).tobytes()


def test_a_param_of_a_definition_is_handed_on_to_one_inside_it() -> None:
    """Also a switch, which no number stands for."""
    patch = drawn(
        "inner/on: param; inner/beat: metro tempo=240; inner/out: outlet; outer/plays: param; "
        "outer/in: inner; outer/out: outlet; one: outer; out: audio_out | inner/on.out > inner/beat.running, "
        "inner/beat.phase > inner/out.audio, outer/plays.out > outer/in.on, outer/in.out > outer/out.audio, "
        "one.out > out.audio"
    )
    for name in ("outer/plays", "inner/on"):
        patch = set_value(patch, name, "value", True)
    by_hand = drawn("metro tempo=240; out: audio_out | metro.phase > out.audio")
    other = set_value(patch, "one", "plays", False)
    assert told(other) == told(patch) == []
    assert sound(patch).tobytes() == sound(by_hand).tobytes()
    assert sound(other).tobytes() == sound(set_value(by_hand, "metro", "running", False)).tobytes()
    assert sound(other).tobytes() != sound(patch).tobytes()
    assert flatten(patch, PALETTE).turned("one", "plays") == (("one/in/beat", "running"),)
    assert with_definitions(PALETTE, patch)["outer"].params["plays"].kind == "bool"


@pytest.mark.parametrize("name", ["one", "voice/osc"])
def test_a_muted_instance_is_silent(name: str) -> None:
    assert not sound(set_muted(voice(), name, True)).any()


def test_a_bypassed_instance_lets_its_first_inlet_through() -> None:
    by_hand = drawn("move: lfo low=0.1 high=0.5; out: audio_out | move.out > out.audio")
    assert sound(set_bypassed(voice(), "one", True)).tobytes() == sound(by_hand).tobytes()


def test_a_definition_counts_before_a_node_type_of_its_name() -> None:
    patch = drawn(
        "sine/osc: noise; sine/out: outlet; one: sine; out: audio_out | sine/osc.out > sine/out.audio, "
        "one.out > out.audio"
    )
    by_hand = drawn("noise; out: audio_out | noise.out > out.audio")
    assert told(patch) == []
    assert np.std(sound(patch)) == pytest.approx(np.std(sound(by_hand)), rel=0.1)
    assert not with_definitions(PALETTE, patch)["sine"].params


# Ports that are no more


def test_a_cord_to_an_inlet_that_is_gone_is_told_and_works_when_it_is_back() -> None:
    patch = set_value(remove_node(voice(), "voice/level"), "one", "late", 3)
    heard, said = played(patch)
    assert heard.any()
    assert "one.level: voice has no input level any more; add an inlet of that name to it, or take this away" in said
    assert any(one.startswith("one.late: voice has no param late any more") for one in said)
    assert sound(patch).any()
    back = connect(add_node(patch, "inlet", "voice/level"), "voice/level.out", "voice/amp.b")
    assert sound(back).tobytes() == sound(voice()).tobytes()


def test_a_cord_from_an_outlet_that_is_gone_is_told() -> None:
    heard, said = played(remove_node(voice(), "voice/sound"))
    assert not heard.any()
    assert any(one.startswith("one.sound: voice has no output sound any more; add an outlet") for one in said)


def test_a_renamed_port_sounds_as_before() -> None:
    for old, new in (("level", "loud"), ("pitch", "note"), ("sound", "all")):
        patch = rename_node(voice(), f"voice/{old}", f"voice/{new}")
        assert sound(patch).tobytes() == sound(voice()).tobytes()
        assert told(patch) == []


def test_an_instance_of_no_definition_is_told_and_the_rest_plays() -> None:
    patch = drawn(f"{TONE.partition(' | ')[0]}; two: sine; sum: add | {TONE.partition(' | ')[2]}, two.out > sum.a")
    patch = connect(connect(patch, "one.sound", "sum.b"), "sum.out", "out.audio")
    heard, said = played(remove_definition(patch, "voice"))
    assert heard.any()
    assert [one for one in said if one.startswith("one: ")] == [one for one in said if "unknown node type" in one]
    assert len(said) <= 2


# Bad input


@pytest.mark.parametrize("definitions", [["voice"], ["voice", "inner"], ["voice", *"abcde"]])
def test_a_definition_that_contains_itself_is_told_where_it_does(definitions: list[str]) -> None:
    patch = voice()
    for outer, inner in zip(definitions, [*definitions[1:], definitions[0]], strict=True):
        patch = add_node(patch, inner, f"{outer}/again")
    heard, said = played(patch)
    assert heard.any()
    way = " -> ".join([*definitions, definitions[0]])
    found = [one for one in said if "contains itself" in one]
    assert found == [
        f"one{'/again' * len(definitions)}: voice contains itself ({way}); take one of these instances out of its "
        "definition"
    ]


def nested(depth: int) -> Patch:
    """A definition in a definition, and so on."""
    nodes = {f"d{level}/x": Node(f"d{level + 1}") for level in range(depth)}
    return Patch({**voice().nodes, **nodes, "deep": Node("d0")}, voice().cords)


def seconds_of(patch: Patch) -> float:
    begin = time.process_time()
    flatten(patch, PALETTE)
    with_definitions(PALETTE, patch)
    return time.process_time() - begin


def test_nesting_as_deep_as_a_file_can_be_is_told_and_takes_time_in_proportion() -> None:
    patch = nested(9_990)
    flat = flatten(patch, PALETTE)
    assert [one.text for one in flat.problems] == [f"it lies more than {DEEPEST} definitions deep; unpack some of them"]
    assert "one/osc" in flat.patch.nodes
    heard, said = played(nested(100))
    assert heard.any()
    assert sum("definitions deep" in one for one in said) == 1
    assert min(seconds_of(patch) for _ in range(2)) < 40 * min(seconds_of(nested(990)) for _ in range(3))


def test_instances_that_multiply_stop_at_as_many_nodes_as_a_patch_may_have() -> None:
    nodes = {f"d{level}/{side}": Node(f"d{level + 1}") for level in range(20) for side in "ab"}
    patch = Patch({**voice().nodes, **nodes, "d20/x": Node("sine"), "much": Node("d0")}, voice().cords)
    flat = flatten(patch, PALETTE)
    assert len(flat.patch.nodes) <= MOST_NODES
    assert [one.text for one in flat.problems] == [
        f"the patch would have more than {MOST_NODES} nodes; use fewer instances"
    ]
    assert flat.problems[0].node.startswith("much/")
    assert "one/osc" in flat.patch.nodes
    only = Patch({**nodes, "d20/x": Node("d21"), "d21/y": Node("d0"), "much": Node("d0")})
    assert len(flatten(only, PALETTE).scopes) <= MOST_NODES


def test_an_inlet_connected_to_its_own_outlet_in_a_circle_is_told_and_the_rest_plays() -> None:
    patch = drawn(
        "through/in: inlet; through/out: outlet; one: through; two: through; tone: sine; sum: mix; out: audio_out | "
        "through/in.out > through/out.audio, one.out > two.in, two.out > one.in, one.out > sum.audio_1, "
        "tone.out > sum.audio_2, two.out > sum.audio_3, sum.out > out.audio"
    )
    heard, said = played(patch)
    assert heard.any()
    found = [one for one in said if "circle" in one]
    assert len(found) == 1
    assert found[0].endswith(": goes in a circle without a node in it; take one of its cords away")


def test_a_long_way_through_definitions_is_followed_once() -> None:
    names = [f"t{number}" for number in range(3000)]
    nodes = {"through/in": Node("inlet"), "through/out": Node("outlet"), "tone": Node("sine")}
    nodes |= {name: Node("through") for name in names} | {f"g{number}": Node("gain") for number in range(3000)}
    cords = [Cord("through/in.out", "through/out.audio"), Cord("tone.out", "t0.in")]
    cords += [Cord(f"{one}.out", f"{two}.in") for one, two in pairwise(names)]
    cords += [Cord(f"{name}.out", f"g{number}.audio") for number, name in enumerate(names)]
    patch = Patch(nodes, tuple(cords))
    found = flatten(patch, PALETTE).patch.cords
    assert {cord.source for cord in found} == {"tone.out"}
    assert len(found) == 3000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e9, -5.0, "high", [1], None, {}])
def test_a_value_that_can_not_be_is_told_at_the_instance_which_plays_on(value: object) -> None:
    patch = voice()
    node = Node("voice", {"pitch": value})  # type: ignore[dict-item]
    patch = Patch({**patch.nodes, "one": node}, patch.cords)
    heard, said = played(patch)
    assert heard.tobytes() == played(voice())[0].tobytes()
    assert len(said) == (value is not None)
    assert all(one.startswith("one.pitch: ") for one in said)


@pytest.mark.parametrize("value", [float("nan"), 1e9, "high"])
def test_a_value_of_the_definition_that_can_not_be_is_told_there(value: object) -> None:
    nodes = dict(voice().nodes)
    patch = Patch({**nodes, "voice/pitch": Node("param", {"value": value})}, voice().cords)  # type: ignore[dict-item]
    heard, said = played(patch)
    assert heard.any()
    assert said
    assert all(one.startswith("one/pitch.value: ") for one in said)


def test_cords_to_nodes_and_ports_that_are_not_there_are_told_as_everywhere() -> None:
    patch = voice()
    more = (Cord("nobody.out", "out.nothing"), Cord("voice/osc.out", "voice/gone.audio"), Cord("move.no", "one.pitch"))
    heard, said = played(Patch(patch.nodes, (*patch.cords, *more)))
    assert heard.any()
    assert any("nobody does not exist" in one for one in said)
    assert any("one/gone does not exist" in one for one in said)
    assert any(one.startswith("move.no: lfo has no such output") for one in said)


def test_a_param_that_leads_back_to_itself_is_no_endless_way() -> None:
    patch = drawn(
        "loop/p: param value=2; loop/out: outlet; one: loop; out: audio_out | loop/p.out > loop/out.audio, "
        "one.out > one.p"
    )
    assert "one/p" in flatten(patch, PALETTE).patch.nodes
    played(patch)


# Turning


@pytest.mark.parametrize(("node", "param"), [("one", "pitch"), ("voice/pitch", "value")])
def test_what_an_instance_has_is_turned_while_it_plays(node: str, param: str) -> None:
    patch = voice()
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256))
    engine.process()
    engine.turn(node, param, 660.0)
    engine.update(set_value(patch, node, param, 660.0))
    for _ in range(8):
        engine.process()
    assert engine.compiled.instances["one/osc"].knobs["frequency"].target == 660.0
    assert engine.compiled.plan.problems == ()
    engine.close()


def test_a_definition_that_is_called_like_an_instance_is_turned_and_kept_apart() -> None:
    """``one/osc`` is a node of the definition ``one``, and what plays of the instance ``one`` has that path."""
    patch = add_node(voice(), "sine", "one/osc", {"frequency": 50})
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256))
    engine.turn("one/osc", "frequency", 60.0)
    engine.process()
    assert engine.compiled.instances["one/osc"].knobs["frequency"].target == 220.0
    engine.turn("one", "pitch", 330.0)
    engine.process()
    assert engine.compiled.instances["one/osc"].knobs["frequency"].target == 330.0
    taken = {"one/osc": {"takes/0001": np.zeros(3)}}
    kept = with_takes(patch, patch, taken)
    assert [name for name, node in kept.nodes.items() if node.content] == ["voice/osc"], (
        "not that of the definition one"
    )
    engine.close()


def test_what_becomes_wrong_while_it_plays_is_told_at_once_and_no_more_when_it_is_mended() -> None:
    patch = voice()
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256))
    wrong = Patch({**patch.nodes, "one": Node("voice", {"pitch": 1e9})}, patch.cords)
    assert [str(one) for one in engine.update(wrong)] == ["one.pitch: 1e+09 Hz is out of range; give 0.01 to 20000 Hz"]
    assert engine.update(patch) == ()
    hanging = Patch(patch.nodes, (*patch.cords, Cord("move.out", "one.late")))
    assert [one.port for one in engine.update(hanging)] == ["late"]
    assert engine.update(patch) == ()
    assert engine.process().any()
    engine.close()
