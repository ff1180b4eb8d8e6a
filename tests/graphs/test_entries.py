"""Takes can be deleted, renamed, trimmed and put in another order, and nothing else of the node changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import EditError, Patch, add_node
from latent_terrain.graphs.entries import entries, move_entry, remove_entry, rename_entry, trim_entry


def takes(count: int = 4) -> Patch:
    content = {f"takes/{number:04d}": np.full((number + 1, 2), number, np.float32) for number in range(1, count + 1)}
    return add_node(Patch(), "record", name="tape", content={**content, "other/1": np.zeros(1, np.float32)})


def numbers(patch: Patch) -> list[int]:
    return [int(one.array[0, 0]) for one in entries(patch, "tape", "takes")]


def test_f70_b31_a_take_can_be_deleted() -> None:
    patch = remove_entry(takes(), "tape", "takes", 1)
    assert numbers(patch) == [1, 3, 4]
    assert sorted(patch.nodes["tape"].content) == [
        "other/1",
        "takes/0001",
        "takes/0002",
        "takes/0003",
    ]


def test_f70_a_take_can_be_renamed_and_keeps_its_name_when_moved() -> None:
    patch = rename_entry(takes(), "tape", "takes", 0, "  a  low/hum ")
    assert entries(patch, "tape", "takes")[0].label == "a low hum"
    moved = move_entry(patch, "tape", "takes", 0, 3)
    assert [one.label for one in entries(moved, "tape", "takes")] == ["", "", "", "a low hum"]
    assert entries(rename_entry(moved, "tape", "takes", 3, ""), "tape", "takes")[3].label == ""


def test_f70_a_take_can_be_trimmed() -> None:
    patch = trim_entry(takes(), "tape", "takes", 3, 1, 3)
    assert [len(one.array) for one in entries(patch, "tape", "takes")] == [2, 3, 4, 2]


@given(moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
def test_f70_any_order_can_be_reached_and_none_is_lost(moves: list[tuple[int, int]]) -> None:
    patch, wanted = takes(5), [1, 2, 3, 4, 5]
    for index, to in moves:
        patch = move_entry(patch, "tape", "takes", index, to)
        wanted.insert(to, wanted.pop(index))
    assert numbers(patch) == wanted
    assert "other/1" in patch.nodes["tape"].content


@pytest.mark.parametrize("index", [-1, 4, 99])
def test_a_take_that_is_not_there_is_a_sentence(index: int) -> None:
    for edit in (
        lambda: remove_entry(takes(), "tape", "takes", index),
        lambda: move_entry(takes(), "tape", "takes", index, 0),
        lambda: move_entry(takes(), "tape", "takes", 0, index),
        lambda: rename_entry(takes(), "tape", "takes", index, "x"),
        lambda: trim_entry(takes(), "tape", "takes", index, 0, 1),
    ):
        with pytest.raises(EditError, match="tape has 4 takes"):
            edit()


@pytest.mark.parametrize(("begin", "end"), [(0, 0), (2, 1), (-1, 2), (0, 9)])
def test_a_trim_that_keeps_nothing_is_a_sentence(begin: int, end: int) -> None:
    with pytest.raises(EditError, match="vectors"):
        trim_entry(takes(), "tape", "takes", 0, begin, end)
