import json
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import (
    Cord,
    Node,
    Patch,
    add_asset,
    add_node,
    array_sha256,
    as_json,
    connect,
    diff,
    diff_text,
    disconnect,
    move_node,
    remove_node,
    rename_node,
    set_content,
    set_muted,
    set_seed,
    set_title,
    set_value,
    show,
    unset_value,
)
from latent_terrain.graphs.patch import Asset

from .strategies import Edit, edits, patches, shuffled

LINE = np.array([[0, -1.5], [2, 3]], np.float32)


def drawn() -> Patch:
    patch = add_node(Patch(), "gui", "map", {"mode": "orbit", "box": [0, 1.5]}, (260, 0.5), {"lines/1": LINE})
    patch = connect(add_node(patch, "delay"), "map.xy", "delay-1.time")
    return set_title(set_muted(patch, "delay-1", True), "delay-1", 'say "ä"')


def test_a_patch_reads_one_thing_per_line() -> None:
    patch = add_asset(set_seed(drawn(), 7), "rain", Asset("sounds/rain.wav", "ab" * 32, 9))
    patch = replace(patch, view={"zoom": 2.0}, extra={"later": None})
    assert show(patch).splitlines() == [
        "seed 7",
        "node delay-1 (delay) at 0, 0 muted",
        '  delay-1 title "say \\"ä\\""',
        "node map (gui) at 260, 0.5",
        "  map.box = [0, 1.5]",
        '  map.mode = "orbit"',
        f"  map content lines/1 = float32[2x2] sha256:{array_sha256(LINE)[:12]} -1.5..3",
        "cord map.xy -> delay-1.time",
        'file rain: "sounds/rain.wav", 9 bytes, sha256:abababababab',
        "view zoom = 2.0",
        "extra later = null",
    ]


@settings(max_examples=50)
@given(st.data(), patches())
def test_equal_patches_give_equal_text(data: st.DataObject, patch: Patch) -> None:
    other = shuffled(data.draw, patch)  # type: ignore[arg-type]
    assert show(other) == show(patch)
    assert json.dumps(as_json(other, True)) == json.dumps(as_json(patch, True))
    assert diff(patch, other) == []


@settings(max_examples=50)
@given(patches(), st.lists(edits(), max_size=5))
def test_there_is_a_difference_exactly_when_patches_differ(patch: Patch, some: list[Edit]) -> None:
    after = patch
    for edit in some:
        after = edit(after)
    assert (diff(patch, after) == []) == (patch == after)
    assert (diff_text(after, patch) == "") == (patch == after)
    assert (show(after) == show(patch)) == (patch == after)


@settings(max_examples=50)
@given(patches(), patches())
def test_what_came_one_way_went_the_other_way(one: Patch, other: Patch) -> None:
    there, back = diff(one, other), diff(other, one)
    for sign, opposite in ("+-", "-+"):
        nodes = [change.text for change in there if change.sign == sign and change.text.startswith("node ")]
        assert nodes == [change.text for change in back if change.sign == opposite and change.text.startswith("node ")]


@settings(max_examples=50)
@given(patches(), patches())
def test_every_change_is_one_line(one: Patch, other: Patch) -> None:
    assert len(diff_text(one, other).splitlines()) == len(diff(one, other)) == len(set(diff(one, other)))


def test_changes_read_as_sentences() -> None:
    before = set_value(drawn(), "map", "rate", 3)
    after = set_value(before, "map", "rate", 4)
    after = set_value(unset_value(after, "map", "mode"), "map", "shape", "walk")
    after = set_content(move_node(after, "map", (1, 2)), "map", {"lines/1": LINE[:1], "lines/2": [True]})
    after = set_seed(add_node(remove_node(after, "delay-1"), "sine", values={"pitch": 3}), 2)
    hashes = [array_sha256(array)[:12] for array in (LINE, LINE[:1], np.array([True]))]
    assert diff_text(before, after).splitlines() == [
        "~ seed: 0 -> 2",
        "- node delay-1 (delay)",
        "~ map moved: 260, 0.5 -> 1, 2",
        '- map.mode = "orbit"',
        "~ map.rate: 3 -> 4",
        '+ map.shape = "walk"',
        f"~ map content lines/1: float32[2x2] sha256:{hashes[0]} -1.5..3 -> float32[1x2] sha256:{hashes[1]} -1.5..0",
        f"+ map content lines/2 = bool[1] sha256:{hashes[2]} 1 true",
        "+ node sine-1 (sine)",
        "+ sine-1.pitch = 3",
        "- cord map.xy -> delay-1.time",
    ]


def test_a_changed_mark_type_title_or_cord_is_told() -> None:
    before = drawn()
    after = disconnect(set_title(set_muted(before, "delay-1", False), "delay-1", ""), "map.xy", "delay-1.time")
    after = replace(after, nodes={**after.nodes, "map": replace(after.nodes["map"], type="canvas", bypassed=True)})
    assert [str(change) for change in diff(before, after)] == [
        '~ delay-1 title: "say \\"ä\\"" -> ""',
        "~ delay-1 no longer muted",
        "~ map type: gui -> canvas",
        "~ map bypassed",
        "- cord map.xy -> delay-1.time",
    ]
    assert [change.node for change in diff(before, rename_node(before, "map", "land"))][:2] == ["land", "land"]


def test_a_long_value_is_told_by_its_beginning_and_its_hash() -> None:
    before = set_value(drawn(), "map", "points", list(range(5000)))
    after = set_value(drawn(), "map", "points", [*range(4999), 0])
    (change,) = diff(before, after)
    assert len(change.text) < 300
    assert change.text.count("sha256:") == 2


def test_odd_names_stay_on_one_line() -> None:
    patch = Patch({"a": Node("gain", {"a\nb = 1": "x\ny"})}, (Cord("a.b c", "d"),), extra={"\u2028": b"raw"})
    lines = show(patch).split("\n")
    assert len(lines) == len(show(patch).splitlines()) + 1 == 6


def test_numbers_that_are_none_are_counted_and_leave_the_range_alone() -> None:
    patch = set_content(drawn(), "map", {"x": [np.nan, 1.0, -np.inf], "empty": np.zeros((0, 2)), "one": 5})
    assert " 1..1 (2 not finite)\n" in show(patch)
    assert f"float64[0x2] sha256:{array_sha256(np.zeros((0, 2)))[:12]}\n" in show(patch)
    assert " 5..5\n" in show(patch)


@settings(max_examples=50)
@given(patches())
def test_json_can_be_written_and_read_and_has_every_array(patch: Patch) -> None:
    told = json.loads(json.dumps(as_json(patch, with_data=True), allow_nan=False))
    assert set(told["nodes"]) == set(patch.nodes)
    for name, node in patch.nodes.items():
        for key, array in node.content.items():
            there = told["nodes"][name]["content"][key]
            assert there["sha256"] == array_sha256(array)
            back = np.array(there["data"], array.dtype).reshape(there["shape"])
            assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f")
            assert "data" not in as_json(patch)["nodes"][name]["content"][key]
