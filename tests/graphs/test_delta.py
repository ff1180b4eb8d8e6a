"""An edit crosses as an edit: what is applied elsewhere is the same patch."""

from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.graphs import Patch, add_node, connect, remove_node, set_content, set_value
from latent_terrain.graphs.delta import applied, delta, followed, named_arrays, rebased

from .strategies import VALUES, Edit, edits, patches


def crossed(change: dict[str, Any]) -> dict[str, Any]:
    """What arrives on the other side."""
    found: dict[str, Any] = msgpack.unpackb(msgpack.packb(change))
    return found


@given(patches(), patches())
def test_any_patch_becomes_any_other(before: Patch, after: Patch) -> None:
    change, arrays = delta(before, after)
    assert applied(before, crossed(change), arrays) == after
    assert named_arrays(change) == set(arrays)


@given(patches(), st.lists(edits(), max_size=4))
def test_edits_cross_one_after_the_other(patch: Patch, made: list[Edit]) -> None:
    here = there = patch
    for edit in made:
        after = edit(here)
        change, arrays = delta(here, after)
        there = applied(there, crossed(change), arrays)
        here = after
    assert there == here


@given(patches(), st.lists(edits(), max_size=4), st.lists(edits(), max_size=4))
def test_what_was_done_here_is_done_to_what_others_made_of_it(
    base: Patch, ours: list[Edit], others: list[Edit]
) -> None:
    mine = theirs = base
    for edit in ours:
        mine = edit(mine)
    for edit in others:
        theirs = edit(theirs)
    found = rebased(base, mine, theirs)
    assert rebased(base, mine, base) == mine
    assert rebased(base, base, theirs) == theirs
    assert rebased(base, mine, mine) == mine
    touched = {name for name in base.nodes.keys() | mine.nodes.keys() if base.nodes.get(name) != mine.nodes.get(name)}
    for name in touched:
        here, there, before = mine.nodes.get(name), theirs.nodes.get(name), base.nodes.get(name)
        if here is None or there is None or before is None or not here.type == there.type == before.type:
            assert found.nodes.get(name) == here
            continue
        made = found.nodes[name]
        for key in {*here.values, *there.values, *before.values}:
            was_changed = here.values.get(key) != before.values.get(key)
            assert made.values.get(key) == (here if was_changed else there).values.get(key)
        assert made.title == (here if here.title != before.title else there).title
    for name in theirs.nodes.keys() - touched:
        assert found.nodes[name] == theirs.nodes[name]
    assert len({cord.target for cord in found.cords}) == len(found.cords)
    for cord in found.cords:
        assert cord in mine.cords or cord in theirs.cords


def test_of_two_cords_into_one_port_mine_goes_there_and_none_hangs_in_the_air() -> None:
    base = add_node(add_node(add_node(Patch(), "sine", name="a"), "sine", name="b"), "gain", name="gain")
    mine, theirs = connect(base, "a.out", "gain.audio"), connect(base, "b.out", "gain.audio")
    assert rebased(base, mine, theirs).cords == mine.cords
    gone = remove_node(base, "b")
    assert rebased(base, gone, theirs).cords == ()
    assert rebased(base, theirs, gone).cords == ()


@given(patches())
def test_no_change_is_nothing(patch: Patch) -> None:
    assert delta(patch, patch) == ({}, {})


def test_a_turned_param_is_small() -> None:
    patch = add_node(add_node(Patch(), "gain", name="gain"), "sine", name="sine")
    change, _ = delta(patch, set_value(connect(patch, "sine.out", "gain.audio"), "gain", "level", -6.0))
    assert len(msgpack.packb(change) or b"") < 200


def test_what_both_learned_is_one_of_both_and_never_half_of_each() -> None:
    import numpy as np

    def content(number: float, *names: str) -> dict[str, Any]:
        return {name: np.full(2, number, np.float32) for name in names}

    base = set_content(
        add_node(Patch(), "terrain", name="land"), "land", content(0, "learn/a", "learn/b", "lines/0001")
    )
    mine = set_content(base, "land", content(1, "learn/a") | content(0, "learn/b", "lines/0001"))
    theirs = set_content(base, "land", content(2, "learn/a", "learn/b", "learn/c", "lines/0001"))
    found = rebased(base, mine, theirs).nodes["land"].content
    assert {name: float(array[0]) for name, array in found.items()} == {"learn/a": 1, "learn/b": 0, "lines/0001": 2}


@given(
    patches(),
    st.dictionaries(st.sampled_from(["nodes", "edited", "cords", "cut", "assets", "seed", "view", "extra"]), VALUES),
)
def test_nonsense_is_refused_and_never_crashes(patch: Patch, change: dict[str, Any]) -> None:
    for made in (applied, followed):
        with suppress(ValueError):
            assert isinstance(made(patch, change, {}), Patch)


@pytest.mark.parametrize(
    "change",
    [{"cords": [{"target": ["a"]}]}, {"edited": {"a": 3}}, {"nodes": {"a": {"content": 5}}}, {"cut": [[[1], 2]]}],
)
def test_what_is_no_map_somewhere_inside_is_no_edit(change: dict[str, Any]) -> None:
    for made in (applied, followed):
        with pytest.raises(ValueError, match=r"."):
            made(add_node(Patch(), "gain", "a"), change, {})


def test_an_edit_whose_arrays_did_not_come_is_refused() -> None:
    import numpy as np

    patch = add_node(Patch(), "terrain", name="land")
    change, arrays = delta(patch, set_content(patch, "land", {"a": np.ones(3, np.float32)}))
    assert len(arrays) == 1
    with pytest.raises(ValueError, match="missing"):
        applied(patch, change, {})
