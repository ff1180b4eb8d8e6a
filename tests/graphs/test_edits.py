import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import (
    Asset,
    Cord,
    EditError,
    Node,
    Patch,
    add_asset,
    add_node,
    connect,
    copy_out,
    disconnect,
    dump,
    merge,
    move_node,
    paste,
    remove_asset,
    remove_node,
    rename_node,
    set_bypassed,
    set_content,
    set_muted,
    set_seed,
    set_title,
    set_value,
    set_view,
    unset_value,
)

from .strategies import VALUES, Edit, edits, patches

RAIN = Asset("sounds/rain.wav", "a" * 64, 3, b"abc")


def pair() -> Patch:
    """An lfo that turns a delay's time."""
    patch = add_node(add_node(Patch(), "lfo"), "delay", values={"time": 30.0}, content={"kept": np.arange(3)})
    return connect(patch, "lfo-1.out", "delay-1.time")


def refusal(edit: Edit, patch: Patch | None = None) -> str:
    with pytest.raises(EditError) as caught:
        edit(pair() if patch is None else patch)
    return str(caught.value)


def test_names_are_the_type_and_the_first_free_number() -> None:
    patch = add_node(add_node(add_node(Patch(), "delay"), "delay"), "someone.else's thing".replace(" ", "."))
    assert list(patch.nodes) == ["delay-1", "delay-2", "someone-else-s-thing-1"]
    assert "delay-1" in add_node(remove_node(patch, "delay-1"), "delay").nodes


def test_a_node_goes_with_its_cords() -> None:
    patch = remove_node(pair(), "lfo-1")
    assert list(patch.nodes) == ["delay-1"]
    assert patch.cords == ()


def test_cords_follow_a_renamed_node() -> None:
    patch = rename_node(pair(), "lfo-1", "wobble")
    assert patch.cords == (Cord("wobble.out", "delay-1.time"),)
    assert "delay-1: there is such a node already" in refusal(lambda one: rename_node(one, "lfo-1", "delay-1"))


def test_an_input_has_one_cord() -> None:
    patch = connect(add_node(pair(), "lfo"), "lfo-2.out", "delay-1.time")
    assert patch.cords == (Cord("lfo-2.out", "delay-1.time"),)
    assert disconnect(patch, "lfo-2.out", "delay-1.time").cords == ()


def test_every_property_of_a_node_can_be_set() -> None:
    patch = set_bypassed(set_muted(move_node(pair(), "lfo-1", (3, 4)), "lfo-1", True), "lfo-1", True)
    patch = set_title(patch, "lfo-1", "ä")
    assert patch.nodes["lfo-1"] == Node("lfo", {}, {}, (3.0, 4.0), "ä", True, True)
    assert "time" not in unset_value(patch, "delay-1", "time").nodes["delay-1"].values
    assert set_view(patch, "zoom", 2.0).view == {"zoom": 2.0}
    assert set_view(set_view(patch, "zoom", 2.0), "zoom", None) == patch


def test_content_is_set_whole_or_in_part() -> None:
    patch = set_content(pair(), "delay-1", {"more": [1.0]}, replace=False)
    assert sorted(patch.nodes["delay-1"].content) == ["kept", "more"]
    assert list(set_content(patch, "delay-1", {"more": [1.0]}).nodes["delay-1"].content) == ["more"]


def test_equal_arrays_stay_the_same_objects() -> None:
    before = pair()
    after = set_content(before, "delay-1", {"kept": np.arange(3), "new": np.ones(2)})
    assert after.nodes["delay-1"].content["kept"] is before.nodes["delay-1"].content["kept"]
    assert after.nodes["lfo-1"] is before.nodes["lfo-1"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda patch: set_value(patch, "delay-1", "time", 30.0),
        lambda patch: unset_value(patch, "delay-1", "feedback"),
        lambda patch: set_content(patch, "delay-1", {"kept": np.arange(3)}),
        lambda patch: move_node(patch, "lfo-1", (0, -0.0)),
        lambda patch: connect(patch, "lfo-1.out", "delay-1.time"),
        lambda patch: set_seed(patch, 0),
        lambda patch: rename_node(patch, "lfo-1", "lfo-1"),
        lambda patch: set_muted(patch, "lfo-1", False),
        lambda patch: set_view(patch, "zoom", None),
    ],
)
def test_an_edit_that_changes_nothing_gives_the_very_same_patch(edit: Edit) -> None:
    patch = pair()
    assert edit(patch) is patch


def test_a_whole_number_is_not_the_same_setting_as_a_real_one() -> None:
    assert type(set_value(pair(), "delay-1", "time", 30).nodes["delay-1"].values["time"]) is int


def test_values_are_kept_as_plain_ones() -> None:
    given_value = {"a": (1, np.float32(0.5)), "b": np.arange(2), "c": np.bool_(True), "d": np.int64(7)}
    kept: Any = set_value(pair(), "lfo-1", "x", given_value).nodes["lfo-1"].values["x"]
    assert kept == {"a": [1, 0.5], "b": [0, 1], "c": True, "d": 7}
    assert type(kept["d"]) is int


@given(VALUES)
def test_any_plain_value_is_kept_as_it_is(value: object) -> None:
    assert set_value(pair(), "lfo-1", "x", value).nodes["lfo-1"] == Node("lfo", {"x": value})  # type: ignore[dict-item]


def nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


RING: list[object] = []
RING.append(RING)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (math.nan, "use a finite number"),
        (-math.inf, "use a finite number"),
        (np.float64("nan"), "use a finite number"),
        ([0, [math.inf]], "use a finite number"),
        (2**63, "beyond 64 bits"),
        ([10**5000], "beyond 64 bits"),
        ("\ud800", "can't be saved"),
        ({1: 2}, "can't name an entry"),
        ({"a": object()}, "a value of type object can't be saved"),
        (b"raw", "a value of type bytes can't be saved"),
        (1j, "a value of type complex can't be saved"),
        (nested(40), "more than 32 lists deep"),
        (nested(100_000), "more than 32 lists deep"),
        (RING, "more than 32 lists deep"),
    ],
)
def test_values_that_can_not_be_saved_are_refused(value: object, why: str) -> None:
    said = refusal(lambda patch: set_value(patch, "lfo-1", "rate", value))
    assert said.startswith("lfo-1.rate: ")
    assert why in said


@pytest.mark.parametrize("name", ["", "a.b", "a b", "ä", "a\n", "x" * 65, None, 3, "a/b/c", "/a", "a/"])
def test_names_that_can_not_name_a_node_are_refused(name: object) -> None:
    assert "can't name a node" in refusal(lambda patch: rename_node(patch, "lfo-1", name))  # type: ignore[arg-type]
    if name is not None:
        assert "can't name a node" in refusal(lambda patch: add_node(patch, "lfo", name))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", ["", "lfo-1", ".out", "lfo-1.", "lfo-1.a.b", "lfo-1.a b", "lfo 1.out", None, "\ud800.a"]
)
def test_addresses_that_are_none_are_refused(address: object) -> None:
    assert "write node.port" in refusal(lambda patch: connect(patch, address, "delay-1.time"))  # type: ignore[arg-type]
    assert "write node.port" in refusal(lambda patch: connect(patch, "lfo-1.out", address))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            lambda patch: set_value(patch, "delay-3", "time", 1),
            "delay-3: there is no such node in this patch; it has delay-1, lfo-1",
        ),
        (lambda patch: connect(patch, "lfo-9.out", "delay-1.time"), "lfo-9: there is no such node in this patch"),
        (lambda patch: add_node(patch, "lfo", "lfo-1"), "lfo-1: there is such a node already; choose another name"),
        (lambda patch: add_node(patch, "two words"), "'two words' can't be a node type"),
        (lambda patch: add_node(patch, "lfo", position=(math.nan, 0)), "is not a position on the canvas"),
        (lambda patch: move_node(patch, "lfo-1", (1,)), "is not a position on the canvas"),  # type: ignore[arg-type]
        (lambda patch: set_content(patch, "lfo-1", {"x": ["a"]}), "lfo-1, x: an array of <U1 can't be kept"),
        (lambda patch: set_content(patch, "lfo-1", {"": [1]}), "lfo-1: '' can't name"),
        (lambda patch: disconnect(patch, "lfo-1.out", "delay-1.x"), "it has lfo-1.out -> delay-1.time"),
        (lambda patch: set_seed(patch, -1), "-1 can't be a seed"),
        (lambda patch: set_seed(patch, 1.5), "1.5 can't be a seed"),  # type: ignore[arg-type]
        (lambda patch: set_title(patch, "lfo-1", "x" * 2000), "is not a title"),
        (lambda patch: set_value(patch, "lfo-1", "", 1), "can't name"),
        (lambda patch: remove_asset(patch, "rain"), "rain: there is no such file in this patch; it has nothing"),
        (lambda patch: add_asset(patch, "r", Asset("/etc/rain.wav", "a" * 64, 1)), "is not a path in the patch folder"),
        (lambda patch: add_asset(patch, "r", Asset("a/../../b", "a" * 64, 1)), "is not a path in the patch folder"),
        (lambda patch: add_asset(patch, "r", Asset("C:/b", "a" * 64, 1)), "is not a path in the patch folder"),
        (lambda patch: add_asset(patch, "r", Asset("b", "A" * 64, 1)), "is not a sha256"),
        (lambda patch: add_asset(patch, "r", Asset("b", "a" * 64, -1)), "is not a file size"),
        (lambda patch: add_asset(patch, "r", Asset("b", "a" * 64, 2, b"abc")), "3 bytes are embedded of 2"),
        (lambda patch: add_asset(patch, "r", "rain.wav"), "'rain.wav' is not a file"),  # type: ignore[arg-type]
        (lambda patch: add_asset(patch, "r", Asset("b", "a" * 64, 1, "x")), "'x' is embedded"),  # type: ignore[arg-type]
        (lambda patch: add_asset(patch, "r", Asset("b", "a" * 64, 1, licence=5)), "5 is not a valid licence"),  # type: ignore[arg-type]
        (lambda patch: remove_asset(patch, ["rain"]), "there is no such file"),  # type: ignore[arg-type]
        (lambda patch: remove_node(patch, ["lfo-1"]), "there is no such node"),  # type: ignore[arg-type]
        (lambda patch: add_node(patch, "lfo", values=[1]), "lfo-2: [1] is not a map"),  # type: ignore[arg-type]
        (lambda patch: add_node(patch, "lfo", values=[]), "lfo-2: [] is not a map"),  # type: ignore[arg-type]
        (lambda patch: add_node(patch, "lfo", content=np.ones(3)), "is not a map"),  # type: ignore[arg-type]
        (lambda patch: set_content(patch, "lfo-1", {"x": [[1], [1, 2]]}), "give rows of equal length"),
    ],
)
def test_an_edit_that_can_not_be_made_says_why_in_one_sentence(edit: Edit, said: str) -> None:
    text = refusal(edit)
    assert said in text
    assert "\n" not in text


@settings(max_examples=50)
@given(patches(), st.lists(edits(), max_size=12))
def test_whatever_is_edited_the_patch_stays_whole(patch: Patch, some: list[Edit]) -> None:
    for edit in some:
        patch = edit(patch)
    assert len({cord.target for cord in patch.cords}) == len(patch.cords)
    assert {cord.source_node for cord in patch.cords} | {cord.target_node for cord in patch.cords} <= set(patch.nodes)
    assert 0 <= patch.seed < 2**63
    assert not any(array.flags.writeable for node in patch.nodes.values() for array in node.content.values())


@settings(max_examples=50)
@given(patches(), edits())
def test_an_edit_leaves_the_patch_before_as_it_was_and_shares_its_nodes(patch: Patch, edit: Edit) -> None:
    nodes, cords = dict(patch.nodes), patch.cords
    after = edit(patch)
    assert dict(patch.nodes) == nodes
    assert patch.cords == cords
    changed = [name for name, node in after.nodes.items() if patch.nodes.get(name) is not node]
    assert len(changed) <= 1


@settings(max_examples=50)
@given(patches(has_definitions=False))
def test_what_is_pasted_into_an_empty_patch_is_what_was_copied(patch: Patch) -> None:
    fragment = copy_out(patch, patch.nodes)
    pasted, names = paste(Patch(), fragment)
    assert pasted == fragment
    assert names == {name: name for name in patch.nodes}
    assert (fragment.nodes, set(fragment.assets) - set(patch.assets)) == (patch.nodes, set())


@settings(max_examples=50)
@given(patches(has_definitions=False))
def test_pasting_twice_gives_everything_twice_and_touches_nothing(patch: Patch) -> None:
    after, names = paste(patch, copy_out(patch, patch.nodes), (10, 20))
    assert len(after.nodes) == 2 * len(patch.nodes)
    assert len(after.cords) == 2 * len(patch.cords)
    assert all(after.nodes[name] is node for name, node in patch.nodes.items())
    for name, new in names.items():
        assert after.nodes[new].values == patch.nodes[name].values
        assert all(after.nodes[new].content[key] is array for key, array in patch.nodes[name].content.items())
    assert remove_all(after, names.values()) == patch


def remove_all(patch: Patch, names: object) -> Patch:
    for name in names:  # type: ignore[attr-defined]
        patch = remove_node(patch, name)
    return patch


def test_only_cords_among_the_copied_nodes_are_copied_and_the_files_they_need() -> None:
    patch = add_asset(add_asset(pair(), "rain", RAIN), "wind", Asset("wind.wav", "b" * 64, 1))
    patch = set_value(patch, "lfo-1", "sounds", ["sounds/rain.wav"])
    fragment = copy_out(patch, ["lfo-1"])
    assert fragment.cords == ()
    assert list(fragment.assets) == ["rain"]
    after, names = paste(patch, fragment)
    assert names == {"lfo-1": "lfo-2"}
    assert after.assets == patch.assets


def test_a_fragment_whose_file_is_another_one_here_is_refused() -> None:
    here = add_asset(pair(), "rain", RAIN)
    there = add_asset(Patch(), "rain", Asset("rain.wav", "c" * 64, 9))
    assert "rain: this patch has another file of that name" in refusal(lambda patch: merge(patch, there)[0], here)


def test_pasted_cords_never_reach_nodes_that_were_there_before() -> None:
    fragment = Patch({"lfo-1": Node("lfo")}, (Cord("lfo-1.out", "delay-1.time"), Cord("gone.out", "delay-1.audio")))
    after, _ = paste(pair(), fragment)
    assert after.cords == pair().cords
    dump(after)


def test_a_renamed_node_keeps_its_own_cord_where_one_waits_for_a_missing_node() -> None:
    waiting = Patch(
        {"delay-1": Node("delay"), "lfo-1": Node("lfo")},
        (Cord("lfo-1.out", "lost.time"), Cord("lfo-1.out", "lost.audio"), Cord("gone.out", "delay-1.time")),
    )
    after = rename_node(waiting, "delay-1", "lost")
    assert sorted((cord.source, cord.target) for cord in after.cords) == [
        ("gone.out", "lost.time"),
        ("lfo-1.out", "lost.audio"),
    ]
    dump(after)


def test_a_pasted_node_never_takes_the_name_of_another_pasted_one() -> None:
    fragment = Patch({"lfo-1": Node("lfo", {"rate": 1}), "lfo-2": Node("lfo", {"rate": 2})})
    after, names = paste(pair(), fragment)
    assert len(set(names.values())) == 2
    assert [after.nodes[names[name]].values["rate"] for name in fragment.nodes] == [1, 2]
    assert len(after.nodes) == 4
