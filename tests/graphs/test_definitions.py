"""Definitions as documents: made, unpacked, copied and renamed without losing a cord; what can't be is one sentence."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import (
    Cord,
    History,
    Node,
    Patch,
    PatchFileError,
    add_node,
    as_json,
    connect,
    diff,
    diff_text,
    dump,
    load,
    merge_edits,
    remove_node,
    rename_node,
    set_value,
    show,
)
from latent_terrain.graphs.definitions import (
    circle,
    encapsulate,
    make_unique,
    remove_definition,
    rename_definition,
    unpack,
    without_instances,
)
from latent_terrain.graphs.delta import applied, delta, followed, rebased
from latent_terrain.graphs.examples import drawn
from latent_terrain.graphs.scopes import definitions, instances_of, scope_of
from latent_terrain.graphs.three_way_merge import name_of_theirs

from .strategies import packed
from .voices import Edit, ends, refusal, voices


def placeless(patch: Patch) -> dict[str, Node]:
    return {name: replace(node, position=(0.0, 0.0)) for name, node in patch.nodes.items()}


@st.composite
def plain(draw: st.DrawFn) -> tuple[Patch, list[str]]:
    """A patch of a few nodes, and some of them."""
    names = [f"n-{number}" for number in range(draw(st.integers(1, 6)))]
    nodes = {name: Node(draw(st.sampled_from(["sine", "add"])), {"level": number}) for number, name in enumerate(names)}
    sources = st.builds("{}.{}".format, st.sampled_from(names), st.sampled_from(["out", "left"]))
    targets = st.builds("{}.{}".format, st.sampled_from(names), st.sampled_from(["a", "b", "level"]))
    cords = draw(st.dictionaries(targets, sources, max_size=10))
    patch = Patch(nodes, tuple(Cord(source, target, {"bend": 1}) for target, source in cords.items()))
    return patch, draw(st.lists(st.sampled_from(names), min_size=1, unique=True))


@settings(max_examples=80)
@given(plain())
def test_what_is_encapsulated_and_unpacked_is_as_it_was(made: tuple[Patch, list[str]]) -> None:
    patch, chosen = made
    inside, instance = encapsulate(patch, chosen, "part")
    assert load(dump(inside)) == inside
    assert inside.nodes[instance].type == "part"
    after, names = unpack(inside, instance)
    assert set(names.values()) == set(chosen)
    after = remove_definition(after, "part")
    assert placeless(after) == placeless(patch)
    assert replace(after, nodes={}) == replace(patch, nodes={})


def test_an_instance_that_feeds_itself_is_unpacked_with_its_loop() -> None:
    patch = connect(voices(), "one.sound", "one.level")
    after, names = unpack(patch, "one")
    assert "one" not in {end.partition(".")[0] for both in ends(after) for end in both}
    assert (f"{names['voice/amp']}.out", f"{names['voice/amp']}.b") in ends(after)
    through = drawn(
        "pass/in: inlet; pass/out: outlet; one: pass; tone: sine; out: audio_out | pass/in.out > "
        "pass/out.audio, tone.out > one.in, one.out > out.audio"
    )
    assert ends(unpack(through, "one")[0]) == {("pass/in.out", "pass/out.audio"), ("tone.out", "out.audio")}
    circle = connect(through, "one.out", "one.in")
    assert ends(unpack(circle, "one")[0]) == {("pass/in.out", "pass/out.audio")}


@settings(max_examples=80)
@given(plain())
def test_encapsulating_keeps_every_cord(made: tuple[Patch, list[str]]) -> None:
    """Those among the chosen nodes and among the others as they are; one that crosses by an inlet or an outlet."""
    patch, chosen = made
    after, instance = encapsulate(patch, chosen, "part")
    found = ends(after)
    by_source = {cord.target: cord.source for cord in after.cords}
    for source, target in ends(patch):
        outside = source.partition(".")[0] not in chosen, target.partition(".")[0] not in chosen
        if outside == (True, True):
            assert (source, target) in found
        elif outside == (False, False):
            assert (f"part/{source}", f"part/{target}") in found
        elif outside == (True, False):
            inlet = by_source[f"part/{target}"]
            assert (source, f"{instance}.{inlet.removeprefix('part/').removesuffix('.out')}") in found
        else:
            outlet = by_source[target].partition(".")[2]
            assert (f"part/{source}", f"part/{outlet}.audio") in found
    assert max(Counter(cord.target for cord in after.cords).values(), default=1) == 1
    assert all(scope_of(cord.source_node) == scope_of(cord.target_node) for cord in after.cords)


@settings(max_examples=40)
@given(plain(), st.data())
def test_encapsulating_inside_of_a_definition_is_as_outside(made: tuple[Patch, list[str]], data: st.DataObject) -> None:
    patch, chosen = made
    outer, _ = encapsulate(patch, list(patch.nodes), "whole")
    inner, instance = encapsulate(outer, [f"whole/{name}" for name in chosen], "part")
    assert scope_of(instance) == "whole"
    after, _ = unpack(inner, instance)
    assert ends(remove_definition(after, "part")) == ends(outer)
    for changed in (make_unique(inner, instance)[0], rename_definition(inner, "part", "other")):
        history = History(inner)
        history.apply(changed, "it")
        assert load(dump(changed)) == changed
        assert applied(inner, *delta(inner, changed)) == changed
        assert history.undo() == inner


def test_an_instance_made_its_own_no_longer_follows() -> None:
    patch, name = make_unique(voices(), "two")
    assert name == "voice-2"
    assert patch.nodes["two"] == replace(voices().nodes["two"], type="voice-2")
    assert instances_of(patch, "voice") == ["one"]
    assert {end.replace("voice/", "") for ends_ in ends(voices()) for end in ends_ if "/" in end} == {
        end.replace("voice-2/", "") for ends_ in ends(patch) for end in ends_ if end.startswith("voice-2/")
    }
    assert set_value(patch, "voice-2/osc", "frequency", 5.0).nodes["voice/osc"] == patch.nodes["voice/osc"]
    assert ends(voices()) < ends(patch)


@pytest.mark.parametrize(
    "edit",
    [
        lambda patch: remove_node(patch, "one"),
        lambda patch: remove_definition(patch, "voice"),
        lambda patch: remove_node(patch, "voice/level"),
        lambda patch: rename_definition(patch, "voice", "tone"),
        lambda patch: unpack(patch, "two")[0],
    ],
)
def test_every_cord_comes_back_by_undo(edit: Edit) -> None:
    before = voices()
    history = History(before)
    after = edit(before)
    assert ends(after) != ends(before)
    history.apply(after, "edit")
    assert history.undo() == before
    assert history.redo() == after


def test_names_that_are_chosen_for_one_are_of_no_definition_and_no_instance() -> None:
    patch, _ = encapsulate(drawn("tone: sine; gain | tone.out > gain.audio"), ["tone"], "part")
    patch = add_node(patch, "part")
    assert instances_of(patch, "part") == ["part-1", "part-2"]
    patch, name = make_unique(patch, "part-2")
    assert name == "part-3"
    assert "part-4" in add_node(patch, "part").nodes


def test_a_definition_that_is_gone_leaves_its_instances_with_their_cords() -> None:
    patch = remove_definition(voices(), "voice")
    assert not definitions(patch).keys() - {""}
    assert ends(patch) == {one for one in ends(voices()) if "/" not in one[0]}


def test_texts_differences_and_merges_know_names_with_a_slash() -> None:
    base = voices()
    ours, theirs = set_value(base, "voice/osc", "frequency", 5.0), set_value(base, "voice/amp", "b", 0.5)
    assert "  voice/osc.frequency = 5.0\n" in show(ours)
    assert as_json(ours)["nodes"]["voice/osc"]["values"] == {"frequency": 5.0}
    assert diff_text(base, ours) == "+ voice/osc.frequency = 5.0\n"
    assert [change.node for change in diff(base, theirs)] == ["voice/amp"]
    merged = merge_edits(base, ours, theirs)
    assert not merged.conflicts
    assert merged.patch.nodes["voice/osc"].values == {"frequency": 5.0}
    assert merged.patch.nodes["voice/amp"].values == {"b": 0.5}
    assert ends(merged.patch) == ends(base)
    change, arrays = delta(base, ours)
    assert set(change) == {"edited"}
    assert applied(base, change, arrays) == ours
    assert followed(theirs, change, arrays) == merged.patch == rebased(base, ours, theirs)


def test_what_both_changed_in_a_definition_is_kept_beside_in_it() -> None:
    base = voices()
    merged = merge_edits(
        base, set_value(base, "voice/osc", "frequency", 5.0), set_value(base, "voice/osc", "frequency", 6.0)
    )
    assert merged.patch.nodes["voice/osc-theirs"].values == {"frequency": 6.0}
    assert name_of_theirs(f"{'d' * 64}/{'n' * 64}") == f"{'d' * 64}/{'n' * 57}-theirs"
    assert load(dump(merged.patch)) == merged.patch


@pytest.mark.parametrize(
    "name", ["a/b/c", "/a", "a/", "inlet/a", "outlet/a", "param/a", "/", "a//b", f"{'d' * 65}/a", "ä/b"]
)
def test_bad_names_are_refused_in_edits_and_files(name: str) -> None:
    assert "can't name a node" in refusal(lambda: add_node(Patch(), "sine", name))
    assert "can't name a node" in refusal(lambda: rename_node(voices(), "voice/osc", name))
    with pytest.raises(PatchFileError, match="can't name a node"):
        dump(Patch({name: Node("sine")}))
    with pytest.raises(PatchFileError, match=r"damaged: .*can't name a node"):
        load(packed({"format": "latent-terrain", "version": 3, "nodes": {name: {"type": "sine"}}}))


def test_a_cord_stays_inside_of_its_definition() -> None:
    patch = voices()
    for source, target in (("move.out", "voice/osc.frequency"), ("voice/osc.out", "out.audio")):
        assert "a cord stays inside its definition" in refusal(partial(connect, patch, source, target))
        bad = {"source": source, "target": target}
        with pytest.raises(PatchFileError, match=r"damaged: .*out of its definition; take its previous version"):
            load(packed({"format": "latent-terrain", "version": 3, "cords": [bad]}))
        with pytest.raises(ValueError, match="out of its definition"):
            applied(patch, {"cords": [bad]}, {})
        with pytest.raises(PatchFileError, match="out of its definition"):
            dump(replace(patch, cords=(Cord(source, target),)))
    assert "it stays in its definition" in refusal(lambda: rename_node(patch, "voice/osc", "osc"))
    assert "it stays in its definition" in refusal(lambda: rename_node(patch, "one", "voice/one"))


@pytest.mark.parametrize("name", ["voice", "sine", "add", "inlet", "outlet", "param", "a/b", "", "ä"])
def test_a_definition_gets_a_name_of_its_own(name: str) -> None:
    refusal(lambda: encapsulate(voices(), ["sum"], name))
    refusal(lambda: make_unique(voices(), "one", name))
    if name != "voice":
        refusal(lambda: rename_definition(voices(), "voice", name))


def test_what_is_no_definition_and_no_instance_is_told() -> None:
    assert "no such definition" in refusal(lambda: rename_definition(voices(), "tone", "other"))
    assert "no such definition" in refusal(lambda: remove_definition(voices(), ""))
    assert "is no instance" in refusal(lambda: unpack(voices(), "out"))
    assert "is no instance" in refusal(lambda: make_unique(voices(), "out"))
    assert "no such node" in refusal(lambda: encapsulate(voices(), ["nobody"], "part"))
    assert "choose nodes of one" in refusal(lambda: encapsulate(voices(), ["one", "voice/osc"], "part"))
    assert "choose nodes of one" in refusal(lambda: encapsulate(voices(), [], "part"))
    assert "stay in their definition" in refusal(lambda: encapsulate(voices(), ["voice/level", "voice/osc"], "part"))


def test_a_circle_is_found_however_long() -> None:
    assert circle(voices(), "voice") == []
    chain = {f"d{number}/x": Node(f"d{(number + 1) % 5000}") for number in range(5000)}
    assert len(circle(Patch(chain), "d0")) == 5001
    assert circle(Patch({"a/x": Node("b"), "b/x": Node("a"), "c/x": Node("a")}), "a") == ["a", "b", "a"]
    assert circle(Patch({"a/x": Node("b"), "b/x": Node("a"), "c/x": Node("a")}), "c") == []


def test_only_definitions_and_nodes_of_types_of_their_own_are_left_without_instances() -> None:
    left = without_instances(voices())
    assert "one" not in left.nodes
    assert ends(left) == {one for one in ends(voices()) if not {"one", "two"} & {end.partition(".")[0] for end in one}}


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        (
            "level",
            "loud",
            {("move.out", "one.level"), ("move.out", "two.level")},
            {("move.out", "one.loud"), ("move.out", "two.loud")},
        ),
        (
            "sound",
            "voice",
            {("one.sound", "sum.a"), ("two.sound", "sum.b")},
            {("one.voice", "sum.a"), ("two.voice", "sum.b")},
        ),
        ("pitch", "note", {("move.out", "two.pitch")}, {("move.out", "two.note")}),
    ],
)
def test_a_port_that_is_renamed_is_so_on_every_instance(
    old: str, new: str, gone: Collection[tuple[str, str]], come: Collection[tuple[str, str]]
) -> None:
    before = voices()
    after = rename_node(before, f"voice/{old}", f"voice/{new}")
    outside = {one for one in ends(before) ^ ends(after) if "/" not in one[0]}
    assert outside == {*gone, *come}
    assert after.nodes["one"].values == ({"note": 330} if old == "pitch" else {"pitch": 330})
    assert rename_node(after, f"voice/{new}", f"voice/{old}") == before
    assert load(dump(after)) == after


def test_a_port_outside_of_a_definition_and_a_node_that_is_none_are_renamed_alone() -> None:
    patch = add_node(voices(), "inlet", "level")
    assert ends(rename_node(patch, "level", "other")) == ends(patch)
    outside = {one for one in ends(rename_node(patch, "voice/osc", "voice/tone")) if "/" not in one[0]}
    assert outside == {one for one in ends(patch) if "/" not in one[0]}


def test_a_renamed_port_takes_the_place_of_what_hung_at_its_name() -> None:
    patch = set_value(connect(voices(), "move.out", "one.late"), "one", "late", 3)
    patch = add_node(patch, "param", "voice/early", {"value": 1})
    patch = set_value(connect(patch, "sum.out", "one.early"), "one", "early", 4)
    after = rename_node(patch, "voice/early", "voice/late")
    assert ("sum.out", "one.late") in ends(after)
    assert ("move.out", "one.late") not in ends(after)
    assert after.nodes["one"].values == {"pitch": 330, "late": 4}


def test_a_port_that_goes_leaves_the_cord_outside_for_when_it_comes_back() -> None:
    patch = remove_node(voices(), "voice/level")
    assert ("move.out", "one.level") in ends(patch)
    back = connect(add_node(patch, "inlet", "voice/level"), "voice/level.out", "voice/amp.b")
    assert ends(back) == ends(voices())
