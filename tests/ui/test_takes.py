"""Takes are put in order by hand, and the lines drawn for them go along."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import EditError, Patch, add_node, connect, set_content
from latent_terrain.nodes.gui.ownership import marks_of, names_aside, renumbered
from latent_terrain.ui.takes import delete_take, move_take, rename_take, takes_of, trim_take


def drawn(count: int = 4, is_marked: bool = False) -> Patch:
    """
    tape --takes--> map: a line and a weight for each take, of its number
    """
    takes = {f"takes/{n + 1:04d}": np.full((n + 3, 2), n, np.float32) for n in range(count)}
    lines = {f"lines/{n:04d}": np.full((2, 3), n, np.float64) for n in range(count)}
    weights = {f"weights/{n:04d}": np.array([n], np.float64) for n in range(count)}
    patch = add_node(add_node(Patch(), "record", name="tape", content=takes), "gui", name="map")
    content = {**lines, **weights, "other": np.zeros(1)}
    patch = connect(set_content(patch, "map", content), "tape.takes", "map.latents")
    return move_take(patch, "tape", 0, 0) if is_marked else patch


def pairs(patch: Patch) -> list[tuple[int, int]]:
    """Each take's number of before with that of its line; -1 for none."""
    found = takes_of(patch, "tape")
    names = [name for name in sorted(patch.nodes["tape"].content) if name.startswith("takes/")]
    marks = marks_of([name.removeprefix("takes/") for name in names], [one.array for one in found])
    content = renumbered(patch.nodes["map"].content, marks)
    assert all((f"lines/{n:04d}" in content) == (f"weights/{n:04d}" in content) for n in range(len(found)))
    return [
        (int(one.array[0, 0]), int(content[f"lines/{n:04d}"][0, 0]) if f"lines/{n:04d}" in content else -1)
        for n, one in enumerate(found)
    ]


def test_a_line_stays_with_its_take_when_that_is_trimmed_renamed_and_moved() -> None:
    patch = trim_take(drawn(), "tape", 2, 1, 3)
    patch = rename_take(move_take(patch, "tape", 2, 0), "tape", 0, "door")
    assert [(one.label, len(one.array)) for one in takes_of(patch, "tape")] == [("door", 2), ("", 3), ("", 4), ("", 6)]
    assert pairs(patch) == [(2, 2), (0, 0), (1, 1), (3, 3)]


def test_the_line_of_a_deleted_take_is_kept_aside() -> None:
    patch = delete_take(drawn(), "tape", 1)
    assert pairs(patch) == [(0, 0), (2, 2), (3, 3)]
    assert names_aside(patch.nodes["map"].content) == ("0002",)
    assert "other" in patch.nodes["map"].content


def test_the_lines_of_a_canvas_beside_the_recorder_go_along() -> None:
    """
    tape --takes--> land <--coordinates-- map
    """
    patch = add_node(Patch(nodes=drawn().nodes), "terrain", name="land")
    patch = connect(connect(patch, "tape.takes", "land.latents"), "map.coordinates", "land.coordinates")
    assert pairs(move_take(patch, "tape", 0, 3)) == [(1, 1), (2, 2), (3, 3), (0, 0)]


edits = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("rename"), st.integers(0, 3), st.sampled_from(["", "a", "door"])),
        st.tuples(st.just("trim"), st.integers(0, 3), st.just(0)),
    ),
    max_size=8,
)


@given(edits, st.booleans())
def test_no_edit_parts_a_line_from_its_take(edits: list[tuple[str, int, int | str]], is_marked: bool) -> None:
    patch = drawn(is_marked=is_marked)
    for what, index, more in edits:
        if what == "move":
            patch = move_take(patch, "tape", index, int(more))
        elif what == "rename":
            patch = rename_take(patch, "tape", index, str(more))
        else:
            length = len(takes_of(patch, "tape")[index].array)
            patch = trim_take(patch, "tape", index, 0, max(1, length - 1))
    assert all(take == line for take, line in pairs(patch))
    assert len(pairs(patch)) == 4


@pytest.mark.parametrize("index", [-1, 4])
def test_a_take_that_is_not_there_is_a_sentence_and_nothing_changes(index: int) -> None:
    for edit in (
        lambda: rename_take(drawn(), "tape", index, "x"),
        lambda: trim_take(drawn(), "tape", index, 0, 1),
        lambda: delete_take(drawn(), "tape", index),
        lambda: move_take(drawn(), "tape", index, 0),
        lambda: move_take(drawn(), "tape", 0, index),
    ):
        with pytest.raises(EditError, match="tape has 4 takes"):
            edit()


def test_takes_without_a_map_and_the_last_one_can_be_deleted() -> None:
    patch = add_node(Patch(), "record", name="tape", content={"takes/0001": np.zeros((2, 2), np.float32)})
    assert takes_of(delete_take(patch, "tape", 0), "tape") == ()
    one = drawn(1)
    emptied = delete_take(one, "tape", 0)
    assert takes_of(emptied, "tape") == ()
    assert "lines/0000" in emptied.nodes["map"].content, "without sounds it is not known whose it is; it stays"
