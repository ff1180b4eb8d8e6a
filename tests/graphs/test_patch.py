import copy
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.graphs import Asset, Cord, Node, Patch, add_node, array_sha256, dump, set_content
from latent_terrain.graphs.frozen import DTYPES, FrozenMap, kept_array, same

from .strategies import ARRAYS, VALUES, Edit, edits, patches, shuffled


@settings(max_examples=50)
@given(st.data(), patches())
def test_the_order_of_building_does_not_matter(data: st.DataObject, patch: Patch) -> None:
    other = shuffled(data.draw, patch)  # type: ignore[arg-type]
    assert other == patch
    assert dump(other) == dump(patch)


@settings(max_examples=50)
@given(patches(), st.lists(edits(), max_size=4))
def test_patches_are_equal_exactly_when_they_are_saved_as_the_same_bytes(patch: Patch, some: list[Edit]) -> None:
    after = patch
    for edit in some:
        after = edit(after)
    assert (after == patch) == (dump(after) == dump(patch))


@settings(max_examples=50)
@given(patches())
def test_a_copy_is_equal_and_any_change_is_not(patch: Patch) -> None:
    assert copy.deepcopy(patch) == patch == pickle.loads(pickle.dumps(patch))
    assert replace(patch, seed=patch.seed + 1) != patch
    assert replace(patch, nodes={**patch.nodes, "new": Node("gain")}) != patch
    assert replace(patch, cords=(*patch.cords, Cord("a.out", "b.in"))) != patch
    assert replace(patch, assets={**patch.assets, "new file": Asset("a.wav", "0" * 64, 1)}) != patch
    assert replace(patch, extra={**patch.extra, "new": 1}) != patch


@given(VALUES)
def test_a_value_is_the_same_as_itself_copied(value: object) -> None:
    assert same(value, copy.deepcopy(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, 1.0), (1, True), (0.0, -0.0), (0, False), (None, 0), ("1", 1), ([1], [1, 1]), ([1], {"0": 1}), (b"a", "a")],
)
def test_things_that_are_saved_differently_are_different(one: object, other: object) -> None:
    before, after = Node("gain", {"level": one}), Node("gain", {"level": other})  # type: ignore[dict-item]
    assert before != after
    assert before == copy.deepcopy(before)


def test_arrays_are_compared_by_type_shape_and_bits() -> None:
    ones = np.ones((2, 3), np.float32)
    assert Node("a", content={"x": ones}) == Node("a", content={"x": ones.copy()})
    for other in (ones.astype(np.float64), ones.reshape(3, 2), ones * 2):
        assert Node("a", content={"x": ones}) != Node("a", content={"x": other})
    odd = np.array([math.nan, 0.0])
    assert Node("a", content={"x": odd}) == Node("a", content={"x": odd.copy()})
    assert Node("a", content={"x": odd}) != Node("a", content={"x": np.array([math.nan, -0.0])})


def test_nothing_in_a_patch_can_be_changed() -> None:
    given_values, given_array = {"level": [1, 2]}, np.zeros(3, np.float32)
    patch = set_content(add_node(Patch(), "gain", "a", given_values), "a", {"x": given_array})
    given_values["level"].append(3)
    given_array[0] = 9
    node = patch.nodes["a"]
    assert node.values["level"] == [1, 2]
    assert node.content["x"][0] == 0
    with pytest.raises(ValueError, match="read-only"):
        node.content["x"][0] = 1
    for target in (patch.nodes, node.values, node.content):
        with pytest.raises(TypeError):
            target["a"] = 1  # type: ignore[index]


@given(ARRAYS)
def test_arrays_are_kept_read_only_and_only_once(array: np.ndarray) -> None:
    kept = kept_array(array)
    assert not kept.flags.writeable
    assert kept.flags.c_contiguous
    assert kept_array(kept) is kept
    assert same(kept, array)
    assert array_sha256(kept) == array_sha256(array)


@given(arrays(np.dtype(">f4"), (3, 2)))
def test_strided_and_big_endian_arrays_keep_their_numbers(array: np.ndarray) -> None:
    kept = kept_array(array.T)
    assert kept.dtype == np.dtype("<f4")
    assert np.array_equal(kept, array.T, equal_nan=True)


def test_a_read_only_view_of_something_that_changes_is_copied() -> None:
    owner = np.zeros(4)
    view = owner[:2]
    view.setflags(write=False)
    kept = kept_array(view)
    owner[0] = 1
    assert kept[0] == 0


@pytest.mark.parametrize("bad", [np.zeros(2, np.float16), np.zeros(2, complex), ["a"], [[1], [1, 2]], object(), None])
def test_arrays_of_other_kinds_are_refused_in_a_sentence(bad: object) -> None:
    with pytest.raises(ValueError, match=f"can't be kept; convert it to one of {DTYPES[0]}|give rows of equal length"):
        kept_array(bad)


def test_different_shapes_and_types_of_equal_bytes_have_different_hashes() -> None:
    zeros = np.zeros(4, np.float32)
    hashes = {array_sha256(one) for one in (zeros, zeros.reshape(2, 2), zeros.view(np.int32), zeros.view(np.float64))}
    assert len(hashes) == 4


def test_a_map_shares_what_it_does_not_change() -> None:
    inner = [1]
    first = FrozenMap({"a": inner})
    second = first.put("b", [2])
    assert second["a"] is inner
    assert "b" not in first
    assert second.without("b") == first
    assert first.without("b") is first


def test_a_cord_knows_its_ends() -> None:
    cord = Cord("lfo-1.out", "delay-1.time")
    assert (cord.source_node, cord.source_port, cord.target_node, cord.target_port) == (
        "lfo-1",
        "out",
        "delay-1",
        "time",
    )


def test_a_part_of_a_long_take_does_not_keep_the_whole_take_in_memory() -> None:
    take = np.zeros(1_000_000, np.float32)
    take.setflags(write=False)
    whole, part = Node("x", content={"take": take}), Node("x", content={"take": take[:10]})
    assert whole.content["take"] is take
    assert not np.shares_memory(part.content["take"], take)


def test_arrays_with_the_same_bits_but_other_number_types_differ() -> None:
    zeros = [Node("x", content={"a": np.zeros(2, kind)}) for kind in (np.float32, np.int32)]
    assert zeros[0] != zeros[1]
