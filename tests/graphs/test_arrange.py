"""Many nodes at once: moved, aligned, copied, taken out of a chain, put on a cord; and groups and comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import Cord, EditError, Patch, add_node, connect, dump, load, set_view
from latent_terrain.graphs.arrange import (
    align,
    distribute,
    duplicate,
    insert_on_cord,
    move_nodes,
    remove_cords,
    remove_nodes,
    reroute,
)
from latent_terrain.graphs.notes import (
    Comment,
    Group,
    add_comment,
    add_group,
    comments,
    groups,
    move_note,
    remove_note,
    set_comment,
    set_group,
)

SIZES = {"a": (100.0, 50.0), "b": (60.0, 80.0), "c": (40.0, 20.0)}


def chain() -> Patch:
    """
    a --> b --> c
    """
    patch = Patch()
    for index, name in enumerate("abc"):
        patch = add_node(patch, "gain", name, position=(index * 200.0, index * 30.0))
    return connect(connect(patch, "a.out", "b.audio"), "b.out", "c.audio")


def ends(patch: Patch) -> set[tuple[str, str]]:
    return {(cord.source, cord.target) for cord in patch.cords}


@given(by=st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5)))
def test_nodes_are_moved_together_and_back(by: tuple[float, float]) -> None:
    moved = move_nodes(chain(), ["a", "c"], by)
    assert moved.nodes["b"] is chain().nodes["b"] or moved.nodes["b"] == chain().nodes["b"]
    back = move_nodes(moved, ["a", "c"], (-by[0], -by[1]))
    for name in "abc":
        assert back.nodes[name].position == pytest.approx(chain().nodes[name].position, abs=1e-6)


@pytest.mark.parametrize(
    ("edge", "axis", "share"),
    [("left", 0, 0.0), ("right", 0, 1.0), ("centre", 0, 0.5), ("top", 1, 0.0), ("bottom", 1, 1.0), ("middle", 1, 0.5)],
)
def test_edges_are_brought_into_one_line(edge: str, axis: int, share: float) -> None:
    patch = align(chain(), SIZES, edge)  # type: ignore[arg-type]
    lines = {round(patch.nodes[name].position[axis] + share * SIZES[name][axis], 6) for name in SIZES}
    assert len(lines) == 1
    other = 1 - axis
    assert [patch.nodes[name].position[other] for name in SIZES] == [
        chain().nodes[name].position[other] for name in SIZES
    ]


@pytest.mark.parametrize(("axis", "index"), [("across", 0), ("down", 1)])
def test_gaps_become_equal_and_the_outermost_stay(axis: str, index: int) -> None:
    patch = distribute(chain(), SIZES, axis)  # type: ignore[arg-type]
    place = {name: patch.nodes[name].position[index] for name in "abc"}
    assert place["a"] == chain().nodes["a"].position[index]
    assert place["c"] == pytest.approx(chain().nodes["c"].position[index])
    gaps = [place["b"] - place["a"] - SIZES["a"][index], place["c"] - place["b"] - SIZES["b"][index]]
    assert gaps[0] == pytest.approx(gaps[1])


def test_copies_keep_the_cords_among_them_and_inputs_when_asked() -> None:
    patch, copies = duplicate(chain(), ["b", "c"], (10, 10))
    assert (f"{copies['b']}.out", f"{copies['c']}.audio") in ends(patch)
    assert ("a.out", f"{copies['b']}.audio") not in ends(patch)
    fed, more = duplicate(chain(), ["b"], (10, 10), keeps_inputs=True)
    assert ("a.out", f"{more['b']}.audio") in ends(fed)


def test_a_node_taken_out_of_a_chain_lets_the_flow_go_on() -> None:
    assert ends(remove_nodes(chain(), ["b"], {"b": ("audio", "out")})) == {("a.out", "c.audio")}
    assert ends(remove_nodes(chain(), ["b"])) == set()
    assert ends(remove_nodes(chain(), ["a", "b"], {"a": ("audio", "out"), "b": ("audio", "out")})) == set()
    with pytest.raises(EditError):
        remove_nodes(chain(), ["nobody"])


def test_a_node_is_put_on_a_cord() -> None:
    patch = add_node(chain(), "gain", "d")
    on = insert_on_cord(patch, Cord("a.out", "b.audio"), "d", "audio", "out")
    assert ends(on) == {("a.out", "d.audio"), ("d.out", "b.audio"), ("b.out", "c.audio")}
    with pytest.raises(EditError, match="already"):
        insert_on_cord(patch, Cord("a.out", "b.audio"), "b", "audio", "out")


def test_either_end_of_a_cord_is_laid_elsewhere() -> None:
    assert ends(reroute(chain(), Cord("b.out", "c.audio"), source="a.out")) == {
        ("a.out", "b.audio"),
        ("a.out", "c.audio"),
    }
    assert ("a.out", "c.audio") in ends(reroute(chain(), Cord("a.out", "b.audio"), target="c.audio"))


def test_cutting_passes_over_what_is_gone() -> None:
    assert ends(remove_cords(chain(), [Cord("a.out", "b.audio"), Cord("x.out", "y.in")])) == {("b.out", "c.audio")}


def test_groups_and_comments_are_saved_and_come_back() -> None:
    patch, group = add_group(chain(), "voices", (0, 0, 300, 200), "cc79a7")
    patch, comment = add_comment(patch, "louder here\nplease", (0, 300, 200, 360))
    again = load(dump(patch))
    assert groups(again) == {group: Group(group, "voices", (0, 0, 300, 200), "cc79a7")}
    assert comments(again) == {comment: Comment(comment, "louder here\nplease", (0, 300, 200, 360))}
    assert not groups(remove_note(patch, group))
    assert remove_note(remove_note(patch, group), comment) == chain()


def test_a_group_moves_with_its_nodes() -> None:
    patch, name = add_group(chain(), "", (-10, -10, 350, 200))
    moved = move_note(patch, name, (50, 20), ["a", "b"])
    assert groups(moved)[name].box == (40, 10, 400, 220)
    assert moved.nodes["a"].position == (50, 20)
    assert moved.nodes["c"] == patch.nodes["c"]


def test_frames_that_are_none_are_refused_and_damaged_ones_passed_over() -> None:
    for box in ((5, 0, 1, 1), (0, 0, float("nan"), 1)):
        with pytest.raises(EditError, match="left, top"):
            set_group(chain(), Group("g", "", box))
        with pytest.raises(EditError, match="left, top"):
            set_comment(chain(), Comment("c", "", box))
    with pytest.raises(EditError, match="rrggbb"):
        set_group(chain(), Group("g", "", (0, 0, 1, 1), "red"))
    with pytest.raises(EditError, match="no group"):
        remove_note(chain(), "nothing")
    odd = set_view(
        chain(), "groups", {"a": {"box": [1]}, "b": 5, "c": {"box": [0, 0, 9, 9], "colour": "x", "title": 3}}
    )
    assert groups(odd) == {"c": Group("c", "3", (0, 0, 9, 9))}
    assert groups(set_view(chain(), "groups", "damaged")) == {}
