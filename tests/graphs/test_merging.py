"""Two people edit one patch: what doesn't overlap is put together, what does is named, and nothing is lost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import (
    Patch,
    add_node,
    connect,
    disconnect,
    dump,
    load,
    merge_edits,
    move_node,
    remove_node,
    set_content,
    set_muted,
    set_seed,
    set_value,
    set_view,
)
from latent_terrain.graphs.three_way_merge import name_of_theirs, unit_of

from .strategies import patches


def base() -> Patch:
    patch = add_node(Patch(), "sine", "one", {"frequency": 100.0, "level": 0.5})
    patch = add_node(patch, "sine", "two")
    patch = add_node(patch, "gain", "gain", content={"lines/0001": np.ones((2, 2), np.float32)})
    return connect(add_node(patch, "audio_out", "out"), "gain.out", "out.audio")


def texts(ours: Patch, theirs: Patch) -> list[str]:
    return [str(one) for one in merge_edits(base(), ours, theirs).conflicts]


def plain(patch: Patch) -> Patch:
    """Without what only says how somebody looked at it."""
    return replace(patch, view={})


@given(patches(), patches())
def test_what_only_one_side_changed_is_taken_from_it(before: Patch, after: Patch) -> None:
    for ours, theirs in ((after, before), (before, after), (after, after)):
        merged = merge_edits(before, ours, theirs)
        assert merged.conflicts == ()
        assert plain(merged.patch) == plain(after)


@settings(max_examples=40)
@given(patches(), patches(), patches())
def test_what_comes_out_is_a_patch_that_holds_all_nodes_of_ours(before: Patch, ours: Patch, theirs: Patch) -> None:
    merged = merge_edits(before, ours, theirs)
    assert load(dump(merged.patch)) == merged.patch
    gone = {name for name in ours.nodes if name not in merged.patch.nodes}
    assert all(name in before.nodes and name not in theirs.nodes for name in gone)


@settings(max_examples=40)
@given(patches(), patches(), patches())
def test_without_conflicts_it_does_not_matter_who_is_who(before: Patch, one: Patch, other: Patch) -> None:
    merged, turned = merge_edits(before, one, other), merge_edits(before, other, one)
    assert len(merged.conflicts) == len(turned.conflicts)
    if not merged.conflicts:
        still = [replace(side.patch, view={}, nodes=_unplaced(side.patch)) for side in (merged, turned)]
        assert still[0] == still[1]


def _unplaced(patch: Patch) -> dict[str, object]:
    return {name: replace(node, position=(0.0, 0.0)) for name, node in patch.nodes.items()}


def test_two_params_of_one_node_and_a_node_from_each_meet() -> None:
    ours = add_node(set_value(base(), "one", "frequency", 200.0), "noise", "hiss")
    theirs = connect(add_node(set_value(base(), "one", "level", 0.1), "delay", "echo"), "one.out", "echo.audio")
    merged = merge_edits(base(), ours, theirs)
    assert merged.conflicts == ()
    assert merged.patch.nodes["one"].values == {"frequency": 200.0, "level": 0.1}
    assert {"hiss", "echo"} <= merged.patch.nodes.keys()
    assert ("one.out", "echo.audio") in {(cord.source, cord.target) for cord in merged.patch.cords}


def test_a_param_that_both_turned_is_named_and_both_are_kept() -> None:
    ours = set_value(set_value(base(), "one", "frequency", 200.0), "one", "level", 0.9)
    theirs = set_value(base(), "one", "frequency", 300.0)
    merged = merge_edits(base(), ours, theirs)
    assert [str(one) for one in merged.conflicts] == [
        "one.frequency: both sides changed it; ours is kept, theirs in one-theirs"
    ]
    assert merged.patch.nodes["one"].values == {"frequency": 200.0, "level": 0.9}
    assert merged.patch.nodes["one-theirs"] == replace(theirs.nodes["one"], muted=True)
    assert not any("one-theirs" in cord.source for cord in merged.patch.cords)


def test_what_one_removed_and_the_other_changed_is_kept() -> None:
    ours, theirs = remove_node(base(), "one"), set_value(base(), "one", "level", 0.1)
    for sides in ((ours, theirs), (theirs, ours)):
        merged = merge_edits(base(), *sides)
        assert merged.patch.nodes["one"].values["level"] == 0.1
        assert "it is kept" in str(merged.conflicts[0])
    assert "one" not in merge_edits(base(), ours, move_node(base(), "one", (5, 5))).patch.nodes


def test_two_nodes_of_one_name_are_both_kept() -> None:
    merged = merge_edits(base(), add_node(base(), "noise", "new"), add_node(base(), "delay", "new"))
    assert (merged.patch.nodes["new"].type, merged.patch.nodes["new-theirs"].type) == ("noise", "delay")
    assert len(merged.conflicts) == 1


def test_an_input_takes_one_cord() -> None:
    ours, theirs = (connect(base(), f"{name}.out", "out.audio") for name in ("one", "two"))
    merged = merge_edits(base(), ours, theirs)
    assert [cord.source for cord in merged.patch.cords if cord.target == "out.audio"] == ["one.out"]
    assert texts(ours, theirs) == [
        "cord to out.audio: ours comes from one.out and theirs comes from two.out; ours is kept"
    ]
    assert "theirs is kept" in texts(disconnect(base(), "gain.out", "out.audio"), theirs)[0]


def test_cords_of_a_node_that_is_gone_go_with_it() -> None:
    merged = merge_edits(base(), remove_node(base(), "two"), connect(base(), "two.out", "gain.audio"))
    assert merged.conflicts == ()
    assert "two" not in merged.patch.nodes
    assert all(cord.source_node != "two" for cord in merged.patch.cords)


def test_lines_meet_one_by_one_and_what_was_learned_stays_whole() -> None:
    def drawn(number: int, level: float) -> Patch:
        return set_content(base(), "gain", {f"lines/{number:04d}": np.full((2, 2), level, np.float32)}, replace=False)

    merged = merge_edits(base(), drawn(2, 3.0), drawn(3, 4.0))
    assert merged.conflicts == ()
    assert sorted(merged.patch.nodes["gain"].content) == ["lines/0001", "lines/0002", "lines/0003"]
    assert len(merge_edits(base(), drawn(1, 3.0), drawn(1, 4.0)).conflicts) == 1

    def learned(**arrays: float) -> Patch:
        content = {f"learn/{name}": np.full(3, value, np.float32) for name, value in arrays.items()}
        return set_content(base(), "gain", content, replace=False)

    merged = merge_edits(learned(a=0, b=0), learned(a=1, b=0), learned(a=0, b=1))
    assert len(merged.conflicts) == 1
    assert (merged.patch.nodes["gain"].content["learn/a"][0], merged.patch.nodes["gain"].content["learn/b"][0]) == (
        1.0,
        0.0,
    )


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("lines/0003", "0003"),
        ("weights/0003", "0003"),
        ("learn/fc2.weight", "learn"),
        ("arrange/line/0001", "arrange"),
        ("snapshot/1/fc2.weight", "snapshot/1"),
        ("alone", "alone"),
    ],
)
def test_arrays_are_merged_with_what_they_belong_to(key: str, unit: str) -> None:
    assert unit_of(key) == unit


def test_snapshots_meet_one_by_one_and_how_somebody_looked_is_no_edit() -> None:
    def kept(slots: dict[str, int], scale: float) -> Patch:
        return set_view(set_view(base(), "snapshots", slots), "window", {"scale": scale})

    merged = merge_edits(kept({"1": 1}, 1.0), kept({"1": 1, "2": 2}, 2.0), kept({"1": 1, "3": 3}, 3.0))
    assert merged.conflicts == ()
    assert merged.patch.view == {"snapshots": {"1": 1, "2": 2, "3": 3}, "window": {"scale": 2.0}}
    clash = merge_edits(kept({"1": 1}, 1.0), kept({"1": 5}, 1.0), kept({"1": 6}, 1.0))
    assert [str(one) for one in clash.conflicts] == ["snapshots 1: both sides changed it; ours is kept"]


def test_seeds_and_switches() -> None:
    merged = merge_edits(base(), set_seed(base(), 7), set_muted(base(), "one", True))
    assert (merged.patch.seed, merged.patch.nodes["one"].muted, merged.conflicts) == (7, True, ())
    assert texts(set_seed(base(), 7), set_seed(base(), 8)) == ["seed: both sides changed it; ours is kept"]


@settings(max_examples=40)
@given(st.data())
def test_nothing_of_theirs_is_lost(data: st.DataObject) -> None:
    before, ours, theirs = (data.draw(patches()) for _ in range(3))
    merged = merge_edits(before, ours, theirs)
    for name, node in theirs.nodes.items():
        beside = name_of_theirs(name).removesuffix("-theirs")
        there = [one for key, one in merged.patch.nodes.items() if key == name or key.startswith(f"{beside}-theirs")]
        is_untouched = name in before.nodes and before.nodes[name] == node
        for key, value in node.values.items():
            was_ours = name in ours.nodes and ours.nodes[name].type == node.type
            is_theirs = name not in before.nodes or before.nodes[name].values.get(key, None) != value
            if not is_untouched and is_theirs and was_ours:
                assert any(one.values.get(key) == value for one in there), (name, key)
